"""One door for all that people hold: files, databases, DataFrames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from lieudit.errors import TableError
from lieudit.tables import database, delimited, jsonl
from lieudit.tables.connection import fetch_one, quote
from lieudit.tables.table import Table
from lieudit.tables.write import note_input

if TYPE_CHECKING:
    import pandas as pd


def _read_excel(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    from lieudit.tables import excel  # noqa: PLC0415 - openpyxl takes long to import, and few need it

    return excel.read(con, path, name)


def _read_parquet(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    from lieudit.tables import parquet  # noqa: PLC0415 - pyarrow takes an eighth of a second, which text can do without

    return parquet.read(con, path, name)


_TEXT = {
    ".csv": delimited.read, ".tsv": delimited.read, ".txt": delimited.read,
    ".jsonl": jsonl.read, ".ndjson": jsonl.read,
}  # fmt: skip
_READERS = {
    **_TEXT, **{f"{suffix}.gz": reader for suffix, reader in _TEXT.items()},
    ".parquet": _read_parquet, ".pq": _read_parquet, ".xlsx": _read_excel, ".xlsm": _read_excel,
}  # fmt: skip
SUFFIXES = ".csv, .tsv, .txt, .jsonl, .ndjson (also .gz of them), .parquet, .xlsx"


def open_table(
    con: duckdb.DuckDBPyConnection, source: str | Path | pd.DataFrame, *, name: str, stored: Path | None = None
) -> Table:
    """Register a file, a table of a database or a DataFrame in a connection.

    Columns of CSV, Excel and JSON lines are text, as they stand in the file: identifiers keep their zeros.
    Parquet, databases and DataFrames keep their types. Rows keep their order; blank lines are no rows. CSV
    may be separated by ``,`` ``;`` tab or ``|``, in UTF-8, UTF-16 or Windows-1252 (Latin-1).

    Parameters
    ----------
    con : DuckDBPyConnection
        From :func:`connect`.
    source : str, Path or DataFrame
        A path, ``duckdb:///path.db?table=…``, ``duckdb:///path.db?query=…``, or the rows themselves.
    name : str
        The relation's name in the connection; an earlier one of that name is replaced.
    stored : Path, optional
        A Parquet file in which the rows of delimited text may be kept, rather than in memory: ``Table.stored`` says
        whether they are.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        The source is missing, empty, of an unknown kind, or damaged.
    """
    _forget(con, name)
    if not isinstance(source, str | Path):
        from lieudit.tables import frames  # noqa: PLC0415 - pyarrow

        table = frames.read(con, source, name)
    elif str(source).startswith(database.SCHEMES):
        table = database.read(con, str(source), name)
    else:
        table = _open_file(con, Path(source), name, stored)
    if not fetch_one(con, f"SELECT count(*) FROM (SELECT 1 FROM {table.sql} LIMIT 1)")[0]:
        _forget(con, name)
        raise TableError(
            f"{table.origin} has {len(table.columns)} columns and no rows.",
            expected="at least one row",
            fix="Check that the export is complete.",
        )
    return table


def _forget(con: duckdb.DuckDBPyConnection, name: str) -> None:
    for kind in ("view", "table"):
        if fetch_one(con, f"SELECT count(*) FROM duckdb_{kind}s() WHERE {kind}_name = ?", [name])[0]:
            con.execute(f"DROP {kind} {quote(name)}")


def _open_file(con: duckdb.DuckDBPyConnection, path: Path, name: str, stored: Path | None) -> Table:
    if path.is_dir():
        raise TableError(f"{path} is a folder.", expected=f"a file ({SUFFIXES})", fix="Name one file of it.")
    if not path.is_file():
        raise TableError(f"There is no file {path}.", expected=f"a file ({SUFFIXES})", fix="Check the path.")
    suffix = "".join(path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:]).lower()
    reader = _READERS.get(suffix)
    if reader is None:
        fix = "Save it as .xlsx or CSV." if suffix in {".xls", ".ods", ".xlsb"} else "Convert it first."
        raise TableError(f"{path.name} is of no known kind.", expected=SUFFIXES, fix=fix)
    if path.stat().st_size == 0:
        raise TableError(
            f"{path.name} is empty.",
            expected="a header and at least one row",
            fix="Check that the export is complete.",
        )
    try:
        table = delimited.read(con, path, name, stored) if reader is delimited.read else reader(con, path, name)
    except PermissionError as error:
        raise TableError(f"{path.name} may not be read.", fix="Check its permissions.") from error
    note_input(con, path)
    return table
