"""Whether it takes a block to see a cluster: the same customers, one block dealt again among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.cluster import KMeans

from lieudit.segment.model import NOISE, ClusterModel, Integers, Mask, Matrix

__all__ = ["ALPHA", "DEALS", "DEALT_SIZE", "BlockClaim", "against_dealing", "holm", "retention"]

ALPHA: Final = 0.05
# Deals of a block: the smallest p-value, corrected over clusters and blocks, is well below ALPHA.
DEALS: Final = 1_999
# Enough to see what share of its members a cluster keeps.
FEW_DEALS: Final = 5
DEALT_SIZE: Final = 4_000
# A cluster that keeps this share of its members wherever they live does not depend on where they live.
INDIFFERENT: Final = 0.9
# Kinds of places (of companies, …) among which members are counted.
KINDS: Final = 12
# Share who must live elsewhere than the rest: less is true perhaps, and no group.
LEAST: Final = 0.1
# With fewer on a side, nothing is said.
FEWEST: Final = 20


@dataclass(frozen=True, slots=True)
class BlockClaim:
    """Whether a cluster depends on a block, and is more in it than chance.

    Attributes
    ----------
    block : str
    retention : float
        Share of the members that the cluster keeps when the block is dealt again among customers: when each lives
        where another does.
    displaced : float or None
        Share of those who are like the cluster in the other blocks that would have to move to live as the others do:
        how they are spread over kinds of places, against how the rest are, beyond what chance makes. None where the
        block's own shape is what is claimed.
    p_value : float
        Of so much by chance, corrected over clusters (Holm 1979); or that of the block against one cloud.
    """

    block: str
    retention: float
    displaced: float | None
    p_value: float

    @property
    def depends(self) -> bool:
        """Whether the cluster depends on the block."""
        return self.retention < INDIFFERENT

    @property
    def holds(self) -> bool:
        """Whether chance makes no such cluster."""
        return self.p_value <= ALPHA and (self.displaced is None or self.displaced >= LEAST)


def retention(model: ClusterModel, X: Matrix, columns: Mask, seed: int) -> Matrix:  # noqa: N803
    """Return the share of its members that each cluster keeps when the columns are dealt again."""
    rng = np.random.default_rng(seed)
    labels = model.predict(X).labels
    kept = np.zeros(model.n_clusters)
    for _ in range(FEW_DEALS):
        kept += _kept(labels, model.predict(_deal(X, columns, rng.permutation(len(X)))).labels, model.n_clusters)
    return kept / FEW_DEALS


def against_dealing(
    model: ClusterModel,
    X: Matrix,  # noqa: N803
    columns: Mask,
    block: str,
    seed: int,
) -> tuple[BlockClaim, ...]:
    """Test each cluster against the same customers with one block dealt again among them.

    Town and country are groups on any map: a rule that cuts customers by where they live finds both with homes
    at random. But then those who buy like a cluster live where those who buy otherwise do. Each customer belongs to
    the buyers of each cluster by the probability that the other blocks alone give; each block keeps its own shape;
    what goes with what is all that changes.

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
    kinds = np.eye(KINDS)[_kinds(X[:, columns], seed)].T
    alike = _families(model.posteriors(X, ~columns))
    distance = _elsewhere(alike, kinds)
    null = np.stack([_elsewhere(alike[rng.permutation(len(X))], kinds) for _ in range(DEALS)])
    p_values = holm((1 + (null >= distance).sum(axis=0)) / (1 + len(null)))
    # Chance alone makes some difference: what is beyond counts.
    beyond = np.clip(distance - null.mean(axis=0), 0, None)
    kept = retention(model, X, columns, seed)
    return tuple(
        BlockClaim(block, float(kept[one]), float(beyond[one]), p_values[one]) for one in range(model.n_clusters)
    )


def _deal(X: Matrix, columns: Mask, order: Integers) -> Matrix:  # noqa: N803
    dealt = X.copy()
    dealt[:, columns] = X[order][:, columns]
    return dealt


def _kept(labels: Integers, again: Integers, n_clusters: int) -> Matrix:
    """Return the share of each cluster that stays in it."""
    same = np.bincount(labels[(labels == again) & (labels != NOISE)], minlength=n_clusters)
    return same / np.maximum(np.bincount(labels[labels != NOISE], minlength=n_clusters), 1)


def holm(p_values: Matrix) -> list[float]:
    """Correct p-values for how many there are (Holm 1979).

    Examples
    --------
    >>> import numpy as np
    >>> holm(np.array([0.01, 0.5, 0.02]))
    [0.03, 0.5, 0.04]
    """
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return [float(value) for value in corrected]


def _kinds(values: Matrix, seed: int) -> Integers:
    """Sort the rows of a block into a few kinds."""
    count = min(KINDS, len(np.unique(values, axis=0)))
    return np.asarray(KMeans(count, n_init=1, random_state=seed).fit_predict(values), dtype=np.int64)


def _families(posteriors: Matrix) -> Matrix:
    """Return how much each customer is of each cluster's kind, clusters that these blocks confound being one kind.

    Of two groups that buy alike, each takes half of the probability of the customers of both.
    """
    together = posteriors.T @ posteriors
    confused = together / np.diag(together)
    return np.asarray(posteriors @ np.minimum(confused, 1.0).T).clip(0, 1)


def _elsewhere(alike: Matrix, kinds: Matrix) -> Matrix:
    """Return the share of the customers of a kind, column by column, that live in other places than the rest do.

    Parameters
    ----------
    alike : ndarray of shape (n_customers, n_clusters)
        How much each customer is of the cluster's kind, in [0, 1].
    kinds : ndarray of shape (n_kinds, n_customers)
        1 where the customer lives in such a place.
    """
    own = kinds @ alike
    rest = kinds.sum(axis=1, keepdims=True) - own
    enough = np.minimum(own.sum(axis=0), rest.sum(axis=0)) >= FEWEST
    return np.asarray(np.where(enough, np.abs(_shares(own) - _shares(rest)).sum(axis=0) / 2, 0.0))


def _shares(weights: Matrix) -> Matrix:
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1.0))
