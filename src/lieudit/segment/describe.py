"""What sets a cluster apart: v-tests, as FactoMineR's ``catdes`` gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lieudit.features import Feature
from lieudit.segment.model import Integers, Matrix

__all__ = ["Trait", "foremost", "traits", "v_test"]

# So many traits of each block are told, however strong those of another are.
OF_EACH_BLOCK: Final = 2


@dataclass(frozen=True, slots=True)
class Trait:
    """A column in which a cluster differs from all customers.

    Attributes
    ----------
    feature : str
        The column, or ``column=category``.
    block : str
        The block of the column.
    value : float
        The cluster's mean, or the share of the category in it. In the column's own unit.
    overall : float
        The same of all customers.
    v_test : float
        How far apart they are, in standard errors (Lebart, Morineau and Piron 1995); |v| > 2 is more than chance.
    effect : float
        The same difference in standard deviations of the column.
    """

    feature: str
    block: str
    value: float
    overall: float
    v_test: float
    effect: float


def v_test(inside: Matrix, everyone: Matrix) -> float:
    """Compare the mean of a group, drawn without replacement, with the mean of all.

    ``(mean_c - mean) / sqrt(s² / n_c × (n - n_c) / (n - 1))``, s² being the population variance. For a 0/1
    column it is the normal form of the hypergeometric test that ``catdes`` makes of categories.

    Parameters
    ----------
    inside, everyone : ndarray
        Values without NaN; `everyone` holds those of `inside` too.

    Examples
    --------
    >>> import numpy as np
    >>> round(v_test(np.array([3.0, 4.0]), np.array([1.0, 2.0, 3.0, 4.0])), 4)
    1.5492
    """
    n, n_c = len(everyone), len(inside)
    variance = float(everyone.var()) if n else 0.0
    if n_c in (0, n) or variance == 0:
        return 0.0
    return float((inside.mean() - everyone.mean()) / np.sqrt(variance / n_c * (n - n_c) / (n - 1)))


def traits(frame: pd.DataFrame, features: tuple[Feature, ...], labels: Integers) -> dict[int, list[Trait]]:
    """Describe every cluster by every column, the strongest first.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns; missing values are left out, column by column.
    features : tuple of Feature
        The columns to be read.
    labels : ndarray of shape (n_customers,)
    """
    clusters = [int(label) for label in np.unique(labels) if label >= 0]
    found: dict[int, list[Trait]] = {cluster: [] for cluster in clusters}
    for name, block, values in _columns(frame, features):
        known = ~np.isnan(values)
        everyone = values[known]
        if not everyone.size:
            continue
        spread = float(everyone.std())
        for cluster in clusters:
            inside = values[known & (labels == cluster)]
            if inside.size and spread > 0:
                gap = float(inside.mean() - everyone.mean())
                found[cluster].append(
                    Trait(
                        name,
                        block,
                        float(inside.mean()),
                        float(everyone.mean()),
                        v_test(inside, everyone),
                        gap / spread,
                    )
                )
    return {cluster: sorted(own, key=lambda t: (-abs(round(t.v_test, 6)), t.feature)) for cluster, own in found.items()}


def foremost(found: Sequence[Trait], most: int) -> list[Trait]:
    """Return the strongest traits, two of each block at least, so that one block does not hide the others.

    Parameters
    ----------
    found : sequence of Trait
        Strongest first.
    most : int
        How many, unless so many blocks need more.

    Examples
    --------
    >>> strong = [Trait(f"share_{n}", "place", 0, 0, 30.0 - n, 1) for n in range(5)]
    >>> weak = [Trait("frequency", "behaviour", 0, 0, -4.0, 0.3), Trait("monetary", "behaviour", 0, 0, 3.0, 0.3)]
    >>> [trait.feature for trait in foremost([*strong, *weak], 4)]
    ['share_0', 'share_1', 'frequency', 'monetary']
    """
    seen: Counter[str] = Counter()
    first: list[int] = []
    others: list[int] = []
    for rank, trait in enumerate(found):
        seen[trait.block] += 1
        (first if seen[trait.block] <= OF_EACH_BLOCK else others).append(rank)
    return [found[rank] for rank in sorted([*first, *others[: max(most - len(first), 0)]])]


def _columns(frame: pd.DataFrame, features: tuple[Feature, ...]) -> list[tuple[str, str, Matrix]]:
    """Return raw numbers as they are, and each category as a column of zeros and ones."""
    out: list[tuple[str, str, Matrix]] = []
    values: Matrix
    for feature in features:
        if feature.name not in frame.columns:
            continue
        column: pd.Series[Any] = frame[feature.name]
        if feature.kind == "numeric":
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            out.append((feature.name, feature.block, values))
            continue
        texts = column.astype("string")
        for level in sorted(texts.dropna().unique()):
            values = np.where(texts.isna(), np.nan, texts.eq(level).fillna(False).to_numpy(dtype=np.bool_))
            out.append((f"{feature.name}={level}", feature.block, values))
    return out
