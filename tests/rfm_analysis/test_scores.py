"""Scores against their definition, ties, and frozen edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit.errors import BundleError
from lieudit.rfm_analysis import SEGMENTS, Thresholds, score_values, segment_of
from lieudit.tables import connect


def defined(values: np.ndarray, *, smaller_is_better: bool = False) -> list[int]:
    """Score by the definition: 1 + floor(4 × share strictly worse), in whole numbers."""
    worse = [(values > x).sum() if smaller_is_better else (values < x).sum() for x in values]
    return [1 + 4 * int(count) // len(values) for count in worse]


def scored(frame: pd.DataFrame, thresholds: Thresholds, **options) -> pd.DataFrame:
    with connect(threads=1) as con:
        con.register("customers", frame)
        score_values(con, "customers", thresholds, name="scored", **options)
        return con.sql("FROM scored").df()


def edges_of(frame: pd.DataFrame) -> Thresholds:
    cents = (frame["monetary"] * 100).round().astype("int64").to_numpy()
    return Thresholds.of(frame["recency_days"].to_numpy(), frame["frequency"].to_numpy(), cents)


customers = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 6), st.integers(-500, 500)), min_size=1, max_size=60
).map(lambda rows: pd.DataFrame(rows, columns=["recency_days", "frequency", "monetary"]).assign(
    monetary=lambda frame: frame["monetary"] / 100))  # fmt: skip


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(frame=customers)
def test_frozen_edges_score_as_the_definition_says(frame):
    thresholds = edges_of(frame)
    result = scored(frame, Thresholds.from_json(thresholds.to_json()))
    assert list(result["r"]) == defined(frame["recency_days"].to_numpy(), smaller_is_better=True)
    assert list(result["f"]) == defined(frame["frequency"].to_numpy())
    assert list(result["m"]) == defined(frame["monetary"].to_numpy())
    assert list(result["rfm_score"]) == [f"{r}{f}{m}" for r, f, m in result[["r", "f", "m"]].to_numpy()]
    assert list(result["rfm_segment"]) == [segment_of(score).slug for score in result["rfm_score"]]


@settings(max_examples=30, deadline=None)
@given(frame=customers, new=customers)
def test_new_customers_are_scored_by_their_place_among_the_old_ones(frame, new):
    result = scored(new, edges_of(frame))
    size = len(frame)
    for column, level, smaller in [("recency_days", "r", True), ("frequency", "f", False), ("monetary", "m", False)]:
        old = frame[column].to_numpy()
        worse = [(old > x).sum() if smaller else (old < x).sum() for x in new[column]]
        assert list(result[level]) == [min(4, 1 + 4 * int(count) // size) for count in worse]


def test_labels_in_both_languages():
    frame = pd.DataFrame({"recency_days": [1, 9], "frequency": [9, 1], "monetary": [9.0, 1.0]})
    edges = Thresholds(8, (8, 6, 4), (2, 4, 6), (200, 400, 600))
    assert list(scored(frame, edges)["rfm_label"]) == ["Champions", "Perdus"]
    assert list(scored(frame, edges, lang="en")["rfm_label"]) == ["Champions", "Lost"]


def test_every_cell_gets_its_segment():
    cells = [(score, segment) for segment in SEGMENTS for score in segment.scores]
    frame = pd.DataFrame(
        [{"recency_days": 4 - int(r), "frequency": int(f), "monetary": float(m)} for (r, f, m), _ in cells]
    )
    result = scored(frame, Thresholds(64, (3, 2, 1), (1, 2, 3), (100, 200, 300)))
    assert list(result["rfm_score"]) == [score for score, _ in cells]
    assert list(result["rfm_segment"]) == [segment.slug for _, segment in cells]
    assert list(result["rfm_label"]) == [segment.fr for _, segment in cells]


def test_equal_customers_all_score_one(compute):
    result = compute([(name, "2025-01-01", "5") for name in "abcdefgh"]).df()
    assert set(result["rfm_score"]) == {"111"}


def test_a_training_customer_keeps_its_score_in_another_file(compute):
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2025-06-30") - pd.to_timedelta(rng.integers(0, 300, 4000), unit="D")
    lines = pd.DataFrame({"client": [f"c{i}" for i in rng.integers(0, 500, 4000)], "date": days,
                          "montant": rng.integers(-500, 9000, 4000) / 100})  # fmt: skip
    whole = compute(lines, as_of=pd.Timestamp("2025-07-01").date())
    part = lines[lines["client"].str.endswith("7")]
    again = compute(part, as_of=whole.as_of, thresholds=whole.thresholds)
    expected = whole.df().set_index("customer_id").loc[again.df()["customer_id"]].reset_index()
    pd.testing.assert_frame_equal(again.df(), expected)
    assert again.thresholds == whole.thresholds


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"customers": "8"}, "'customers' is '8'"),
        ({"frequency": [1, 2]}, "no three edges 'frequency'"),
        ({"frequency": [3, 2, 1]}, "out of order"),
        ({"recency_days": [1, 2, 3]}, "out of order"),
        ({"monetary_cents": [1, 2.5, 3]}, "whole numbers"),
        ({"monetary_cents": None}, "no three edges"),
    ],
)
def test_damaged_thresholds_are_refused(change, message):
    content = Thresholds(8, (3, 2, 1), (1, 2, 3), (1, 2, 3)).to_json() | change
    with pytest.raises(BundleError, match=message):
        Thresholds.from_json(content)
