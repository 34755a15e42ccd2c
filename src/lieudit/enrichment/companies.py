"""SIRET, SIREN and NAF columns joined to the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.enrichment.naf import label_naf
from lieudit.enrichment.siret import identify, identify_pair
from lieudit.schema import COMPANY_COLUMNS, SIRET_COLUMNS, Column
from lieudit.tables import Table

__all__ = ["Join", "company_joins"]


class Join(NamedTuple):
    """A table to join to the input's rows, and the columns that it gives.

    ``sql`` is a join clause in which the input's rows are called ``t``.
    """

    sql: str
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
    identified = tuple((None, column) for column in SIRET_COLUMNS)
    joins = []
    sql = {role: table.sql_columns[table.columns.index(column)] for role, column in columns.items()}
    raw = {role: f"CAST(t.{table.ref(column)} AS VARCHAR)" for role, column in columns.items()}
    if "siret" in sql and "siren" in sql:
        name = identify_pair(con, table.name, sql["siret"], sql["siren"])
        on = f"s.raw IS NOT DISTINCT FROM {raw['siret']} AND s.raw_siren IS NOT DISTINCT FROM {raw['siren']}"
        joins.append(Join(f"LEFT JOIN {name} AS s ON {on}", "s", identified))
    elif role := next((role for role in ("siret", "siren") if role in sql), ""):
        name = identify(con, table.name, sql[role])
        on = f"s.raw IS NOT DISTINCT FROM {raw[role]}"
        joins.append(Join(f"LEFT JOIN {name} AS s ON {on}", "s", identified))
    if "naf" in sql:
        name = label_naf(con, table.name, sql["naf"], catalogue)
        on = f"n.raw IS NOT DISTINCT FROM {raw['naf']}"
        labelled = tuple((catalogue.source("naf"), column) for column in COMPANY_COLUMNS)
        joins.append(Join(f"LEFT JOIN {name} AS n ON {on}", "n", labelled))
    return joins
