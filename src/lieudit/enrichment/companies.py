"""What is known of the companies of a table, as a dimension."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.enrichment.dimension import Dimension, read_dimension
from lieudit.enrichment.identifiers import COMPANIES, COMPANY_ROWS, read_companies
from lieudit.enrichment.indicators import Indicators
from lieudit.schema import NAF_COLUMNS, SIRET_COLUMNS, Column
from lieudit.tables import Table, quote

__all__ = ["company_dimension"]


def company_dimension(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    indicators: Indicators,
    *,
    force: bool = False,
) -> Dimension | None:
    """Read the company columns that there are; None where there are none.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        Those of ``siret``, ``siren`` and ``naf`` are read.
    catalogue : Catalogue
    indicators : Indicators
        Of which those keyed by SIREN or NAF follow the columns that give the key.
    force : bool, default False
        Read a column of identifiers that looks like none.
    """
    given = read_companies(con, table, columns, catalogue, force=force)
    if not given:
        return None
    meaning: list[tuple[Source | None, Column]] = [(None, column) for column in SIRET_COLUMNS if column.name in given]
    meaning += [(catalogue.source("naf"), column) for column in NAF_COLUMNS if column.name in given]
    joins, values = "", [f"r.{quote(column.name)}" for _, column in meaning]
    for key in ("siren", "naf"):
        if key in given:
            join, found = indicators.company_joins(key, "r")
            joins, values = f"{joins} {join}", [*values, *found]
            meaning += indicators.of(key)
    named = ", ".join(f"{value} AS {quote(column.name)}" for value, (_, column) in zip(values, meaning, strict=True))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE lieudit_company AS SELECT r.number, {named} FROM {COMPANIES} AS r {joins}"
    )
    return read_dimension(con, "lieudit_company", f"SELECT row, number FROM {COMPANY_ROWS}", tuple(meaning))
