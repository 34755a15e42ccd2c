"""What the tests say of a winner: whether there are groups at all, and which clusters chance makes too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from lieudit.segment.candidates import APART
from lieudit.segment.claims import ALPHA, DEALS, DEALT_SIZE, BlockClaim, against_dealing, retention
from lieudit.segment.layout import SHARED, Columns, Layout
from lieudit.segment.model import ClusterModel, Integers, Mask, Matrix
from lieudit.segment.nulls import CLOUDS, CloudTest, against_one_cloud
from lieudit.segment.spaces import Spaces

__all__ = ["BlockTest", "Evidence", "Structure", "gather"]


@dataclass(frozen=True, slots=True)
class BlockTest:
    """Whether groups are there in a block.

    Attributes
    ----------
    block : str
    null : {"one cloud", "dealt again"}
        What customers are compared with. A block that customers share, such as the place, has a shape of its own on
        any map: it is dealt again among them. So is one without two columns of numbers.
    p_value : float
        1 where no two clusters that hold up stand apart in the block: nothing is claimed.
    simulations : int
    cloud : CloudTest or None
        What was compared with one cloud.
    """

    block: str
    null: Literal["one cloud", "dealt again"]
    p_value: float
    simulations: int
    cloud: CloudTest | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """Whether customers form groups at all: in a block of their own, or in how blocks go together.

    Attributes
    ----------
    tests : tuple of BlockTest
        One a block.
    """

    tests: tuple[BlockTest, ...]

    @property
    def p_value(self) -> float:
        """The smallest p-value, corrected for how many tests there are (Bonferroni)."""
        return min((self.corrected(test) for test in self.tests), default=1.0)

    @property
    def found(self) -> bool:
        """Whether groups are there."""
        return self.p_value <= ALPHA

    def corrected(self, test: BlockTest) -> float:
        """Return a p-value times how many tests there are."""
        return min(1.0, len(self.tests) * test.p_value)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tests say of a winner.

    Attributes
    ----------
    structure : Structure
    claims : tuple of tuple of BlockClaim
        For each cluster, one claim a block; none where there is one block.
    """

    structure: Structure
    claims: tuple[tuple[BlockClaim, ...], ...]

    def chance(self, cluster: int) -> bool:
        """Whether chance makes the cluster too: no groups at all, or none in a block that it depends on."""
        return not self.structure.found or any(one.depends and not one.holds for one in self.claims[cluster])


def gather(model: ClusterModel, X: Matrix, layout: Layout, held: Mask, seed: int) -> Evidence:  # noqa: N803
    """Run all tests of a winner.

    Parameters
    ----------
    model : ClusterModel
    X : ndarray of shape (n_customers, n_columns)
        Customers of whom every block is known; at most 4,000 are drawn.
    layout : Layout
    held : ndarray of bool, shape (n_clusters,)
        Clusters that are stable and apart, however small.
    seed : int
    """
    X = X[np.sort(np.random.default_rng(seed).permutation(len(X))[:DEALT_SIZE])]  # noqa: N806
    with threadpool_limits(1):  # the last bit of a sum must not depend on how many there are
        return _gather(model, X, layout, held, seed)


def _gather(model: ClusterModel, X: Matrix, layout: Layout, held: Mask, seed: int) -> Evidence:  # noqa: N803
    labels = model.predict(X).labels
    several = len(layout.members) > 1
    tests, claims = [], []
    for name, columns in layout.members.items():
        # A copula keeps single columns as they are, and knows no categories: such a block is dealt again too.
        if several and (name in SHARED or (columns & layout.numeric).sum() < 2):
            made = against_dealing(model, X, columns, name, seed)
            tests.append(_dealt(name, made, held))
        else:
            tests.append(_cloud(name, X, labels, layout, held, seed))
            p_value = tests[-1].p_value
            made = tuple(BlockClaim(name, float(kept), None, p_value) for kept in retention(model, X, columns, seed))
        claims.append(made)
    structure = Structure(tuple(tests))
    by_cluster = zip(*claims, strict=True) if several else ((),) * model.n_clusters
    return Evidence(structure, tuple(by_cluster))


def _dealt(name: str, claims: tuple[BlockClaim, ...], held: Mask) -> BlockTest:
    """Take the surest claim of a cluster that holds up; the p-values of claims are corrected over clusters already."""
    made = [one.p_value for one, own in zip(claims, held, strict=True) if own and one.depends and one.holds]
    return BlockTest(name, "dealt again", min(made, default=1.0), DEALS)


def _cloud(name: str, X: Matrix, labels: Integers, layout: Layout, held: Mask, seed: int) -> BlockTest:  # noqa: N803
    """Compare a block with one cloud, where clusters that hold up stand apart in it."""
    block = next((one for one in layout.blocks if layout.members[name][one.positions].all()), None)
    if block is None or (families := _families(X, labels, block, held, seed)) < 2:
        return BlockTest(name, "one cloud", 1.0, 0)
    found = against_one_cloud(X[:, block.positions], families, seed)
    return BlockTest(name, "one cloud", found.p_value, CLOUDS, found)


def _families(X: Matrix, labels: Integers, block: Columns, held: Mask, seed: int) -> int:  # noqa: N803
    """Count the clusters that hold up, those being one that no valley of a block parts."""
    clusters = np.flatnonzero(held)
    if len(clusters) < 2 or len(block.positions) < 2:
        return min(len(clusters), 1)
    spaces = Spaces.of(X, (block._replace(shared=False),), np.random.default_rng(seed))
    joined = [[spaces.between(labels == a, labels == b) > APART for b in clusters] for a in clusters]
    return int(connected_components(np.array(joined), directed=False)[0])
