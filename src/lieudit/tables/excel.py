"""Excel workbooks, read row by row, as text."""

from __future__ import annotations

import logging
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa

from lieudit.errors import TableError
from lieudit.tables.table import Table, header_names

logger = logging.getLogger(__name__)

_BATCH = 20_000  # rows held in memory at once
_ZEROS = re.compile(r"0{2,}")  # a number format that shows leading zeros, such as that of French postcodes
_Row = list[str | None]


def read(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    """Load the first sheet that holds anything; its first row that is not blank is the header."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that are not read anyway
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                return _load(con, _rows(book, path), path, name)
            finally:
                book.close()
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise TableError(
            f"{path.name} is not a readable Excel workbook.",
            expected=".xlsx",
            fix="Save it again as .xlsx or CSV.",
        ) from error


def _rows(book: Any, path: Path) -> Iterator[_Row]:
    """Give the rows of the first sheet that has any, without blank ones."""
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # written wrong by some programs, and believed in read-only mode
        rows = ([_text(cell) for cell in row] for row in sheet.iter_rows())
        filled = (row for row in rows if any(value is not None for value in row))
        first = next(filled, None)
        if first is not None:
            if len(book.worksheets) > 1:
                logger.info("%s: sheet '%s' was read, of %d", path.name, sheet.title, len(book.worksheets))
            yield first
            yield from filled
            return


def _load(con: duckdb.DuckDBPyConnection, rows: Iterator[_Row], path: Path, name: str) -> Table:
    header = next(rows, None)
    if header is None:
        raise TableError(
            f"{path.name} is empty.", expected="a header and at least one row", fix="Check the first sheet."
        )
    while header[-1] is None:
        header.pop()
    table = Table(name, header_names(header), path.name, path, first_line=2)
    width = len(table.columns)
    schema = pa.schema([(column, pa.string()) for column in table.sql_columns])
    con.register("lieudit_batch", schema.empty_table())
    con.execute(f"CREATE TABLE {table.sql} AS SELECT * FROM lieudit_batch")
    line = 2
    while batch := list(islice(rows, _BATCH)):
        for offset, row in enumerate(batch):
            if any(value is not None for value in row[width:]):
                raise TableError(
                    f"{path.name}, about line {line + offset}, has values beyond its {width} columns.",
                    expected="a header above every column",
                    fix="Name the column, or clear the cells.",
                )
        arrays = [pa.array([row[i] if i < len(row) else None for row in batch], pa.string()) for i in range(width)]
        con.register("lieudit_batch", pa.table(arrays, schema=schema))
        con.execute(f"INSERT INTO {table.sql} SELECT * FROM lieudit_batch")
        line += len(batch)
    con.unregister("lieudit_batch")
    return table


def _text(cell: Any) -> str | None:
    """Write a cell as one reads it: ``1000.0`` is ``1000``, and ``01000`` where its format shows the zero."""
    value = cell.value
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int):
        zeros = _ZEROS.fullmatch(cell.number_format or "")
        return str(value).zfill(len(zeros.group())) if zeros else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
