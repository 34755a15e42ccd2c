"""Covariances, principal axes, and how many of these a block has: Horn's parallel analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from threadpoolctl import threadpool_limits

from lieudit.features.blocks import Feature
from lieudit.features.columns import FittedColumn, Matrix, matrix_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["covariance", "kept_axes", "principal_axes"]

# Covariances are summed over so many rows at a time.
CHUNK: Final = 100_000

# Horn (1965) took the mean of the random eigenvalues; their 95th percentile (Glorfeld 1995) keeps fewer by chance.
QUANTILE: Final = 0.95
PERMUTATIONS: Final = 100
# On more rows chance eigenvalues are all the same, and the analysis no better.
MOST_ROWS: Final = 10_000


def covariance(df: pd.DataFrame, columns: Sequence[FittedColumn], features: Mapping[str, Feature]) -> Matrix:
    """Return the covariance of fitted columns, whose means are 0, over rows of a table."""
    total = np.zeros((len(columns), len(columns)))
    with threadpool_limits(1):  # the last bit of a product must not depend on the number of threads
        for start in range(0, len(df), CHUNK):
            part = matrix_of(df.iloc[start : start + CHUNK], columns, features)
            total += part.T @ part
    return total / len(df)


def principal_axes(covariance: Matrix) -> tuple[Matrix, Matrix]:
    """Return eigenvalues, the greatest first, and axes as columns, each with its largest coefficient positive."""
    with threadpool_limits(1):
        values, axes = np.linalg.eigh(covariance)
    values, axes = values[::-1], axes[:, ::-1]
    largest = np.abs(axes).round(12).argmax(axis=0)
    return values, axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)


def kept_axes(X: Matrix, groups: list[list[int]], seed: int) -> int:  # noqa: N803
    """Count the components of a block that are more than chance.

    Each column is shuffled among the rows, the indicators of one category together: what columns have in common
    is gone, all else stays. Components are kept as long as their variance is above the 95th percentile of the
    variances that 100 such tables give to components of the same rank (Horn 1965, *A rationale and test for the
    number of factors in factor analysis*).

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
        The columns of the block; at most 10,000 rows are read, drawn with `seed`.
    groups : list of list of int
        The columns that come from one feature.
    seed : int

    Returns
    -------
    int
        At least 1.
    """
    rng = np.random.default_rng(seed)
    rows = X[np.sort(rng.permutation(len(X))[:MOST_ROWS])]
    chance = np.empty((PERMUTATIONS, X.shape[1]))
    with threadpool_limits(1):
        real = _variances(rows)
        for draw in chance:
            shuffled = np.empty_like(rows)
            for columns in groups:
                shuffled[:, columns] = rows[rng.permutation(len(rows))][:, columns]
            draw[:] = _variances(shuffled)
    below = real <= np.quantile(chance, QUANTILE, axis=0)
    return max(1, int(below.argmax()) if below.any() else X.shape[1])


def _variances(X: Matrix) -> Matrix:  # noqa: N803
    centred = X - X.mean(axis=0)
    return np.linalg.eigvalsh(centred.T @ centred / len(X))[::-1]
