"""Parquet files out: columns that stand beside the rows of a query are put to the right of its own."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lieudit.tables.beside import Beside
from lieudit.tables.footer import Struct, read_footer, write_footer

_SAMPLE: Final = 1 << 15  # rows of the first group, in which repeated texts are looked for
_DIFFERENT: Final = 0.75  # share of different texts in the sample from which on a dictionary is not worth its while
_FEW: Final = 1 << 16  # texts of a column that go out as a dictionary
_THREADS: Final = 2
_AHEAD: Final = 4  # groups that are encoded, or are to be, while one is written
_BEGINS: Final = 4  # where the data of a file begin

# Numbers of fields in parquet.thrift.
_SCHEMA, _GROUPS, _ORDERS = 2, 4, 7  # of the footer
_NAME, _CHILDREN = 4, 5  # of an element of the schema
_COLUMNS, _BYTES, _ROWS, _COMPRESSED = 1, 2, 3, 6  # of a group of rows
_META = 3  # of a column of a group
_PATH, _POSITIONS = 3, (9, 10, 11)  # of its metadata: name; pages of data, of an index, of a dictionary


def add_columns(path: Path, names: Sequence[str], beside: Sequence[Beside] = ()) -> None:
    """Put columns to the right of those of a file, and name all of them.

    They are encoded in memory, each group of rows by a thread, and appended: what is there is not written again.
    """
    columns = [_Column(each.rows, values) for each in beside for values in each.arrays]
    with path.open("r+b") as file:
        footer, begins = read_footer(file)
        file.seek(begins)
        if columns:
            _append_all(file, footer, columns)
        _rename(footer, names)
        file.write(write_footer(footer))
        file.truncate()


def _append_all(file: BinaryIO, footer: Struct, columns: Sequence[_Column]) -> None:
    """Append the data of columns, in groups of as many rows as those of the file, and say in its footer where."""
    groups = footer[_GROUPS].data.data
    lengths = [group[_ROWS].data for group in groups]
    encoder = _Encoder(columns, lengths[0] if lengths else 0)
    _append_schema(footer, encoder.encode(0, 0))
    with ThreadPoolExecutor(_THREADS) as pool:
        ahead: deque[Future[pa.Buffer]] = deque()  # few, so that a slow disk leaves little in memory
        starts = zip(itertools.accumulate(lengths, initial=0), lengths, strict=False)
        for group in groups:
            ahead.extend(pool.submit(encoder.encode, *each) for each in itertools.islice(starts, _AHEAD - len(ahead)))
            _append_group(file, group, ahead.popleft().result())


class _Column:
    """A column beside the rows; texts that are few enough go out as a dictionary, which spares their comparison."""

    def __init__(self, rows: pa.Array, values: pa.Array) -> None:
        self.rows = rows
        self.values: Any = values
        if pa.types.is_string(self.values.type):
            encoded = self.values.dictionary_encode()
            if len(encoded.dictionary) <= _FEW:
                self.values = encoded

    def of(self, start: int, length: int) -> pa.Array:
        rows = self.rows.slice(start, length)
        if isinstance(self.values, pa.DictionaryArray):
            return pa.DictionaryArray.from_arrays(self.values.indices.take(rows), self.values.dictionary, safe=False)
        return self.values.take(rows)


class _Encoder:
    """Writes some rows of columns as a Parquet file of one group, all groups in the same manner."""

    def __init__(self, columns: Sequence[_Column], first: int) -> None:
        self._columns = columns
        sample = self._rows(0, min(first, _SAMPLE))
        self._dictionaries, self._compared = _repeated(sample), _compared(sample.schema)

    def encode(self, start: int, length: int) -> pa.Buffer:
        rows, out = self._rows(start, length), pa.BufferOutputStream()
        with pq.ParquetWriter(
            # Without Arrow's own schema: it would turn texts written by dictionary into categories for readers.
            out, rows.schema, compression="snappy", store_schema=False, use_dictionary=self._dictionaries,
            write_statistics=self._compared,
        ) as writer:  # fmt: skip
            if length:
                writer.write_batch(rows)
        return out.getvalue()

    def _rows(self, start: int, length: int) -> pa.RecordBatch:
        names = [str(place) for place in range(len(self._columns))]
        return pa.RecordBatch.from_arrays([column.of(start, length) for column in self._columns], names=names)


def _repeated(sample: pa.RecordBatch) -> list[str]:
    """Name the columns that are worth a dictionary: not texts that are nearly all different, such as names."""
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


def _append_schema(fields: Struct, part: pa.Buffer) -> None:
    """Append the columns of a part to those that a footer knows of."""
    right = read_footer(pa.BufferReader(part)).fields
    root, *leaves = right[_SCHEMA].data.data
    (own, *_), more = fields[_SCHEMA].data.data, root[_CHILDREN].data
    own[_CHILDREN] = own[_CHILDREN]._replace(data=own[_CHILDREN].data + more)
    fields[_SCHEMA].data.data.extend(leaves)
    if _ORDERS in fields and _ORDERS in right:
        fields[_ORDERS].data.data.extend(right[_ORDERS].data.data)
    else:  # there must be one for each column, or none
        fields.pop(_ORDERS, None)


def _append_group(file: BinaryIO, group: Struct, part: pa.Buffer) -> None:
    """Append the only group of a part to another's data, and say there where it lies."""
    right = read_footer(pa.BufferReader(part))
    (other,) = right.fields[_GROUPS].data.data
    shift = file.tell() - _BEGINS
    file.write(memoryview(part)[_BEGINS : right.begins])
    for column in other[_COLUMNS].data.data:
        meta = column[_META].data
        for place in _POSITIONS:
            if place in meta:
                meta[place] = meta[place]._replace(data=meta[place].data + shift)
        group[_COLUMNS].data.data.append(column)
    for size in (_BYTES, _COMPRESSED):
        if size in group:
            group[size] = group[size]._replace(data=group[size].data + other[size].data)


def _rename(fields: Struct, names: Sequence[str]) -> None:
    """Name the columns; what is nested in them keeps its own names."""
    elements = iter(fields[_SCHEMA].data.data[1:])
    owners: list[bytes] = []  # of each leaf, its column
    for name in names:
        column = next(elements)
        column[_NAME] = column[_NAME]._replace(data=name.encode())
        owners += [name.encode()] * _leaves(column, elements)
    for group in fields[_GROUPS].data.data:
        for column, owner in zip(group[_COLUMNS].data.data, owners, strict=True):
            column[_META].data[_PATH].data.data[0] = owner


def _leaves(element: Struct, elements: Iterator[Struct]) -> int:
    """Count the leaves of an element, which those below it follow."""
    below = element[_CHILDREN].data if _CHILDREN in element else 0
    return sum(_leaves(next(elements), elements) for _ in range(below)) or 1
