"""What companies say of themselves, in the columns of a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import lieudit
from lieudit.errors import ConfigError
from lieudit.pipeline.enrich import enrich_file
from lieudit.schema import WEBSITE_COLUMNS

from . import server as manners
from .pages import PLUMBER, html
from .server import Exchange, Server


@pytest.fixture
def site(server: Server) -> str:
    def answer(exchange: Exchange) -> None:
        page = {"/robots.txt": manners.status(404), "/": html(PLUMBER)}.get(exchange.request.path)
        (page or manners.status(404))(exchange)

    server.get = answer
    return server.base


def test_a_home_page_is_in_the_columns(site: str, server: Server, tmp_path: Path) -> None:
    cells = [site, f"{site}/", "", "http://169.254.169.254/latest", None, f"{site}/nowhere"]
    pd.DataFrame({"id": range(6), "site web": cells}).to_csv(tmp_path / "firms.csv", index=False)
    settings = {"online": True, "websites": True, "private_websites": True}
    for suffix in ("csv", "parquet", "xlsx"):
        done = enrich_file(tmp_path / "firms.csv", tmp_path / f"out.{suffix}", **settings)
    found = pd.read_csv(tmp_path / "out.csv", dtype=str)
    assert list(found.columns) == ["id", "site web", *(column.name for column in WEBSITE_COLUMNS)]
    assert found["id"].tolist() == [str(n) for n in range(6)]
    assert found["website_title"][0] == found["website_title"][1] == "Plomberie Kervella – Dépannage à Rennes"
    assert found["website_language"][0] == "fr"
    assert "; " in found["website_social"][0]
    assert found["website_status"].fillna("").tolist()[:5] == ["read", "read", "", "refused_address", ""]
    assert found["website_title"][2:].isna().all()
    told = {each.kind: each for each in done.asked}["websites"]
    assert (told.sent, told.deferred, told.rows, told.kept) == (0, 0, 4, 2)  # the later files asked nobody again
    assert len([request for request in server.requests if request.path == "/"]) == 1


def test_they_are_read_only_where_asked(site: str, server: Server) -> None:
    file = pd.DataFrame({"cp": ["35000"], "url": [site]})
    assert "website_title" not in lieudit.enrich(file, online=True, geocoder=site).columns
    with pytest.raises(ConfigError, match="--websites is given, and nothing may be asked online"):
        lieudit.enrich(file, websites=True)
    inside = lieudit.enrich(file, online=True, geocoder=site, websites=True)
    assert inside["website_status"].tolist() == ["refused_address"]
    assert server.requests == []
