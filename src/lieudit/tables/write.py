"""Files out: whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from lieudit.errors import TableError
from lieudit.tables.connection import fetch_one, literal

_BATCH = 100_000  # rows of a Parquet row group
_EXCEL_ROWS = 1_048_575  # below the header
_INPUTS = "lieudit_inputs"


def note_input(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Remember, in the connection, a file that must not be overwritten."""
    con.execute(
        f"SET VARIABLE {_INPUTS} = list_append(coalesce(getvariable('{_INPUTS}'), []::VARCHAR[]), ?)",
        [str(path.resolve())],
    )


def check_out(out: Path, *, con: duckdb.DuckDBPyConnection | None = None) -> Path:
    """Refuse an output that cannot be, before any work is done.

    Parameters
    ----------
    out : Path
        The file to write, ``.csv``, ``.tsv``, ``.parquet``, ``.xlsx``, ``.jsonl`` or ``.ndjson``.
    con : DuckDBPyConnection, optional
        The files read through it may not be overwritten.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    TableError
        Of an unknown kind, a folder, one of the inputs, or in a folder where nothing may be written.
    """
    if out.suffix.lower() not in _WRITERS:
        raise TableError(f"{out.name} is of no known kind.", expected=", ".join(_WRITERS), fix="Choose another suffix.")
    _check_place(out)
    inputs = fetch_one(con, f"SELECT getvariable('{_INPUTS}')")[0] if con is not None else None
    if inputs and str(out.resolve()) in inputs:
        raise TableError(
            f"{out} is one of the inputs.", expected="another file", fix="Choose another name for the output."
        )
    return out


def write_table(con: duckdb.DuckDBPyConnection, sql: str, out: Path, *, names: Sequence[str] | None = None) -> None:
    """Write the rows of a query, in its order, in memory that does not grow with them.

    Parameters
    ----------
    con : DuckDBPyConnection
        Where the query runs.
    sql : str
        A SELECT.
    out : Path
        As in :func:`check_out`. Its folder is made if need be.
    names : sequence of str, optional
        The columns' names in the file; they may differ by case alone, which SQL forbids. By default, those of
        the query.

    Raises
    ------
    TableError
        The output cannot be written. Nothing is left behind then, nor when the user interrupts.
    """
    check_out(out, con=con)
    columns = [row[0] for row in con.execute(f"DESCRIBE {sql}").fetchall()]
    writer = _WRITERS[out.suffix.lower()]
    with _whole(out) as path:
        writer(con, sql, path, columns if names is None else list(names))


def write_text(text: str, out: Path, *, encoding: str = "utf-8") -> None:
    """Write a text file, whole or not at all."""
    _check_place(out)
    with _whole(out) as path:
        path.write_text(text, encoding=encoding, newline="\n")


def write_json(obj: Any, out: Path) -> None:
    """Write JSON in UTF-8, keys in their own order, indented: the same object gives the same bytes."""
    write_text(json.dumps(obj, ensure_ascii=False, indent=2, allow_nan=False) + "\n", out)


def check_folder(folder: Path) -> Path:
    """Refuse a folder in which nothing may be written, whether it exists yet or not.

    Returns
    -------
    Path
        ``folder``; it is not made.

    Raises
    ------
    TableError
        It, or the nearest folder above that exists, is a file or may not be written in.
    """
    nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise TableError(f"Nothing may be written in {nearest}.", expected="a folder that you may write in",
                         fix="Choose another, or change its permissions.")  # fmt: skip
    return folder


def _check_place(out: Path) -> None:
    if out.is_dir():
        raise TableError(f"{out} is a folder.", expected="the name of a file", fix="Add a file name to it.")
    check_folder(out.parent)


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a temporary path beside ``out``, put in its place at the end, removed on any failure."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f".{out.name}.{secrets.token_hex(6)}.part")
        try:
            yield part
            part.replace(out)
        except BaseException:  # a KeyboardInterrupt too must leave nothing
            part.unlink(missing_ok=True)
            raise
    except (OSError, duckdb.IOException) as error:
        raise TableError(f"{out} cannot be written: {error}.", fix="Check the disk and the permissions.") from error


def _write_csv(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str]) -> None:
    delimiter = "\t" if ".tsv." in path.name.lower() else ","
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(names)
    header = line.getvalue()
    # DuckDB would rename columns that differ by case alone, so the header is written as a prefix.
    con.execute(
        f"""COPY ({sql}) TO {literal(path)} (FORMAT csv, HEADER false, DELIMITER '{delimiter}',
            USE_TMP_FILE false, PREFIX {literal(header)}, SUFFIX '\n')"""
    )
    if path.stat().st_size == len(header.encode()) + 1:  # no rows: the suffix alone would make a blank line
        path.write_text(header, encoding="utf-8", newline="\n")


def _write_jsonl(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str]) -> None:
    columns = [f"c{index}" for index in range(len(names))]
    fields = ", ".join(f"{literal(name)}, {column}" for name, column in zip(names, columns, strict=True))
    # One column of JSON as "CSV" without quotes: json_object keeps keys that differ by case alone.
    con.execute(
        f"""COPY (SELECT json_object({fields}) FROM ({sql}) AS rows({", ".join(columns)})) TO {literal(path)}
            (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\n', USE_TMP_FILE false)"""
    )


def _write_parquet(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str]) -> None:
    reader = con.sql(sql).to_arrow_reader(_BATCH)
    schema = reader.schema
    for index, name in enumerate(names):
        schema = schema.set(index, schema.field(index).with_name(name))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch.rename_columns(list(names)))


def _write_excel(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str]) -> None:
    (count,) = fetch_one(con, f"SELECT count(*) FROM ({sql})")
    if count > _EXCEL_ROWS:
        raise TableError(
            f"The result has {count} rows.",
            expected=f"at most {_EXCEL_ROWS} in an Excel sheet",
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


_Writer = Callable[[duckdb.DuckDBPyConnection, str, Path, Sequence[str]], None]
_WRITERS: dict[str, _Writer] = {
    ".csv": _write_csv, ".tsv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_excel,
    ".jsonl": _write_jsonl, ".ndjson": _write_jsonl,
}  # fmt: skip
