"""The door of the room: a table in, the same rows with open data out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import duckdb
import pyarrow as pa

from lieudit.catalogue import Catalogue
from lieudit.config import EnrichConfig
from lieudit.enrichment.added import AddedColumn, Enriched, final_names
from lieudit.enrichment.asked import Asked, Services
from lieudit.enrichment.companies import company_dimension
from lieudit.enrichment.dimension import Dimension, read_dimension
from lieudit.enrichment.index import read_index
from lieudit.enrichment.indicators import Indicators, read_indicators
from lieudit.enrichment.places import ANSWERS, ROWS, drop_working_tables, locate_rows
from lieudit.enrichment.purpose import leave_out_objectors
from lieudit.enrichment.resolve import Resolver
from lieudit.schema import COMMUNE_COLUMNS
from lieudit.tables import Table, literal, quote
from lieudit.tables.table import sql_names

__all__ = ["enrich_table"]

_log = logging.getLogger(__name__)

_DEFAULTS: Final = EnrichConfig()
_OFFLINE: Final = Services()
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
    settings: EnrichConfig = _DEFAULTS,
    services: Services = _OFFLINE,
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
    settings : EnrichConfig, optional
        Its ``sources``, ``estimate``, ``force`` and ``purpose`` are read.
    services : Services, optional
        Those that may be asked for what stays unresolved; without any, nothing leaves the machine.

    Returns
    -------
    Enriched
        Every row once, in the input's order, its columns as they were; for prospecting, without those of companies
        that object to it.

    Raises
    ------
    TableError
        A column of identifiers holds something else.
    CatalogueError
        A source that is asked for is not in the catalogue, or a table is damaged.
    """
    dimensions: list[Dimension] = []
    asked: list[Asked] = []
    indicators = read_indicators(con, catalogue, settings.sources, estimate=settings.estimate)
    if any(role in columns for role in ("postcode", "city", "address")) or {"lat", "lon"} <= columns.keys():
        dimensions.append(_place_dimension(con, table, columns, catalogue, indicators, services, asked))
    companies = company_dimension(con, table, columns, catalogue, indicators, force=settings.force)
    dimensions += [] if companies is None else [companies]
    drop_working_tables(con)
    relation, left_out = table.sql, 0
    if settings.purpose is not None:
        relation, dimensions, left_out = leave_out_objectors(con, table, dimensions)
    return replace(_assemble(con, table, relation, dimensions), asked=tuple(asked), left_out=left_out)


def _place_dimension(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    indicators: Indicators,
    services: Services,
    asked: list[Asked],
) -> Dimension:
    """Find each row's commune and its indicators; add what was asked of the geocoder."""
    communes = catalogue.source("communes")
    index = read_index(catalogue)
    locate_rows(con, table, columns, Resolver(index))
    if {"lat", "lon"} <= columns.keys():
        # geopandas takes a second to import, and most files have no coordinates
        from lieudit.enrichment.points import move_to_points  # noqa: PLC0415

        move_to_points(con, table, columns, catalogue, index)
    if services.geocoder is not None:
        from lieudit.enrichment.online import ask_geocoder  # noqa: PLC0415

        asked.append(ask_geocoder(con, table, columns, catalogue, index, services.geocoder))
    joins, values = indicators.place_joins("a", "c")
    commune = [f"{_COMMUNE_VALUES[column.name]} AS {column.name}" for column in COMMUNE_COLUMNS]
    named = [
        f"{value} AS {quote(column.name)}" for value, (_, column) in zip(values, indicators.of_places(), strict=True)
    ]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_PLACES} AS
            SELECT a.place, row_number() OVER (ORDER BY a.place) - 1 AS number, {", ".join([*commune, *named])}
            FROM {ANSWERS} AS a
            LEFT JOIN read_parquet({literal(communes.path())}) AS c ON c.commune_code = a.commune {joins}
            WHERE a.place IN (SELECT place FROM {ROWS})"""
    )
    pairs = (*((communes, column) for column in COMMUNE_COLUMNS), *indicators.of_places())
    numbers = f"SELECT row, number FROM {ROWS} JOIN {_PLACES} USING (place)"
    return read_dimension(con, _PLACES, numbers, pairs)


def _assemble(con: duckdb.DuckDBPyConnection, table: Table, rows: str, dimensions: Sequence[Dimension]) -> Enriched:
    """Put the added columns beside rows of the table, name them, and measure what was found."""
    added = [pair for dimension in dimensions for pair in dimension.columns]
    names = final_names(table.columns, [column.name for _, column in added])
    sql_columns = sql_names([*table.sql_columns, *names])
    ours = sql_columns[len(table.columns) :]
    name, beside = f"{table.name}_enriched", f"{table.name}_added"
    relation = rows
    if added:
        values = [column for dimension in dimensions for column in dimension.spread()]
        con.register(beside, pa.table(values, names=list(ours)))
        relation += f" POSITIONAL JOIN {quote(beside)}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {quote(name)} AS SELECT * FROM {relation}")
    coverage = [share for dimension in dimensions for share in dimension.coverage()]
    columns = tuple(
        AddedColumn(final, column, source, share, sql)
        for final, (source, column), share, sql in zip(names, added, coverage, ours, strict=True)
    )
    for column in columns:
        if column.name != column.column.name:
            _log.warning("the input has a column %s: ours is called %s", column.column.name, column.name)
    counts = {
        column.name: dimension.counts(column.name)
        for dimension in dimensions for _, column in dimension.columns if column.name in _COUNTED
    }  # fmt: skip
    ((count,),) = con.execute(f"SELECT count(*) FROM {rows}").fetchall()
    return Enriched(name, (*table.columns, *names), sql_columns, columns, count, counts)
