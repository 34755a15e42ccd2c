"""Addresses of a table resolved: each distinct one once, whatever the number of rows.

Rows are numbered, and given the number of their place; a place is resolved in Python. Spelling that cannot matter
(case, accents, hyphens) is taken away first, in SQL, so that fewer are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import duckdb
import pyarrow as pa

from lieudit.enrichment.answer import Answer
from lieudit.enrichment.resolve import Resolver
from lieudit.tables import Table

__all__ = ["ADDRESS_ROLES", "ANSWERS", "ROWS", "locate_rows"]

ADDRESS_ROLES: Final = ("postcode", "city", "country", "address")
ROWS: Final = "lieudit_rows"  # row, place
ANSWERS: Final = "lieudit_places"  # place, commune_code, …

_PLAIN: Final = "[A-Za-zàâäçéèêëîïôöùûüÿÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ ''’.-]*"
_BATCH: Final = 100_000

_SCHEMA: Final = pa.schema(
    [("place", pa.int64()), *((name, pa.string()) for name in ("commune", "arrondissement", "status", "method")),
     ("confidence", pa.float64()), ("note", pa.string())]
)  # fmt: skip


def locate_rows(con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], resolver: Resolver) -> None:
    """Make :data:`ROWS` (``row, place``) and :data:`ANSWERS` (``place`` and the answer's fields, null for ``""``).

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        Those of :data:`ADDRESS_ROLES` are read.
    resolver : Resolver
    """
    text = {role: f"coalesce(trim(CAST({table.ref(columns[role])} AS VARCHAR)), '')" if role in columns else "''"
            for role in ADDRESS_ROLES}  # fmt: skip
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_raw AS
            SELECT {text["postcode"]} AS postcode, {text["city"]} AS city, {text["country"]} AS country
            FROM {table.sql} GROUP BY ALL"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_read AS
            SELECT *, dense_rank() OVER (ORDER BY postcode, read_city, country) AS place
            FROM (SELECT *, CASE WHEN regexp_full_match(city, '{_PLAIN}')
                            THEN trim(regexp_replace(upper(strip_accents(city)), '[^A-Z]+', ' ', 'g'))
                            ELSE city END AS read_city FROM lieudit_raw)"""
    )
    pairs = con.execute("SELECT DISTINCT ON (place) place, postcode, read_city, country FROM lieudit_read")
    _answer(con, ANSWERS, ((place, resolver.resolve(*parts)) for place, *parts in _rows(pairs)))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {ROWS} AS
            SELECT t.row, r.place FROM (
                SELECT row_number() OVER () AS row, {", ".join(f"{sql} AS {role}" for role, sql in text.items())}
                FROM {table.sql}) AS t
            JOIN lieudit_read AS r USING (postcode, city, country)"""
    )


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str, str, str]]:
    while batch := result.fetchmany(_BATCH):
        yield from batch


def _answer(con: duckdb.DuckDBPyConnection, name: str, answers: Iterable[tuple[int, Answer]]) -> None:
    """Make a table of answers; an empty text becomes null."""
    columns: list[list[object]] = [[] for _ in _SCHEMA]
    for place, answer in answers:
        for column, value in zip(columns, (place, *answer), strict=True):
            column.append(value if value != "" else None)
    con.register("lieudit_answers", pa.table(columns, schema=_SCHEMA))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM lieudit_answers")
    con.unregister("lieudit_answers")
