"""SIRET, SIREN and NAF columns joined to the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.enrichment.naf import label_naf
from lieudit.enrichment.siret import identify, identify_pair
from lieudit.schema import COMPANY_COLUMNS, SIRET_COLUMNS, Column
from lieudit.tables import Table, quote

__all__ = ["Join", "company_joins"]


class Join(NamedTuple):
    """A relation to join to the input's rows, and the columns that it gives.

    Attributes
    ----------
    sql : str
        A join clause in which the input's rows are called ``t``.
    weighed : str
        For a FROM clause: what is joined, once for each distinct row, with the number of rows as ``weight``.
    alias : str
        Of the relation, in both.
    columns : tuple of (Source or None, Column)
    """

    sql: str
    weighed: str
    alias: str
    columns: tuple[tuple[Source | None, Column], ...]


def company_joins(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], catalogue: Catalogue
) -> list[Join]:
    """Read the company columns that there are.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        Those of ``siret``, ``siren`` and ``naf`` are read.
    catalogue : Catalogue
    """
    given = {role: columns[role] for role in ("siret", "siren", "naf") if role in columns}
    sql = {role: table.sql_columns[table.columns.index(column)] for role, column in given.items()}
    raw = {role: f"CAST(t.{quote(column)} AS VARCHAR)" for role, column in sql.items()}
    joins = []
    if "siret" in sql and "siren" in sql:
        name = identify_pair(con, table.name, sql["siret"], sql["siren"])
        on = f"s.raw IS NOT DISTINCT FROM {raw['siret']} AND s.raw_siren IS NOT DISTINCT FROM {raw['siren']}"
        joins.append(_join(table, (sql["siret"], sql["siren"]), f"LEFT JOIN {name} AS s ON {on}", "s", None))
    elif role := next((role for role in ("siret", "siren") if role in sql), ""):
        name = identify(con, table.name, sql[role])
        on = f"s.raw IS NOT DISTINCT FROM {raw[role]}"
        joins.append(_join(table, (sql[role],), f"LEFT JOIN {name} AS s ON {on}", "s", None))
    if "naf" in sql:
        name = label_naf(con, table.name, sql["naf"], catalogue)
        on = f"n.raw IS NOT DISTINCT FROM {raw['naf']}"
        joins.append(_join(table, (sql["naf"],), f"LEFT JOIN {name} AS n ON {on}", "n", catalogue.source("naf")))
    return joins


def _join(table: Table, keys: tuple[str, ...], clause: str, alias: str, source: Source | None) -> Join:
    columns = SIRET_COLUMNS if source is None else COMPANY_COLUMNS
    quoted = ", ".join(quote(key) for key in keys)
    weighed = f"(SELECT {quoted}, count(*) AS weight FROM {table.sql} GROUP BY ALL) AS t {clause}"
    return Join(clause, weighed, alias, tuple((source, column) for column in columns))
