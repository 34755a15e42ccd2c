"""Rule segments that are two populations: clusters cut them into groups of different value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import kruskal

from lieudit.segment.claims import ALPHA, holm
from lieudit.segment.model import Integers, Matrix

__all__ = ["Part", "RuleSplit", "rule_splits"]

# A part of a rule segment counts from so many customers, and from this share of the segment, on.
FEWEST: Final = 20
LEAST_SHARE: Final = 0.1
# Share of the ranks' variance between the parts: .06 is a medium effect, .14 a large one (Cohen 1988).
MEDIUM: Final = 0.06


@dataclass(frozen=True, slots=True)
class Part:
    """The customers of a rule segment who are in one cluster.

    Attributes
    ----------
    cluster : int
    size : int
    median, mean : float
        What a customer is worth, in the currency of the orders.
    """

    cluster: int
    size: int
    median: float
    mean: float


@dataclass(frozen=True, slots=True)
class RuleSplit:
    """A rule segment whose parts differ in value.

    Attributes
    ----------
    rule : str
        Slug.
    size : int
        Customers of the segment.
    parts : tuple of Part
        The most valuable first.
    effect : float
        Epsilon squared: the share of the variance of ranks that is between the parts.
    p_value : float
        Of the Kruskal-Wallis test, corrected over rule segments (Holm).
    """

    rule: str
    size: int
    parts: tuple[Part, ...]
    effect: float
    p_value: float


def rule_splits(
    rules: pd.Series[Any], labels: Integers, value: pd.Series[Any] | None, real: frozenset[int]
) -> tuple[RuleSplit, ...]:
    """Find the rule segments whose customers are of different value from one cluster to another.

    Parameters
    ----------
    rules : Series of str, length n_customers
        Rule segments, missing where there is none.
    labels : ndarray of shape (n_customers,)
        Clusters.
    value : Series of float or None
        What each customer spent, in the same order; None where there is nothing to compare.
    real : frozenset of int
        Clusters that are stable and more than chance: others cut nothing.

    Returns
    -------
    tuple of RuleSplit
        Those with a corrected p-value of .05 at most and an effect of .06 at least, the strongest first. Ranks are
        compared, since spending is skewed. Clusters are made of what customers spent, among others: the effect says
        how much the parts differ, the p-value hardly surprises.

    Examples
    --------
    >>> rules = pd.Series(["champions"] * 60)
    >>> value = pd.Series([100.0 + x for x in range(30)] + [500.0 + x for x in range(30)])
    >>> found = rule_splits(rules, np.repeat([0, 1], 30), value, frozenset({0, 1}))
    >>> [(one.rule, [(part.cluster, part.median) for part in one.parts]) for one in found]
    [('champions', [(1, 514.5), (0, 114.5)])]
    """
    if value is None:
        return ()
    spent = value.to_numpy(dtype=np.float64, na_value=np.nan)
    known = rules.notna().to_numpy() & ~np.isnan(spent)
    tested = []
    for rule in sorted(rules[known].unique()):
        own = known & (rules == rule).fillna(False).to_numpy(dtype=np.bool_)
        if (found := _tested(str(rule), spent[own], labels[own], real)) is not None:
            tested.append(found)
    corrected = holm(np.array([one.p_value for one in tested])) if tested else []
    splits = [
        RuleSplit(one.rule, one.size, one.parts, one.effect, p_value)
        for one, p_value in zip(tested, corrected, strict=True)
        if p_value <= ALPHA and one.effect >= MEDIUM
    ]
    return tuple(sorted(splits, key=lambda one: (-one.effect, one.rule)))


def _tested(rule: str, spent: Matrix, labels: Integers, real: frozenset[int]) -> RuleSplit | None:
    """Test one rule segment; None where clusters do not cut it."""
    fewest = max(FEWEST, LEAST_SHARE * len(spent))
    groups = {int(one): spent[labels == one] for one in np.unique(labels) if one in real}
    groups = {cluster: values for cluster, values in groups.items() if len(values) >= fewest}
    together = np.concatenate(list(groups.values())) if groups else spent[:0]
    if len(groups) < 2 or np.ptp(together) == 0:
        return None
    statistic, p_value = kruskal(*groups.values())
    parts = [Part(one, len(values), float(np.median(values)), float(values.mean())) for one, values in groups.items()]
    effect = float(statistic) / (len(together) - 1)
    return RuleSplit(rule, len(spent), tuple(sorted(parts, key=lambda part: -part.median)), effect, float(p_value))
