"""Parquet files out: while one group of rows is written the next one is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lieudit.tables.beside import Beside
from lieudit.tables.thread import one_thread

_GROUP: Final = 1 << 17  # rows of a group
_SAMPLE: Final = 1 << 15  # rows of the first group, in which repeated texts are looked for
_DIFFERENT: Final = 0.75  # share of different texts in the sample from which on a dictionary is not worth its while


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
        pq.ParquetWriter(path, first.schema, compression="snappy", store_schema=False, use_dictionary=_repeated(first),
                         write_statistics=_compared(first.schema)) as writer,
        one_thread() as thread,
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
            if 2 * len(encoded.dictionary) <= _GROUP:
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
    sample = group.slice(0, _SAMPLE)
    return [
        name
        for name, column in zip(sample.schema.names, sample.columns, strict=True)
        if not pa.types.is_string(column.type) or pc.count_distinct(column).as_py() <= _DIFFERENT * len(column)
    ]


def _compared(schema: pa.Schema) -> list[str]:
    """Name the columns whose least and greatest value are noted for each group.

    Not those that go out as a dictionary: it takes as long as to write them, and a group holds nearly all their values.
    """
    return [field.name for field in schema if not pa.types.is_dictionary(field.type)]
