"""One cloud of customers: the same columns and the same dependence, and no groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.cluster import KMeans

from lieudit.segment import measures
from lieudit.segment.model import Matrix

__all__ = ["CLOUDS", "CloudTest", "against_one_cloud", "one_cloud"]

# Simulations: the p-value is a multiple of 1/100.
CLOUDS: Final = 99
CLOUD_SIZE: Final = 1_000
MOST: Final = 0.999


@dataclass(frozen=True, slots=True)
class CloudTest:
    """Whether points are more separated than one cloud.

    Attributes
    ----------
    p_value : float
        ``(1 + simulations at least as separated) / (1 + simulations)``.
    separation : float
        Silhouette of k-means on the customers.
    null_mean, null_sd : float
        The same on simulated customers.
    """

    p_value: float
    separation: float
    null_mean: float
    null_sd: float


def one_cloud(X: Matrix, size: int, rng: np.random.Generator) -> Matrix:  # noqa: N803
    """Simulate customers with the same columns, one by one, and the same rank correlations, in one cloud.

    A Gaussian copula: normal scores with the correlations of the real ones, sent back to the real values. Skewed
    and repeated values stay as they are; groups that only a combination of columns shows are gone.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
    size : int
        Customers to simulate.
    rng : Generator

    Returns
    -------
    ndarray of shape (size, n_columns)
    """
    return _Cloud.of(X).draw(size, rng)


@dataclass(frozen=True, slots=True)
class _Cloud:
    """What a Gaussian copula needs: the values of each column in order, and a root of the correlations."""

    ordered: Matrix
    root: Matrix

    @classmethod
    def of(cls, X: Matrix) -> _Cloud:  # noqa: N803
        # Equal values share the mean of their normal scores: chance must not order them.
        scores = np.empty_like(X)
        plain = ndtri((np.arange(len(X)) + 0.5) / len(X))
        for column in range(X.shape[1]):
            _, back, counts = np.unique(X[:, column], return_inverse=True, return_counts=True)
            scores[:, column] = (np.add.reduceat(plain, np.cumsum(counts) - counts) / counts)[back]
        # What ties take from the variance they take, to the first order, from the covariance too.
        variances = scores.var(axis=0)
        correlations = np.clip(np.cov(scores.T, bias=True) / np.outer(variances, variances), -MOST, MOST)
        np.fill_diagonal(correlations, 1.0)
        values, axes = np.linalg.eigh(correlations)
        root = axes * np.sqrt(np.clip(values, 0, None))
        return cls(np.sort(X, axis=0), root / np.linalg.norm(root, axis=1, keepdims=True))

    def draw(self, size: int, rng: np.random.Generator) -> Matrix:
        n, width = self.ordered.shape
        ranks = ndtr(rng.standard_normal((size, width)) @ self.root.T) * n
        return np.take_along_axis(self.ordered, np.minimum(ranks.astype(np.int64), n - 1), axis=0)


def against_one_cloud(X: Matrix, n_clusters: int, seed: int) -> CloudTest:  # noqa: N803
    """Test whether points are more separated than one cloud of the same columns and rank correlations.

    K-means cuts real and simulated points in as many parts, and silhouettes are compared. It says nothing where
    groups show in single columns only, since the simulations keep these.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
        In an order that does not depend on the file's; at most 1,000 points are drawn for each side.
    n_clusters : int
        At least 2.
    seed : int
    """
    rng = np.random.default_rng(seed)
    cloud, size = _Cloud.of(X), min(len(X), CLOUD_SIZE)
    real = _separation(X[rng.permutation(len(X))[:size]], n_clusters, seed)
    null = np.array([_separation(cloud.draw(size, rng), n_clusters, seed) for _ in range(CLOUDS)])
    p_value = (1 + int((null >= real).sum())) / (1 + CLOUDS)
    return CloudTest(p_value, real, float(null.mean()), float(null.std()))


def _separation(X: Matrix, n_clusters: int, seed: int) -> float:  # noqa: N803
    labels = KMeans(n_clusters, n_init=2, random_state=seed).fit_predict(X)
    found = measures.silhouette(measures.distances(X), np.asarray(labels, dtype=np.int64))
    return found if np.isfinite(found) else -1.0
