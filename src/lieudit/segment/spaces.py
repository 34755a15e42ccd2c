"""Customers as points of which a density can be read: ties spread out, gaps filled, communes weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np
from scipy.spatial import cKDTree

from lieudit.segment.answers import Answers
from lieudit.segment.beside import beside
from lieudit.segment.layout import Columns, Layout
from lieudit.segment.model import Integers, Mask, Matrix
from lieudit.segment.valleys import Points, leaning, valley

__all__ = ["Space", "Spaces", "apartness"]

# Values that many customers share (whole days, numbers of orders) are spread over half the gap to the next, up
# to this; places get a little noise. Otherwise each whole number of orders is a group.
SPREAD: Final = 0.3
BLUR: Final = 0.05
# A missing value is drawn from those of twice as many rows that are alike, if so many have one.
DONORS: Final = 5
ROUNDING: Final = 1e-9
# Two sets differ by their place only when so much of their distance is in it.
MOSTLY: Final = 0.8


class Space(NamedTuple):
    """The distinct points of some columns.

    Attributes
    ----------
    values : ndarray of shape (n_points, n_columns)
        In an order that means nothing.
    moves : ndarray of shape (n_points, n_columns)
        How far each value is drawn from those that are equal to it.
    back : ndarray of int, shape (n_rows,)
        The point of each row.
    shared : ndarray of bool, shape (n_columns,)
        Columns of places, which have valleys of their own.
    least : ndarray of shape (n_columns,)
        As :class:`Columns` has it.
    """

    values: Matrix
    moves: Matrix
    back: Integers
    shared: Mask
    least: Matrix

    @classmethod
    def of(cls, X: Matrix, block: Columns, rng: np.random.Generator) -> Self:  # noqa: N803
        """Make the points of rows, in the columns of a block; rows of one commune are one point where it is shared."""
        X = _donated(X[:, block.positions], rng)  # noqa: N806
        shared = np.full(X.shape[1], block.shared)
        least = np.broadcast_to(block.least, X.shape[1])
        if not block.shared:
            order = rng.permutation(len(X))
            return cls(X[order], _moves(X, rng)[order], np.argsort(order), shared, least)
        distinct, back = np.unique(X, axis=0, return_inverse=True)
        order = rng.permutation(len(distinct))
        values = distinct[order] + BLUR * rng.standard_normal(distinct.shape)
        return cls(values, np.zeros_like(values), np.argsort(order)[back.ravel()], shared, least)

    def sides(self, *rows: Mask) -> list[Points]:
        """Return the points of sets of rows, each of the weight of the root of how many rows it stands for.

        Were each customer counted, a large city would be a crest of its own; were each commune, ten customers
        scattered over ten villages would outweigh a hundred of one town. Values that many share are spread.

        Parameters
        ----------
        *rows : ndarray of bool, shape (n_rows,)
        """
        counts = [np.bincount(self.back[side], minlength=len(self.values)) for side in rows]
        points = [np.flatnonzero(count) for count in counts]
        slopes = _slopes([self.values[side] for side in points])
        return [
            Points(self.values[side] + self.moves[side] @ slopes, np.sqrt(count[side]))
            for side, count in zip(points, counts, strict=True)
        ]

    def differ(self, low: Points, high: Points) -> bool:
        """Tell whether two sets are as far apart as groups are at least."""
        return bool(np.linalg.norm((high.centre - low.centre) / self.least) >= 1)

    def everyone(self) -> Points:
        """Return all points, each of the weight of its rows."""
        return Points(self.values, np.bincount(self.back, minlength=len(self.values)).astype(np.float64))

    def others(self, alike: Integers, rows: Mask) -> Matrix:
        """Count at each point the customers of each group but that of most of some rows.

        Returns
        -------
        ndarray of shape (n_points, n_others)
        """
        kept = alike != np.bincount(alike[rows]).argmax()
        groups, codes = np.unique(alike[kept], return_inverse=True)
        cells = np.bincount(self.back[kept] * len(groups) + codes, minlength=len(self.values) * len(groups))
        return cells.reshape(len(self.values), len(groups)).astype(np.float64)


class Spaces(NamedTuple):
    """The points of each block, and of all blocks at once."""

    views: tuple[Space, ...]

    @classmethod
    def of(cls, X: Matrix, blocks: Sequence[Columns], rng: np.random.Generator) -> Self:  # noqa: N803
        """Make the points of every block, and of all where there are several."""
        views = [Space.of(X, block, rng) for block in blocks]
        if len(blocks) > 1:
            together = Columns(np.concatenate([block.positions for block in blocks]), False,
                               np.concatenate([view.least for view in views]))  # fmt: skip
            shared = np.concatenate([view.shared for view in views])
            views.append(Space.of(X, together, rng)._replace(shared=shared))
        return cls(tuple(views))

    def between(self, low: Mask, high: Mask, seen: float = 1.0, alike: Integers | None = None) -> float:
        """Return the depth of the deepest valley between two sets of rows, 1 where there is none.

        Where they differ by their place only, it must be a valley of theirs, and not of the map.

        Parameters
        ----------
        low, high : ndarray of bool, shape (n_rows,)
        seen : float, optional
            As :meth:`Valley.certain` takes it.
        alike : ndarray of int, shape (n_rows,), optional
            The group of those who are alike in all but their place; everybody is if not given.
        """
        alike = np.zeros(len(low), dtype=np.int64) if alike is None else alike
        depth = 1.0
        for space in self.views:
            lower, upper = space.sides(low, high)
            found = valley(lower, upper)
            if found is None or not found.certain(seen) or found.depth >= depth or not space.differ(lower, upper):
                continue
            # Two sets that differ by their place only are told apart among places: with all columns, nobody else is
            # like them, and whether the valley is the map's cannot be seen.
            by_place = len(self.views) > 1 and leaning(lower, upper, space.shared) > MOSTLY
            if not by_place or (
                space.shared.all() and beside(found, lower, upper, space.everyone(), space.others(alike, low | high))
            ):
                depth = found.depth
        return depth


def apartness(
    X: Matrix,  # noqa: N803
    labels: Integers,
    layout: Layout,
    n_clusters: int,
    seed: int,
    alike: Integers | None = None,
) -> Matrix:
    """Say how far each cluster stands from its neighbours, whatever the method that made it.

    Two clusters are as far apart as the deepest valley between them, in a block, in all blocks at once, or in the
    answers that go together.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
    labels : ndarray of int, shape (n_points,)
    layout : Layout
    n_clusters, seed : int
    alike : ndarray of int, shape (n_points,), optional
        As :meth:`Spaces.between` takes it.

    Returns
    -------
    ndarray of shape (n_clusters,)
        The depth of the shallowest of a cluster's valleys: 0 is a gap on every side, 1 is no valley on one side.
    """
    spaces = Spaces.of(X, layout.blocks, np.random.default_rng(seed))
    answers = Answers.of(X, layout.questions, np.random.default_rng(seed))
    worst = np.zeros(n_clusters)
    for first in range(n_clusters):
        for second in range(first + 1, n_clusters):
            sides = labels == first, labels == second
            depth = min(spaces.between(*sides, alike=alike), answers.between(*sides))
            worst[[first, second]] = np.maximum(worst[[first, second]], depth)
    return worst


def _donated(X: Matrix, rng: np.random.Generator) -> Matrix:  # noqa: N803
    """Give what is missing the value of a row that is alike in the other columns.

    ``BlockScaler`` puts the mean, exactly 0, where a value is missing. As many equal values are a crest that nothing
    but the imputation made. Where most of those who are alike have no value either (the rhythm of customers with one
    order), a few far donors would make as many crests: a normal value says nothing.
    """
    missing = X == 0
    out = X.copy()
    for column in np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)):
        lacking = missing[:, column]
        others = np.arange(X.shape[1]) != column
        if not others.any():
            out[lacking, column] = rng.choice(X[~lacking, column], lacking.sum())
            continue
        near = min(2 * DONORS, len(X))
        found = cKDTree(X[:, others]).query(X[lacking][:, others], k=near)[1].reshape(-1, near)
        known = ~lacking[found]
        donor = found[np.arange(len(found)), (known * rng.random(known.shape)).argmax(axis=1)]
        drawn = X[~lacking, column].std() * rng.standard_normal(len(found))
        out[lacking, column] = np.where(known.sum(axis=1) >= DONORS, X[donor, column], drawn)
    return out


def _moves(X: Matrix, rng: np.random.Generator) -> Matrix:  # noqa: N803
    """Draw how far to move values that many rows share, over the gaps around them."""
    moves = np.zeros_like(X)
    for column in range(X.shape[1]):
        values, back = np.unique(X[:, column], return_inverse=True)
        if len(values) < 2 or len(values) > len(X) / 2:
            continue
        gaps = np.minimum(np.diff(values) / 2, SPREAD)
        left, right = np.append(gaps[:1], gaps), np.append(gaps, gaps[-1:])
        moves[:, column] = rng.random(len(X)) * (left + right)[back] - left[back]
    return moves


def _slopes(sides: Sequence[Matrix]) -> Matrix:
    """Return how far each column (across) moves with each other one (down) within sets of points.

    What goes with a column moves with it: the mean basket is what was spent over the number of orders, so an axis
    that takes one from the other would find whole numbers of orders again. It is read within the sets: what goes
    with what among all says how the sets differ.
    """
    columns, rows = sides[0].shape[1], sum(len(side) for side in sides)
    within = np.zeros((columns, columns))
    for side in sides:
        if len(side) > 1:
            within += len(side) * np.atleast_2d(np.cov(side.T, bias=True))
    own = np.diag(within)[:, np.newaxis]
    # What does not vary within the sides but for rounding goes with nothing.
    slopes = np.divide(within, own, out=np.zeros_like(within), where=own > ROUNDING * rows)
    np.fill_diagonal(slopes, 1.0)
    return slopes
