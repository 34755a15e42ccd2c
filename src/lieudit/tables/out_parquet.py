"""Parquet files out: while one group of rows is written the next one is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lieudit.tables.beside import Beside

_GROUP: Final = 1 << 17  # rows of a group
_REPEATED: Final = 2  # times that a text must stand in a group, on average, to be worth a dictionary


def write(
    con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str], beside: Sequence[Beside] = ()
) -> None:
    """Write the rows of a query, in its order, and the columns beside them."""
    reader = con.sql(sql).to_arrow_reader(_GROUP)
    columns = [_Column(each.rows, values) for each in beside for values in each.values.columns]
    groups = _groups(reader, names, columns)
    first = next(groups, None)
    if first is None:
        first = _empty(reader.schema, names, columns)
    with (
        # Without Arrow's own schema: it would turn texts that are written by dictionary into categories for readers.
        pq.ParquetWriter(path, first.schema, compression="zstd", store_schema=False,
                         use_dictionary=_repeated(first)) as writer,
        ThreadPoolExecutor(1) as thread,
    ):  # fmt: skip
        written: Future[None] | None = None
        for group in _chain(first, groups):
            if written is not None:
                written.result()
            written = thread.submit(writer.write_batch, group)
        if written is not None:
            written.result()


class _Column:
    """A column beside the rows; texts that are few enough go out as a dictionary, which spares their comparison."""

    def __init__(self, rows: pa.Array, values: pa.ChunkedArray) -> None:
        self.rows = rows
        self.values: Any = values.combine_chunks()
        if pa.types.is_string(self.values.type):
            encoded = self.values.dictionary_encode()
            if len(encoded.dictionary) * _REPEATED <= _GROUP:
                self.values = encoded

    def of(self, start: int, length: int) -> pa.Array:
        rows = self.rows.slice(start, length)
        if isinstance(self.values, pa.DictionaryArray):
            return pa.DictionaryArray.from_arrays(self.values.indices.take(rows), self.values.dictionary, safe=False)
        return self.values.take(rows)


def _groups(
    reader: Iterable[pa.RecordBatch], names: Sequence[str], columns: Sequence[_Column]
) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in reader:
        added = [column.of(start, batch.num_rows) for column in columns]
        start += batch.num_rows
        yield pa.RecordBatch.from_arrays([*batch.columns, *added], names=list(names))


def _empty(schema: pa.Schema, names: Sequence[str], columns: Sequence[_Column]) -> pa.RecordBatch:
    types = [*schema.types, *(column.values.type for column in columns)]
    return pa.RecordBatch.from_arrays([pa.array([], each) for each in types], names=list(names))


def _chain(first: pa.RecordBatch, others: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from others


def _repeated(group: pa.RecordBatch) -> list[str]:
    """Name the columns that are worth a dictionary: not texts that are nearly all different, such as names."""
    return [
        name
        for name, column in zip(group.schema.names, group.columns, strict=True)
        if not pa.types.is_string(column.type) or pc.count_distinct(column).as_py() * _REPEATED <= len(column)
    ]
