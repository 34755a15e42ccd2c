"""What the values of a text column look like: every digit written as 9."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from lieudit.tables import Table, fetch_one, literal, missing

# A column of dates has some shapes, one of amounts a few hundred at most; free text has as many as values.
_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape, such as ``99/99/9999``, and how many values have it."""

    text: str
    count: int


def shapes(con: duckdb.DuckDBPyConnection, table: Table, text: str) -> list[Shape]:
    """Return the shapes of all values, the most frequent first; those that say "nothing here" are left out."""
    # Values repeat, and translate is slow: it is done once a distinct value.
    rows = con.execute(
        f"""SELECT {_shape("value")} AS shape, CAST(sum(times) AS BIGINT) AS count
        FROM (SELECT {text} AS value, count(*) AS times FROM {table.sql} GROUP BY 1)
        WHERE value IS NOT NULL AND NOT {missing("value")} GROUP BY shape ORDER BY count DESC, shape LIMIT {_LIMIT}"""
    ).fetchall()
    return [Shape(*row) for row in rows]


def shown(con: duckdb.DuckDBPyConnection, table: Table, text: str, shape: Shape) -> str:
    """Show the first value of a shape, with its line, for a message."""
    return first(con, table, text, f"{_shape(text)} = {literal(shape.text)}")


def first(con: duckdb.DuckDBPyConnection, table: Table, text: str, condition: str) -> str:
    """Show the first value for which a condition holds, with its line, for a message."""
    value, row = fetch_one(
        con,
        f"""SELECT value, row FROM (
            SELECT trim({text}) AS value, row_number() OVER () AS row, ({condition}) AS found FROM {table.sql})
        WHERE found ORDER BY row LIMIT 1""",
    )
    return f"'{value}' (line {row - 1 + table.first_line})"


def are(count: int) -> str:
    """Say how many values are wrong: ``1 value is``, ``2 values are``."""
    return "1 value is" if count == 1 else f"{count} values are"


def _shape(text: str) -> str:
    return f"translate(trim({text}), '012345678', '999999999')"
