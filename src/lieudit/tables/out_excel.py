"""Excel workbooks out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from lieudit.errors import TableError
from lieudit.tables.connection import fetch_one

_ROWS = 1_048_575  # below the header


def write(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str]) -> None:
    """Write the rows of a query to one sheet."""
    (count,) = fetch_one(con, f"SELECT count(*) FROM ({sql})")
    if count > _ROWS:
        raise TableError(
            f"The result has {count} rows.",
            expected=f"at most {_ROWS} in an Excel sheet",
            fix="Write .csv or .parquet.",
        )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("lieudit")
    sheet.append([_cell(sheet, name) for name in names])
    rows = con.execute(sql)
    while batch := rows.fetchmany(10_000):
        for row in batch:
            sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _cell(sheet: Any, value: Any) -> Any:
    """Make a cell; a text that begins with ``=`` stays a text, not a formula."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"
        return cell
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.replace(tzinfo=None)  # Excel has no time zones; ours are UTC
    return value
