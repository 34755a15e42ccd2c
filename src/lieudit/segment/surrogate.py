"""A rule of at most three conditions that people can read, apply and check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from lieudit.features import Feature
from lieudit.segment.model import Integers

__all__ = ["HumanRule", "human_rules"]

DEPTH: Final = 3
SAMPLE: Final = 30_000
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HumanRule:
    """Conditions joined by "and", and how well they stand for a cluster.

    Attributes
    ----------
    text : str
        ``density_per_km2 >= 812 and frequency < 3``; a customer without a value fails the condition.
    precision : float
        Share of those who meet the rule that are in the cluster.
    recall : float
        Share of the cluster that meets the rule.
    """

    text: str
    precision: float
    recall: float


def human_rules(frame: pd.DataFrame, features: tuple[Feature, ...], labels: Integers) -> dict[int, HumanRule]:
    """Find, for each cluster, the path of a small tree that describes it best (F1).

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns.
    features : tuple of Feature
    labels : ndarray of shape (n_customers,)
    """
    columns = _raw(frame, features)
    rows = np.random.default_rng(0).permutation(len(frame))[:SAMPLE]
    clusters = [int(label) for label in np.unique(labels) if label >= 0]
    return {cluster: _rule(columns, labels == cluster, rows) for cluster in clusters}


def _raw(frame: pd.DataFrame, features: tuple[Feature, ...]) -> pd.DataFrame:
    out: dict[str, Any] = {}
    for feature in features:
        if feature.name not in frame.columns or frame[feature.name].isna().all():
            continue
        if feature.kind == "numeric":
            out[feature.name] = frame[feature.name].to_numpy(dtype=np.float64, na_value=np.nan)
            continue
        texts = frame[feature.name].astype("string")
        for level in sorted(texts.dropna().unique()):
            out[f"{feature.name} = {level}"] = texts.eq(level).fillna(False).to_numpy(dtype=np.float64)
    return pd.DataFrame(out, index=frame.index)


def _rule(columns: pd.DataFrame, inside: Mask, rows: Integers) -> HumanRule:
    values = columns.to_numpy()
    tree = DecisionTreeClassifier(max_depth=DEPTH, class_weight="balanced", min_samples_leaf=5, random_state=0)
    tree.fit(values[rows], inside[rows])
    best = HumanRule("", float(inside.mean()), 1.0)
    best_f1 = 0.0
    for path in _paths(tree.tree_):
        text, met = _conditions(columns, values, path)
        both = float((met & inside).sum())
        precision, recall = both / max(met.sum(), 1), both / max(inside.sum(), 1)
        f1 = 2 * both / max(float(met.sum() + inside.sum()), 1.0)
        if path and f1 > best_f1:
            best, best_f1 = HumanRule(text, precision, recall), f1
    return best


def _paths(tree: Any) -> list[list[tuple[int, float, bool]]]:
    """Return the way to every node: (column, threshold, whether above it)."""
    found: list[list[tuple[int, float, bool]]] = []
    queue: list[tuple[int, list[tuple[int, float, bool]]]] = [(0, [])]
    while queue:
        node, path = queue.pop(0)
        found.append(path)
        if tree.children_left[node] >= 0:
            column, threshold = int(tree.feature[node]), float(tree.threshold[node])
            queue.append((int(tree.children_left[node]), [*path, (column, threshold, False)]))
            queue.append((int(tree.children_right[node]), [*path, (column, threshold, True)]))
    return found


def _conditions(columns: pd.DataFrame, values: Any, path: list[tuple[int, float, bool]]) -> tuple[str, Mask]:
    """Write a path with round thresholds, and say who meets what is written."""
    met = np.ones(len(columns), dtype=bool)
    bounds: dict[tuple[int, bool], float] = {}
    for column, threshold, above in path:
        tighter = max if above else min
        bounds[column, above] = tighter(threshold, bounds.get((column, above), threshold))
    texts = []
    for (column, above), threshold in bounds.items():
        name, own = str(columns.columns[column]), values[:, column]
        if " = " in name:
            met &= (own > 0.5) == above
            texts.append(name if above else name.replace(" = ", " != ", 1))
            continue
        rounded = _rounded(threshold)
        met &= (own >= rounded) if above else (own < rounded)
        texts.append(f"{name} {'>=' if above else '<'} {rounded:.12g}")
    return " and ".join(texts), met


def _rounded(value: float) -> float:
    """Keep three significant digits."""
    return float(f"{value:.3g}")
