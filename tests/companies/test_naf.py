"""NAF codes, however written, find their label."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.companies.naf import label_naf


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def label(con: duckdb.DuckDBPyConnection, cells: list[str | None]) -> dict[str | None, tuple[str | None, ...]]:
    con.execute("CREATE TABLE companies AS SELECT unnest(?::VARCHAR[]) AS ape", [cells])
    rows = con.table(label_naf(con, "companies", "ape", open_catalogue())).fetchall()
    assert len(rows) == len(set(cells))
    return {raw: tuple(rest) for raw, *rest in rows}


@pytest.mark.parametrize(
    "cell",
    ["62.01Z", "6201Z", "6201z", "62.01 z", " 62.01-Z ", "62.01Z - Programmation informatique", "6201Z Programmation",
     "APE : 6201Z", "Code NAF 62.01Z", "6201", "62.01"],
)  # fmt: skip
def test_written_in_many_ways(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert label(con, [cell])[cell] == ("62.01Z", "Programmation informatique", "J")


@pytest.mark.parametrize(
    "cell", [None, "", "62", "62.0", "99.99Z", "721Z", "111Z", "47.78", "6201ZZ", "Programmation", "2026"]
)
def test_unknown_or_unclear(con: duckdb.DuckDBPyConnection, cell: str | None) -> None:
    # 47.78 has sub-classes A, B and C; 721Z is of NAF rev. 1.
    assert label(con, [cell])[cell] == (None, None, None)


def test_every_sub_class_finds_itself(con: duckdb.DuckDBPyConnection) -> None:
    path = open_catalogue().source("naf").path()
    codes = [code for (code,) in con.execute("SELECT code FROM read_parquet(?)", [str(path)]).fetchall()]
    sub_classes = [code for code in codes if len(code) == 6]
    assert len(sub_classes) == 732
    told = label(con, sub_classes)
    assert all(told[code][0] == code and told[code][1] and told[code][2] for code in sub_classes)
