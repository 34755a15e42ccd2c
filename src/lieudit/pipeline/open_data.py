"""Open data added to a table that has been read: what ``enrich`` does with files as with DataFrames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from lieudit import tables
from lieudit.catalogue import Catalogue
from lieudit.config import EnrichConfig
from lieudit.enrichment import Enriched, enrich_table
from lieudit.errors import TableError
from lieudit.pipeline.online import opened_services
from lieudit.pipeline.progress import Progress
from lieudit.schema import CUSTOMER_ROLES

__all__ = ["add_open_data", "write_candidates"]

# Any one of these is enough to add something.
_USEFUL_ROLES: Final = ("address", "postcode", "city", "lat", "siret", "siren", "naf")


def add_open_data(
    con: duckdb.DuckDBPyConnection,
    table: tables.Table,
    columns: Mapping[str, str | None],
    catalogue: Catalogue,
    settings: EnrichConfig,
    progress: Progress,
) -> Enriched:
    """Recognise the columns of a table, and add open data to its rows.

    Raises
    ------
    TableError
        No column to start from, or an unknown one.
    """
    found = tables.recognise(table, CUSTOMER_ROLES, columns)
    useful = {*_USEFUL_ROLES, *(["website"] if settings.websites else [])}
    if not useful & found.keys():
        raise TableError(
            f"{table.origin} has no address, SIRET or NAF column that lieudit recognises: {', '.join(table.columns)}.",
            expected="one of " + ", ".join(sorted(useful)),
            fix="Name the columns, for instance --postcode COLUMN --city COLUMN.",
        )
    progress.step("Adding open data")
    if settings.match_names is None and columns.get("name"):
        settings = settings.model_copy(update={"match_names": True})  # why else name the column?
    with opened_services(settings, progress) as services:
        return enrich_table(con, table, found, catalogue, settings=settings, services=services)


def write_candidates(con: duckdb.DuckDBPyConnection, enriched: Enriched, out: Path) -> Path | None:
    """Write the companies that ambiguous names may be of; where there are none, what an earlier run left goes."""
    if enriched.candidates is None:
        out.unlink(missing_ok=True)
        return None
    tables.write_table(con, f"SELECT * FROM {enriched.candidates} ORDER BY row, rank", out)
    return out
