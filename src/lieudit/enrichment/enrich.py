"""The door of the room: a table in, the same rows with open data out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.config import EnrichConfig
from lieudit.enrichment.added import AddedColumn, Enriched, final_names
from lieudit.enrichment.asked import Services
from lieudit.enrichment.companies import read_company_columns
from lieudit.enrichment.dimension import Dimension
from lieudit.enrichment.establishments import move_to_establishments
from lieudit.enrichment.indicators import read_indicators
from lieudit.enrichment.place_columns import locate, read_place_columns
from lieudit.enrichment.places import drop_working_tables
from lieudit.enrichment.purpose import leave_out_objectors
from lieudit.tables import Table, quote, stand_beside
from lieudit.tables.table import sql_names

__all__ = ["enrich_table"]

_log = logging.getLogger(__name__)

_DEFAULTS: Final = EnrichConfig()
_OFFLINE: Final = Services()
_COUNTED: Final = ("commune_status", "commune_method", "siret_status", "company_status", "company_method", "diffusible",
                   "website_status")  # fmt: skip


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
    located = bool(columns.keys() & {"postcode", "city", "address"}) or {"lat", "lon"} <= columns.keys()
    index = locate(con, table, columns, catalogue) if located else None
    companies = read_company_columns(con, table, columns, catalogue, indicators, settings, services, index=index)
    asked = [] if companies.asked is None else [companies.asked]
    dimensions: list[Dimension] = []
    if companies.establishments is not None:
        index = index or locate(con, table, columns, catalogue)
        move_to_establishments(con, companies.establishments)
    if index is not None:
        if services.geocoder is not None:
            from lieudit.enrichment.online import ask_geocoder  # noqa: PLC0415

            asked.append(ask_geocoder(con, table, columns, catalogue, index, services.geocoder))
        dimensions.append(read_place_columns(con, catalogue, indicators))
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
    return replace(enriched, asked=tuple(asked), kept=kept, candidates=companies.candidates)


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
