"""Two segmentations of the same customers: pairs, moves, drift, agreement, on answers that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from lieudit.segment import ABSENT, agreements, drift, drift_level, match_segments, migrations

LABELS = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 5)), min_size=1, max_size=80)


def _series(values: object) -> pd.Series:
    return pd.Series(values)


@given(LABELS)
@settings(max_examples=60, deadline=None)
def test_every_cluster_has_one_fate(pairs: list[tuple[int, int]]) -> None:
    before, after = (_series(list(side)) for side in zip(*pairs, strict=True))
    found = match_segments(before, after)
    assert sorted(one.before for one in found if one.before is not None) == sorted(set(before) - {-1})
    assert sorted(one.after for one in found if one.after is not None) == sorted(set(after) - {-1})
    for one in found:
        both = ((before == one.before) & (after == one.after)).sum()
        either = ((before == one.before) | (after == one.after)).sum()
        if one.before is not None and one.after is not None:
            assert one.shared == both > 0
            assert one.jaccard == pytest.approx(both / either)


@given(st.permutations(range(5)), st.integers(0, 10))
@settings(max_examples=20, deadline=None)
def test_the_same_clusters_under_other_numbers_are_found_again(order: list[int], seed: int) -> None:
    before = _series(np.random.default_rng(seed).integers(0, 5, 200))
    found = match_segments(before, before.map(dict(enumerate(order))))
    assert all(one.same and one.jaccard == 1 and one.after == order[one.before or 0] for one in found)


def test_the_pairs_are_the_best_together_not_one_by_one() -> None:
    # Greedy would pair 0 with 0 (0.5) and leave 1 with 1 (0); together 0-1 and 1-0 are worth more.
    before = _series([0] * 10 + [1] * 6)
    after = _series([0] * 6 + [1] * 4 + [0] * 6)
    assert {(one.before, one.after) for one in match_segments(before, after)} == {(0, 1), (1, 0)}


def test_a_half_is_not_enough_to_be_the_same() -> None:
    found = match_segments(_series([0, 0, 1]), _series([0, 2, 2]))
    assert [one.same for one in found] == [False, False]


def test_moves_add_up_to_customers() -> None:
    before = pd.Series({"a": 0, "b": 1, "c": -1}, dtype="Int64")
    after = pd.Series({"b": 0, "c": 0, "d": 2}, dtype="Int64")
    table = migrations(before, after)
    assert table.to_numpy().sum() == 4
    assert table.loc[0, ABSENT] == table.loc[ABSENT, 2] == table.loc[1, 0] == table.loc[-1, 0] == 1


def test_agreement_is_that_of_scikit_learn_on_customers_that_both_label() -> None:
    one, other = _series([0, 0, 1, 1, 2, 2]), _series(["a", "a", "b", None, "b", "c"])
    (found,) = agreements({"one": one, "other": other})
    known = other.notna()
    assert found["customers"] == 5
    assert found["ari"] == pytest.approx(adjusted_rand_score(one[known], other[known]))


def test_drift_is_what_its_formula_says() -> None:
    before = pd.Series(["a"] * 50 + ["b"] * 50)
    after = pd.Series(["a"] * 80 + ["b"] * 10 + ["new"] * 5 + [None] * 5)
    parts = np.array([[50, 80], [50, 10], [0, 5], [0, 5]]) + 0.5
    p, q = parts[:, 0] / 102, parts[:, 1] / 102
    assert drift(before, after) == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


def test_numbers_are_cut_at_the_deciles_of_the_first_run() -> None:
    before = pd.Series(np.arange(1000.0))
    assert drift(before, before) == 0
    assert drift(before, before.sample(frac=1, random_state=0)) == 0
    assert drift(before, before * 3) == pytest.approx(drift(before.astype("Int64"), (before * 3).astype("Int64")))
    # All in the tenth part: (0.1 - 0) * log(...) nine times and (0.1 - 1) * log(0.1).
    assert (drift(before, pd.Series([5000.0] * 1000)) or 0) > 5
    assert drift(pd.Series([1.0] * 1000), pd.Series([1.0] * 2000)) == pytest.approx(0, abs=0.01)
    assert drift(pd.Series([None, None], dtype="float64"), before) is None


def test_conventions_are_said_as_such() -> None:
    assert [drift_level(value) for value in (0.1, 0.11, 0.25, 0.26)] == ["low", "moderate", "moderate", "strong"]
