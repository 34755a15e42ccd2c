"""What companies say of themselves on their websites, as a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import duckdb
import pyarrow as pa

from lieudit.enrichment.asked import Asked, service_source
from lieudit.enrichment.dimension import Dimension, read_dimension
from lieudit.enrichment.places import cell
from lieudit.schema import WEBSITE_COLUMNS
from lieudit.services import Website, Websites
from lieudit.tables import Table

__all__ = ["read_websites"]

_CELLS: Final = "lieudit_websites"
_SEVERAL: Final = "; "  # between the values of a list: every kind of file holds a text
_SCHEMA: Final = pa.schema(
    [("site", pa.string())]
    + [(column.name, pa.bool_() if column.dtype == "boolean" else pa.string()) for column in WEBSITE_COLUMNS]
)


def read_websites(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], websites: Websites
) -> tuple[Dimension, Asked]:
    """Read the home pages of a column of websites.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        ``website`` is read.
    websites : Websites
    """
    site = f"nullif({cell(table, columns, 'website')}, '')"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_CELLS}_asked AS SELECT DISTINCT {site} AS site FROM {table.sql}")
    cells = [text for (text,) in con.execute(f"FROM {_CELLS}_asked WHERE site IS NOT NULL ORDER BY 1").fetchall()]
    visited = websites.read(cells)
    rows = [{"site": text, **_flat(visited.websites[text])} for text in cells]
    con.register("lieudit_visited", pa.Table.from_pylist(rows, _SCHEMA))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_CELLS} AS
            SELECT a.site, v.* EXCLUDE (site), row_number() OVER (ORDER BY a.site NULLS FIRST) - 1 AS number
            FROM {_CELLS}_asked AS a LEFT JOIN lieudit_visited AS v USING (site)"""
    )
    con.unregister("lieudit_visited")
    numbers = f"""SELECT t.row, w.number FROM {table.numbered(f"{site} AS site")} AS t
                  JOIN {_CELLS} AS w ON w.site IS NOT DISTINCT FROM t.site"""
    source = service_source("websites", "")
    dimension = read_dimension(con, _CELLS, numbers, tuple((source, column) for column in WEBSITE_COLUMNS))
    counted = dimension.counts("website_status")
    reason = "some did not answer." if visited.deferred else ""
    asked = Asked("websites", "websites", visited.asked, visited.remembered, visited.deferred, sum(counted.values()),
                  counted.get("read", 0), reason)  # fmt: skip
    return dimension, asked


def _flat(website: Website) -> dict[str, object]:
    """Return the columns of a website, lists as texts; an empty one is nothing."""
    values = asdict(website)
    return {name: _SEVERAL.join(value) or None if isinstance(value, tuple) else value for name, value in values.items()}
