"""The customers among whom others are: those of no group, scattered, fill the valleys between groups."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial import cKDTree
from sklearn.neighbors import KNeighborsClassifier

from lieudit.segment.model import Integers, Mask, Matrix

__all__ = ["core_of", "join_core"]

# How close a customer is to others is how far the one of this rank is.
NEIGHBOURS: Final = 10
# A customer outside the core joins the cluster of most of so many in it.
NEAREST: Final = 15
# In one or two columns the density that is read for valleys is the one by which the core is drawn: without the points
# of its dips, one cloud may show one (uniform laws, one base in ten or so); from three columns on, none of 40 did.
FEWEST_COLUMNS: Final = 3


def core_of(X: Matrix, share: float) -> Mask:  # noqa: N803
    """Find the customers who are closest to others.

    Groups are found among them, and everybody then joins one (:func:`join_core`): trimming, as it is done for k-means
    and mixtures (García-Escudero et al. 2008), but before there are groups. Trimming by cluster would open
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


def join_core(X: Matrix, core: Mask, labels: Integers) -> Integers:  # noqa: N803
    """Give everybody outside the core the cluster of most of their nearest neighbours in it.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
    core : ndarray of bool, shape (n_points,)
    labels : ndarray of int, shape (n_core,)
        Clusters of the core.

    Returns
    -------
    ndarray of int, shape (n_points,)

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [2.0], [8.0], [9.0]])
    >>> join_core(line, np.array([True, True, False, False, True]), np.array([0, 0, 1]))
    array([0, 0, 0, 0, 1])
    """
    if core.all():
        return labels
    everyone = np.empty(len(X), dtype=np.int64)
    everyone[core] = labels
    everyone[~core] = KNeighborsClassifier(min(NEAREST, len(labels))).fit(X[core], labels).predict(X[~core])
    return everyone
