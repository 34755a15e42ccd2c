"""Addresses of a table resolved: each distinct one once, whatever the number of rows.

Rows are numbered and given the number of their place; a place is resolved in Python. Spelling that cannot matter
(case, accents, hyphens) is taken away first, in SQL, so that fewer are left. Address lines are read only where
postcode and city leave the commune open, and first by their end alone, which many share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from lieudit.enrichment.answer import Answer, refuse
from lieudit.enrichment.as_written import find_as_written
from lieudit.enrichment.collector import collector_off
from lieudit.enrichment.index import Index
from lieudit.enrichment.resolve import Resolver
from lieudit.tables import Table, quote
from lieudit.tables.arrays import numbers, texts
from lieudit.tables.thread import one_thread

__all__ = ["ANSWERS", "FIELDS", "NAMED", "ROWS", "add_answers", "cell", "columns_of", "drop_working_tables",
           "find_named", "locate_rows", "rows_of"]  # fmt: skip

_KEYS: Final = ("postcode", "city", "country")
ROWS: Final = "lieudit_rows"  # row, place; in the order of the rows
ANSWERS: Final = "lieudit_places"  # place, postcode, and the fields of an answer
NAMED: Final = "lieudit_named"  # place, commune: of places without an answer

_LETTERS: Final = "A-Za-zàâçéèêëîïôöùûüÿÀÂÇÉÈÊËÎÏÔÖÙÛÜ"
_PLAIN: Final = f"[{_LETTERS} ''’.-]*"  # within an SQL literal
_TAIL: Final = rf"[^0-9A-Za-z]([0-9]{{5}} +[{_LETTERS} ''’.-]+)$"
_POST_BOX: Final = rf"(?i)(BP|CS|TSA|SP|N°|CIDEX|postale)[ .:]*[0-9]{{5}} +[{_LETTERS} ''’.-]+$"
_NONE: Final = "''"  # in SQL
_SETTLED: Final = ("matched", "foreign")
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
    """Make :data:`ROWS`, in the order of the rows, and :data:`ANSWERS`.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        ``postcode``, ``city``, ``country`` and ``address`` are read.
    resolver : Resolver
    """
    raw = {role: f"CAST({table.ref(columns[role])} AS VARCHAR)" for role in _KEYS if role in columns} or {"city": _NONE}
    address = table.ref(columns["address"]) if "address" in columns else _NONE
    with one_thread(con) as thread, collector_off():
        # DuckDB and Python have a core each: one reads the cells while the other makes ready to look them up, and one
        # gives each row its place while the other finds out where the places are.
        places = thread.submit(_read_places, con, table, raw, resolver.index)
        resolver.index.arrange(places.done)
        others = places.result()
        numbered = thread.submit(_number_rows, con, table, raw, address)
        own_numbers, *cells = (column.to_pylist() for column in others.columns)
        answers = resolver.resolve_all(*cells)
        numbered.result()
    add_answers(con, own_numbers, cells[0], answers)
    if "address" in columns and any(answer.status not in _SETTLED for answer in answers):
        _read_addresses(con, resolver)


def find_named(con: duckdb.DuckDBPyConnection, resolver: Resolver) -> None:
    """Make :data:`NAMED`: the communes that the city alone names, where the postcode is another's."""
    rows = con.execute(
        f"""SELECT DISTINCT ON (place) place, r.postcode, read_city FROM lieudit_read AS r JOIN {ANSWERS} USING (place)
            WHERE status = 'ambiguous' AND r.postcode <> '' AND read_city <> ''"""
    ).fetchall()
    named = [(place, resolver.named_commune(postcode, city)) for place, postcode, city in rows]
    table = pa.table({"place": numbers(np.array([place for place, _ in named], np.int64)),
                      "commune": texts([commune for _, commune in named])})  # fmt: skip
    con.register("lieudit_found", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {NAMED} AS FROM lieudit_found WHERE commune <> ''")
    con.unregister("lieudit_found")


def _read_places(con: duckdb.DuckDBPyConnection, table: Table, raw: Mapping[str, str], index: Index) -> pa.Table:
    """Make ``lieudit_read``, :data:`ANSWERS` of what is plain in it, and ``lieudit_others``; return these."""
    _read_cells(con, table, raw)
    find_as_written(con, index, "lieudit_read", ANSWERS)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_others AS
            SELECT DISTINCT ON (place) place, postcode, read_city AS city, country
            FROM lieudit_read ANTI JOIN {ANSWERS} USING (place) ORDER BY place"""
    )
    return con.sql("FROM lieudit_others").to_arrow_table()


def _read_cells(con: duckdb.DuckDBPyConnection, table: Table, raw: Mapping[str, str]) -> None:
    """Make ``lieudit_read``: the different cells as they stand, trimmed, and the place that they are."""
    distinct = ", ".join(f"{sql} AS raw_{role}" for role, sql in raw.items())
    trimmed = ", ".join(f"{_text(f'raw_{role}') if role in raw else _NONE} AS {role}" for role in _KEYS)
    told = ", ".join("read_city" if role == "city" else role for role in raw)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_read AS
            SELECT *, dense_rank() OVER (ORDER BY {told}) AS place
            FROM (SELECT *, CASE WHEN regexp_full_match(city, '{_PLAIN}')
                            THEN trim(regexp_replace(upper(strip_accents(city)), '[^A-Z]+', ' ', 'g'))
                            ELSE city END AS read_city
                  FROM (SELECT *, {trimmed} FROM (SELECT DISTINCT {distinct} FROM {table.sql})))"""
    )


def _number_rows(con: duckdb.DuckDBPyConnection, table: Table, raw: Mapping[str, str], address: str) -> None:
    """Make :data:`ROWS`, and ``lieudit_addresses`` of those of the other places."""
    cells = ", ".join(f"{sql} AS raw_{role}" for role, sql in raw.items())
    same = " AND ".join(f"t.raw_{role} IS NOT DISTINCT FROM r.raw_{role}" for role in raw)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {ROWS} AS
            SELECT t.row, r.place, CASE WHEN r.open THEN {_text("t.address")} END AS address
            FROM {table.numbered(f"{cells}, {address} AS address")} AS t
            JOIN (SELECT *, place IN (SELECT place FROM lieudit_others) AS open FROM lieudit_read) AS r
            ON {same} ORDER BY t.row"""
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE lieudit_addresses AS FROM {ROWS} WHERE address <> ''")


def cell(table: Table, columns: Mapping[str, str], role: str) -> str:
    """Return the SQL of a column's text; ``''`` for what is not there."""
    return _text(table.ref(columns[role])) if role in columns else _NONE


def _text(column: str) -> str:
    return f"coalesce(trim(CAST({column} AS VARCHAR)), '')"


def _tail(column: str) -> str:
    """Return the SQL that gives the postcode and the city that a line ends with, null where it is not so plain."""
    return f"CASE WHEN NOT regexp_matches({column}, '{_POST_BOX}') THEN regexp_extract({column}, '{_TAIL}', 1) END"


def _whole(column: str) -> str:
    return column


def _read_addresses(con: duckdb.DuckDBPyConnection, resolver: Resolver) -> None:
    """Resolve the places that are open again, with the address line; the rows of those that close move to new ones."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_lines AS
            SELECT row, place, address, status, coalesce(note, '') AS note
            FROM lieudit_addresses JOIN {ANSWERS} USING (place) WHERE status NOT IN {_SETTLED}"""
    )
    for text in (_tail, _whole):
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE lieudit_open AS
                SELECT *, row_number() OVER (ORDER BY place, text) + (SELECT max(place) FROM {ANSWERS}) AS new_place
                FROM (SELECT DISTINCT place, status, note, {text("address")} AS text FROM lieudit_lines)
                JOIN lieudit_others USING (place) WHERE text <> ''"""
        )
        rows = con.execute("SELECT new_place, status, note, text, postcode, city, country FROM lieudit_open")
        answers = (
            (place, parts[1], resolver.resolve_address(*parts, first=refuse(status, note)))
            for place, status, note, *parts in rows_of(rows)
        )
        if text is _tail:  # what its end leaves open, the whole line may settle
            answers = (found for found in answers if found[2].status == "matched")
        found = columns_of(answers)
        if not found[0]:
            continue
        add_answers(con, *found)
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE lieudit_moved AS SELECT l.row, n.place
                FROM lieudit_lines AS l JOIN lieudit_open AS o ON o.place = l.place AND o.text = {text("l.address")}
                JOIN {ANSWERS} AS n ON n.place = o.new_place"""
        )
        con.execute(f"UPDATE {ROWS} SET place = m.place FROM lieudit_moved AS m WHERE m.row = {ROWS}.row")
        con.execute("DELETE FROM lieudit_lines WHERE row IN (SELECT row FROM lieudit_moved)")


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


def columns_of(found: Iterable[tuple[int, str | None, Answer]]) -> tuple[list[int], list[str | None], list[Answer]]:
    """Part places, their postcodes and their answers, as :func:`add_answers` takes them."""
    with collector_off():
        rows = list(found)
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def add_answers(
    con: duckdb.DuckDBPyConnection, places: Sequence[int], postcodes: Sequence[str | None], answers: Sequence[Answer]
) -> None:
    """Add to :data:`ANSWERS`; an empty text becomes null."""
    columns: list[Any] = [places, postcodes, *([answer[field] for answer in answers] for field in range(len(FIELDS)))]
    arrays = [
        texts(column)
        if pa.types.is_string(kind)
        else numbers(np.array(column, np.int64 if pa.types.is_integer(kind) else np.float64))
        for column, kind in zip(columns, _SCHEMA.types, strict=True)
    ]
    con.register("lieudit_answers", pa.Table.from_arrays(arrays, schema=_SCHEMA))
    values = (
        f"nullif({field.name}, '') AS {field.name}" if pa.types.is_string(field.type) else field.name
        for field in _SCHEMA
    )
    con.execute(f"INSERT INTO {ANSWERS} BY NAME SELECT {', '.join(values)} FROM lieudit_answers")
    con.unregister("lieudit_answers")
