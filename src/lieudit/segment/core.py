"""The customers among whom others are: those of no group, scattered, fill the valleys between groups."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from lieudit.segment.model import Mask, Matrix

__all__ = ["core_of"]

# How close a customer is to others is how far the one of this rank is.
NEIGHBOURS: Final = 10
# In one or two columns the density that is read for valleys is the one by which the core is drawn: without the points
# of its dips, one cloud may show one (uniform laws, one base in ten or so); from three columns on, none of 40 did.
FEWEST_COLUMNS: Final = 3


def core_of(X: Matrix, share: float) -> Mask:  # noqa: N803
    """Find the customers who are closest to others.

    Groups are found among them, and everybody then joins the group that they fit best: trimming, as it is done for
    k-means and mixtures (García-Escudero et al. 2008), but before there are groups. Trimming by cluster would open
    valleys between the parts of one cloud.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
        Numbers, balanced.
    share : float
        Of the points that are kept, in (0, 1]; more where several are as close. All are kept of fewer than three
        columns.

    Returns
    -------
    ndarray of bool, shape (n_points,)

    Examples
    --------
    >>> line = np.concatenate([np.linspace(0, 1, 20), np.linspace(10, 20, 5)])
    >>> core_of(np.column_stack([line, line, line]), 0.8).sum()
    np.int64(20)
    """
    if share >= 1 or len(X) <= NEIGHBOURS or X.shape[1] < FEWEST_COLUMNS:
        return np.ones(len(X), dtype=np.bool_)
    away = cKDTree(X).query(X, k=NEIGHBOURS + 1)[0][:, -1]
    return np.asarray(away <= np.quantile(away, share))
