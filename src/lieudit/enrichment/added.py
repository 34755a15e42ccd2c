"""What is said of the columns that were added: where each comes from, and how much of it there is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from lieudit.catalogue import Source
from lieudit.enrichment.asked import Asked
from lieudit.schema import Column
from lieudit.tables import Beside, quote, write_table

__all__ = ["AddedColumn", "Enriched", "final_names"]


@dataclass(frozen=True, slots=True)
class AddedColumn:
    """A column that enrichment added.

    Attributes
    ----------
    name : str
        In files; ``<name>_lieudit`` where the input has a column of that name.
    column : Column
        Its type, unit and meaning.
    source : Source or None
        None where it was worked out from the input alone.
    coverage : float
        Share of the rows in which it has a value.
    sql : str
        Its name in the relation.
    also : tuple of Source
        Further sources: those that fill what the first leaves empty, and nomenclatures that its codes are read by.
    """

    name: str
    column: Column
    source: Source | None
    coverage: float
    sql: str
    also: tuple[Source, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the column's entry of ``OUT.sources.json``."""
        entry: dict[str, Any] = {
            "source": "input", "publisher": None, "producer": None, "licence": None, "licence_url": None,
            "vintage": None, "updated": None, "attribution": None, "landing_page": None,
        }  # fmt: skip
        if self.source is not None:
            manifest = self.source.manifest
            entry = {
                "source": manifest.name, "publisher": manifest.publisher, "producer": manifest.producer,
                "licence": manifest.licence, "licence_url": manifest.licence_url, "vintage": manifest.vintage,
                "updated": manifest.updated.isoformat(), "attribution": manifest.attribution,
                "landing_page": manifest.landing_page,
            }  # fmt: skip
        if self.also:
            entry["also"] = [source.name for source in self.also]
        if self.name != self.column.name:
            entry["renamed_from"] = self.column.name
        meaning = {"fr": self.column.fr, "en": self.column.en}
        return {
            **entry,
            "type": self.column.dtype,
            "unit": self.column.unit,
            "meaning": meaning,
            "coverage": self.coverage,
        }


@dataclass(frozen=True, slots=True)
class Enriched:
    """A table with open data.

    Attributes
    ----------
    name : str
        Of the relation: the input's columns, then those added, in the input's row order. Its columns are called as
        ``sql_columns`` says, since SQL cannot hold two names that differ by their case alone.
    columns, sql_columns : tuple of str
        Names for files, and in the relation.
    added : tuple of AddedColumn
    rows : int
    counts : dict of str to dict of str to int
        Rows by value of ``commune_status``, ``commune_method``, ``siret_status``: those that were added.
    asked : tuple of Asked
        What was asked of services: those that were to be.
    kept : Array of bool or None
        Which rows of the input are in the relation; None where all are.
    candidates : str or None
        What stands in SQL for the companies that ambiguous names may be of; None where there are none.
    given : str
        What stands for the input's columns alone in SQL, in the relation's rows.
    beside : tuple of Beside
        The columns added to them.
    """

    name: str
    columns: tuple[str, ...]
    sql_columns: tuple[str, ...]
    added: tuple[AddedColumn, ...]
    rows: int
    counts: dict[str, dict[str, int]]
    asked: tuple[Asked, ...] = ()
    kept: pa.BooleanArray | None = None
    candidates: str | None = None
    given: str = ""
    beside: tuple[Beside, ...] = ()

    def write(self, con: duckdb.DuckDBPyConnection, out: Path, *, begun: Path | None = None) -> None:
        """Write the table to a file, as ``tables.write_table`` does; Parquet sooner than out of the relation."""
        rows = self.given or quote(self.name)
        write_table(con, f"SELECT * FROM {rows}", out, names=self.columns, beside=self.beside, begun=begun)

    @property
    def left_out(self) -> int:
        """Rows of the input that are not in the relation, for what they are wanted for."""
        return 0 if self.kept is None else len(self.kept) - int(self.kept.true_count)

    @property
    def objections(self) -> dict[str, int]:
        """For prospecting: rows ``left_out``, and rows that stay though their company is ``unknown``; else nothing."""
        if self.kept is None:
            return {}
        return {"left_out": self.left_out, "unknown": self.rows - sum(self.counts["diffusible"].values())}

    @property
    def used(self) -> dict[str, Source]:
        """The sources that gave a column, by name, in the columns' order."""
        of = [source for column in self.added for source in (column.source, *column.also) if source is not None]
        return {source.name: source for source in of}

    def sources(self) -> dict[str, Any]:
        """Return the content of ``OUT.sources.json``: each added column's source, licence, vintage, unit, coverage."""
        lines = [*(source.attribution for source in self.used.values()), *(asked.attribution for asked in self.asked)]
        services = {asked.kind: asked.as_dict() for asked in self.asked}
        return {
            "rows": self.rows,
            "columns": {column.name: column.as_dict() for column in self.added},
            "attributions": [line for line in dict.fromkeys(lines) if line],
            **({"services": services} if services else {}),
        }


def final_names(given: tuple[str, ...], added: list[str]) -> list[str]:
    """Name the added columns so that none bears the name of an input column.

    Examples
    --------
    >>> final_names(("id", "siret", "SIREN"), ["siret", "siren"])
    ['siret_lieudit', 'siren']
    """
    names: list[str] = []
    for column in added:
        name = column
        while name in given or name in names:
            name += "_lieudit"
        names.append(name)
    return names
