"""Money as people write it."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit.errors import TableError


def amounts(compute, values):
    frame = pd.DataFrame({"client": [f"c{i:03d}" for i in range(len(values))], "date": "2025-01-01", "montant": values})
    return list(compute(frame).df()["monetary"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1 234,56 €", "12,50", "-3", "(3,00)", "12,5-", "+4,00", "0"], [1234.56, 12.5, -3, -3, -12.5, 4, 0]),
        (["1\u00a0234,56", "1\u202f234\u202f567,00 €", "EUR 5"], [1234.56, 1234567, 5]),
        (["1,234.56", "12.50", "-3", "$5.00", "-$5.00", "1,234"], [1234.56, 12.5, -3, 5, -5, 1234]),
        (["1.234,56", "1.234", "12"], [1234.56, 1234, 12]),
        (["1'234.50", "3"], [1234.5, 3]),
        (["1.234.567", "12"], [1234567, 12]),
        (["1234,567", "1"], [1234.57, 1]),  # four digits before the comma: it sets no thousands apart
        (["12.345", "1"], [12.35, 1]),  # machines write decimals with a point
        (["1e3", "2.5E-1"], [1000, 0.25]),
        (["1e3", "1,000.5"], [1000, 1000.5]),
        ([" 5 ", "6"], [5, 6]),
        (["\u22125,00", "12 euros"], [-5, 12]),
        ([".5", "5."], [0.5, 5]),
        ([",5", "5,"], [0.5, 5]),
    ],
)
def test_text(compute, values, expected):
    assert amounts(compute, values) == expected


@pytest.mark.parametrize(
    "values",
    [
        np.array([5, 6], "int8"), np.array([5, 6], "int64"), np.array([5, 6], "float32"), np.array([5.0, 6.0]),
        np.array([5, 6], "uint64"), pd.array([5, 6], "Int64"), [Decimal("5.00"), Decimal("6.000")],
        pd.Categorical(["5,00", "6,00"]), ["5", "6"],
    ],
)  # fmt: skip
def test_types(compute, values):
    assert amounts(compute, values) == [5, 6]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["12,50", "12.50"], r"two decimal marks, '12.50' \(line 2\) and '12,50' \(line 1\)"),
        (["1.234,50", "1,234.50"], "two decimal marks"),
        (["1,234", "5"], r"whether the comma sets thousands or decimals apart, as in '1,234' \(line 1\)"),
        (["5", "gratuit", "offert"], r"2 values are no amount, such as '\w+' \(line [23]\)"),
        (["5", "12 34"], "1 value is no amount"),
        (["1,23,4"], "no amount"),
        (["12:30"], "no amount"),
        (["--5"], "no amount"),
        (["5 - 3"], "no amount"),
        (["1_000 x"], "no amount"),
        ([True, False], "of type BOOLEAN"),
        (pd.to_datetime(["2025-01-01"]), "of type TIMESTAMP"),
        ([float("inf"), 1.0], "infinite or too large"),
        (["1e30", "1"], "infinite or too large"),
    ],
)
def test_what_is_no_amount_is_refused(compute, values, message):
    with pytest.raises(TableError, match=message):
        amounts(compute, values)


def test_missing_amounts_are_set_aside(compute):
    values = ["1,00", "", "NA", "n/a", "null", "NaN", "-", None, "  "]
    rfm = compute([(f"c{i}", "2025-01-01", value) for i, value in enumerate(values)])
    assert rfm.counts.rejected == {"no_amount": 8}
    rfm = compute(pd.DataFrame({"client": ["a", "b"], "date": "2025-01-01", "montant": [1.0, None]}))
    assert rfm.counts.rejected == {"no_amount": 1}


def french(cents: int) -> str:
    return f"{cents / 100:,.2f}".replace(",", "\u202f").replace(".", ",")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cents=st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30))
def test_sums_are_exact_however_they_are_written(compute, cents):
    expected = float(Decimal(sum(cents)) / 100)
    for values in ([french(value) for value in cents], [value / 100 for value in cents],
                   [f"{value / 100:.2f}" for value in cents]):  # fmt: skip
        assert compute([("a", "2025-01-01", value) for value in values]).df()["monetary"][0] == expected
