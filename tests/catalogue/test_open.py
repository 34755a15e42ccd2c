"""The catalogue is found, and says what it knows."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from lieudit.catalogue import locate, open_catalogue
from lieudit.errors import CatalogueError

ROOT = Path(__file__).parents[2]


def test_a_checkout_keeps_its_catalogue_beside_src():
    assert locate() == ROOT / "enrich"


def test_a_wheel_keeps_its_catalogue_inside_the_package(tmp_path):
    package = tmp_path / "site-packages" / "lieudit"
    (package / "_catalogue").mkdir(parents=True)
    (tmp_path / "enrich").mkdir()
    assert locate(package) == package / "_catalogue"


def test_no_catalogue_is_said(tmp_path):
    with pytest.raises(CatalogueError, match="No catalogue was found"):
        locate(tmp_path / "src" / "lieudit")


def test_an_empty_folder_is_no_catalogue(tmp_path):
    with pytest.raises(CatalogueError, match="holds no source"):
        open_catalogue(tmp_path)


def test_sources_are_sorted_and_described():
    catalogue = open_catalogue()
    names = [source.name for source in catalogue.sources]
    assert names == sorted(names)
    assert {"communes", "contours", "headcount_bands", "income", "naf", "profile"} <= set(names)
    for source in catalogue.sources:
        assert source.path().is_file()
        assert source.attribution.startswith("Source")
        assert isinstance(source.manifest.updated, dt.date)


def test_an_unknown_source_names_the_known_ones_and_the_nearest():
    with pytest.raises(CatalogueError, match=r"communes, contours.*Did you mean 'income'"):
        open_catalogue().source("incme")


def test_an_unknown_table_names_the_known_ones():
    with pytest.raises(CatalogueError, match="table, postcodes, names, cedex"):
        open_catalogue().source("communes").path("cities")


def test_what_is_opened_cannot_be_changed():
    catalogue = open_catalogue()
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalogue.folder = Path()


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a list", "holds no keys"), ("title: {fr: a, en: b}", "has no updated"), ("a: [", "cannot be read")],
)
def test_a_bad_manifest_is_said(tmp_path, text, message):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "source.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=message):
        open_catalogue(tmp_path)
