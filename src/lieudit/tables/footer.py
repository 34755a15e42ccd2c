"""The footer of a Parquet file, read and written: where its columns lie.

No library writes columns to the right of a file's. Footers are structs in Thrift's compact protocol, which says of each
value what kind it is; so they are read without knowing what most of it means, and written back as it was. Field numbers
are those of the Parquet format (``parquet.thrift`` of Apache Parquet).
"""

from __future__ import annotations

import os
import struct
from typing import Any, BinaryIO, Final, NamedTuple, TypeAlias

__all__ = ["Footer", "Items", "Struct", "Value", "read_footer", "write_footer"]

_MAGIC: Final = b"PAR1"
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12
_BOOLS: Final = (_TRUE, _FALSE)
_WHOLE: Final = (_I16, _I32, _I64)


class Value(NamedTuple):
    """A value and its kind.

    ``data`` is an int, bytes (of a double: its eight), a bool, :class:`Items`, or a :data:`Struct`.
    """

    kind: int
    data: Any


class Items(NamedTuple):
    """The data of a list, and the kind of all of them."""

    kind: int
    data: list[Any]


Struct: TypeAlias = "dict[int, Value]"  # by field number, in the order of these


class Footer(NamedTuple):
    """The footer, and the position at which it begins."""

    fields: Struct
    begins: int


def read_footer(file: BinaryIO) -> Footer:
    """Read the footer of a file."""
    end = file.seek(-8, os.SEEK_END)
    length, magic = struct.unpack("<I4s", file.read(8))
    if magic != _MAGIC:
        raise ValueError("the file does not end as a Parquet file does")
    file.seek(end - length)
    return Footer(_Reader(file.read(length)).struct(), end - length)


def write_footer(fields: Struct) -> bytes:
    """Return the bytes that end a file."""
    text = bytearray()
    _put_struct(text, fields)
    return bytes(text) + struct.pack("<I4s", len(text), _MAGIC)


class _Reader:
    """Reads values one behind the other."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0

    def struct(self) -> Struct:
        found: Struct = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else _signed(self._varint())
            kind = head & 15
            found[number] = Value(kind, kind == _TRUE if kind in _BOOLS else self._value(kind))
        return found

    def _byte(self) -> int:
        self.at += 1
        return self.text[self.at - 1]

    def _bytes(self, count: int) -> bytes:
        self.at += count
        return self.text[self.at - count : self.at]

    def _varint(self) -> int:
        found = shift = 0
        while (byte := self._byte()) & 128:
            found |= (byte & 127) << shift
            shift += 7
        return found | byte << shift

    def _value(self, kind: int) -> Any:
        if kind in _WHOLE:
            return _signed(self._varint())
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct()
        if kind in {_LIST, _SET}:
            head = self._byte()
            count = self._varint() if head >> 4 == 15 else head >> 4
            return Items(head & 15, [self._value(head & 15) for _ in range(count)])
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BYTE or kind in _BOOLS:  # in a list, a bool is a byte
            return self._byte()
        raise ValueError(f"a footer holds a value of kind {kind}")


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _put_varint(text: bytearray, number: int) -> None:
    while number > 127:
        text.append(number & 127 | 128)
        number >>= 7
    text.append(number)


def _put_signed(text: bytearray, number: int) -> None:
    _put_varint(text, number << 1 if number >= 0 else ~(number << 1))


def _put_struct(text: bytearray, fields: Struct) -> None:
    last = 0
    for number, (kind, data) in sorted(fields.items()):
        if kind in _BOOLS:
            kind = _TRUE if data else _FALSE  # noqa: PLW2901
        if 0 < number - last < 16:
            text.append((number - last) << 4 | kind)
        else:
            text.append(kind)
            _put_signed(text, number)
        last = number
        if kind not in _BOOLS:
            _put(text, kind, data)
    text.append(0)


def _put(text: bytearray, kind: int, data: Any) -> None:
    if kind in _WHOLE:
        _put_signed(text, data)
    elif kind == _BINARY:
        _put_varint(text, len(data))
        text += data
    elif kind == _STRUCT:
        _put_struct(text, data)
    elif kind in {_LIST, _SET}:
        text.append(min(len(data.data), 15) << 4 | data.kind)
        if len(data.data) > 14:
            _put_varint(text, len(data.data))
        for item in data.data:
            _put(text, data.kind, item)
    elif kind == _DOUBLE:
        text += data
    else:
        text.append(data)
