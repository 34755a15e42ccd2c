"""The customers around whom others are dense: scattered ones between groups fill the valleys."""

from __future__ import annotations

from typing import Final

import numpy as np
from sklearn.neighbors import NearestNeighbors

from lieudit.segment.model import Mask, Matrix

__all__ = ["core"]

# As HDBSCAN measures density: how far the tenth neighbour is. Looked for among at most so many rows.
NEIGHBOURS: Final = 10
AMONG: Final = 10_000


def core(X: Matrix, share: float, seed: int) -> Mask:  # noqa: N803
    """Say which rows are in the densest places.

    What is left of one cloud is a smaller cloud: no valley comes of it.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
    share : float
        Of the rows to keep, in (0, 1].
    seed : int

    Returns
    -------
    ndarray of bool, shape (n_rows,)
    """
    if share >= 1 or not X.shape[1] or len(X) <= NEIGHBOURS:
        return np.ones(len(X), dtype=np.bool_)
    among = X if len(X) <= AMONG else X[np.random.default_rng(seed).choice(len(X), AMONG, replace=False)]
    # A row is its own neighbour where it is among them: one more does no harm.
    away = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(among).kneighbors(X)[0][:, -1]
    return np.asarray(away <= np.quantile(away, share))
