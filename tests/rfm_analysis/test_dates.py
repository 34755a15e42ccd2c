"""One format for a whole column."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from lieudit.errors import TableError

DAYS = [dt.date(2025, 1, 5), dt.date(2024, 12, 31)]


def days(compute, values):
    frame = pd.DataFrame({"client": [f"c{i}" for i in range(len(values))], "date": values, "montant": 1})
    rfm = compute(frame)
    return [day for (day,) in rfm.con.execute("SELECT last_order FROM rfm ORDER BY customer_id").fetchall()]


@pytest.mark.parametrize(
    "pattern",
    [
        "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%m/%d/%Y", "%m-%d-%Y", "%d/%m/%y",
        "%Y%m%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S+02:00", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M", "%m/%d/%Y %I:%M %p", "%Y%m%dT%H:%M",
        " %d/%m/%Y ",
    ],
)  # fmt: skip
def test_formats(compute, pattern):
    moments = [dt.datetime(day.year, day.month, day.day, 23, 59, 58) for day in DAYS]
    assert days(compute, [moment.strftime(pattern) for moment in moments]) == DAYS
    # The same with a missing value beside: then plain casts no longer tell the format.
    assert days(compute, [*(moment.strftime(pattern) for moment in moments), "N/A"]) == DAYS


def test_days_and_months_without_their_zero(compute):
    assert days(compute, ["5/1/2025", "31/12/2024"]) == DAYS
    assert days(compute, ["2025-1-5", "2024-12-31"]) == DAYS


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime(["2025-01-05 23:59", "2024-12-31 00:00"]),
        pd.to_datetime(["2025-01-05 23:59", "2024-12-31 00:00"]).tz_localize("UTC"),
        pd.to_datetime(["2025-01-05 23:59", "2024-12-31 00:00"]).astype("datetime64[s]"),
        DAYS,
        np.array([20250105, 20241231]),
        np.array([20250105.0, 20241231.0]),
        ["45662", "45657.5"],  # as Excel counts
    ],
)
def test_types(compute, values):
    assert days(compute, values) == DAYS


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["2025-01-05", "05/01/2025"],
            r"dates in two formats, such as '05/01/2025' \(line 2\) and '2025-01-05' \(line 1\)",
        ),
        (
            ["31/12/2024", "12/31/2024"],
            r"dates in two formats, such as '31/12/2024' \(line 1\) and '12/31/2024' \(line 2\)",
        ),
        (["31/12/2024", "31-12-2024"], "two formats"),
        (["31/12/2024", "31/12/24"], "two formats"),
        (["01/01/2025", "05/01/2025"], r"whether the day or the month comes first, as in '05/01/2025' \(line 2\)"),
        (["2025-01-05", "hier", "demain"], r"2 values are no date, such as '\w+' \(line [23]\)"),
        (["5 janvier 2025"], "1 value is no date"),
        (["24-01-05"], "1 value is no date"),
        ([True, False], "are no date"),
        ([1.5, 2.5], "are no date"),
    ],
)
def test_what_cannot_be_told_is_refused(compute, values, message):
    with pytest.raises(TableError, match=message):
        days(compute, values)


def test_what_can_be_told_is_not_refused(compute):
    assert days(compute, ["01/01/2025", "02/02/2025"]) == [dt.date(2025, 1, 1), dt.date(2025, 2, 2)]
    assert days(compute, ["05.01.2025"]) == [dt.date(2025, 1, 5)]  # dots are only ever written day first
    assert days(compute, ["05/01/24", "13/01/24"]) == [dt.date(2024, 1, 5), dt.date(2024, 1, 13)]


def test_days_that_are_not_in_the_calendar_are_set_aside(compute):
    for bad in ("2025-02-30", "0000-00-00", "2025-13-01"):
        rfm = compute([("a", "2025-01-05", "1"), ("b", bad, "1"), ("c", None, "1")])
        assert rfm.counts.rejected == {"no_date": 1, "invalid_date": 1}
    rfm = compute([("a", "31/12/2024", "1"), ("b", "31/02/2025", "1")])
    assert rfm.counts.rejected == {"invalid_date": 1}


def test_the_infinity_of_sql_is_no_day(compute, tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "shop.db")) as shop:
        shop.execute("""CREATE TABLE lines AS SELECT * FROM (VALUES ('a', DATE '2025-01-05', 1), ('b', 'infinity', 1),
            ('c', NULL, 1)) v(client, date, montant)""")
    rfm = compute(f"duckdb:///{tmp_path}/shop.db?table=lines")
    assert rfm.counts.rejected == {"no_date": 1, "invalid_date": 1}
    assert rfm.as_of == dt.date(2025, 1, 6)
