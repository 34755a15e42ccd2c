"""A DuckDB connection that answers the same on every machine, and the quoting of SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from lieudit.tables.temporary import spill_folder
from lieudit.tables.thread import run

_HELD: Final = 384_000_000  # bytes in memory
_HELD_A_THREAD: Final = 128_000_000  # more of them
_DICTIONARY: Final = 8_192  # different values, of 122,880; DuckDB would try three times as many, for no smaller file


def connect(*, threads: int | None = None, bounded: bool = False) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that spills to a temporary folder of its own.

    The folder appears only if something is spilled, and goes with the connection. No extension is ever
    downloaded. Instants (timestamps with a time zone) are read in UTC, whatever the machine's clock says.

    Parameters
    ----------
    threads : int, optional
        DuckDB's own choice, one a core, by default.
    bounded : bool, default False
        Hold 0.4 GB and another eighth for each thread, and spill what is more, whatever the number of rows;
        by default 80 % of the machine's memory.

    Examples
    --------
    >>> con = connect(threads=1)
    >>> fetch_one(con, "SELECT 1 + 1")
    (2,)
    >>> con.close()
    """
    # DuckDB makes and removes the folder itself, provided that it does not exist yet.
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spill_folder()),
        "async_threads": 0,  # DuckDB 2.0 may wait for ever for those that write Parquet, where Ctrl-C breaks it off
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,  # a Python variable must never stand for a table
    }
    if threads is not None:
        config["threads"] = threads
    con = duckdb.connect(":memory:", config=config)
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")  # notebooks: ours is the only one
    if bounded:
        settings = "current_setting('threads'), parse_formatted_bytes(current_setting('memory_limit'))"
        workers, most = fetch_one(con, f"SELECT {settings}")
        con.execute(f"SET memory_limit = '{min(most, _HELD + workers * _HELD_A_THREAD)}B'")
    return con


def fetch_one(con: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...]:
    """Return the only row of a query.

    DuckDB 2 keeps a connection busy until its last result is read to the end, which ``fetchone`` does not do.
    """
    (row,) = con.execute(sql, list(values)).fetchall()
    return tuple(row)


def copy_parquet(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    """Write the rows of a query, in its order, to a Parquet file."""
    options = f"FORMAT parquet, USE_TMP_FILE false, DICTIONARY_SIZE_LIMIT {_DICTIONARY}"
    run(con, f"COPY ({sql}) TO {literal(path)} ({options})")


def quote(identifier: str) -> str:
    """Quote a name for SQL.

    Examples
    --------
    >>> print(quote('Le "total" TTC'))
    "Le ""total"" TTC"
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Quote a text for SQL, where a value cannot be bound (names of files, options).

    Examples
    --------
    >>> print(literal("l'été.csv"))
    'l''été.csv'
    """
    return "'" + str(text).replace("'", "''") + "'"


def only(path: Path) -> str:
    """Name one file for SQL, whatever is in its name: DuckDB would take ``[1]``, ``*`` and ``?`` for patterns.

    Examples
    --------
    >>> print(only(Path("commandes [1].csv")))
    'commandes [[]1].csv'
    """
    return literal(re.sub(r"[\[*?]", r"[\g<0>]", str(path)))
