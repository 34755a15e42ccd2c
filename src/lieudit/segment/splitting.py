"""Split customers wherever their density has a valley, block by block.

Neither k-means nor a mixture asks for a valley: both cut any long or skewed cloud in as many parts as they are
told. Here a part is cut in two only where the density along the discriminant axis of the cut falls well below that
of both sides. The number of groups comes out; it is not put in.

Blocks are searched one after the other: first how customers buy, then, in each group of buyers, where they live.
A valley that ten columns blur is plain in the four where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from scipy.cluster.hierarchy import linkage, to_tree
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from lieudit.segment.beside import beside
from lieudit.segment.layout import Columns
from lieudit.segment.model import Integers, Mask, Matrix
from lieudit.segment.spaces import Space, Spaces
from lieudit.segment.valleys import FEWEST, Points, Valley, cut_at_bottom, valley

__all__ = ["split_by_valleys"]

# Cuts are proposed by mixtures and k-means of so many parts, on at most so many points.
PARTS: Final = (2, 4, 8)
PROPOSAL_SIZE: Final = 10_000
# Mixtures start at random: a part is whole when no cut was found so many times.
ROUNDS: Final = 3


class _Rules(NamedTuple):
    """What a cut must satisfy: depth of its valley, how certain it is, rows of its sides; of places, to be theirs."""

    depth: float
    seen: float
    smallest: int
    theirs: Callable[[Valley, Points, Points], bool] | None

    def enough(self, above: Mask) -> bool:
        """Tell whether both sides of a cut have the fewest rows of a group."""
        return bool(min(above.sum(), (~above).sum()) >= self.smallest)

    def merit(self, space: Space, above: Mask) -> float | None:
        """Return the merit of a cut, None where it is no valley."""
        if not self.enough(above):
            return None
        low, high = space.sides(~above, above)
        found = valley(low, high)
        if found is None or found.depth > self.depth or not found.certain(self.seen) or not space.differ(low, high):
            return None
        if self.theirs is not None and not self.theirs(found, low, high):
            return None
        return found.z * (1 - found.depth)


def split_by_valleys(
    X: Matrix,  # noqa: N803
    blocks: Sequence[Columns],
    depth: float,
    smallest: int,
    seed: int,
    *,
    seen: float = 1.0,
) -> Integers:
    """Label points by the valleys between them.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
    blocks : sequence of Columns
        In the order in which they are searched.
    depth : float
        Deepest bottom over crest that still makes two groups, in (0, 1).
    smallest : int
        Fewest points of a group.
    seed : int
    seen : float, optional
        Share that the points are of all that could be looked at (see :meth:`Valley.certain`).

    Returns
    -------
    ndarray of shape (n_points,)
        0, 1, …; no point is noise.
    """
    rng = np.random.default_rng(seed)
    labels = np.zeros(len(X), dtype=np.int64)
    alike = labels
    for block in blocks:
        alike = labels.copy() if block.shared else alike
        space = Space.of(X, block, rng) if block.shared else None
        # A group's parts take the next free numbers.
        for group in np.unique(labels):
            rows = labels == group
            theirs = space and partial(beside, everyone=space.everyone(), groups=space.others(alike, rows))
            rules = _Rules(depth, seen, smallest, theirs)
            parts = _split(X[rows], block, rules, rng)
            labels[rows] = np.where(parts == 0, group, labels.max() + parts)
    joined = _undo(labels, Spaces.of(X, blocks, rng), alike, depth, seen)
    return np.unique(joined, return_inverse=True)[1]


def _undo(labels: Integers, spaces: Spaces, alike: Integers, depth: float, seen: float) -> Integers:
    """Join the groups that no valley parts in the end, the least parted first.

    A cut is found among the customers of one part; seen with all columns, its sides may be one cloud.
    """
    labels = labels.copy()
    ids = [int(one) for one in np.unique(labels)]
    depths = {(a, b): spaces.between(labels == a, labels == b, seen, alike) for a in ids for b in ids if a < b}
    while depths:
        (kept, gone), shallowest = max(depths.items(), key=lambda pair: pair[1])
        if shallowest <= depth:
            break
        labels[labels == gone] = kept
        ids.remove(gone)
        depths = {pair: value for pair, value in depths.items() if gone not in pair}
        for other in ids:
            if other != kept:
                pair = (min(kept, other), max(kept, other))
                depths[pair] = spaces.between(labels == pair[0], labels == pair[1], seen, alike)
    return labels


def _split(X: Matrix, block: Columns, rules: _Rules, rng: np.random.Generator) -> Integers:  # noqa: N803
    """Label rows by one block, cutting until no part has a valley."""
    labels = np.zeros(len(X), dtype=np.int64)
    waiting, count = [np.arange(len(X))], 0
    while waiting:
        part = waiting.pop()
        above = _best_cut(Space.of(X[part], block, rng), rules, rng)
        if above is None:
            labels[part] = count
            count += 1
        else:
            waiting += [part[above], part[~above]]
    return labels


def _best_cut(space: Space, rules: _Rules, rng: np.random.Generator) -> Mask | None:
    """Return the rows above the best cut, None where no cut has a valley."""
    # Proposed among all, whose sides are not known yet; judged as spread within the sides.
    (points,) = space.sides(np.ones(len(space.back), dtype=np.bool_))
    best: tuple[float, Mask] | None = None
    for _ in range(ROUNDS):
        for high in _proposals(points, rng):
            merit = rules.merit(space, high[space.back])
            if merit is not None and (best is None or merit > best[0]):
                best = merit, high
        if best is not None:
            break
    else:
        return None
    axis, bottom = cut_at_bottom(points, best[1])
    above = np.asarray(points.values @ axis > bottom)
    few, rows = min(above.sum(), (~above).sum()) < FEWEST // 2, above[space.back]
    return None if few or not rules.enough(rows) else rows


def _proposals(points: Points, rng: np.random.Generator) -> Iterator[Mask]:
    """Yield ways to cut points in two: each branch of a tree of the parts of a mixture or of k-means, once."""
    # As often as they weigh: a mixture takes no weights.
    copies = np.repeat(np.arange(len(points.values)), np.maximum(np.round(points.weights), 1).astype(np.int64))
    sample = points.values[rng.permutation(copies)[:PROPOSAL_SIZE]]
    seed = int(rng.integers(2**31))
    seen: set[bytes] = set()
    for parts in PARTS:
        if len(sample) < 60 * parts:
            break
        means = KMeans(parts, n_init=3, random_state=seed).fit(sample)
        mixture = GaussianMixture(
            parts, means_init=means.cluster_centers_, reg_covar=0.05, random_state=seed, max_iter=100, tol=1e-2
        ).fit(sample)
        for model in (mixture, means):
            for high in _branches(points.values, np.asarray(model.predict(points.values))):
                key = np.packbits(high ^ high[0]).tobytes()
                if key not in seen:
                    seen.add(key)
                    yield high


def _branches(points: Matrix, labels: Integers) -> Iterator[Mask]:
    ids = np.unique(labels)
    if len(ids) < 2:
        return
    if len(ids) == 2:
        yield labels == ids[1]
        return
    centres = np.stack([points[labels == one].mean(axis=0) for one in ids])
    _, nodes = to_tree(linkage(centres, "ward"), rd=True)
    for node in nodes[:-1]:
        yield np.isin(labels, ids[node.pre_order()])
