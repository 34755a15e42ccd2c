"""Infogreffe's key figures, read from fictional files in the shapes in which they are published."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.official.fetch import fetch
from lieudit.errors import CatalogueError

_COLUMNS = {"millesime": "Millesime", "date_de_cloture_exercice": "Date de cloture exercice", "duree": "Durée",
            "ca": "CA", "resultat": "Résultat", "effectif": "Effectif"}  # fmt: skip
NAMES = ("siren", *(f"{name}_{n}" for n in (1, 2, 3) for name in _COLUMNS))
LABELS = ("Siren", *(f"{label} {n}" for n in (1, 2, 3) for label in _COLUMNS.values()))
ROW = (
    "100000009",
    *("2024", "2024-06-30", "12", "1000", "-5", "3"),
    *("2023", "2023-06-30", "18", "900", "", "3"),
    *("2022", "", "", "800.0", "8", "3"),
)


def _fetch(folder: Path, names: tuple[str, ...], *rows: tuple[str, ...]) -> list[tuple]:
    path = folder / "chiffres-cles-2024.csv"
    path.write_text("\n".join(";".join(row) for row in (names, *rows)) + "\n", encoding="utf-8")
    fetch("infogreffe", given=path)
    table = open_catalogue().source("infogreffe").path()
    columns = "siren, closed_on, months, accounts_kind, turnover_eur, net_result_eur, confidential"
    return duckdb.connect().execute(f"SELECT {columns} FROM '{table}'").fetchall()


@pytest.mark.parametrize("names", [NAMES, LABELS])
def test_three_years_are_three_rows(data, tmp_path, names):
    assert _fetch(tmp_path, names, ROW) == [
        ("100000009", dt.date(2022, 12, 31), None, None, 800, 8, False),
        ("100000009", dt.date(2023, 6, 30), 18, None, 900, None, False),
        ("100000009", dt.date(2024, 6, 30), 12, None, 1000, -5, False),
    ]
    manifest = open_catalogue().source("infogreffe").manifest
    assert "2024" in manifest.vintage
    assert "Infogreffe" in manifest.attribution
    assert [str(problem) for problem in open_catalogue().check()] == []


def test_confidential_is_empty_and_nothing_is_no_row(data, tmp_path):
    withheld = ("200000008", "2024", "2024-12-31", "12", "Confidentiel", "Confidentiel", "3", *[""] * 12)
    silent = ("300000007", "2024", "2024-12-31", "12", *[""] * 15)
    assert _fetch(tmp_path, NAMES, withheld, silent) == [
        ("200000008", dt.date(2024, 12, 31), 12, None, None, None, True)
    ]


def test_an_extract_may_hold_the_last_year_alone(data, tmp_path):
    rows = _fetch(tmp_path, ("siren", "ca_1", "resultat_1", "millesime_1"), ("100000009", "5", "1", "2024"))
    assert rows == [("100000009", dt.date(2024, 12, 31), None, None, 5, 1, False)]


def test_missing_columns_are_named(data, tmp_path):
    with pytest.raises(CatalogueError, match=r"has no column resultat_1, millesime_1: it holds siren, ca_1"):
        _fetch(tmp_path, ("siren", "ca_1"), ("100000009", "5"))
