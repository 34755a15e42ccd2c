"""Clusters beside the rules, against figures found by hand, by brute force and by scikit-learn."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from lieudit.segment.compare import PartOf, closest_rules, compare, part_of

RULES = ["champions", "loyal", "lost", "new", "at_risk"]


def test_f1_by_hand() -> None:
    # Cluster 0 has 50 customers, 5 of them without orders; "loyal" 40 (30 in it), "lost" 20 (15), "new" 100 (0).
    table = pd.DataFrame({0: [30, 15, 0], 1: [10, 5, 100]}, index=["loyal", "lost", "new"])
    closest = closest_rules(table, {0: 50, 1: 115})[0]
    assert closest.segments == ("loyal", "lost")
    assert closest.f1 == pytest.approx(2 * 45 / (60 + 50))
    assert (closest.best_single, closest.best_single_f1) == ("loyal", pytest.approx(2 * 30 / (40 + 50)))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 30)] * 3).filter(any), min_size=1, max_size=5),
    st.integers(0, 40),
)
def test_the_best_union_is_the_best_of_all(rows: list[tuple[int, int, int]], without_rule: int) -> None:
    counts, totals = np.array(rows), np.array(rows).sum(axis=1)
    names = RULES[: len(rows)]
    sizes = {cluster: int(counts[:, cluster].sum()) + without_rule for cluster in range(3) if counts[:, cluster].any()}
    for cluster, closest in closest_rules(pd.DataFrame(rows, index=names), sizes).items():
        f1 = {
            frozenset(np.array(names)[list(union)]): 2
            * counts[list(union), cluster].sum()
            / (totals[list(union)].sum() + sizes[cluster])
            for count in range(1, len(rows) + 1)
            for union in itertools.combinations(range(len(rows)), count)
        }
        assert closest.f1 == pytest.approx(max(f1.values()))
        assert closest.f1 == pytest.approx(f1[frozenset(closest.segments)])
        assert closest.best_single_f1 == pytest.approx(max(f1[frozenset([name])] for name in names))
        assert closest.best_single_f1 == pytest.approx(f1[frozenset([closest.best_single])])


def test_the_union_of_all_rules_describes_any_large_cluster() -> None:
    share = 0.6
    table = pd.DataFrame({0: [60] * 5, 1: [40] * 5}, index=RULES)
    assert closest_rules(table, {0: 300})[0].f1 == pytest.approx(2 * share / (1 + share))


def test_agreement_is_that_of_scikit_learn_on_customers_with_a_rule() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 3, 400)
    rules = pd.Series(np.array(RULES, dtype=object)[(labels + rng.integers(0, 3, 400)) % 5], dtype="str")
    rules[rng.random(400) < 0.2] = pd.NA
    known = rules.notna().to_numpy()
    found = compare(rules, labels)
    truth, own = rules[known].tolist(), labels[known]
    assert found.ami == pytest.approx(adjusted_mutual_info_score(truth, own))
    assert found.ari == pytest.approx(adjusted_rand_score(truth, own))
    assert found.v_measure == pytest.approx(v_measure_score(truth, own))
    assert found.ami > 0.05
    assert found.table.to_numpy().sum() == known.sum()
    assert found.table.loc["lost", -1] == ((rules == "lost").fillna(False).to_numpy() & (labels == -1)).sum()


def test_nobody_with_a_rule() -> None:
    found = compare(pd.Series([None, None], dtype="str"), np.array([0, 1]))
    assert np.isnan(found.ami)
    assert closest_rules(found.table, {0: 1, 1: 1}) == {}


def test_a_cluster_within_one_rule_segment_is_a_part_of_it() -> None:
    table = pd.DataFrame({0: [50, 2], 1: [150, 38]}, index=["at_risk", "lost"])
    assert part_of(table, 0, 52) == PartOf("at_risk", 50 / 52, 0.25)
    assert part_of(table, 1, 188) is None
    assert part_of(table, 0, 60) is None  # eight of them have no rule segment
    assert part_of(pd.DataFrame(), 0, 52) is None
