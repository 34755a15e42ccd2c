"""Tests that can say no: that groups are there, and that it takes two blocks to see them.

Each claim is compared with simulated customers in which all is kept but the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from lieudit.segment import measures
from lieudit.segment.candidates import Candidate
from lieudit.segment.layout import Layout
from lieudit.segment.model import NOISE, ClusterModel, Integers, Mask, Matrix

__all__ = ["ALPHA", "BlockClaim", "Evidence", "StructureTest", "block_claims", "gather", "one_cloud", "structure_test"]

ALPHA: Final = 0.05
# Simulations of one cloud: the p-value is a multiple of 1/100.
CLOUDS: Final = 99
CLOUD_SIZE: Final = 1_500
# Shuffles of a block: enough that the smallest p-value, corrected over clusters, is below ALPHA.
SHUFFLES: Final = 199
SHUFFLES_PER_CLUSTER: Final = 40
SHUFFLE_SIZE: Final = 5_000
# A cluster that keeps this share of its members wherever they live does not depend on where they live.
INDIFFERENT: Final = 0.9
# The nearer half of the members, in the shuffled block, are the heart of a cluster.
HEART: Final = 0.5


@dataclass(frozen=True, slots=True)
class StructureTest:
    """Whether customers form groups at all.

    Attributes
    ----------
    p_value : float
        ``(1 + simulations at least as separated) / (1 + simulations)``.
    simulations : int
        How many there were; 0 where no two clusters hold up, and nothing was left to test.
    separation : float
        Silhouette of k-means, with as many clusters as the winner, on the customers.
    null_mean, null_sd : float
        The same on simulated customers; NaN without simulations.
    """

    p_value: float
    simulations: int
    separation: float
    null_mean: float
    null_sd: float

    @property
    def found(self) -> bool:
        """Whether the test says that groups are there."""
        return self.p_value <= ALPHA


@dataclass(frozen=True, slots=True)
class BlockClaim:
    """Whether a cluster is more than what two blocks give by chance.

    Attributes
    ----------
    block : str
        The block whose rows were shuffled among customers.
    retention : float
        Share of the members that the cluster keeps when each lives where another customer does.
    expected : float
        Share of the cluster in its heart, the nearer half of its members in this block, when the block is shuffled:
        .5 where chance makes the cluster too, less where customers at random are more spread out.
    p_value : float
        Of as concentrated a cluster by chance, corrected over clusters (Holm).
    """

    block: str
    retention: float
    expected: float
    p_value: float

    @property
    def depends(self) -> bool:
        """Whether the cluster depends on the block."""
        return self.retention < INDIFFERENT

    @property
    def holds(self) -> bool:
        """Whether a cluster that depends on the block is more concentrated in it than chance makes it."""
        return self.p_value <= ALPHA


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tests say of a winner.

    Attributes
    ----------
    structure : StructureTest
    claims : tuple of tuple of BlockClaim
        For each cluster, one claim for each block after the first; none where there is one block.
    """

    structure: StructureTest
    claims: tuple[tuple[BlockClaim, ...], ...]

    def chance(self, cluster: int) -> bool:
        """Whether chance makes the cluster too: no groups at all, or not more than two blocks side by side."""
        return not self.structure.found or any(one.depends and not one.holds for one in self.claims[cluster])


def gather(model: ClusterModel, X: Matrix, layout: Layout, winner: Candidate, seed: int) -> Evidence:  # noqa: N803
    """Run all tests of a winner.

    Parameters
    ----------
    model : ClusterModel
    X : ndarray of shape (n_customers, n_columns)
        Customers of whom every block is known.
    layout : Layout
    winner : Candidate
    seed : int
    """
    structure = structure_test(X[:, layout.numeric], winner.n_clusters, int(winner.metrics["held_clusters"]), seed)
    blocks = list(layout.members.items())[1:]
    by_block = [block_claims(model, X, columns, name, seed) for name, columns in blocks]
    return Evidence(structure, tuple(tuple(own[one] for own in by_block) for one in range(winner.n_clusters)))


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
    ordered = np.sort(X, axis=0)
    # Ties are ranked in random order: their scores stay normal.
    shuffled = rng.permutation(len(X))
    order = shuffled[np.argsort(X[shuffled], axis=0, kind="stable")]
    scores = np.empty_like(X)
    np.put_along_axis(scores, order, ndtri((np.arange(len(X)) + 0.5) / len(X))[:, np.newaxis], axis=0)
    values, axes = np.linalg.eigh(np.corrcoef(scores.T))
    drawn = ndtr(rng.standard_normal((size, X.shape[1])) @ (axes * np.sqrt(np.clip(values, 0, None))).T)
    positions = np.minimum((drawn * len(X)).astype(np.int64), len(X) - 1)
    return np.take_along_axis(ordered, positions, axis=0)


def structure_test(X: Matrix, n_clusters: int, held: int, seed: int) -> StructureTest:  # noqa: N803
    """Test whether customers are more separated than one cloud of the same columns and correlations.

    Where fewer than two clusters hold up (stable, with valleys between them) there is nothing to test: p is 1.
    Otherwise k-means cuts real and simulated customers in as many parts as the winner has, and silhouettes are
    compared. Both are needed: real columns are never quite a copula, so that customers without groups may be a
    little more separated than simulated ones; and columns with two crests make valleys in simulations too.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
        Numeric columns.
    n_clusters : int
        Of the winner.
    held : int
        Of these, those that hold up.
    seed : int
    """
    rng = np.random.default_rng(seed)
    with threadpool_limits(1):
        real = _separation(X[rng.permutation(len(X))[:CLOUD_SIZE]], n_clusters, seed)
        if held < 2 or X.shape[1] < 2:
            return StructureTest(1.0, 0, real, float("nan"), float("nan"))
        size = min(len(X), CLOUD_SIZE)
        null = np.array([_separation(one_cloud(X, size, rng), n_clusters, seed) for _ in range(CLOUDS)])
    p_value = (1 + int((null >= real).sum())) / (1 + CLOUDS)
    return StructureTest(p_value, CLOUDS, real, float(null.mean()), float(null.std()))


def _separation(X: Matrix, n_clusters: int, seed: int) -> float:  # noqa: N803
    labels = KMeans(n_clusters, n_init=2, random_state=seed).fit_predict(X)
    return measures.silhouette(measures.distances(X), np.asarray(labels, dtype=np.int64))


def block_claims(
    model: ClusterModel,
    X: Matrix,  # noqa: N803
    columns: Mask,
    block: str,
    seed: int,
) -> tuple[BlockClaim, ...]:
    """Test each cluster against the same customers with one block shuffled among them.

    Town and country are groups on any map: a rule that cuts customers by where they live finds as many with homes
    at random. What it does not find then is a cluster as concentrated: where two groups buy alike and live apart,
    homes at random would put others like them in between.

    Parameters
    ----------
    model : ClusterModel
    X : ndarray of shape (n_customers, n_columns)
        Customers of whom every block is known.
    columns : ndarray of bool, shape (n_columns,)
        Those of the block.
    block : str
    seed : int

    Returns
    -------
    tuple of BlockClaim
        One a cluster.
    """
    rng = np.random.default_rng(seed)
    X = X[np.sort(rng.permutation(len(X))[:SHUFFLE_SIZE])]  # noqa: N806
    labels = model.predict(X).labels
    heart = _Heart.of(model, X, labels, columns & model.reads)
    real = heart.share(X, labels)
    shuffles = max(SHUFFLES, SHUFFLES_PER_CLUSTER * model.n_clusters)
    kept, drawn = np.zeros(model.n_clusters), np.empty((shuffles, model.n_clusters))
    for number in range(shuffles):
        moved = X.copy()
        moved[:, columns] = X[rng.permutation(len(X))][:, columns]
        again = model.predict(moved).labels
        drawn[number] = heart.share(moved, again)
        kept += np.bincount(labels[(labels == again) & (labels != NOISE)], minlength=model.n_clusters)
    retention = kept / shuffles / np.maximum(np.bincount(labels[labels != NOISE], minlength=model.n_clusters), 1)
    p_values = _holm((1 + (drawn >= real).sum(axis=0)) / (1 + shuffles))
    return tuple(
        BlockClaim(block, float(retention[one]), float(drawn[:, one].mean()), p_values[one])
        for one in range(model.n_clusters)
    )


@dataclass(frozen=True, slots=True)
class _Heart:
    """What it takes to be in the heart of each cluster, in one block."""

    columns: Mask
    means: Matrix
    inverses: Matrix
    bounds: Matrix

    @classmethod
    def of(cls, model: ClusterModel, X: Matrix, labels: Integers, columns: Mask) -> Self:  # noqa: N803
        inverses: Matrix = np.linalg.inv(model.covariances[:, columns][:, :, columns]).astype(np.float64)
        heart = cls(columns, model.means[:, columns], inverses, np.zeros(model.n_clusters))
        distances = [heart.distances(X[labels == one], one) for one in range(model.n_clusters)]
        bounds = [float(np.quantile(own, HEART)) if own.size else 0.0 for own in distances]
        return replace(heart, bounds=np.array(bounds))

    def distances(self, X: Matrix, cluster: int) -> Matrix:  # noqa: N803
        away = X[:, self.columns] - self.means[cluster]
        return np.asarray(((away @ self.inverses[cluster]) * away).sum(axis=1))

    def share(self, X: Matrix, labels: Integers) -> Matrix:  # noqa: N803
        inside = [self.distances(X[labels == one], one) <= bound for one, bound in enumerate(self.bounds)]
        return np.array([float(own.mean()) if own.size else 0.0 for own in inside])


def _holm(p_values: Matrix) -> list[float]:
    """Correct p-values for how many there are (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return [float(value) for value in corrected]
