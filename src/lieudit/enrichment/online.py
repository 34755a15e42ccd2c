"""Rows that stayed unresolved, put to a geocoder; its answers weighed against the postcode of the row.

The geocoder is told the street, the postcode where people live under it, and the city. A row without a postcode is not
sent: nothing would show that an answer is wrong. An answer is kept where

- it lies in a commune that the postcode serves, is a house number or a street, and scores 0.7;
- it lies at least in a department that the postcode announces, and scores 0.85.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import duckdb
import pyarrow.parquet as pq

from lieudit.catalogue import Catalogue
from lieudit.enrichment.answer import Answer
from lieudit.enrichment.asked import Asked
from lieudit.enrichment.city import read_city
from lieudit.enrichment.index import Index, Place
from lieudit.enrichment.one_line import read_lines
from lieudit.enrichment.places import ANSWERS, FIELDS, ROWS, add_answers, cell, rows_of
from lieudit.enrichment.postcode import is_blank, read_postcode
from lieudit.services import Address, Geocoder, Located, Spot
from lieudit.tables import Table

__all__ = ["DEFERRED", "ask_geocoder", "codes_of", "question_of", "weigh"]

DEFERRED: Final = "deferred"  # a commune_note
_STRONG: Final = 0.85  # score of an answer that the postcode bears out only in part
_CERTAIN: Final = 0.9  # confidence at most: a score says how alike two addresses read, not that they are one
_LESS_CERTAIN: Final = 0.8
_LONGEST: Final = (140, 5, 45)  # geocoders refuse questions of over 200 characters
# People write these into address lines; no geocoder needs them.
_CONTACTS: Final = re.compile(r"\S+@\S+|(?:\+33|\b0)\s?[1-9](?:[\s.-]?\d\d){4}\b")


class Question(NamedTuple):
    """An address to send, and the five digits of the row's postcode, sent or not."""

    address: Address
    code: str


def ask_geocoder(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    index: Index,
    geocoder: Geocoder,
) -> Asked:
    """Move the rows that a geocoder finds to new places; say on those that could not be asked that they were deferred.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.places.locate_rows` made.
    table : Table
    columns : mapping of role to column
        ``address``, ``postcode`` and ``city`` are read.
    catalogue : Catalogue
    index : Index
    geocoder : Geocoder
    """
    opened = _open_places(con, table, columns, index)
    located = geocoder.locate([place.question.address for place in opened.values()])
    own_codes = codes_of(catalogue, index)
    answers = {number: _answer(place, located, own_codes, index) for number, place in opened.items()}
    changed = {number: answer for number, answer in answers.items() if answer is not None}
    codes = [opened[number].question.code for number in changed]
    add_answers(con, [*changed], codes, [*changed.values()])
    con.execute(
        f"""UPDATE {ROWS} SET place = o.new_place FROM lieudit_open_rows AS o
            WHERE o.row = {ROWS}.row AND o.new_place IN (SELECT place FROM {ANSWERS})"""
    )
    return Asked(
        kind="geocoder",
        service=geocoder.name,
        sent=located.asked,
        remembered=located.remembered,
        deferred=located.deferred,
        rows=sum(place.rows for place in opened.values()),
        kept=sum(opened[number].rows for number, answer in changed.items() if answer.status == "matched"),
        reason=located.reason,
    )


class _Open(NamedTuple):
    """A place that is still to be found: what to ask, the answer so far, and how many rows have it."""

    question: Question
    before: Answer
    rows: int


def _open_places(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], index: Index
) -> dict[int, _Open]:
    """Return what there is to ask, by the number of a new place; rows stand in ``lieudit_open_rows``."""
    cells = ", ".join(f"{cell(table, columns, role)} AS {role}" for role in ("address", "postcode", "city"))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_open_rows AS
            SELECT t.*, r.place, dense_rank() OVER (ORDER BY r.place, t.address, t.postcode, t.city)
                   + (SELECT max(place) FROM {ANSWERS}) AS new_place
            FROM {table.numbered(cells)} AS t
            JOIN {ROWS} AS r USING (row) JOIN {ANSWERS} AS a USING (place)
            WHERE a.status IN ('ambiguous', 'not_found') AND coalesce(a.note, '') <> 'military'"""
    )
    fields = ", ".join(f"any_value(a.{name})" for name in FIELDS)
    result = con.execute(
        f"""SELECT o.new_place, count(*), o.address, o.postcode, o.city, {fields}
            FROM lieudit_open_rows AS o JOIN {ANSWERS} AS a USING (place)
            GROUP BY ALL ORDER BY o.new_place"""
    )
    found = {}
    for number, rows, address, postcode, city, *answer in rows_of(result):
        question = question_of(address, postcode, city, index)
        if question is not None:
            found[number] = _Open(question, Answer._make("" if value is None else value for value in answer), rows)
    return found


def question_of(address: str, postcode: str, city: str, index: Index) -> Question | None:
    """Say what to send of a row; None where nothing is to be sent.

    Examples
    --------
    >>> from lieudit.catalogue import open_catalogue
    >>> from lieudit.enrichment.index import read_index
    >>> index = read_index(open_catalogue())
    >>> question_of("3 rue du Lac, 38250 Villars", "", "", index)
    Question(address=Address(street='3 rue du Lac', postcode='38250', city='VILLARS'), code='38250')
    >>> question_of("3 rue du Lac", "", "Annecy", index) is None
    True
    """
    address = "" if is_blank(address) else _CONTACTS.sub(" ", address)
    read, town = read_postcode(postcode), read_city(city)
    if not town.keys and read.rest:
        town = read_city(read.rest)
    code = read.code or town.postcode
    if not code or not town.keys:
        tails = [tail for tail in read_lines(address).tails if tail.postcode and code in {"", tail.postcode}]
        if tails:
            code, town = tails[0].postcode, town if town.keys else read_city(tails[0].city)
    if not code:
        return None
    street = (address.rpartition(code)[0] or address).strip(" ,;-\n")
    name = town.keys[0] if town.keys else ""
    if not street and not name:
        return None
    sent = code if index.communes(code) else ""
    parts = zip((street, sent, name), _LONGEST, strict=True)
    return Question(Address(*(" ".join(text.split())[:longest] for text, longest in parts)), code)


def _answer(place: _Open, located: Located, own_codes: Mapping[str, Place], index: Index) -> Answer | None:
    """Return the new answer of a place, None where the one that it has stays."""
    key = place.question.address.key
    if key not in located.spots:
        return place.before._replace(note=DEFERRED)
    spot = located.spots[key]
    return None if spot is None else weigh(spot, place.question.code, place.before.note, own_codes, index)


def weigh(spot: Spot, code: str, note: str, own_codes: Mapping[str, Place], index: Index) -> Answer | None:
    """Keep an answer of the geocoder, or not.

    Parameters
    ----------
    spot : Spot
    code : str
        The row's postcode.
    note : str
        Why the row stayed unresolved: where the name is another place's, a strong answer is asked for.
    own_codes : mapping of str to Place
        Communes of today by every code that they have or had.
    index : Index
    """
    place = own_codes.get(spot.code)
    if place is None or index.departments[place.commune] not in index.departments_near(code):
        return None
    served = index.communes(code) or {served.commune for served in index.cedex.get(code, ())}
    inside = place.commune in served
    borne_out = inside and spot.kind in {"housenumber", "street"} and note != "name_or_postcode"
    if not borne_out and spot.score < _STRONG:
        return None
    confidence = min(spot.score, _CERTAIN if inside else _LESS_CERTAIN)
    arrondissement = place.arrondissement or index.arrondissement(code, place.commune)
    return Answer(
        place.commune, arrondissement, "matched", "geocoder", round(confidence, 4), "" if inside else "postcode"
    )


def codes_of(catalogue: Catalogue, index: Index) -> dict[str, Place]:
    """Return communes and arrondissements by their codes, those of former and delegated communes included."""
    names: Any = pq.read_table(
        catalogue.source("communes").path("names"), columns=["own_code", "commune_code"]
    ).to_pydict()
    former = {own: Place(now) for own, now in zip(*names.values(), strict=True) if own is not None}
    return former | index.own_codes
