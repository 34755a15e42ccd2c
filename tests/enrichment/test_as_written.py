"""What SQL finds of plain places is what the resolver says of them."""

from __future__ import annotations

import re

import pyarrow as pa

from lieudit import tables
from lieudit.enrichment.answer import Answer
from lieudit.enrichment.as_written import find_as_written
from lieudit.enrichment.index import Index
from lieudit.enrichment.resolve import Resolver
from lieudit.tables.arrays import texts

_SAINT = re.compile(r"\bSAINT(E?S?)\b")
_OTHERS = [
    ("75001", "PARIS", ""), ("13001", "MARSEILLE", ""), ("69100", "LYON", ""), ("72700", "ALLONNES S SARTHE", ""),
    ("35000", "RENNES", "BELGIQUE"), ("35000", "Rennes", ""), ("35000", "", ""), ("", "RENNES", ""),
    ("33000", "BORDEAUX CEDEX", ""), ("44000", "NANTES FRANCE", ""), ("99999", "RENNES", ""),
]  # fmt: skip


def test_the_answers_are_the_resolvers(index: Index, resolver: Resolver) -> None:
    places = [
        (postcode, key, "")
        for key, names in sorted(index.names.items())[::7]
        for postcode in sorted({code for name in names for code in index.postcodes_of.get(name.commune, ())})
    ]
    places += [(postcode, _SAINT.sub(r"ST\1", key), "France") for postcode, key, _ in places if _SAINT.search(key)]
    places += _OTHERS
    with tables.connect() as con:
        found = _found(con, index, places)
        backwards = _found(con, index, places[::-1])
    assert len(found) > 0.95 * len(places)
    assert [place for place in found if found[place] != resolver.resolve(*place)] == []
    assert found.keys().isdisjoint(_OTHERS)
    assert backwards == found


def _found(con, index: Index, places: list[tuple[str, str, str]]) -> dict[tuple[str, str, str], Answer]:
    columns = zip(*places, strict=True)
    asked = pa.table(dict(zip(["postcode", "read_city", "country"], map(texts, columns), strict=True)))
    con.register("asked", asked)
    con.execute("CREATE OR REPLACE TEMP TABLE places AS SELECT row_number() OVER () AS place, * FROM asked")
    find_as_written(con, index, "(FROM places UNION ALL FROM places)", "answers")
    rows = con.execute("SELECT * FROM answers ORDER BY place").fetchall()
    assert len({place for place, *_ in rows}) == len(rows)
    assert all(places[place - 1][0] == postcode for place, postcode, *_ in rows)
    return {places[place - 1]: Answer._make(value or "" for value in answer) for place, _, *answer in rows}
