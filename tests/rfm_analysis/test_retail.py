"""A real export, with all that real exports have, against a computation that shares nothing with ours."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

FILE = Path(__file__).parents[3] / "shared" / "retail" / "online_retail_II_2009_2010.parquet"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the retail file is not at hand")


def test_online_retail_agrees_to_the_cent_with_pandas(compute, tmp_path):
    rfm = compute(FILE, given={"amount": "Quantity * Price"}, rejects=tmp_path / "rejects.parquet")

    lines = pd.read_parquet(FILE)
    missing = lines["Customer ID"].isna()
    lines = lines[~missing]
    lines["day"] = pd.to_datetime(lines["InvoiceDate"]).dt.normalize()
    lines["money"] = [Decimal(quantity) * Decimal(repr(price)) for quantity, price in
                      zip(lines["Quantity"].tolist(), lines["Price"].tolist(), strict=True)]  # fmt: skip
    groups = lines.groupby(lines["Customer ID"].astype(int).astype(str))
    as_of = lines["day"].max() + pd.Timedelta(days=1)
    expected = pd.DataFrame({
        "recency_days": (as_of - groups["day"].max()).dt.days,
        "frequency": groups["Invoice"].nunique(),
        "monetary": groups["money"].sum().map(lambda total: float(total.quantize(Decimal("0.01"), ROUND_HALF_UP))),
        "tenure_days": (as_of - groups["day"].min()).dt.days,
    })  # fmt: skip

    found = rfm.df().set_index("customer_id")
    assert rfm.counts.lines == 525_461
    assert rfm.counts.rejected == {"no_customer": missing.sum()}
    assert rfm.counts.customers == len(found) == 4383
    for column in expected:
        assert (found[column] == expected[column]).all(), column
    for column, level, better in [("recency_days", "r", -1), ("frequency", "f", 1), ("monetary", "m", 1)]:
        worse = (expected[column] * better).rank(method="min").astype(int) - 1
        assert (found[level] == 1 + 4 * worse // len(expected)).all(), level
    assert len(pd.read_parquet(tmp_path / "rejects.parquet")) == missing.sum()
