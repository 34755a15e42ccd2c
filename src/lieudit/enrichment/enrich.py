"""The door of the room: a table in, the same rows with open data out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from lieudit.catalogue import Catalogue, Source
from lieudit.config import EnrichConfig
from lieudit.enrichment.added import AddedColumn, Enriched, final_names
from lieudit.enrichment.asked import Asked, Services
from lieudit.enrichment.companies import read_company_columns
from lieudit.enrichment.dimension import Dimension
from lieudit.enrichment.establishments import move_to_establishments
from lieudit.enrichment.index import read_index
from lieudit.enrichment.indicators import Indicators, read_indicators
from lieudit.enrichment.places import ANSWERS, ROWS, drop_working_tables, locate_rows
from lieudit.enrichment.purpose import leave_out_objectors
from lieudit.enrichment.resolve import Resolver
from lieudit.schema import COMMUNE_COLUMNS
from lieudit.tables import Table, literal, quote, stand_beside
from lieudit.tables.table import sql_names

__all__ = ["enrich_table"]

_log = logging.getLogger(__name__)

_DEFAULTS: Final = EnrichConfig()
_OFFLINE: Final = Services()
_COUNTED: Final = ("commune_status", "commune_method", "siret_status", "company_status", "company_method", "diffusible",
                   "website_status")  # fmt: skip
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
    indicators = read_indicators(con, catalogue, settings.sources, estimate=settings.estimate)
    companies = read_company_columns(con, table, columns, catalogue, indicators, settings, services)
    asked = [] if companies.asked is None else [companies.asked]
    dimensions: list[Dimension] = []
    if companies.establishments or columns.keys() & {"postcode", "city", "address"} or {"lat", "lon"} <= columns.keys():
        place = _place_dimension(con, table, columns, catalogue, indicators, companies.establishments, services, asked)
        dimensions.append(place)
    if companies.dimension is not None:
        dimensions.append(companies.dimension)
    if services.websites is not None and "website" in columns:
        # what reads pages takes half a second to import, and is not always installed
        from lieudit.enrichment.websites import read_websites  # noqa: PLC0415

        sites, visited = read_websites(con, table, columns, services.websites)
        dimensions.append(sites)
        asked.append(visited)
    drop_working_tables(con)
    relation, kept = table.sql, None
    if settings.purpose is not None:
        relation, dimensions, kept = leave_out_objectors(con, table, dimensions)
    enriched = _assemble(con, table, relation, dimensions, companies.also)
    return replace(enriched, asked=tuple(asked), kept=kept)


def _place_dimension(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    indicators: Indicators,
    establishments: str | None,
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
    if establishments is not None:
        move_to_establishments(con, establishments)
    if services.geocoder is not None:
        from lieudit.enrichment.online import ask_geocoder  # noqa: PLC0415

        asked.append(ask_geocoder(con, table, columns, catalogue, index, services.geocoder))
    joins, found = indicators.place_joins("a", "c")
    commune = [f"{_COMMUNE_VALUES[column.name]} AS {column.name}" for column in COMMUNE_COLUMNS]
    named = [
        f"{value} AS {quote(column.name)}" for value, (_, column) in zip(found, indicators.of_places(), strict=True)
    ]
    values = con.sql(
        f"""SELECT a.place, {", ".join([*commune, *named])} FROM {ANSWERS} AS a
            LEFT JOIN read_parquet({literal(communes.path())}) AS c ON c.commune_code = a.commune {joins}"""
    ).to_arrow_table()
    pairs = (*((communes, column) for column in COMMUNE_COLUMNS), *indicators.of_places())
    return Dimension(_numbers(con, values["place"]), values.drop_columns("place"), pairs)


def _numbers(con: duckdb.DuckDBPyConnection, places: pa.ChunkedArray) -> pa.Array:
    """Find which of some places each row has."""
    held = places.to_numpy()
    numbers = np.zeros(held.max() + 1, np.int32)
    numbers[held] = np.arange(len(held))
    rows = con.sql(f"SELECT place FROM {ROWS}").to_arrow_table()
    return pa.array(numbers[rows["place"].to_numpy()])


def _assemble(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    rows: str,
    dimensions: Sequence[Dimension],
    also: Mapping[str, tuple[Source, ...]],
) -> Enriched:
    """Put the added columns beside rows of the table, name them, and measure what was found."""
    added = [pair for dimension in dimensions for pair in dimension.columns]
    names = final_names(table.columns, [column.name for _, column in added])
    sql_columns = sql_names([*table.sql_columns, *names])
    ours = sql_columns[len(table.columns) :]
    name = f"{table.name}_enriched"
    joined = stand_beside(con, rows, dimensions, f"{table.name}_added", ours)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {quote(name)} AS {joined}")
    coverage = [share for dimension in dimensions for share in dimension.coverage()]
    columns = tuple(
        AddedColumn(final, column, source, share, sql, also.get(column.name, ()))
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
    return Enriched(
        name, (*table.columns, *names), sql_columns, columns, count, counts, given=rows, beside=tuple(dimensions)
    )
