"""Parquet files out: columns that stand beside the rows of a query are put to the right of its own."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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
_PARTS: Final = 4
_THREADS: Final = 2
_BEGINS: Final = 4  # where the data of a file begin

# Numbers of fields in parquet.thrift.
_SCHEMA, _GROUPS, _ORDERS = 2, 4, 7  # of the footer
_NAME, _CHILDREN = 4, 5  # of an element of the schema
_COLUMNS, _BYTES, _ROWS, _COMPRESSED = 1, 2, 3, 6  # of a group of rows
_META = 3  # of a column of a group
_PATH, _POSITIONS = 3, (9, 10, 11)  # of its metadata: name; pages of data, of an index, of a dictionary


def add_columns(path: Path, names: Sequence[str], beside: Sequence[Beside] = ()) -> None:
    """Put columns to the right of those of a file, and name all of them.

    They are written side by side, each part by a thread, and then appended: what is there is not written again.
    """
    columns = [_Column(each.rows, values) for each in beside for values in each.values.columns]
    with path.open("r+b") as file:
        left = read_footer(file)
        lengths = [group[_ROWS].data for group in left.fields[_GROUPS].data.data]
        file.seek(left.begins)
        with contextlib.ExitStack() as stack:
            size = -(-len(columns) // _PARTS)
            parts = [columns[start : start + size] for start in range(0, len(columns), size or 1)]
            files = [stack.enter_context(tempfile.TemporaryFile(dir=path.parent)) for _ in parts]
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(_encode, parts, [lengths] * len(parts), files))
            for part in files:
                _append(file, left.fields, part)
        _rename(left.fields, names)
        file.write(write_footer(left.fields))
        file.truncate()


class _Column:
    """A column beside the rows; texts that are few enough go out as a dictionary, which spares their comparison."""

    def __init__(self, rows: pa.Array, values: pa.ChunkedArray) -> None:
        self.rows = rows
        self.values: Any = values.combine_chunks()
        if pa.types.is_string(self.values.type):
            encoded = self.values.dictionary_encode()
            if len(encoded.dictionary) <= _FEW:
                self.values = encoded

    def of(self, start: int, length: int) -> pa.Array:
        rows = self.rows.slice(start, length)
        if isinstance(self.values, pa.DictionaryArray):
            return pa.DictionaryArray.from_arrays(self.values.indices.take(rows), self.values.dictionary, safe=False)
        return self.values.take(rows)


def _encode(columns: Sequence[_Column], lengths: Sequence[int], file: BinaryIO) -> None:
    """Write columns to a file of their own, in groups of rows of these lengths."""
    groups = _groups(columns, lengths)
    first = next(groups)
    with pq.ParquetWriter(
        # Without Arrow's own schema: it would turn texts that are written by dictionary into categories for readers.
        file, first.schema, compression="snappy", store_schema=False, use_dictionary=_repeated(first),
        write_statistics=_compared(first.schema),
    ) as writer:  # fmt: skip
        if lengths:
            writer.write_batch(first)
        for group in groups:
            writer.write_batch(group)


def _groups(columns: Sequence[_Column], lengths: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """Give the groups, or an empty one that says of what kind the columns are."""
    start, names = 0, [str(place) for place in range(len(columns))]
    for length in lengths or [0]:
        yield pa.RecordBatch.from_arrays([column.of(start, length) for column in columns], names=names)
        start += length


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


def _append(file: BinaryIO, fields: Struct, part: BinaryIO) -> None:
    """Append the data of a part, and say in the footer where they lie now."""
    right = read_footer(part)
    shift = file.tell() - _BEGINS
    part.seek(_BEGINS)
    shutil.copyfileobj(part, file, 1 << 20)
    file.seek(shift + right.begins)  # over the footer of the part
    root, *leaves = right.fields[_SCHEMA].data.data
    (own, *_), more = fields[_SCHEMA].data.data, root[_CHILDREN].data
    own[_CHILDREN] = own[_CHILDREN]._replace(data=own[_CHILDREN].data + more)
    fields[_SCHEMA].data.data.extend(leaves)
    for group, other in zip(fields[_GROUPS].data.data, right.fields[_GROUPS].data.data, strict=True):
        _append_group(group, other, shift)
    if _ORDERS in fields and _ORDERS in right.fields:
        fields[_ORDERS].data.data.extend(right.fields[_ORDERS].data.data)
    else:  # there must be one for each column, or none
        fields.pop(_ORDERS, None)


def _append_group(group: Struct, other: Struct, shift: int) -> None:
    """Append the columns of a group of rows to those of another."""
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
