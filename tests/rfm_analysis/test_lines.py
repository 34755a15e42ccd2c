"""No line is lost, and none counts twice."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit.errors import TableError

LINES = [
    ("a", "2025-01-01", "1", "x"),
    ("", "2025-01-01", "2", "y"),
    ("b", "NA", "4", "z"),
    ("b", "2025-02-31", "8", "z"),
    ("b", "2025-01-01", "-", "z"),
    (None, None, None, "z"),
]
REASONS = [(2, "no_customer"), (3, "no_date"), (4, "invalid_date"), (5, "no_amount"), (6, "no_customer")]


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_rejects_keep_their_line_their_reason_and_themselves(compute, tmp_path, kind):
    out = tmp_path / f"rejects.{kind}"
    rfm = compute(LINES, rejects=out)
    assert rfm.counts.rejected == {"no_customer": 2, "no_date": 1, "invalid_date": 1, "no_amount": 1}
    assert (rfm.counts.lines, rfm.counts.kept) == (6, 1)
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "jsonl": lambda path: pd.read_json(path, lines=True)}[kind]
    frame = read(out)
    assert list(frame.columns) == ["line", "reason", "client", "date", "montant", "commande"]
    assert list(zip(frame["line"], frame["reason"], strict=True)) == REASONS
    assert list(frame["commande"]) == ["y", "z", "z", "z", "z"]


def test_lines_are_those_of_the_file(compute, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("\nreason;client;date;montant\nx;a;2025-01-01;1\ny;;2025-01-01;1\n")
    compute(path, rejects=tmp_path / "r.csv")
    assert (
        tmp_path / "r.csv"
    ).read_text() == "line,reason,reason_2,client,date,montant\n4,no_customer,y,,2025-01-01,1\n"
    path.write_text("client;date;montant\na;2025-01-01;1\nb;2025-01-01;gratuit\n")
    with pytest.raises(TableError, match=r"'gratuit' \(line 3\)"):
        compute(path)


def test_rejects_are_written_even_if_there_is_none(compute, tmp_path):
    (tmp_path / "r.csv").write_text("what was left from another day")
    compute(LINES[:1], rejects=tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text() == "line,reason,client,date,montant,commande\n"


def test_input_that_is_refused_leaves_no_file(compute, tmp_path):
    two_formats = [*LINES, ("a", "01/02/2025", "1", "x")]
    a_word = [*LINES, ("a", "2025-01-01", "gratuit", "x")]
    too_early = {"as_of": dt.date(2020, 1, 1)}
    for lines, options in [(LINES[1:], {}), (LINES, too_early), (two_formats, {}), (a_word, {})]:
        with pytest.raises(TableError):
            compute(lines, rejects=tmp_path / "r.csv", **options)
    assert list(tmp_path.iterdir()) == []


def test_nothing_usable_says_why(compute):
    with pytest.raises(TableError, match=r"none of its lines can be used \(2 no_customer, 1 no_date, 1 invalid"):
        compute(LINES[1:])


def test_missing_roles_are_named(compute):
    for role, frame in [
        ("customer", pd.DataFrame({"x": ["a"], "date": ["2025-01-01"], "montant": [1]})),
        ("date", pd.DataFrame({"client": ["a"], "x": ["2025-01-01"], "montant": [1]})),
        ("amount", pd.DataFrame({"client": ["a"], "date": ["2025-01-01"], "x": [1]})),
    ]:
        with pytest.raises(TableError, match=rf"looks like the {role}.*--{role}"):
            compute(frame)


lines = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "", "NA"]),
        st.sampled_from([f"2025-01-{day:02d}" for day in range(1, 20)] + ["", "2025-02-30"]),
        st.integers(-9999, 9999).map(lambda cents: f"{cents / 100:.2f}") | st.just("null"),
        st.sampled_from(["1", "2", "3", "4", "5", "6", ""]),
    ),
    min_size=1,
    max_size=40,
)


def money(rows) -> Decimal:
    return sum((Decimal(amount) for *_, amount in rows), Decimal(0))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=lines, window=st.none() | st.integers(1, 15))
def test_lines_and_cents_are_conserved(compute, tmp_path, lines, window):
    lines = [*lines, ("a", "2025-01-12", "0.01", "1")]  # one that is kept, always
    as_of = dt.date(2025, 1, 12)
    rfm = compute(lines, as_of=as_of, config={"window_days": window}, rejects=tmp_path / "r.parquet")
    counts = rfm.counts
    rejected = pd.read_parquet(tmp_path / "r.parquet")
    assert counts.lines == len(lines)
    assert counts.lines == counts.kept + counts.after_as_of + counts.outside_window + sum(counts.rejected.values())
    assert rejected["reason"].value_counts().to_dict() == counts.rejected
    usable = [line for place, line in enumerate(lines, 1) if place not in set(rejected["line"])]
    late = [line for line in usable if line[1] > as_of.isoformat()]
    start = (as_of - dt.timedelta(days=window or 9999)).isoformat()
    kept = [line for line in usable if start < line[1] <= as_of.isoformat()]
    assert (len(late), len(kept)) == (counts.after_as_of, counts.kept)
    frame = rfm.df()
    assert sum(map(Decimal, frame["monetary"].astype(str))) == money((amount,) for _, _, amount, _ in kept)
    plain = pd.DataFrame(kept, columns=["client", "date", "amount", "order"])
    plain["order"] = plain["order"].where(plain["order"] != "", "day " + plain["date"])
    expected = plain.groupby("client").agg(last=("date", "max"), orders=("order", "nunique"))
    assert list(frame["customer_id"]) == list(expected.index)
    assert list(frame["frequency"]) == list(expected["orders"])
    assert list(frame["last_order"].astype(str)) == list(expected["last"])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=lines, data=st.data())
def test_neither_the_order_of_rows_nor_the_threads_matter(compute, lines, data):
    lines = [*lines, ("e", "2025-01-01", "0.10", "7")]
    shuffled = data.draw(st.permutations(lines))
    one = compute(lines, threads=1, behaviour=True)
    other = compute(list(shuffled), threads=4, behaviour=True)
    pd.testing.assert_frame_equal(one.df(), other.df(), check_exact=True)
    assert (one.thresholds, one.counts, one.as_of) == (other.thresholds, other.counts, other.as_of)


def test_threads_do_not_matter_on_many_rows(compute, tmp_path):
    """Sums of floats would differ here: rows are spread over row groups and threads."""
    import duckdb

    duckdb.execute(
        f"""COPY (SELECT hash(i) % 5000 AS client, DATE '2024-01-01' + CAST(hash(i + 1) % 400 AS INTEGER) AS date,
                (hash(i + 2) % 100000)::INTEGER / 100 AS montant, hash(i + 3) % 100000 AS commande
            FROM range(400000) t(i)) TO '{tmp_path}/lines.parquet' (ROW_GROUP_SIZE 20000)"""
    )
    results = [compute(tmp_path / "lines.parquet", threads=threads, behaviour=True).df() for threads in (1, 2, 4)]
    for result in results[1:]:
        pd.testing.assert_frame_equal(results[0], result, check_exact=True)
