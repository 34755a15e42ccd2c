"""Addresses of a table resolved: each distinct one once, whatever the number of rows.

Rows are numbered and given the number of their place; a place is resolved in Python. Spelling that cannot matter
(case, accents, hyphens) is taken away first, in SQL, so that fewer are left. Address lines are read only where
postcode and city leave the commune open, and first by their end alone, which many share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import duckdb
import pyarrow as pa

from lieudit.enrichment.answer import Answer
from lieudit.enrichment.collector import collector_off
from lieudit.enrichment.resolve import Resolver
from lieudit.tables import Table, quote

__all__ = ["ANSWERS", "FIELDS", "ROWS", "cell", "drop_working_tables", "locate_rows", "make_answers", "rows_of"]

_ROLES: Final = ("postcode", "city", "country", "address")
ROWS: Final = "lieudit_rows"  # row, place
ANSWERS: Final = "lieudit_places"  # place, postcode, and the fields of an answer

_LETTERS: Final = "A-Za-zàâçéèêëîïôöùûüÿÀÂÇÉÈÊËÎÏÔÖÙÛÜ"
_PLAIN: Final = f"[{_LETTERS} ''’.-]*"  # within an SQL literal
_TAIL: Final = rf"[^0-9A-Za-z]([0-9]{{5}} +[{_LETTERS} ''’.-]+)$"
_POST_BOX: Final = rf"(?i)(BP|CS|TSA|SP|N°|CIDEX|postale)[ .:]*[0-9]{{5}} +[{_LETTERS} ''’.-]+$"
_SETTLED: Final = "('matched', 'foreign')"
_BATCH: Final = 100_000
FIELDS: Final = Answer._fields
_SCHEMA: Final = pa.schema(
    [
        ("place", pa.int64()),
        ("postcode", pa.string()),
        *((name, pa.float64() if name == "confidence" else pa.string()) for name in FIELDS),
    ]
)


def locate_rows(con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], resolver: Resolver) -> None:
    """Make :data:`ROWS` and :data:`ANSWERS`.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        ``postcode``, ``city``, ``country`` and ``address`` are read.
    resolver : Resolver
    """
    cells = {role: cell(table, columns, role) for role in _ROLES}
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_read AS
            SELECT *, dense_rank() OVER (ORDER BY postcode, read_city, country) AS place
            FROM (SELECT *, CASE WHEN regexp_full_match(city, '{_PLAIN}')
                            THEN trim(regexp_replace(upper(strip_accents(city)), '[^A-Z]+', ' ', 'g'))
                            ELSE city END AS read_city
                  FROM (SELECT DISTINCT {cells["postcode"]} AS postcode, {cells["city"]} AS city,
                               {cells["country"]} AS country FROM {table.sql}))"""
    )
    pairs = con.execute("SELECT DISTINCT ON (place) place, postcode, read_city, country FROM lieudit_read")
    make_answers(con, ANSWERS, ((place, parts[0], resolver.resolve(*parts)) for place, *parts in rows_of(pairs)))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {ROWS} AS
            SELECT t.row, r.place,
                   CASE WHEN p.status NOT IN {_SETTLED} AND t.address <> '' THEN t.address END AS address
            FROM (SELECT row_number() OVER () AS row, {", ".join(f"{sql} AS {role}" for role, sql in cells.items())}
                  FROM {table.sql}) AS t
            JOIN lieudit_read AS r USING (postcode, city, country) JOIN {ANSWERS} AS p USING (place)"""
    )
    _read_addresses(con, resolver)


def cell(table: Table, columns: Mapping[str, str], role: str) -> str:
    """Return the SQL of a column's text; ``''`` for what is not there."""
    return f"coalesce(trim(CAST({table.ref(columns[role])} AS VARCHAR)), '')" if role in columns else "''"


def _tail(column: str) -> str:
    """Return the SQL that gives the postcode and the city that a line ends with, null where it is not so plain."""
    return f"CASE WHEN NOT regexp_matches({column}, '{_POST_BOX}') THEN regexp_extract({column}, '{_TAIL}', 1) END"


def _whole(column: str) -> str:
    return column


def _read_addresses(con: duckdb.DuckDBPyConnection, resolver: Resolver) -> None:
    """Resolve the places that are open again, with the address line; the rows of those that close move to new ones."""
    for text in (_tail, _whole):
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE lieudit_open AS
                SELECT o.*, r.postcode, r.read_city AS city, r.country,
                       row_number() OVER (ORDER BY o.place, o.text) + (SELECT max(place) FROM {ANSWERS}) AS new_place
                FROM (SELECT DISTINCT place, {text("address")} AS text FROM {ROWS} WHERE address IS NOT NULL) AS o
                JOIN (SELECT DISTINCT ON (place) * FROM lieudit_read) AS r USING (place) WHERE o.text <> ''"""
        )
        rows = con.execute("SELECT new_place, text, postcode, city, country FROM lieudit_open")
        answers = ((place, parts[1], resolver.resolve_address(*parts)) for place, *parts in rows_of(rows))
        if text is _tail:  # what its end leaves open, the whole line may settle
            answers = (found for found in answers if found[2].status == "matched")
        make_answers(con, "lieudit_new", answers)
        con.execute(f"INSERT INTO {ANSWERS} SELECT * FROM lieudit_new")
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE {ROWS} AS
                SELECT r.row, coalesce(n.place, r.place) AS place,
                       CASE WHEN n.place IS NULL THEN r.address END AS address
                FROM {ROWS} AS r
                LEFT JOIN lieudit_open AS o ON o.place = r.place AND o.text = {text("r.address")}
                LEFT JOIN lieudit_new AS n ON n.place = o.new_place"""
        )


def drop_working_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table whose name begins with ``lieudit_``."""
    names = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'lieudit_')"
    )
    for (name,) in names.fetchall():
        con.execute(f"DROP TABLE {quote(name)}")


def rows_of(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a result, some at a time in memory."""
    while batch := result.fetchmany(_BATCH):
        yield from batch


def make_answers(con: duckdb.DuckDBPyConnection, name: str, answers: Iterable[tuple[int, str, Answer]]) -> None:
    """Make a table of answers; an empty text becomes null."""
    columns: list[list[object]] = [[] for _ in _SCHEMA]
    with collector_off():
        for place, postcode, answer in answers:
            for column, value in zip(columns, (place, postcode, *answer), strict=True):
                column.append(value if value != "" else None)
    con.register("lieudit_answers", pa.table(columns, schema=_SCHEMA))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM lieudit_answers")
    con.unregister("lieudit_answers")
