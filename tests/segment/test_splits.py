"""Champions who are two populations are told; one population is not, nor a cut that chance made."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lieudit.segment.splits import rule_splits

BOTH = frozenset({0, 1})


def spending(*medians: float, size: int = 100, seed: int = 0) -> pd.Series:
    rng = np.random.default_rng(seed)
    return pd.Series(np.concatenate([median * rng.lognormal(0, 0.5, size) for median in medians]))


def test_two_populations_are_told_the_more_valuable_first() -> None:
    rules = pd.Series(["champions"] * 200 + ["lost"] * 200)
    (found,) = rule_splits(rules, np.tile(np.repeat([0, 1], 100), 2), spending(100, 400, 50, 50), BOTH)
    assert (found.rule, found.size) == ("champions", 200)
    assert [part.cluster for part in found.parts] == [1, 0]
    assert [part.size for part in found.parts] == [100, 100]
    assert found.parts[0].median > 3 * found.parts[1].median
    assert found.p_value < 1e-6
    assert found.effect > 0.3


def test_the_same_value_is_no_split_in_nineteen_of_twenty() -> None:
    rules, labels = pd.Series(["champions"] * 200), np.repeat([0, 1], 100)
    told = [bool(rule_splits(rules, labels, spending(100, 100, seed=seed), BOTH)) for seed in range(40)]
    assert sum(told) <= 2


def test_a_difference_that_is_sure_but_small_is_not_told() -> None:
    rules, labels = pd.Series(["champions"] * 40_000), np.repeat([0, 1], 20_000)
    assert rule_splits(rules, labels, spending(100, 105, size=20_000), BOTH) == ()


def test_clusters_that_chance_makes_cut_nothing() -> None:
    rules, labels = pd.Series(["champions"] * 200), np.repeat([0, 1], 100)
    assert rule_splits(rules, labels, spending(100, 400), frozenset({0})) == ()


def test_small_parts_and_unknown_customers_are_left_out() -> None:
    rules = pd.Series(["champions"] * 115 + [None] * 100, dtype="str")
    labels = np.repeat([0, 1, 1], [100, 15, 100])
    assert rule_splits(rules, labels, spending(100, 400, 400)[:215], BOTH) == ()
    assert rule_splits(rules, labels, None, BOTH) == ()


def test_customers_who_all_spent_the_same_are_no_split() -> None:
    assert rule_splits(pd.Series(["lost"] * 100), np.repeat([0, 1], 50), pd.Series([5.0] * 100), BOTH) == ()
