"""Write a table so that the same rows give the same bytes, and a folder whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lieudit.errors import CatalogueError

__all__ = ["Rows", "names_of", "whole_folder", "write_parquet"]

Rows: TypeAlias = pd.DataFrame | pa.RecordBatchReader
"""A table in memory, or one that is too large for it."""


def names_of(rows: Rows) -> list[str]:
    """Return the names of the columns."""
    return list(rows.schema.names if isinstance(rows, pa.RecordBatchReader) else rows.columns)


def write_parquet(rows: Rows, path: Path) -> int:
    """Write rows in the order given, as zstd Parquet without the writer's own metadata, and return how many."""
    if isinstance(rows, pa.RecordBatchReader):
        return _write_stream(rows, path)
    table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    text = [pa.field(f.name, pa.string()) if pa.types.is_large_string(f.type) else f for f in table.schema]
    pq.write_table(table.cast(pa.schema(text)), path, compression="zstd", compression_level=19,
                   store_schema=False, row_group_size=1 << 20)  # fmt: skip
    return len(rows)


def _write_stream(reader: pa.RecordBatchReader, path: Path) -> int:
    """Write batch after batch, each a row group: of a sorted table a look-up reads few."""
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd", store_schema=False) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give a new folder beside ``out`` that takes its place at the end, and is removed on any failure.

    Raises
    ------
    CatalogueError
        It cannot be written: the disk is full, or the permissions are not there.
    """
    mark = secrets.token_hex(6)
    part, old = (out.with_name(f".{out.name}.{mark}.{kind}") for kind in ("part", "old"))
    try:
        part.mkdir(parents=True)
        try:
            yield part
            if out.exists():
                out.rename(old)  # a folder cannot take the place of another in one step
            try:
                part.rename(out)
            except OSError:
                if old.exists():
                    old.rename(out)
                raise
        finally:  # a KeyboardInterrupt too must leave nothing
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise CatalogueError(f"{out} cannot be written: {error.strerror or error}.",
                             fix="Check the disk and the permissions; nothing was changed.") from error  # fmt: skip
