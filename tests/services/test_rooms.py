"""Training and scoring go online by the same door, and each only where it is asked to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lieudit import tables
from lieudit.catalogue import open_catalogue
from lieudit.config import Config
from lieudit.pipeline.prepare import prepare
from lieudit.pipeline.progress import Silent
from lieudit.pipeline.score import score_file

from . import server as manners
from .server import Server

if TYPE_CHECKING:
    from ..conftest import Trained

COMMUNE = "38129"


@pytest.fixture
def shop(tmp_path: Path, server: Server) -> Path:
    streets = [f"{number} rue du Lac" for number in range(3)]
    server.answers = dict.fromkeys(streets, (COMMUNE, 0.95))
    rows = {"identifiant": ["a", "b", "c"], "adresse": streets, "code postal": "38250", "ville": "Les Bois Perdus"}
    pd.DataFrame(rows).to_csv(tmp_path / "clients.csv", index=False, sep=";")
    return tmp_path / "clients.csv"


@pytest.mark.parametrize("down", [False, True])
def test_training_asks_where_the_configuration_says_so(down: bool, shop: Path, server: Server, tmp_path: Path) -> None:
    server.manners = [manners.status(403)] if down else []
    config = Config.model_validate({
        "customers": {"path": str(shop)}, "enrich": {"online": True, "geocoder": server.base},
    })  # fmt: skip
    with tables.connect() as con:
        prepared = prepare(con, config, open_catalogue(), Silent(), tmp_path / "rejects.csv")
        counts = prepared.enriched.counts["commune_method"]
    assert counts == ({} if down else {"geocoder": 3})
    assert [text.en.startswith("3 addresses are deferred") for text in prepared.remarks] == [True] * down
    assert len(server.requests) == 1


def test_scoring_asks_where_it_is_told_to(trained: Trained, shop: Path, server: Server, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    offline = score_file(shop, trained.bundle, out)
    assert server.requests == []
    online = score_file(shop, trained.bundle, out, online=True, geocoder=server.base)
    assert "geocoder" not in offline.counts.get("commune_method", {})
    assert online.counts["commune_method"] == {"geocoder": 3}
    assert pd.read_csv(out, dtype=str)["commune_code"].tolist() == [COMMUNE] * 3
