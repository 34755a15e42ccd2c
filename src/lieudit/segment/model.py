"""A fitted clustering as plain arrays: one rule to label customers, in training and ever after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Literal, NamedTuple, Self, get_args

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.special import logsumexp
from threadpoolctl import ThreadpoolController

from lieudit.errors import BundleError

__all__ = ["NOISE", "ClusterModel", "Integers", "Labels", "Mask", "Matrix", "Rule", "gaussians", "log_densities"]

Matrix = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rule = Literal["nearest", "posterior", "bounded"]

NOISE: Final = -1
CHUNK: Final = 50_000
# Share of a cluster's own spread that is replaced by the average spread of all clusters, and added to every
# variance: a cluster of customers of one commune has no spread at all in the place block.
SHRINK: Final = 0.1
FLOOR: Final = 3e-3


class Labels(NamedTuple):
    """What a model says of customers: a cluster each (-1 is noise), and how surely, in [0, 1]."""

    labels: Integers
    strength: Matrix


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """Clusters as Gaussians, and the rule that gives a point its cluster.

    Attributes
    ----------
    rule : Rule
        ``nearest``: the nearest centre (k-means). ``posterior``: the most probable cluster (mixture).
        ``bounded``: the most probable cluster, or noise where the point is further from it, in Mahalanobis'
        distance, than ``bounds`` (density methods).
    columns : tuple of str
        The columns of the matrix.
    reads : ndarray of bool, shape (n_columns,)
        Those that the rule looks at: density methods leave the indicators of categories aside, which have no
        density.
    weights : ndarray of shape (n_clusters,)
        Shares of the clusters.
    means : ndarray of shape (n_clusters, n_columns)
    covariances : ndarray of shape (n_clusters, n_columns, n_columns)
    bounds : ndarray of shape (n_clusters,)
        Squared distances; infinite where nothing is noise.
    numbers : tuple of int
        What clusters are called outside, in order; none where they are called 0, 1, …
    highest : int
        The highest number that a cluster ever had, this model's or an earlier one's.
    """

    rule: Rule
    columns: tuple[str, ...]
    reads: Mask
    weights: Matrix
    means: Matrix
    covariances: Matrix
    bounds: Matrix
    numbers: tuple[int, ...] = ()
    highest: int = NOISE

    @property
    def n_clusters(self) -> int:
        """Number of clusters, noise apart."""
        return len(self.weights)

    def numbered(self, labels: Integers) -> Integers:
        """Turn positions of clusters, as :meth:`predict` gives them, into the numbers that they are called by."""
        return np.array([*self.numbers, NOISE], dtype=np.int64)[labels] if self.numbers else labels

    def predict(self, X: Matrix) -> Labels:  # noqa: N803
        """Label customers of whom every block is known.

        Parameters
        ----------
        X : ndarray of shape (n_customers, n_columns)
            What the fitted ``BlockScaler`` gives.

        Returns
        -------
        Labels
            Strength is the posterior probability of the cluster; for ``nearest`` it is 1 - a / b, a and b being
            the distances to the nearest and second-nearest centres; for noise it is 0.
        """
        parts = [self._predict(X[start : start + CHUNK]) for start in _starts(X)]
        return Labels(
            np.concatenate([part.labels for part in parts]), np.concatenate([part.strength for part in parts])
        )

    def predict_partial(self, X: Matrix, known: Mask) -> Labels:  # noqa: N803
        """Label customers of whom only some columns are known: the posterior given those columns.

        Parameters
        ----------
        X : ndarray of shape (n_customers, n_columns)
        known : ndarray of bool, shape (n_columns,)
            The columns to be read, the same for all these customers. Gaussians are marginalised to them.
        """
        if known[self.reads].all():
            return self.predict(X)
        if not known[self.reads].any():
            return Labels(np.full(len(X), NOISE), np.zeros(len(X)))
        parts = [self._densities(X[start : start + CHUNK], known & self.reads)[0] for start in _starts(X)]
        return _most_probable(np.concatenate(parts))

    def posteriors(self, X: Matrix, known: Mask) -> Matrix:  # noqa: N803
        """Return the probability of each cluster given some columns, whether the rule reads them or not.

        Returns
        -------
        ndarray of shape (n_customers, n_clusters)
        """
        logs = np.concatenate([self._densities(X[start : start + CHUNK], known)[0] for start in _starts(X)])
        return np.asarray(np.exp(logs - logsumexp(logs, axis=1, keepdims=True)))

    def reordered(self, order: Sequence[int]) -> Self:
        """Return the same model with its clusters numbered anew: cluster ``order[i]`` becomes cluster i."""
        own = list(order)
        return replace(
            self,
            weights=self.weights[own],
            means=self.means[own],
            covariances=self.covariances[own],
            bounds=self.bounds[own],
        )

    def to_arrays(self) -> tuple[dict[str, Matrix], dict[str, Any]]:
        """Return the arrays, for an ``.npz`` without pickle, and the rest as plain JSON."""
        arrays = {
            "weights": self.weights, "means": self.means, "covariances": self.covariances, "bounds": self.bounds,
        }  # fmt: skip
        meta = {"rule": self.rule, "columns": list(self.columns), "reads": self.reads.tolist()}
        return arrays, meta | {"numbers": list(self.numbers), "highest": self.highest}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Matrix], meta: Mapping[str, Any]) -> Self:
        """Return the model that :meth:`to_arrays` described.

        Raises
        ------
        BundleError
            The shapes do not fit together, or the rule is unknown.
        """
        size = len(meta["columns"])
        reads = np.array(meta["reads"], dtype=np.bool_)
        count = len(arrays["weights"])
        shapes = {
            "weights": (count,),
            "means": (count, size),
            "covariances": (count, size, size),
            "bounds": (count,),
        }
        wrong = [name for name, shape in shapes.items() if np.shape(arrays[name]) != shape]
        if wrong or reads.shape != (size,) or meta["rule"] not in get_args(Rule):
            raise BundleError(f"The clusters do not fit together: {', '.join(wrong) or meta['rule']}.",
                              expected="arrays written by this version", fix="Train again.")  # fmt: skip
        floats = {name: np.asarray(arrays[name], dtype=np.float64) for name in shapes}
        numbers = tuple(int(one) for one in meta.get("numbers", ()))  # older bundles have none
        if numbers and (len(set(numbers)) != count or min(numbers) < 0):
            raise BundleError(f"The clusters' numbers are {numbers}.", expected=f"{count} different ones",
                              fix="Train again.")  # fmt: skip
        return cls(rule=meta["rule"], columns=tuple(meta["columns"]), reads=reads, **floats, numbers=numbers,
                   highest=int(meta.get("highest", NOISE)))  # fmt: skip

    def _predict(self, X: Matrix) -> Labels:  # noqa: N803
        if self.rule == "nearest":
            return self._nearest(X)
        logs, distances = self._densities(X, self.reads)
        labels, strength = _most_probable(logs)
        beyond = distances[np.arange(len(X)), labels] > self.bounds[labels]
        return Labels(np.where(beyond, NOISE, labels), np.where(beyond, 0.0, strength))

    def _nearest(self, X: Matrix) -> Labels:  # noqa: N803
        # Differences, not the expanded square: exact, and the same whatever the rows around.
        away = (((X - mean)[:, self.reads] ** 2).sum(axis=1) for mean in self.means)
        distances = np.sqrt(np.stack(list(away), axis=1))
        labels = distances.argmin(axis=1)
        if self.n_clusters == 1:
            return Labels(labels, np.ones(len(X)))
        first, second = np.partition(distances, 1, axis=1)[:, :2].T
        return Labels(labels, 1 - np.divide(first, second, out=np.ones(len(X)), where=second > 0))

    def _densities(self, X: Matrix, known: Mask) -> tuple[Matrix, Matrix]:  # noqa: N803
        covariances = self.covariances[:, known][:, :, known]
        return log_densities(X[:, known], self.weights, self.means[:, known], covariances)


def log_densities(X: Matrix, weights: Matrix, means: Matrix, covariances: Matrix) -> tuple[Matrix, Matrix]:  # noqa: N803
    """Return log(weight × density) and squared Mahalanobis distances, (n_points, n_clusters) each."""
    logs = np.empty((len(X), len(weights)))
    distances = np.empty_like(logs)
    # One thread: the last bit of a product must not depend on how many there are.
    with _threads().limit(limits=1, user_api="blas"):
        for cluster, (weight, mean, covariance) in enumerate(zip(weights, means, covariances, strict=True)):
            factor = np.linalg.cholesky(covariance)
            whitened = solve_triangular(factor, (X - mean).T, lower=True, check_finite=False)
            distances[:, cluster] = (whitened**2).sum(axis=0)
            log_volume = 2 * np.log(np.diag(factor)).sum() + X.shape[1] * np.log(2 * np.pi)
            logs[:, cluster] = np.log(weight) - 0.5 * (distances[:, cluster] + log_volume)
    return logs, distances


@cache
def _threads() -> ThreadpoolController:
    """Return the thread pools of linear algebra: looking for them takes longer than labelling a thousand customers."""
    return ThreadpoolController()


def _starts(X: Matrix) -> range:  # noqa: N803
    return range(0, max(len(X), 1), CHUNK)


def gaussians(X: Matrix, labels: Integers) -> tuple[Matrix, Matrix, Matrix]:  # noqa: N803
    """Return the weight, mean and covariance of each cluster 0, 1, …; noise is left out.

    Covariances lean towards their average (``SHRINK``) and have a floor (``FLOOR``), so that each has an inverse.
    """
    count = int(labels.max()) + 1
    members = [X[labels == cluster] for cluster in range(count)]
    sizes = np.array([len(own) for own in members], dtype=np.float64)
    means = np.stack([own.mean(axis=0) for own in members])
    raw = np.stack([(own - mean).T @ (own - mean) / len(own) for own, mean in zip(members, means, strict=True)])
    weights = sizes / sizes.sum()
    pooled = np.einsum("k,kij->ij", weights, raw)
    ridge = FLOOR * np.eye(X.shape[1])
    return weights, means, (1 - SHRINK) * raw + SHRINK * pooled + ridge


def _most_probable(logs: Matrix) -> Labels:
    labels = logs.argmax(axis=1)
    strength = np.exp(logs[np.arange(len(logs)), labels] - logsumexp(logs, axis=1))
    return Labels(labels, np.clip(strength, 0.0, 1.0))
