"""Identifiers of people and orders, written in one way."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from lieudit.tables.connection import fetch_one
from lieudit.tables.table import Table

# What exports write where there is nothing. Compared in lower case, without spaces around.
MISSING = ("", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "-")

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True, slots=True)
class Identifier:
    """How to read an identifier in SQL.

    Attributes
    ----------
    key : str
        An expression to group by within the table, NULL where there is no identifier.
        Equal keys have equal texts, and only they.
    """

    key: str

    @property
    def text(self) -> str:
        """SQL of the identifier as text, to join with other tables."""
        return self.text_of(self.key)

    @staticmethod
    def text_of(key: str) -> str:
        """Return SQL of the text of a key that was computed before."""
        return f"CAST({key} AS VARCHAR)"


def sql_type(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> str:
    """Return the SQL type of a column."""
    reference = table.ref(column)
    return str(con.execute(f"DESCRIBE SELECT {reference} FROM {table.sql}").fetchall()[0][1])


def missing(text: str) -> str:
    """Return SQL that is true where a text expression says that there is nothing; NULL where it is NULL."""
    words = ", ".join(f"'{word}'" for word in MISSING)
    return f"lower(trim({text})) IN ({words})"


def identifier(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> Identifier:
    """Read a column as identifiers, the same whatever the file's kind.

    Spaces around are no part of an identifier, and leading zeros are one. Where every identifier is an integer and
    some are written with ``.0``, as pandas does with a column that has gaps, the ``.0`` goes: ``13085.0`` is
    ``13085``.

    Raises
    ------
    TableError
        There is no such column.
    """
    reference, kind = table.ref(column), sql_type(con, table, column)
    if kind in _INTEGERS:
        return Identifier(reference)
    if kind in _FLOATS:
        fractions = (
            f"SELECT count(*) FROM {table.sql} WHERE isfinite({reference}) AND {reference} <> trunc({reference})"
        )
        whole = not fetch_one(con, fractions)[0]
        key = f"CASE WHEN isfinite({reference}) THEN {f'CAST({reference} AS HUGEINT)' if whole else reference} END"
        return Identifier(key)
    text = reference if kind == "VARCHAR" else f"CAST({reference} AS VARCHAR)"
    return Identifier(_clean(con, table, text))


def _clean(con: duckdb.DuckDBPyConnection, table: Table, text: str) -> str:
    """Return SQL that cleans identifiers, doing no more than this column needs: text is slow."""
    longest = max(len(word) for word in MISSING)
    spaced, absent, zeros = fetch_one(
        con,
        f"""SELECT count(*) FILTER (starts_with({text}, ' ') OR ends_with({text}, ' ')),
            count(*) FILTER (CASE WHEN strlen(trim({text})) <= {longest} THEN {missing(text)} END),
            count(*) FILTER (ends_with(trim({text}), '.0'))
        FROM {table.sql}""",
    )
    key = f"trim({text})" if spaced else text
    where = f"{text} IS NOT NULL AND NOT {missing(text)}"
    others = f"SELECT count(*) FROM {table.sql} WHERE {where} AND NOT regexp_full_match({key}, '\\d+(\\.0)?')"
    if zeros and not fetch_one(con, others)[0]:
        key = f"regexp_replace({key}, '\\.0$', '')"
    return f"CASE WHEN NOT {missing(text)} THEN {key} END" if absent else key
