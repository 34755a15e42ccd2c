"""Files out: whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from lieudit.errors import TableError
from lieudit.tables.atomic import whole
from lieudit.tables.beside import Beside, stand_beside
from lieudit.tables.connection import copy_parquet, fetch_one, literal
from lieudit.tables.thread import run

_SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".xlsx", ".jsonl", ".ndjson")
_INPUTS: Final = "lieudit_inputs"
_BESIDE: Final = "lieudit_beside"


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
    if out.suffix.lower() not in _SUFFIXES:
        raise TableError(
            f"{out.name} is of no known kind.", expected=", ".join(_SUFFIXES), fix="Choose another suffix."
        )
    _check_place(out)
    inputs = fetch_one(con, f"SELECT getvariable('{_INPUTS}')")[0] if con is not None else None
    if inputs and str(out.resolve()) in inputs:
        raise TableError(
            f"{out} is one of the inputs.", expected="another file", fix="Choose another name for the output."
        )
    return out


def write_table(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    out: Path,
    *,
    names: Sequence[str] | None = None,
    beside: Sequence[Beside] = (),
    begun: Path | None = None,
) -> None:
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
        the query, and of ``beside``.
    beside : sequence of Beside
        Columns to the right of the query's.
    begun : Path, optional
        A Parquet file that holds the query's rows already, on the disk of ``out``: it becomes the output.

    Raises
    ------
    TableError
        The output cannot be written. Nothing is left behind then, nor when the user interrupts.
    """
    check_out(out, con=con)
    queried = [row[0] for row in con.execute(f"DESCRIBE {sql}").fetchall()]
    columns = [*queried, *(name for each in beside for name in each.values.column_names)] if names is None else names
    with whole(out) as path:
        if out.suffix.lower() == ".parquet":
            if begun is None:
                copy_parquet(con, sql, path)
            else:
                begun.replace(path)
            from lieudit.tables import out_parquet  # noqa: PLC0415 - pyarrow takes long to import

            out_parquet.add_columns(path, columns, beside)
            return
        positions = [f"beside_{position}" for position in range(len(columns) - len(queried))]
        joined = stand_beside(con, f"({sql})", beside, _BESIDE, positions)
        try:
            _write_rows(con, joined, path, columns, out.suffix.lower())
        finally:
            con.unregister(_BESIDE)


def _write_rows(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str], suffix: str) -> None:
    if suffix == ".xlsx":
        from lieudit.tables import out_excel  # noqa: PLC0415 - openpyxl takes long to import, and few need it

        out_excel.write(con, sql, path, names)
    elif suffix in {".csv", ".tsv"}:
        _write_csv(con, sql, path, names, delimiter="\t" if suffix == ".tsv" else ",")
    else:
        _write_jsonl(con, sql, path, names)


def write_text(text: str, out: Path, *, encoding: str = "utf-8") -> None:
    """Write a text file, whole or not at all."""
    _check_place(out)
    with whole(out) as path:
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


def _write_csv(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str], *, delimiter: str) -> None:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(names)
    header = line.getvalue()
    # DuckDB would rename columns that differ by case alone, so the header is written as a prefix.
    run(
        con,
        f"""COPY ({sql}) TO {literal(path)} (FORMAT csv, HEADER false, DELIMITER '{delimiter}',
            USE_TMP_FILE false, PREFIX {literal(header)}, SUFFIX '\n')""",
    )
    if path.stat().st_size == len(header.encode()) + 1:  # no rows: the suffix alone would make a blank line
        path.write_text(header, encoding="utf-8", newline="\n")


def _write_jsonl(con: duckdb.DuckDBPyConnection, sql: str, path: Path, names: Sequence[str]) -> None:
    columns = [f"c{index}" for index in range(len(names))]
    fields = ", ".join(f"{literal(name)}, {column}" for name, column in zip(names, columns, strict=True))
    # One column of JSON as "CSV" without quotes: json_object keeps keys that differ by case alone.
    run(
        con,
        f"""COPY (SELECT json_object({fields}) FROM ({sql}) AS rows({", ".join(columns)})) TO {literal(path)}
            (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\n', USE_TMP_FILE false)""",
    )
