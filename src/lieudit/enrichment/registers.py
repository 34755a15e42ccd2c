"""Companies looked up by their identifiers: in the stock on disk, and what it does not have at a service, if asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import pyarrow.parquet as pq

from lieudit.catalogue import Catalogue, Source
from lieudit.companies import Stock, read_stock
from lieudit.enrichment.asked import Asked, Services, service_source
from lieudit.schema import COMPANY_COLUMNS

__all__ = ["ESTABLISHMENT_UNKNOWN", "REGISTERED", "STOCK", "Registered", "look_up"]

# siret (or null) and siren as looked up; register, note, commune_code; the company columns that the registers give.
REGISTERED: Final = "lieudit_registered"
STOCK: Final = "stock"  # a register
ESTABLISHMENT_UNKNOWN: Final = "establishment_unknown"  # a note: the company alone is known, and is what is described
_IN_STOCK: Final = "lieudit_in_stock"


@dataclass(frozen=True)
class Registered:
    """What the registers gave.

    Attributes
    ----------
    columns : mapping of str to tuple of Source
        For each company column that they have, those that fill it, the first before the next.
    finances : mapping of str to mapping
        What a service said of accounts, by SIREN.
    asked : Asked or None
        What was asked of a service; None where none was to be.
    """

    columns: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    finances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: Asked | None = None


def look_up(
    con: duckdb.DuckDBPyConnection, keys: str, catalogue: Catalogue, stock: Stock | None, services: Services
) -> Registered | None:
    """Make :data:`REGISTERED`, one row for each of the keys that a register knows, or could not be asked for.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.identifiers.read_companies` made.
    keys : str
        A relation of ``siret`` (or null) and ``siren``, each pair once.
    catalogue : Catalogue
        For the labels of what services answer.
    stock : Stock or None
    services : Services

    Returns
    -------
    Registered or None
        None where there is no register at all.
    """
    if stock is None and services.directory is None:
        return None
    parts, filled = [], []
    if stock is not None:
        _read_stock(con, keys, stock)
        parts.append(f"SELECT *, 1 AS rank FROM {_IN_STOCK}")
        filled.append((stock.source, {column.name for column in COMPANY_COLUMNS} - _lacking(stock)))
    finances: Mapping[str, Mapping[str, Any]] = {}
    asked = None
    if services.directory is not None:
        # requests takes a quarter of a second to import, and most runs need no network
        from lieudit.enrichment.directory import FILLED, ask_directory  # noqa: PLC0415

        kind, directory = services.directory
        known = f"""WHERE NOT EXISTS (FROM {_IN_STOCK} AS s WHERE s.siren = k.siren
                    AND s.siret IS NOT DISTINCT FROM k.siret AND s.note IS DISTINCT FROM '{ESTABLISHMENT_UNKNOWN}')"""
        missing = f"SELECT k.siret, k.siren FROM {keys} AS k {known if stock is not None else ''}"
        answers, finances, asked = ask_directory(con, missing, catalogue, kind, directory)
        rank = f"CASE WHEN register <> '{kind}' THEN 3 WHEN note IS NULL THEN 0 ELSE 2 END"
        parts.append(f"SELECT *, {rank} AS rank FROM {answers}")
        filled.append((service_source(kind, directory.name), set(FILLED)))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {REGISTERED} AS
            SELECT * EXCLUDE (rank) FROM ({" UNION ALL BY NAME ".join(parts)})
            QUALIFY row_number() OVER (PARTITION BY siren, siret ORDER BY rank) = 1"""
    )
    columns = {column.name: tuple(of for of, names in filled if column.name in names) for column in COMPANY_COLUMNS}
    return Registered({name: sources for name, sources in columns.items() if sources}, finances, asked)


def _read_stock(con: duckdb.DuckDBPyConnection, keys: str, stock: Stock) -> None:
    """Make a table of what the stock knows."""
    found = read_stock(con, stock, keys)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_IN_STOCK} AS
            SELECT * EXCLUDE (company_note, establishment_commune_code), '{STOCK}' AS register, company_note AS note,
                   establishment_commune_code AS commune_code
            FROM {found} WHERE company_note IS DISTINCT FROM 'not_in_stock'"""
    )
    con.execute(f"DROP TABLE {found}")


def _lacking(stock: Stock) -> set[str]:
    """Return the columns that these files cannot fill: those before 2025 have no NAF 2025."""
    lacking = set() if stock.successions is not None else {"successor_siret"}
    recent = any("NAF25" in name for name in pq.read_schema(stock.establishments).names)
    return lacking if recent else lacking | {"naf_2025"}
