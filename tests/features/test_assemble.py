"""Customers keep their rows and order, and meet their orders whatever a spreadsheet did to the ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lieudit import tables
from lieudit.config import RfmConfig
from lieudit.enrichment.added import AddedColumn, Enriched
from lieudit.errors import TableError
from lieudit.features import assemble
from lieudit.rfm_analysis import compute
from lieudit.schema import Column

POPULATION = Column("population", "integer", "inhabitants", "Population", "Population")


@pytest.fixture
def con():
    with tables.connect() as connection:
        yield connection


def customers_of(con, frame: pd.DataFrame, added: tuple[AddedColumn, ...] = ()) -> Enriched:
    table = tables.open_table(con, frame, name="customers")
    return Enriched(table.name, table.columns, table.sql_columns, added, len(frame), {})


def orders_of(con, **columns: list[object]) -> str:
    tables.open_table(con, pd.DataFrame(columns), name="rfm")
    return "rfm"


def read(con, assembled) -> pd.DataFrame:
    frame = con.execute(f"SELECT * FROM {assembled.name} ORDER BY rowid").df()
    return frame.set_axis(list(assembled.columns), axis=1)


def test_every_customer_once_in_order_with_what_the_orders_say(con):
    customers = customers_of(con, pd.DataFrame({"id": ["b", "c", "a"], "city": ["Rennes", "Lyon", "Foix"]}))
    rfm = orders_of(con, customer_id=["a", "b", "z"], recency_days=[10, 3, 7], monetary=[1.5, 2.0, 9.0])
    assembled = assemble(con, customers, "id", rfm)
    assert assembled.columns == ("id", "city", "recency_days", "monetary")
    assert (assembled.rows, assembled.with_orders, assembled.strangers) == (3, 2, 1)
    frame = read(con, assembled)
    assert frame["id"].tolist() == ["b", "c", "a"]
    assert frame["recency_days"].fillna(-1).tolist() == [3, -1, 10]


def ordered_by(con, *ids: object) -> str:
    """Compute RFM from a file of orders, one of each of these customers."""
    lines = tables.open_table(con, pd.DataFrame({"customer": ids, "date": "2025-03-01", "amount": 5}), name="orders")
    return compute(con, lines, {name: name for name in lines.columns}, config=RfmConfig()).name


@pytest.mark.parametrize(
    ("customers", "orders"),
    [
        (["13085", "13086"], ["13085.0", "13086.0"]),
        (["13085.0", "13086.0"], ["13085", "13086"]),
        ([13085, 13086], ["13085.0", "13086.0"]),
        ([13085.0, 13086.0], ["13085", "13086"]),
        (["13085.0", None, "13086.0"], [13085, 13086]),
        ([" C7 ", "C8"], ["C7", "C8"]),
        (["007", "7"], ["007", "7"]),
        (["7.50", "A"], ["7.50", "A"]),
    ],
)
def test_ids_of_two_files_meet_as_text(con, customers, orders):
    assembled = assemble(con, customers_of(con, pd.DataFrame({"id": customers})), "id", ordered_by(con, *orders))
    assert (assembled.with_orders, assembled.strangers) == (2, 0)
    assert {value for value in assembled.ids(con) if value} == {str(value).removesuffix(".0") for value in orders}


@pytest.mark.parametrize(
    ("customer", "order"), [("007", "7"), ("7.50", "7.5"), ("c7", "C7"), (None, "None"), ("", "0")]
)
def test_ids_that_differ_do_not_meet(con, customer, order):
    customers = customers_of(con, pd.DataFrame({"id": [customer, "other"]}))
    assert assemble(con, customers, "id", ordered_by(con, order, "more")).with_orders == 0


def test_without_orders_the_customers_stay_as_they_are(con):
    customers = customers_of(con, pd.DataFrame({"city": ["Rennes", "Lyon"]}))
    assembled = assemble(con, customers, None, None)
    assert (assembled.columns, assembled.rows, assembled.with_orders) == (("city",), 2, 0)
    assert assembled.ids(con) == [None, None]


def test_orders_without_a_customer_id(con):
    customers = customers_of(con, pd.DataFrame({"city": ["Rennes"]}))
    with pytest.raises(TableError, match="has no id"):
        assemble(con, customers, None, orders_of(con, customer_id=["a"], recency_days=[1]))


@pytest.mark.parametrize("ids", [["secret-7", "secret-7"], ["7", "7.0"]])
def test_an_id_that_stands_twice_is_refused_and_not_shown(con, ids):
    customers = customers_of(con, pd.DataFrame({"id": ids}))
    with pytest.raises(TableError, match="2 customers have only 1 different ids in 'id'") as caught:
        assemble(con, customers, "id", orders_of(con, customer_id=["a"], recency_days=[1]))
    assert "secret" not in str(caught.value)


def test_customers_without_an_id_are_no_duplicates(con):
    customers = customers_of(con, pd.DataFrame({"id": [None, None, "a"]}))
    assert assemble(con, customers, "id", orders_of(con, customer_id=["a"], recency_days=[1])).with_orders == 1


def test_a_column_of_the_file_keeps_its_name_and_ours_is_found_all_the_same(con):
    frame = pd.DataFrame({"id": ["a", "b"], "Frequency": [50, 60], "frequency": ["often", "rarely"]})
    assembled = assemble(con, customers_of(con, frame), "id", orders_of(con, customer_id=["a"], frequency=[2]))
    assert assembled.columns == ("id", "Frequency", "frequency", "frequency_lieudit")
    pd.testing.assert_frame_equal(read(con, assembled)[list(frame)], frame, check_dtype=False)
    assert assembled.frame(con)["frequency"].fillna(-1).tolist() == [2, -1]


def test_open_data_is_found_under_its_own_name(con):
    frame = pd.DataFrame({"population": ["mine", "mine"], "population_lieudit": [14, 15]})
    added = AddedColumn("population_lieudit", POPULATION, None, 1.0, "population_lieudit")
    assembled = assemble(con, customers_of(con, frame, (added,)), None, None)
    assert assembled.frame(con, ["population"])["population"].tolist() == [14, 15]


def test_features_are_read_in_parts(con):
    frame = pd.DataFrame({"recency_days": range(10), "tenure_days": range(10), "note": "x"})
    assembled = assemble(con, customers_of(con, frame), None, None)
    whole = assembled.frame(con)
    assert list(whole.columns) == ["recency_days", "tenure_days"]
    parts = [assembled.frame(con, start=start, stop=start + 4) for start in (0, 4, 8)]
    assert [len(part) for part in parts] == [4, 4, 2]
    pd.testing.assert_frame_equal(pd.concat(parts), whole)
    assert whole.index.tolist() == list(range(10))


def test_order_holds_on_many_rows_whatever_the_threads():
    ids = [f"{number:06d}" for number in np.random.default_rng(0).permutation(150_000)]
    for threads in (1, 4):
        with tables.connect(threads=threads) as con:
            customers = customers_of(con, pd.DataFrame({"id": ids}))
            values = "printf('%06d', range) AS customer_id, range AS recency_days"
            con.execute(f"CREATE TABLE rfm AS SELECT {values} FROM range(0, 150000, 3)")
            assemble(con, customers, "id", "rfm")
            frame = con.execute("SELECT rowid AS position, * FROM assembled").df()
        assert frame["position"].tolist() == list(range(len(ids)))
        assert frame["id"].tolist() == ids
        known = frame.dropna(subset="recency_days")
        assert len(known) == 50_000
        assert (known["id"].astype(int) == known["recency_days"]).all()
