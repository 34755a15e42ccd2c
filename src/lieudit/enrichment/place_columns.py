"""Where the rows are, and what is known of these places, as a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from lieudit.catalogue import Catalogue
from lieudit.enrichment.dimension import Dimension
from lieudit.enrichment.index import Index, read_index
from lieudit.enrichment.indicators import Indicators
from lieudit.enrichment.places import ANSWERS, ROWS, locate_rows
from lieudit.enrichment.resolve import Resolver
from lieudit.schema import COMMUNE_COLUMNS
from lieudit.tables import Table, literal, quote
from lieudit.tables.arrays import numbers

__all__ = ["locate", "read_place_columns"]

# What fills each column of schema.COMMUNE_COLUMNS, from an answer (a) and the commune's row (c).
_COMMUNE_VALUES: Final = {
    "commune_code": "a.commune", "commune_name": "c.commune_name", "commune_status": "a.status",
    "commune_method": "a.method", "commune_confidence": "a.confidence", "arrondissement_code": "a.arrondissement",
    "commune_note": "a.note",
}  # fmt: skip


def locate(con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], catalogue: Catalogue) -> Index:
    """Give each row a place by its address and its coordinates: :data:`ROWS` and :data:`ANSWERS`.

    Returns
    -------
    Index
        Of the communes, for those who look further.
    """
    index = read_index(catalogue)
    locate_rows(con, table, columns, Resolver(index))
    if {"lat", "lon"} <= columns.keys():
        # geopandas takes a second to import, and most files have no coordinates
        from lieudit.enrichment.points import move_to_points  # noqa: PLC0415

        move_to_points(con, table, columns, catalogue, index)
    return index


def read_place_columns(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, indicators: Indicators) -> Dimension:
    """Read the commune of each place, and its indicators."""
    communes = catalogue.source("communes")
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
    return Dimension(_rows(con, values["place"]), values.drop_columns("place"), pairs)


def _rows(con: duckdb.DuckDBPyConnection, places: pa.ChunkedArray) -> pa.Array:
    """Find which of some places each row has."""
    held = np.from_dlpack(places.combine_chunks())
    numbered = np.zeros(held.max() + 1, np.int32)
    numbered[held] = np.arange(len(held))
    rows = con.sql(f"SELECT place FROM {ROWS}").to_arrow_table()
    return numbers(numbered[np.from_dlpack(rows["place"].combine_chunks())])
