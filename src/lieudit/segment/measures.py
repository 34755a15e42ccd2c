"""How good a clustering is: one function a measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import davies_bouldin_score, pairwise_distances
from sklearn.metrics.cluster import contingency_matrix

from lieudit.segment.model import NOISE, Integers, Matrix, gaussians, log_densities

__all__ = ["best_jaccard", "davies_bouldin", "fit", "noise_share", "silhouette", "silhouette_samples", "sizes"]

SILHOUETTE_SAMPLES: Final = 5
SILHOUETTE_SIZE: Final = 5_000


def silhouette_samples(n: int, seed: int) -> list[Integers]:
    """Draw the rows of the five samples of 5,000 on which silhouettes are taken; one, whole, of fewer rows."""
    if n <= SILHOUETTE_SIZE:
        return [np.arange(n)]
    rng = np.random.default_rng(seed)
    return [np.sort(rng.choice(n, SILHOUETTE_SIZE, replace=False)) for _ in range(SILHOUETTE_SAMPLES)]


def distances(X: Matrix) -> npt.NDArray[np.float32]:  # noqa: N803
    """Return the distances between all rows, as 32-bit floats: they are shared by all candidates."""
    return np.asarray(pairwise_distances(X), dtype=np.float32)


def silhouette(between: npt.NDArray[np.float32], labels: Integers) -> float:
    """Return the mean silhouette (Rousseeuw 1987), a point in no cluster counting as 0.

    Leaving noise out would reward a method for calling noise whatever is hard to place.

    Parameters
    ----------
    between : ndarray of shape (n_points, n_points)
        Distances.
    labels : ndarray of shape (n_points,)

    Returns
    -------
    float
        In [-1, 1]; NaN with fewer than two clusters.
    """
    kept = labels != NOISE
    values, codes = np.unique(labels[kept], return_inverse=True)
    if len(values) < 2:
        return float("nan")
    flags = np.eye(len(values), dtype=np.float32)[codes]
    sums = (between[np.ix_(kept, kept)] @ flags).astype(np.float64)
    counts = flags.sum(axis=0).astype(np.float64)
    rows = np.arange(len(codes))
    own_size = counts[codes]
    inside = sums[rows, codes] / np.maximum(own_size - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    outside = means.min(axis=1)
    widest = np.maximum(inside, outside)
    score = np.divide(outside - inside, widest, out=np.zeros_like(widest), where=(widest > 0) & (own_size > 1))
    return float(score.sum() / len(labels))


def davies_bouldin(X: Matrix, labels: Integers) -> float:  # noqa: N803
    """Return the Davies–Bouldin index of the points that are in a cluster; NaN with fewer than two clusters."""
    kept = labels != NOISE
    if len(np.unique(labels[kept])) < 2:
        return float("nan")
    return float(davies_bouldin_score(X[kept], labels[kept]))


def fit(X: Matrix, answers: Sequence[Integers], labels: Integers) -> float:  # noqa: N803
    """Return the mean log-likelihood of points in their clusters, each described by one Gaussian and shares of answers.

    This classification likelihood (Celeux and Govaert 1992) tells apart labellings that agree on the clusters and
    not on their borders. A point in no cluster counts in the cluster where it is likeliest. It compares
    labellings of the same columns only.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
        Numbers, without the indicators of categories.
    answers : sequence of ndarray of int, shape (n_points,)
        What each point answered to each question, numbered from 0.
    labels : ndarray of shape (n_points,)
    """
    kept = labels != NOISE
    if not kept.any() or not (X.shape[1] or answers):
        return float("nan")
    names, codes = np.unique(labels[kept], return_inverse=True)
    logs = log_densities(X, *gaussians(X[kept], codes))[0]
    for answer in answers:
        counts = np.full((len(names), int(answer.max()) + 1), 0.5)
        np.add.at(counts, (codes, answer[kept]), 1)
        logs += np.log(counts / counts.sum(axis=1, keepdims=True)).T[answer]
    own = logs.max(axis=1)
    own[kept] = logs[kept, codes]
    return float(own.mean())


def noise_share(labels: Integers) -> float:
    """Return the share of points that are in no cluster."""
    return float(np.mean(labels == NOISE))


def sizes(labels: Integers, n_clusters: int) -> Integers:
    """Return how many points each cluster has."""
    return np.bincount(labels[labels != NOISE], minlength=n_clusters)


def best_jaccard(reference: Integers, other: Integers, n_clusters: int) -> Matrix:
    """Return, for each cluster of a reference, the Jaccard index of the cluster of another labelling most like it.

    This is what Hennig (2007, *Cluster-wise assessment of cluster stability*) averages over resamples.

    Returns
    -------
    ndarray of shape (n_clusters,)
        In [0, 1]; NaN for a cluster with no point.

    Examples
    --------
    >>> import numpy as np
    >>> best_jaccard(np.array([0, 0, 0, 1, 1, -1]), np.array([5, 5, 2, 2, 2, 2]), 2).round(2)
    array([0.67, 0.5 ])
    """
    out = np.full(n_clusters, np.nan)
    present = np.unique(reference)
    table = contingency_matrix(reference, other).astype(np.float64)
    found = table[:, np.unique(other) != NOISE]
    unions = table.sum(axis=1, keepdims=True) + found.sum(axis=0) - found
    best = (found / unions).max(axis=1, initial=0.0)
    for row, cluster in enumerate(present):
        if cluster != NOISE:
            out[cluster] = best[row]
    return out
