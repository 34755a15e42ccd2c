"""SIRET, SIREN and NAF columns of a table, as dimensions."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.companies import identify, identify_pair, label_naf
from lieudit.enrichment.dimension import Dimension, read_dimension
from lieudit.enrichment.indicators import Indicators
from lieudit.schema import NAF_COLUMNS, SIRET_COLUMNS, Column
from lieudit.tables import Table, quote

__all__ = ["company_dimensions"]


def company_dimensions(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    indicators: Indicators,
) -> list[Dimension]:
    """Read the company columns that there are.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        Those of ``siret``, ``siren`` and ``naf`` are read.
    catalogue : Catalogue
    indicators : Indicators
        Of which those keyed by SIREN or NAF follow the columns that give the key.
    """
    given = {role: columns[role] for role in ("siret", "siren", "naf") if role in columns}
    sql = {role: table.sql_columns[table.columns.index(column)] for role, column in given.items()}
    dimensions = []
    identifiers = [sql[role] for role in ("siret", "siren") if role in sql]
    if identifiers:
        read_cells = identify_pair if len(identifiers) == 2 else identify
        read = read_cells(con, table.name, *identifiers)
        keys = dict(zip(("raw", "raw_siren"), identifiers, strict=False))
        meaning = tuple((None, column) for column in SIRET_COLUMNS)
        dimensions.append(_dimension(con, table, read, keys, meaning, indicators, "siren"))
    if "naf" in sql:
        read = label_naf(con, table.name, sql["naf"], catalogue)
        labelled = tuple((catalogue.source("naf"), column) for column in NAF_COLUMNS)
        dimensions.append(_dimension(con, table, read, {"raw": sql["naf"]}, labelled, indicators, "naf"))
    return dimensions


def _dimension(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    read: str,
    keys: Mapping[str, str],
    meaning: tuple[tuple[Source | None, Column], ...],
    indicators: Indicators,
    key: str,
) -> Dimension:
    """Give each distinct cell that was read a number, find those of each row, and add the indicators of its key."""
    joins, values = indicators.company_joins(key, "r")
    named = "".join(
        f", {value} AS {quote(column.name)}" for value, (_, column) in zip(values, indicators.of(key), strict=True)
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_company AS
            SELECT r.*{named}, row_number() OVER (ORDER BY {", ".join(f"r.{name}" for name in keys)}) - 1 AS number
            FROM {read} AS r {joins}"""
    )
    cells = ", ".join(f"CAST({quote(column)} AS VARCHAR) AS {name}" for name, column in keys.items())
    on = " AND ".join(f"t.{name} IS NOT DISTINCT FROM c.{name}" for name in keys)
    rows = f"""SELECT t.row, c.number FROM (SELECT row_number() OVER () AS row, {cells} FROM {table.sql}) AS t
               JOIN lieudit_company AS c ON {on}"""
    return read_dimension(con, "lieudit_company", rows, (*meaning, *indicators.of(key)))
