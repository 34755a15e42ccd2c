"""The door of the room: a table in, the same rows with open data out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue
from lieudit.enrichment.added import AddedColumn, Enriched, final_names
from lieudit.enrichment.companies import Join, company_joins
from lieudit.enrichment.index import read_index
from lieudit.enrichment.indicators import indicator_columns, indicator_joins
from lieudit.enrichment.places import ANSWERS, ROWS, drop_working_tables, locate_rows
from lieudit.enrichment.resolve import Resolver
from lieudit.schema import COMMUNE_COLUMNS
from lieudit.tables import Table, literal, quote
from lieudit.tables.table import sql_names

__all__ = ["enrich_table"]

_log = logging.getLogger(__name__)

_PLACES: Final = "lieudit_added"
_COUNTED: Final = ("commune_status", "commune_method", "siret_status")
# What fills each column of schema.COMMUNE_COLUMNS, from an answer (a) and the commune's row (c).
_COMMUNE_VALUES: Final = {
    "commune_code": "a.commune", "commune_name": "c.commune_name", "commune_status": "a.status",
    "commune_method": "a.method", "commune_confidence": "a.confidence", "arrondissement_code": "a.arrondissement",
    "commune_note": "a.note",
}  # fmt: skip


def enrich_table(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    *,
    sources: Sequence[str] | None = None,
) -> Enriched:
    """Add open data to the rows of a table.

    Parameters
    ----------
    con : DuckDBPyConnection
        From ``tables.connect``.
    table : Table
        Registered in ``con``.
    columns : mapping of role to column
        Which input column plays which role of ``schema.CUSTOMER_ROLES``.
    catalogue : Catalogue
    sources : sequence of str, optional
        The sources to take indicators from; all by default.

    Returns
    -------
    Enriched
        Every row once, in the input's order, its columns as they were.

    Raises
    ------
    CatalogueError
        A source that is asked for is not in the catalogue.
    """
    joins: list[Join] = []
    if any(role in columns for role in ("postcode", "city", "address")) or {"lat", "lon"} <= columns.keys():
        joins.append(_place_join(con, table, columns, catalogue, sources))
    joins += company_joins(con, table, columns, catalogue)
    return _assemble(con, table, joins)


def _place_join(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    sources: Sequence[str] | None,
) -> Join:
    communes = catalogue.source("communes")
    indicators = indicator_columns(catalogue, sources)
    index = read_index(catalogue)
    locate_rows(con, table, columns, Resolver(index))
    if {"lat", "lon"} <= columns.keys():
        # geopandas takes a second to import, and most files have no coordinates
        from lieudit.enrichment.points import move_to_points  # noqa: PLC0415

        move_to_points(con, table, columns, catalogue, index)
    joins, values = indicator_joins(indicators, "a")
    commune = [f"{_COMMUNE_VALUES[column.name]} AS {column.name}" for column in COMMUNE_COLUMNS]
    named = [f"{value} AS {quote(column.name)}" for value, (_, column) in zip(values, indicators, strict=True)]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_PLACES} AS
            SELECT a.place, {", ".join([*commune, *named])} FROM {ANSWERS} AS a
            LEFT JOIN read_parquet({literal(communes.path())}) AS c ON c.commune_code = a.commune {joins}"""
    )
    pairs = [*((communes, column) for column in COMMUNE_COLUMNS), *indicators]
    rows, places = (
        quote(f"{table.name}_{part}") for part in ("rows", "places")
    )  # other tables may come to this connection
    for working, name in ((ROWS, rows), (_PLACES, places)):
        con.execute(f"DROP TABLE IF EXISTS {name}")
        con.execute(f"ALTER TABLE {working} RENAME TO {name}")
    drop_working_tables(con)
    return Join(
        sql=f"JOIN {rows} AS r ON r.row = t.lieudit_row JOIN {places} AS p ON p.place = r.place",
        weighed=f"(SELECT place, count(*) AS weight FROM {rows} GROUP BY place) JOIN {places} AS p USING (place)",
        alias="p",
        columns=tuple(pairs),
    )


def _assemble(con: duckdb.DuckDBPyConnection, table: Table, joins: Sequence[Join]) -> Enriched:
    """Make the relation, name its columns, and measure what was found."""
    added = [(join, source, column) for join in joins for source, column in join.columns]
    names = final_names(table.columns, [column.name for _, _, column in added])
    sql_columns = sql_names([*table.sql_columns, *names])
    values = [f"t.{quote(column)}" for column in table.sql_columns]
    values += [f"{join.alias}.{quote(column.name)}" for join, _, column in added]
    name = f"{table.name}_enriched"
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW {quote(name)} AS
            SELECT {", ".join(f"{value} AS {quote(sql)}" for value, sql in zip(values, sql_columns, strict=True))}
            FROM (SELECT row_number() OVER () AS lieudit_row, * FROM {table.sql}) AS t {" ".join(j.sql for j in joins)}
            ORDER BY t.lieudit_row"""
    )
    row = con.execute(f"SELECT count(*) FROM {table.sql}").fetchone()
    rows = int(row[0]) if row is not None else 0
    coverage = [share for join in joins for share in _coverage(con, join, rows)]
    columns = tuple(
        AddedColumn(final, column, source, share, sql)
        for final, (_, source, column), share, sql in zip(
            names, added, coverage, sql_columns[len(table.columns) :], strict=True
        )
    )
    for column in columns:
        if column.name != column.column.name:
            _log.warning("the input has a column %s: ours is called %s", column.column.name, column.name)
    return Enriched(name, (*table.columns, *names), sql_columns, columns, rows, _counts(con, joins))


def _coverage(con: duckdb.DuckDBPyConnection, join: Join, rows: int) -> list[float]:
    """Return the share of the rows that has each value."""
    known = ", ".join(f"sum(weight) FILTER ({join.alias}.{quote(c.name)} IS NOT NULL)" for _, c in join.columns)
    found = con.execute(f"SELECT {known} FROM {join.weighed}").fetchone() or ()
    return [round(int(count or 0) / rows, 6) for count in found]


def _counts(con: duckdb.DuckDBPyConnection, joins: Sequence[Join]) -> dict[str, dict[str, int]]:
    """Count the rows by outcome."""
    counts = {}
    for join in joins:
        for name in (column.name for _, column in join.columns if column.name in _COUNTED):
            found = con.execute(
                f"SELECT {join.alias}.{name}, sum(weight) FROM {join.weighed} GROUP BY 1 ORDER BY 2 DESC, 1"
            )
            counts[name] = {str(value): int(count) for value, count in found.fetchall() if value is not None}
    return counts
