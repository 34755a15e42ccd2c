"""The Sirene stock on disk: what INSEE's register says of companies, asked in place."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.companies.stock_rows import choose_establishments, read_establishments, read_units
from lieudit.companies.stock_values import stock_values
from lieudit.companies.successors import choose_successors, follow_links
from lieudit.errors import CatalogueError

__all__ = ["NOTES", "SIRENE", "Stock", "open_stock", "read_stock"]

SIRENE: Final = "sirene"
NOTES: Final = ("not_in_stock", "establishment_unknown", "unit_unknown", "head_office_unknown", "not_diffused")


@dataclass(frozen=True, slots=True)
class Stock:
    """The files of INSEE's register, in place.

    Attributes
    ----------
    units, establishments : Path
        ``StockUniteLegale`` and ``StockEtablissement``.
    successions : Path or None
        ``StockEtablissementLiensSuccession``, where it is there.
    day : date
        The last day on which the register dealt with a row: ages are as of that day.
    source : Source
    catalogue : Catalogue
        Labels of activities and of legal forms, and headcount bands, come from it.
    """

    units: Path
    establishments: Path
    successions: Path | None
    day: dt.date
    source: Source
    catalogue: Catalogue


def open_stock(catalogue: Catalogue) -> Stock | None:
    """Find the stock that ``lieudit sources fetch sirene`` put into the catalogue.

    Parameters
    ----------
    catalogue : Catalogue

    Returns
    -------
    Stock or None
        None where none was fetched.

    Raises
    ------
    CatalogueError
        A file was moved or changed since.
    """
    source = next((each for each in catalogue.sources if each.name == SIRENE), None)
    if source is None:
        return None
    successions = source.path("successions") if "successions" in source.manifest.tables else None
    units, establishments = source.path("units"), source.path("establishments")
    return Stock(units, establishments, successions, source.manifest.updated, source, catalogue)


def read_stock(con: duckdb.DuckDBPyConnection, stock: Stock, keys: str) -> str:
    """Look companies up in the stock.

    The files are read where they are, and of them only the columns that are needed and the rows of the companies
    that are asked for. Names of persons are never read.

    Parameters
    ----------
    con : DuckDBPyConnection
    stock : Stock
    keys : str
        A relation with ``siret`` and ``siren`` (VARCHAR), each pair once. ``siret`` is null where only the company
        is known; ``siren`` may be null where a SIRET is there.

    Returns
    -------
    str
        The name of a temporary table: one row a key, with ``siret``, ``siren``, the columns of
        ``schema.COMPANY_COLUMNS``, and

        ``establishment_commune_code``
            Of the establishment, or of the head office where only the SIREN is known, as it stands in the stock:
            an older code has still to be brought to today's. Null abroad, and where the establishment is unknown.
        ``company_note``
            One of ``NOTES`` or null. ``not_in_stock``: neither establishment nor company is there, and all else is
            null. ``establishment_unknown``: only the company is there, and the values are the company's.
            ``unit_unknown``: only the establishment is there. ``head_office_unknown``: a SIREN whose head office is
            not there. ``not_diffused``: INSEE gave out no more than the number.

    Notes
    -----
    ``naf`` is the establishment's where it has one of NAF rev. 2, else the company's. Legal form, category,
    headcount, employer, foundation and age are the company's. ``company_state`` is the establishment's where there
    is a SIRET, and ``closed`` too where the company has ceased. ``closed_on`` is the first day of the current
    period, which is the only one that the stock holds. ``successor_siret`` is of what is closed only: the first
    open establishment that links of succession lead to, else the last one. ``diffusible`` is false unless company
    and establishment are both given out without restriction.

    Raises
    ------
    CatalogueError
        A file is damaged.
    """
    name = f"stock_{hashlib.sha256(repr((str(stock.establishments), keys)).encode()).hexdigest()[:12]}"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_keys AS
        SELECT siret, siren, CASE WHEN siret IS NULL THEN siren ELSE left(siret, 9) END AS company,
               row_number() OVER () AS number
        FROM {keys}""")
    try:
        read_units(con, stock.units, name)
        follow_links(con, stock.successions, name)
        read_establishments(con, stock.establishments, name)
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise CatalogueError(f"The Sirene stock cannot be read: {' '.join(str(error).split())}.",
                             fix="lieudit sources check names the file: fetch it again.") from error  # fmt: skip
    choose_establishments(con, name)
    choose_successors(con, name)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {stock_values(stock.catalogue, stock.day, name)}")
    con.execute(f"DROP VIEW {name}_chosen")
    for part in ("keys", "units", "paths", "establishments", "companies", "successors"):
        con.execute(f"DROP TABLE {name}_{part}")
    return name
