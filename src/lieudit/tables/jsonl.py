"""JSON lines: one object a line, every value as text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lieudit.errors import TableError
from lieudit.tables.connection import fetch_one, literal, only, quote
from lieudit.tables.encoding import as_utf8
from lieudit.tables.table import Table
from lieudit.tables.temporary import scratch_folder

_LINES = "lieudit_lines"


def read(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    """Load JSON lines; columns are the keys of all objects, in the order in which they first appear."""
    with scratch_folder() as folder:
        _load_lines(con, as_utf8(path, Path(folder)))
    try:
        _check(con, path)
        keys = con.execute(
            f"""WITH keys AS (SELECT line, json_keys(json) AS keys FROM {_LINES}),
                placed AS (SELECT line, unnest(keys) AS key, generate_subscripts(keys, 1) AS place FROM keys)
            SELECT key FROM placed GROUP BY key ORDER BY min(line), arg_min(place, line), key"""
        ).fetchall()
        if not keys:
            raise TableError(f"{path.name} holds no keys.", expected='objects such as {"id": "12"}')
        table = Table(name, tuple(key for (key,) in keys), path.name, path)
        pairs = zip(table.columns, table.sql_columns, strict=True)
        fields = ", ".join(f"json ->> {literal(_pointer(column))} AS {quote(sql)}" for column, sql in pairs)
        con.execute(f"CREATE TABLE {table.sql} AS SELECT {fields} FROM {_LINES} ORDER BY line")
    finally:
        con.execute(f"DROP TABLE {_LINES}")
    return table


def _load_lines(con: duckdb.DuckDBPyConnection, source: Path) -> None:
    """Read lines as a CSV of one column, without quotes, separated by a character that JSON does not allow."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_LINES} AS
        SELECT * FROM (
            SELECT row_number() OVER () AS line, json
            FROM read_csv({only(source)}, auto_detect = false, header = false, delim = '\x01', quote = '',
                          escape = '', columns = {{json: 'VARCHAR'}}))
        WHERE trim(json) <> ''"""
    )


def _check(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    # CASE, because AND promises no order of evaluation and json_type fails on what is not JSON.
    kind = "CASE WHEN json_valid(json) THEN json_type(json) END"
    (line,) = fetch_one(con, f"SELECT min(line) FROM {_LINES} WHERE {kind} IS DISTINCT FROM 'OBJECT'")
    if line is not None:
        raise TableError(
            f"Line {line} of {path.name} is not a JSON object.",
            expected="one JSON object a line",
            fix="Correct the line; an array must be split into lines first.",
        )


def _pointer(key: str) -> str:
    """Write a key as a JSON pointer (RFC 6901), which names any key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
