"""Rows of text out of CSV and workbooks, and columns out of rows by their headers."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import IO, Any, Final

import openpyxl
import pandas as pd

__all__ = ["Aliases", "Rows", "decimal", "find_header", "find_place", "gather", "lines_of", "sheets_of"]

_HEADER_WITHIN: Final = 30  # rows above which a header must stand
_SNIFFED: Final = 1 << 16  # bytes
_DELIMITERS: Final = ";,\t|"
Aliases = Sequence[str]
Rows = Iterator[list[str]]


def sheets_of(file: IO[bytes]) -> Iterator[Rows]:
    """Give the sheets of a workbook, each of which must be read before the next."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that are not read anyway
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # written wrong by some programs, and believed in read-only mode
            yield ([_text(value) for value in row] for row in sheet.iter_rows(values_only=True))
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def lines_of(file: IO[bytes]) -> Rows:
    """Give the rows of CSV in UTF-8 or Windows-1252, with the delimiter that its first lines have most of."""
    start = file.read(_SNIFFED)
    encoding = "utf-8-sig"
    try:
        start[: start.rfind(b"\n") + 1].decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
    file.seek(0)
    sample = start.decode(encoding, errors="replace")
    with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield from csv.reader(text, delimiter=max(_DELIMITERS, key=sample.count))


def find_header(rows: Rows, columns: Mapping[str, Aliases]) -> tuple[list[str], Rows]:
    """Return the row of the first thirty that has most of the columns, or the widest, and the rows below it."""
    first = list(islice(rows, _HEADER_WITHIN))

    def fitness(row: list[str]) -> tuple[int, int]:
        return sum(find_place(row, aliases) is not None for aliases in columns.values()), sum(map(bool, row))

    if not first:
        return [], rows
    at = max(range(len(first)), key=lambda number: (*fitness(first[number]), -number))
    return [cell.strip() for cell in first[at]], chain(first[at + 1 :], rows)


def find_place(header: Sequence[str], aliases: Aliases) -> int | None:
    """Return the position of the first header that is there, whatever its case.

    Examples
    --------
    >>> find_place(["CODGEO", "Classement au 10 juillet 2025"], ["classement*"])
    1
    """
    plain = [cell.strip().casefold() for cell in header]
    for alias in (alias.casefold() for alias in aliases):
        for place, cell in enumerate(plain):
            if cell == alias or (alias.endswith("*") and cell.startswith(alias[:-1])):
                return place
    return None


def gather(rows: Rows, places: Mapping[str, int], where: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Return columns by their positions, of the rows that have one of the values asked for and are not blank."""
    width = max(places.values())
    asked = [(places[name], frozenset(values)) for name, values in where.items()]
    cells: list[list[str]] = [[] for _ in places]
    order = list(places.values())
    for row in rows:
        if len(row) <= width or any(row[place].strip() not in values for place, values in asked):
            continue
        found = [row[place].strip() for place in order]
        if any(found):
            for column, value in zip(cells, found, strict=True):
                column.append(value)
    return pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in zip(places, cells, strict=True)})


def decimal(text: pd.Series[str]) -> pd.Series[float]:
    """Return numbers written with a decimal comma or point; whatever is none (``s``, ``nd``, ``…``) is missing.

    Examples
    --------
    >>> decimal(pd.Series(["7,5", "s", "21660", ""])).tolist()
    [7.5, nan, 21660.0, nan]
    """
    plain = text.str.strip().str.replace("\N{NO-BREAK SPACE}", "").str.replace(",", ".")
    numbers: pd.Series[float] = pd.to_numeric(plain, errors="coerce").astype("float64")
    return numbers
