"""Values of small files, worked out by hand."""

import datetime as dt
import math

import pandas as pd
import pytest

from lieudit.errors import TableError
from lieudit.rfm_analysis import BEHAVIOUR_COLUMNS, Counts
from lieudit.schema import RFM_COLUMNS

ORDERS = [
    ("b", "2025-01-10", "80,00", "1"),
    ("a", "2025-01-05", "10,00", "2"),
    ("a", "2025-01-05", "5,50", "2"),  # the same order
    ("a", "2025-02-01", "-3,25", "3"),  # a refund
    ("c", "2025-02-02", "0,01", "4"),
    ("a", "2025-02-01", "1,00", "2"),  # an order over two days is one order
]


def values(rfm, *columns):
    return [tuple(row) for row in rfm.df()[["customer_id", *columns]].itertuples(index=False)]


def test_values(compute):
    rfm = compute(ORDERS, as_of=dt.date(2025, 2, 2))
    assert list(rfm.df().columns) == [column.name for column in RFM_COLUMNS]
    assert values(rfm, "recency_days", "frequency", "monetary", "tenure_days") == [
        ("a", 1, 2, 13.25, 28), ("b", 23, 1, 80.0, 23), ("c", 0, 1, 0.01, 0),
    ]  # fmt: skip
    days = rfm.con.execute("SELECT first_order, last_order FROM rfm").fetchall()
    assert days[0] == (dt.date(2025, 1, 5), dt.date(2025, 2, 1))
    assert rfm.counts == Counts(lines=6, kept=6, customers=3)


def test_the_default_day_is_the_one_after_the_last_line(compute):
    rfm = compute(ORDERS)
    assert rfm.as_of == dt.date(2025, 2, 3)
    assert values(rfm, "recency_days") == [("a", 2), ("b", 24), ("c", 1)]
    with_time = compute([("a", "2025-02-01 23:59:59", "1"), ("b", "2025-01-31 00:00:00", "1")])
    assert with_time.as_of == dt.date(2025, 2, 2)
    assert values(with_time, "recency_days") == [("a", 1), ("b", 2)]


def test_a_rejected_line_does_not_set_the_day(compute):
    assert compute([("a", "2025-01-01", "1"), ("", "2025-06-01", "1")]).as_of == dt.date(2025, 1, 2)


def test_orders_after_the_day_are_left_out_and_counted(compute):
    rfm = compute(ORDERS, as_of=dt.date(2025, 2, 1))
    assert values(rfm, "recency_days", "frequency", "monetary") == [("a", 0, 2, 13.25), ("b", 22, 1, 80.0)]
    assert (rfm.counts.after_as_of, rfm.counts.kept, rfm.counts.customers) == (1, 5, 2)
    with pytest.raises(TableError, match=r"all 6 usable lines are after 2024-01-01.*--as-of"):
        compute(ORDERS, as_of=dt.date(2024, 1, 1))


def test_the_window_keeps_its_last_days(compute):
    lines = [("a", f"2025-01-{day:02d}", "1") for day in range(1, 11)]
    rfm = compute(lines, as_of=dt.date(2025, 1, 9), config={"window_days": 3})
    assert values(rfm, "frequency", "recency_days", "tenure_days") == [("a", 3, 0, 2)]  # the 7th, 8th and 9th
    assert rfm.counts == Counts(lines=10, after_as_of=1, outside_window=6, kept=3, customers=1)
    assert values(compute(lines, config={"window_days": 3}), "frequency") == [("a", 2)]  # the 9th and 10th: as_of is 11
    with pytest.raises(TableError, match="3 days before it or more"):
        compute(lines, as_of=dt.date(2025, 2, 1), config={"window_days": 3})


def test_monetary_mean_is_money_by_order_to_the_cent(compute):
    rfm = compute([("a", "2025-01-01", amount, order) for amount, order in [("10", "1"), ("10", "2"), ("0.01", "3")]]
                  + [("b", "2025-01-01", "-0.01", "4"), ("b", "2025-01-01", "0", "5")],
                  config={"monetary": "mean"})  # fmt: skip
    assert values(rfm, "monetary") == [("a", 6.67), ("b", -0.01)]  # 6.67 is 20.01 / 3; -0.005 rounds away from 0


def test_days_stand_for_orders_where_no_order_is_named(compute):
    lines = [("a", "2025-01-01 08:00", "1"), ("a", "2025-01-01 20:00", "1"), ("a", "2025-01-02", "1")]
    assert values(compute(lines), "frequency") == [("a", 2)]
    partly = [("a", "2025-01-01", "1", "x"), ("a", "2025-01-01", "1", ""), ("a", "2025-01-02", "1", "NA"),
              ("a", "2025-01-02", "1", None), ("a", "2025-01-03", "1", "x")]  # fmt: skip
    assert values(compute(partly), "frequency") == [("a", 3)]  # x, the 1st and the 2nd


def test_an_order_id_shared_by_two_customers_counts_for_both(compute):
    lines = [("a", "2025-01-01", "1", "x"), ("b", "2025-01-01", "1", "x")]
    assert values(compute(lines), "frequency") == [("a", 1), ("b", 1)]


def test_a_customer_of_refunds_alone_has_a_negative_value(compute):
    assert values(compute([("a", "2025-01-01", "-5"), ("b", "2025-01-01", "5")]), "monetary", "frequency") == [
        ("a", -5.0, 1), ("b", 5.0, 1),
    ]  # fmt: skip


def test_tenths_of_a_cent_add_up_before_they_are_rounded(compute):
    lines = [("a", "2025-01-01", 0.001)] * 14 + [("b", "2025-01-01", 0.1)] * 3
    assert values(compute(lines), "monetary") == [("a", 0.01), ("b", 0.3)]


def test_identifiers_are_written_in_one_way(compute):
    frame = pd.DataFrame({"client": [13085.0, 13085.0, None, 7.0], "date": ["2025-01-01"] * 4, "montant": 1.0})
    rfm = compute(frame)
    assert values(rfm, "monetary") == [("13085", 2.0), ("7", 1.0)]
    assert rfm.counts.rejected == {"no_customer": 1}
    text = [(" 007", "2025-01-01", "1"), ("007 ", "2025-01-01", "1"), ("7", "2025-01-01", "1")]
    assert values(compute(text), "monetary") == [("007", 2.0), ("7", 1.0)]


def test_categories_are_read_as_what_they_hold(compute):
    frame = pd.DataFrame(ORDERS, columns=["client", "date", "montant", "commande"])
    pd.testing.assert_frame_equal(compute(frame.astype("category")).df(), compute(ORDERS).df())


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "jsonl"])
def test_every_kind_of_file_gives_the_same(compute, tmp_path, kind):
    frame = pd.DataFrame(ORDERS, columns=["client", "date", "montant", "commande"])
    if kind in {"parquet", "xlsx"}:
        frame["date"] = pd.to_datetime(frame["date"])
        frame["montant"] = frame["montant"].str.replace(",", ".").astype(float)
        frame["commande"] = frame["commande"].astype(int)
    path = tmp_path / f"f.{kind}"
    write = {"csv": lambda: frame.to_csv(path, sep=";", index=False, encoding="cp1252"),
             "parquet": lambda: frame.to_parquet(path), "xlsx": lambda: frame.to_excel(path, index=False),
             "jsonl": lambda: frame.to_json(path, orient="records", lines=True)}  # fmt: skip
    write[kind]()
    pd.testing.assert_frame_equal(compute(path).df(), compute(ORDERS).df())


def test_computed_amounts(compute):
    frame = pd.DataFrame({"Customer ID": ["a", "a", "b"], "InvoiceDate": pd.Timestamp("2025-01-01"), "Qty": [3, -1, 2],
                          "Unit price": ["1,10", "0,35", "NA"]})  # fmt: skip
    rfm = compute(frame, given={"amount": "Qty * Unit price"})
    assert values(rfm, "monetary") == [("a", 2.95)]
    assert rfm.counts.rejected == {"no_amount": 1}
    with pytest.raises(TableError, match=r"looks like the amount.*Quantity \* Price"):
        compute(frame)
    with pytest.raises(TableError, match="infinite or too large, such as that of '2025-01-01'"):
        compute(frame, given={"amount": "Qty / (Qty - Qty + 0)"})


def test_behaviour(compute):
    lines = [("a", day, "1", str(i)) for i, day in enumerate(["2025-01-01", "2025-01-03", "2025-01-03", "2025-01-09"])]
    lines += [("b", "2025-01-01", "10", "9"), ("b", "2025-01-11", "20", "10"), ("c", "2025-01-01", "7", "11")]
    rfm = compute(lines, behaviour=True)
    frame = rfm.df().set_index("customer_id")
    assert list(frame.columns[-3:]) == [column.name for column in BEHAVIOUR_COLUMNS]
    assert list(frame["mean_basket"]) == [1.0, 15.0, 7.0]
    assert frame.loc["a", "order_gap_days_mean"] == 4.0  # gaps of 2 and 6 days
    assert frame.loc["a", "order_gap_cv"] == pytest.approx(pd.Series([2, 6]).std() / 4)
    assert frame.loc["b", "order_gap_days_mean"] == 10.0
    assert math.isnan(frame.loc["b", "order_gap_cv"])
    assert frame.loc["c", ["order_gap_days_mean", "order_gap_cv"]].isna().all()
    plain = compute(lines).df()
    pd.testing.assert_frame_equal(rfm.df()[plain.columns], plain)
    mean = compute(lines, behaviour=True, config={"monetary": "mean"}).df()
    assert list(mean["mean_basket"]) == [1.0, 15.0, 7.0]
    steady = [("a", f"2025-01-{day:02d}", "1") for day in (1, 8, 15, 22)]
    assert compute(steady, behaviour=True).df()["order_gap_cv"][0] == 0


def test_behaviour_keeps_to_the_window(compute):
    lines = [("a", f"2025-01-{day:02d}", "1") for day in (1, 5, 8, 12)]
    rfm = compute(lines, behaviour=True, as_of=dt.date(2025, 1, 10), config={"window_days": 6})
    assert list(rfm.df()["order_gap_days_mean"]) == [3.0]


def test_columns_may_have_any_name(compute):
    """Names that our own SQL uses, and names that quote, hide or inject."""
    names = [
        "reason",
        "value",
        "day",
        "units",
        "customer",
        "purchase",
        "row",
        "found",
        "line",
        "count",
        "shape",
        'a"; --',
    ]
    lines = [("a", "01/01/2025", "1,50", "x"), ("a", "13/01/2025", "NA", "x"), ("b", "02/01/2025", "2,00 €", "")]
    expected = compute(lines, behaviour=True)
    for place in range(len(names)):
        chosen = dict(zip(("customer", "date", "amount", "order"), [*names[place:], *names[:place]], strict=False))
        frame = pd.DataFrame(lines, columns=list(chosen.values()))
        for name in names:
            frame[name] = frame.get(name, "7")
        rfm = compute(frame, given=chosen, behaviour=True)
        pd.testing.assert_frame_equal(rfm.df(), expected.df())
        assert rfm.counts == expected.counts
