"""Two segmentations side by side: which segment became which, who moved, how far columns drifted, how both agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from lieudit.segment.model import NOISE

__all__ = ["ABSENT", "SAME", "Became", "agreements", "drift", "drift_level", "match_segments", "migrations"]

# Above a half, two segments have more customers in common than apart, and no other can be as close to either. Hennig
# (2007) calls a cluster dissolved at .5 or under.
SAME: Final = 0.5
#: In a migration table, customers who are in one run only.
ABSENT: Final = "absent"
# Conventions of credit scoring (Siddiqi 2006), not tests: up to .1 nothing to say, above .25 another population.
_MODERATE, _STRONG = 0.1, 0.25
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a segment.

    Attributes
    ----------
    before, after : int or None
        Clusters; None before one that is new, and after one that is retired.
    jaccard : float
        Customers in both over customers in either, among those of both runs; 0 without a partner.
    shared : int
        Customers in both.
    """

    before: int | None
    after: int | None
    jaccard: float
    shared: int

    @property
    def same(self) -> bool:
        """Whether it is still the same segment: more in common than apart."""
        return self.jaccard > SAME


def match_segments(before: pd.Series[Any], after: pd.Series[Any]) -> list[Became]:
    """Pair the clusters of two segmentations so that the sum of their Jaccard indices is the greatest.

    Parameters
    ----------
    before, after : Series of int, length n_customers
        Clusters of the same customers, in the same order; -1, in no cluster, is no segment.

    Returns
    -------
    list of Became
        By the number before, then those that are new, by theirs. Clusters that share nobody are not a pair.

    Examples
    --------
    >>> match_segments(pd.Series([0, 0, 1, 1, -1]), pd.Series([5, 5, 5, 2, 2]))[0]
    Became(before=0, after=5, jaccard=0.6666666666666666, shared=2)
    """
    table = pd.crosstab(before.to_numpy(), after.to_numpy())
    rows, columns = table.index.to_numpy(), table.columns.to_numpy()
    shared = table.to_numpy(dtype=np.float64)
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    real = np.ix_(rows != NOISE, columns != NOISE)
    jaccard, counts = (shared / np.maximum(either, 1))[real], shared[real]
    rows, columns = rows[rows != NOISE], columns[columns != NOISE]
    pairs = [(i, j) for i, j in zip(*linear_sum_assignment(-jaccard), strict=True) if counts[i, j]]
    found = [Became(int(rows[i]), int(columns[j]), float(jaccard[i, j]), int(counts[i, j])) for i, j in pairs]
    found += [Became(int(one), None, 0.0, 0) for one in np.delete(rows, [i for i, _ in pairs])]
    found.sort(key=lambda one: -1 if one.before is None else one.before)
    return found + [Became(None, int(one), 0.0, 0) for one in np.delete(columns, [j for _, j in pairs])]


def migrations(before: pd.Series[Any], after: pd.Series[Any]) -> pd.DataFrame:
    """Count customers by cluster before (rows) and after (columns); those of one run only are ``absent`` in the other.

    Parameters
    ----------
    before, after : Series, by customer id
    """
    both = pd.DataFrame({"before": before, "after": after}).astype("object")
    both = both.where(both.notna(), ABSENT)
    return pd.crosstab(both["before"], both["after"])


def agreements(partitions: Mapping[str, pd.Series[Any]]) -> list[dict[str, Any]]:
    """Measure how every two segmentations of the same customers agree.

    Parameters
    ----------
    partitions : mapping of str to Series of length n_customers
        In the same order. Customers without a label in one of the two are left out; noise is a group of its own.

    Returns
    -------
    list of dict
        ``one``, ``other``, ``customers``, ``ari`` (adjusted Rand index), ``ami`` (adjusted mutual information), ``v``
        (V-measure).
    """
    names, found = list(partitions), []
    for position, one in enumerate(names):
        for other in names[position + 1 :]:
            known = (partitions[one].notna() & partitions[other].notna()).to_numpy()
            left, right = (pd.factorize(partitions[name][known])[0] for name in (one, other))
            if not len(left):
                continue
            found.append({
                "one": one, "other": other, "customers": len(left),
                "ari": float(adjusted_rand_score(left, right)), "ami": float(adjusted_mutual_info_score(left, right)),
                "v": float(v_measure_score(left, right)),
            })  # fmt: skip
    return found


def drift(before: pd.Series[Any], after: pd.Series[Any]) -> float | None:
    """Return the population stability index of a column: the sum of (q - p) × log(q / p) over its parts.

    Numbers are cut at the deciles of the first run, categories by their levels there, others together; a missing
    value is a part of its own. Half a customer is added to each part, so that an empty one is not infinitely far.

    Parameters
    ----------
    before, after : Series
        Of any lengths.

    Returns
    -------
    float or None
        None where the first run has no value, or one of them no customer.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, same, other = (pd.Series(rng.normal(shift, 1, 2000)) for shift in (0, 0, 1))
    >>> round(drift(one, same), 2), round(drift(one, other), 1)
    (0.0, 1.0)
    """
    if before.notna().sum() == 0 or not len(after):
        return None
    cut = _cut_numbers if pd.api.types.is_numeric_dtype(before) else _cut_levels
    first, second, parts = cut(before, after)
    p, q = ((np.bincount(codes, minlength=parts) + 0.5) / (len(codes) + 0.5 * parts) for codes in (first, second))
    return float(((q - p) * np.log(q / p)).sum())


def drift_level(value: float) -> Literal["low", "moderate", "strong"]:
    """Say what convention makes of an index."""
    return "low" if value <= _MODERATE else "moderate" if value <= _STRONG else "strong"


def _cut_numbers(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[Any, Any, int]:
    values = [
        pd.to_numeric(one, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan) for one in (before, after)
    ]
    known = values[0][~np.isnan(values[0])]
    edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS))
    codes = [np.where(np.isnan(own), len(edges) + 1, np.searchsorted(edges, own)) for own in values]
    return codes[0], codes[1], len(edges) + 2


def _cut_levels(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[Any, Any, int]:
    levels = pd.Index(sorted(before.dropna().astype(str).unique()))
    codes = []
    for own in (before, after):
        found = levels.get_indexer(pd.Index(own.astype("string").fillna("").astype(object)))
        # One part for levels that the first run has not, one for no value.
        codes.append(np.where(own.isna().to_numpy(), len(levels) + 1, np.where(found < 0, len(levels), found)))
    return codes[0], codes[1], len(levels) + 2
