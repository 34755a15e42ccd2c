"""What clusters say beyond the rule segments, and what they merely repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from lieudit.segment.model import Integers

__all__ = ["Agreement", "ClosestRule", "PartOf", "closest_rules", "compare", "part_of"]

# A union of rules that gains less than this over all of them together describes nothing.
SMALLEST_GAIN: Final = 0.05
# A cluster lies within a rule segment when so much of it does.
WHOLLY: Final = 0.9


@dataclass(frozen=True, slots=True)
class ClosestRule:
    """The rule segment, or union of rule segments, most like a cluster.

    Attributes
    ----------
    segments : tuple of str
        Slugs, the one that covers most of the cluster first.
    f1 : float
        Harmonic mean of precision and recall of "is in these segments" for "is in the cluster".
    best_single : str
        The best single segment.
    best_single_f1 : float
        Its F1.
    f1_of_all : float
        F1 of all rule segments together, which describe nothing: 2p / (1 + p) for a cluster of share p. A union that
        does hardly better says that the cluster is large, and little more.
    """

    segments: tuple[str, ...]
    f1: float
    best_single: str
    best_single_f1: float
    f1_of_all: float

    @property
    def telling(self) -> bool:
        """Whether the union says more of the cluster than that it is large."""
        return self.f1 >= self.f1_of_all + SMALLEST_GAIN


@dataclass(frozen=True, slots=True)
class PartOf:
    """The rule segment that a cluster lies in.

    Attributes
    ----------
    rule : str
        Slug.
    inside : float
        Share of the cluster's customers in the segment.
    share : float
        Share of the segment's customers in the cluster.
    """

    rule: str
    inside: float
    share: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two labellings of the same customers agree.

    Attributes
    ----------
    ami, ari, v_measure : float
        Adjusted mutual information, adjusted Rand index, V-measure. Noise is a cluster of its own here.
    table : DataFrame
        Customers by rule segment (rows) and cluster (columns).
    """

    ami: float
    ari: float
    v_measure: float
    table: pd.DataFrame


def compare(rules: pd.Series[Any], labels: Integers) -> Agreement:
    """Cross rule segments with clusters.

    Parameters
    ----------
    rules : Series of str, length n_customers
        Rule segments; customers without one (no orders) are left out.
    labels : ndarray of shape (n_customers,)
    """
    known = rules.notna().to_numpy()
    # Numbers, not texts: a million customers are compared six times.
    (segments, names), clusters = pd.factorize(rules[known].astype(str), sort=True), labels[known]
    if not len(segments):
        nan = float("nan")
        return Agreement(nan, nan, nan, pd.DataFrame())
    return Agreement(
        ami=float(adjusted_mutual_info_score(segments, clusters)),
        ari=float(adjusted_rand_score(segments, clusters)),
        v_measure=float(v_measure_score(segments, clusters)),
        table=pd.crosstab(pd.Series(names[segments], name="rule"), pd.Series(clusters, name="cluster")),
    )


def closest_rules(table: pd.DataFrame, sizes: dict[int, int]) -> dict[int, ClosestRule]:
    """Find, for each cluster, the union of rule segments that describes it best.

    F1 of a union is ``2 a / (b + n)``, where a is how many of the cluster are in the union, b the union's size
    and n the cluster's. The best union takes segments in order of precision (share of the segment that is in
    the cluster): adding a segment raises a ratio of sums when its own ratio is above it (Dinkelbach), so the
    best of these prefixes is the best of all 2^11 unions, exactly.

    Parameters
    ----------
    table : DataFrame
        Customers by rule segment and cluster, noise included; empty where nobody has a rule segment.
    sizes : dict of int to int
        Size of each cluster, customers without a rule segment included.

    Examples
    --------
    >>> table = pd.DataFrame({0: [50, 50, 0], 1: [50, 0, 10]}, index=["loyal", "new", "lost"])
    >>> found = closest_rules(table, {0: 100, 1: 60})[0]
    >>> found.segments, found.f1, found.best_single, round(found.f1_of_all, 2)
    (('loyal', 'new'), 0.8, 'new', 0.77)
    """
    if table.empty:
        return {}
    totals = table.sum(axis=1)
    return {cluster: _closest(table[cluster], totals, size) for cluster, size in sizes.items() if cluster in table}


def part_of(table: pd.DataFrame, cluster: int, size: int) -> PartOf | None:
    """Return the rule segment that nearly all of a cluster's customers are in; None where there is none.

    Parameters
    ----------
    table : DataFrame
        Customers by rule segment and cluster.
    cluster : int
    size : int
        Of the cluster.

    Examples
    --------
    >>> table = pd.DataFrame({0: [50, 2], 1: [150, 8]}, index=["at_risk", "lost"])
    >>> part_of(table, 0, 52)
    PartOf(rule='at_risk', inside=0.9615384615384616, share=0.25)
    """
    if cluster not in table or not size:
        return None
    totals, inside = table.sum(axis=1).to_numpy(), table[cluster].to_numpy()
    most = int(inside.argmax())
    own = int(inside[most])
    return PartOf(str(table.index[most]), own / size, own / int(totals[most])) if own >= WHOLLY * size else None


def _closest(inside: pd.Series[Any], totals: pd.Series[Any], size: int) -> ClosestRule:
    precision = inside / totals
    order = sorted(inside.index, key=lambda segment: (-precision[segment], -inside[segment], segment))
    f1 = 2 * inside[order].cumsum() / (totals[order].cumsum() + size)
    best = int(np.argmax(f1.to_numpy()))
    single = 2 * inside / (totals + size)
    name = min(single.index, key=lambda segment: (-single[segment], segment))
    union = sorted(order[: best + 1], key=lambda segment: (-inside[segment], segment))
    return ClosestRule(tuple(union), float(f1.iloc[best]), str(name), float(single[name]), float(f1.iloc[-1]))
