"""Tables and queries of a database."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import duckdb

from lieudit.errors import TableError
from lieudit.tables.connection import fetch_one, literal, quote
from lieudit.tables.table import Table, header_names
from lieudit.tables.write import note_input

SCHEMES = ("duckdb:", "postgresql:", "postgres:")
_FORM = "duckdb:///path.db?table=orders or duckdb:///path.db?query=SELECT …"


def read(con: duckdb.DuckDBPyConnection, url: str, name: str) -> Table:
    """Attach a DuckDB file for reading only; register a view over its table, or load the query's result."""
    if not url.startswith("duckdb:"):
        raise TableError(
            "PostgreSQL cannot be read directly yet.",
            expected="a file, or duckdb:///…",
            fix="Export the query first: psql -c \"\\copy (SELECT …) to 'orders.csv' csv header\".",
        )
    path, key, value = _parse(url)
    alias = _attach(con, path)
    try:
        if key == "table":
            parts = [quote(part) for part in value.split(".")]
            view = f"{quote(alias)}.{'.'.join(parts if len(parts) > 1 else ['main', *parts])}"
            return _register(con, f"FROM {view}", name, path, f"{path.name}, table {value}", kind="VIEW")
        con.execute(f"USE {quote(alias)}")
        try:
            return _register(con, f"FROM ({value})", name, path, f"{path.name}, query", kind="TABLE")
        finally:
            con.execute("USE memory")
    except duckdb.Error as error:
        detail = str(error).splitlines()[0]
        raise TableError(
            f"{path.name} cannot answer: {detail}", expected=_FORM, fix="Check the name or the query."
        ) from error


def _parse(url: str) -> tuple[Path, str, str]:
    place, _, options = url.removeprefix("duckdb:").removeprefix("///").partition("?")
    # A query may hold '+' and '&', which parse_qs would eat: only the first '=' counts.
    key, _, value = options.partition("=")
    value = unquote(value).strip().rstrip(";")
    if not place or key not in {"table", "query"} or not value:
        raise TableError(f"The address {url} is not complete.", expected=_FORM)
    path = Path(unquote(place))
    if not path.is_file():
        raise TableError(f"There is no file {path}.", expected=_FORM, fix="Check the path.")
    return path, key, value


def _attach(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Attach a file once, whatever the number of its tables that are read."""
    resolved = str(path.resolve())
    query = "SELECT any_value(database_name) FILTER (path = ?), count(*) FROM duckdb_databases()"
    known, count = fetch_one(con, query, [resolved])
    if known is not None:
        return str(known)
    alias = f"source_{count}"
    try:
        con.execute(f"ATTACH {literal(resolved)} AS {quote(alias)} (READ_ONLY)")
    except duckdb.Error as error:
        raise TableError(
            f"{path.name} cannot be opened as a DuckDB database.",
            expected="a DuckDB file that no one writes to",
            fix="Close the program that holds it, or check the file.",
        ) from error
    note_input(con, path)
    return alias


def _register(con: duckdb.DuckDBPyConnection, source: str, name: str, path: Path, origin: str, *, kind: str) -> Table:
    described = con.execute(f"DESCRIBE {source}").fetchall()
    table = Table(name, header_names([row[0] for row in described]), origin, path)
    con.execute(f"CREATE {kind} memory.main.{table.sql} AS {source}")
    return table
