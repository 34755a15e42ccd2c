"""Ward's tree on micro-clusters, cut, and consolidated: hierarchical clustering without its square cost.

HCPC (Husson, Josse and Pagès 2010) builds the tree on all customers: time and memory grow with their square (30 s and
6 GB for 12,000). Here k-means first makes some hundreds of micro-clusters of all customers, the tree joins those by
their weights, and k-means, started from the centres of the cut, moves customers to the cluster that is nearest.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin

from lieudit.segment.model import Integers, Matrix

__all__ = ["tree_of", "ward_clusters"]

MICRO: Final = 500
# A micro-cluster stands for so many customers on average, at least.
FEWEST: Final = 4
# Micro-clusters need to be small, not to be the best there are: a few rounds of k-means do.
ROUNDS: Final = 4


def ward_clusters(X: Matrix, n_clusters: int, seed: int) -> Integers:  # noqa: N803
    """Label points by Ward's method.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
    n_clusters : int
    seed : int

    Returns
    -------
    ndarray of shape (n_points,)
    """
    centres, sizes, labels = _micro_clusters(X, max(n_clusters, min(MICRO, len(X) // FEWEST)), seed)
    groups = _cut(tree_of(centres, sizes), len(sizes), n_clusters)[labels]
    start, _, _ = _means(X, groups)
    return np.asarray(KMeans(len(start), init=start, n_init=1).fit(X).labels_, dtype=np.int64)


def _micro_clusters(X: Matrix, count: int, seed: int) -> tuple[Matrix, Matrix, Integers]:  # noqa: N803
    """Return the centres and sizes of at most `count` micro-clusters, none of them empty, and the one of each point."""
    centres = X[np.random.default_rng(seed).choice(len(X), count, replace=False)]
    for _ in range(ROUNDS):
        centres, sizes, labels = _means(X, pairwise_distances_argmin(X, centres))
    return centres, sizes, labels


def _means(X: Matrix, labels: Integers) -> tuple[Matrix, Matrix, Integers]:  # noqa: N803
    """Return the mean and the size of each label's points, and labels without gaps."""
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.argsort(codes, kind="stable")
    sums = np.add.reduceat(X[order], np.cumsum(counts) - counts, axis=0)
    return sums / counts[:, np.newaxis], counts.astype(np.float64), codes


def tree_of(centres: Matrix, sizes: Matrix) -> list[tuple[float, int, int]]:
    """Join weighted points by Ward's criterion, two at a time, the least loss first.

    scipy's ``linkage`` counts every point as one. The loss of joining a and b is
    ``|a| |b| / (|a| + |b|) × ‖centre_a - centre_b‖²``; chains of nearest neighbours find the same tree as looking for
    the least loss each time (Murtagh 1983).

    Parameters
    ----------
    centres : ndarray of shape (n, n_columns)
    sizes : ndarray of shape (n,)
        Weights.

    Returns
    -------
    list of (float, int, int)
        The n - 1 losses, in order, each with a point of both sides.
    """
    centres, sizes = centres.copy(), sizes.copy()
    alive = np.ones(len(sizes), dtype=bool)
    joined: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(joined) < len(sizes) - 1:
        if not chain:
            chain.append(int(np.flatnonzero(alive)[0]))
        own = chain[-1]
        loss = sizes * sizes[own] / (sizes + sizes[own]) * ((centres - centres[own]) ** 2).sum(axis=1)
        loss[~alive] = np.inf
        loss[own] = np.inf
        near = int(loss.argmin())
        if len(chain) < 2 or loss[near] < loss[chain[-2]]:
            chain.append(near)
            continue
        other = chain[-2]  # each is the other's nearest
        del chain[-2:]
        joined.append((float(loss[other]), own, other))
        centres[own] = (sizes[own] * centres[own] + sizes[other] * centres[other]) / (sizes[own] + sizes[other])
        sizes[own] += sizes[other]
        alive[other] = False
    return sorted(joined, key=lambda pair: pair[0])


def _cut(tree: list[tuple[float, int, int]], count: int, n_clusters: int) -> Integers:
    """Label `count` points by the joins that leave so many clusters."""
    labels = np.arange(count)
    for _, one, other in tree[: max(0, count - n_clusters)]:
        labels[labels == labels[other]] = labels[one]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
