"""Small stocks written by hand, and a fictional one, in the columns that INSEE publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.companies import Stock, read_stock
from lieudit.tables import connect

DAY = dt.date(2026, 6, 30)
NAMES = {
    "units": "StockUniteLegale_utf8.parquet",
    "establishments": "StockEtablissement_utf8.parquet",
    "successions": "StockEtablissementLiensSuccession_utf8.parquet",
}


def in_folder(folder: Path, *, successions: bool = True) -> Stock:
    """Take the files of a folder for a stock, without a manifest."""
    catalogue = open_catalogue()
    paths = {name: folder / file for name, file in NAMES.items()}
    return Stock(
        paths["units"],
        paths["establishments"],
        paths["successions"] if successions else None,
        DAY,
        catalogue.source("naf"),
        catalogue,
    )


@pytest.fixture
def stock_of() -> Callable[..., Stock]:
    return in_folder


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def fictional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stock of 3,000 establishments, in the columns of today."""
    from lieudit.demo.stock import STOCK_DAY, write_stock

    assert DAY.isoformat() == STOCK_DAY
    return write_stock(tmp_path_factory.mktemp("stock"), 3_000, seed=1, recent=True)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The columns of a stock, without its rows."""
    from lieudit.demo.stock import write_stock

    folder = write_stock(tmp_path_factory.mktemp("bare"), 10, recent=True)
    with connect() as con:
        for name in NAMES.values():
            con.execute(f"CREATE TABLE t AS FROM read_parquet('{folder / name}') LIMIT 0")
            con.execute(f"COPY t TO '{folder / name}' (FORMAT parquet)")
            con.execute("DROP TABLE t")
    return folder


@dataclass
class Register:
    """A stock to which rows are added by hand; what is not said of a row is what is most common."""

    folder: Path
    bare: Path
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in NAMES})

    def unit(self, siren: str, **values: Any) -> None:
        usual = {"statutDiffusionUniteLegale": "O", "etatAdministratifUniteLegale": "A", "nicSiegeUniteLegale": "00014",
                 "activitePrincipaleUniteLegale": "62.01Z", "nomenclatureActivitePrincipaleUniteLegale": "NAFRev2",
                 "categorieJuridiqueUniteLegale": 5710, "dateCreationUniteLegale": dt.date(2010, 7, 1),
                 "dateDebut": dt.date(2020, 1, 1)}  # fmt: skip
        self.rows["units"].append({"siren": siren, **usual, **values})

    def establishment(self, siret: str, **values: Any) -> None:
        usual = {"siren": siret[:9], "nic": siret[9:],
                 "statutDiffusionEtablissement": "O", "etatAdministratifEtablissement": "A",
                 "etablissementSiege": siret.endswith("00014"), "codeCommuneEtablissement": "35238",
                 "activitePrincipaleEtablissement": "47.11D", "nomenclatureActivitePrincipaleEtablissement": "NAFRev2",
                 "dateDebut": dt.date(2021, 2, 3)}  # fmt: skip
        self.rows["establishments"].append({"siret": siret, **usual, **values})

    def link(self, before: str, after: str, day: str = "2022-01-01", *, goes_on: bool = True) -> None:
        self.rows["successions"].append(
            {"siretEtablissementPredecesseur": before, "siretEtablissementSuccesseur": after,
             "dateLienSuccession": dt.date.fromisoformat(day), "continuiteEconomique": goes_on}
        )  # fmt: skip

    def write(self) -> Stock:
        with connect() as con:
            for name, file in NAMES.items():
                con.execute(f"CREATE TABLE t AS FROM read_parquet('{self.bare / file}')")
                for row in self.rows[name]:
                    marks = ", ".join("?" * len(row))
                    con.execute(f"INSERT INTO t ({', '.join(row)}) VALUES ({marks})", list(row.values()))
                con.execute(f"COPY t TO '{self.folder / file}' (FORMAT parquet)")
                con.execute("DROP TABLE t")
        return in_folder(self.folder)


@pytest.fixture
def register(tmp_path: Path, bare: Path) -> Register:
    return Register(tmp_path, bare)


@pytest.fixture
def look_up(con: duckdb.DuckDBPyConnection) -> Callable[..., pd.DataFrame]:
    """Ask a stock for pairs of SIRET and SIREN."""

    def look_up(stock: Stock, *pairs: tuple[str | None, str | None]) -> pd.DataFrame:
        con.execute("CREATE OR REPLACE TABLE asked (siret VARCHAR, siren VARCHAR)")
        con.executemany("INSERT INTO asked VALUES (?, ?)", list(pairs))
        found = con.execute(f"FROM {read_stock(con, stock, 'asked')}").df()
        order = pd.MultiIndex.from_tuples(pairs)
        return found.set_index(pd.MultiIndex.from_arrays([found["siret"], found["siren"]])).reindex(order)

    return look_up
