"""The same answers on every machine."""

import datetime as dt

import duckdb
import pytest

from lieudit.tables import connect, fetch_one


def test_nothing_is_downloaded_and_no_python_name_is_a_table():
    rows = [(1,)]  # a Python variable of that name must not be found
    with connect() as con:
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions", "python_enable_replacements"):
            assert fetch_one(con, f"SELECT current_setting('{setting}')") == (False,)
        with pytest.raises(duckdb.CatalogException):
            con.execute("SELECT * FROM rows")
    assert rows == [(1,)]


def test_instants_are_read_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with connect() as con:
        found = fetch_one(con, "SELECT CAST(TIMESTAMPTZ '2024-01-01 23:30:00+00' AS DATE)")
    assert found == (dt.date(2024, 1, 1),)


def test_limits_are_taken():
    with connect(threads=1, bounded=True) as con:
        assert fetch_one(con, "SELECT current_setting('threads')") == (1,)
        (limit,) = fetch_one(con, "SELECT parse_formatted_bytes(current_setting('memory_limit'))")
        assert limit < 700_000_000
