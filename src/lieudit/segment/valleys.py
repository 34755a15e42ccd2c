"""Split customers wherever their density has a valley, block by block.

A group is a place where customers are dense, with fewer of them around: two groups are two when there is a valley
between them, and one when a line drawn through a single cloud makes them. Neither k-means nor a mixture asks
for a valley: both cut any long or skewed cloud in as many parts as they are told. Here a part is cut in two only
where a cut has, along its own discriminant axis, a density well below that of both sides (Hennig 2010, *Methods
for merging Gaussian mixture components*, tests the same thing to merge; dip-means, Kalogeratos and Likas 2012,
to split). The number of groups comes out; it is not put in.

Blocks are searched one after the other: first how customers buy, then, in each group of buyers, where they live.
A valley that ten columns blur is plain in the four where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Self

import numpy as np
from scipy.cluster.hierarchy import linkage, to_tree
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from lieudit.segment.layout import Columns
from lieudit.segment.model import Integers, Mask, Matrix

__all__ = ["Valley", "apartness", "split_by_valleys", "valley"]

# Cuts are proposed by mixtures and k-means of so many parts, on at most so many points.
PARTS: Final = (2, 4, 8)
PROPOSAL_SIZE: Final = 10_000
# A side of a cut has at least so many distinct points, or no density can be read.
FEWEST: Final = 40
# The valley must be below the lower crest by so many standard errors.
CERTAIN: Final = 4.0
# Values that many customers share (whole days, numbers of orders) are spread over half the gap to the next, up
# to this; places get a little noise. Otherwise each whole number of orders is a group.
SPREAD: Final = 0.3
BLUR: Final = 0.05
# A missing value is drawn from as many rows that are alike.
DONORS: Final = 5
GRID: Final = 400


class Valley(NamedTuple):
    """The density along the axis that tells two sets of points apart.

    Attributes
    ----------
    depth : float
        Density at the bottom over that of the lower crest: 0 is a gap, 1 is no valley.
    z : float
        How far the bottom is below the lower crest, in standard errors.
    """

    depth: float
    z: float


def split_by_valleys(X: Matrix, blocks: Sequence[Columns], depth: float, smallest: int, seed: int) -> Integers:  # noqa: N803
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

    Returns
    -------
    ndarray of shape (n_points,)
        0, 1, …; no point is noise.
    """
    rng = np.random.default_rng(seed)
    labels = np.zeros(len(X), dtype=np.int64)
    for block in blocks:
        # A group's parts take the next free numbers.
        for group in np.unique(labels):
            rows = np.flatnonzero(labels == group)
            parts = _split(X[np.ix_(rows, block.positions)], block.shared, depth, smallest, rng)
            labels[rows] = np.where(parts == 0, group, labels.max() + parts)
    joined = _undo(labels, _Spaces.of(X, blocks, rng), depth)
    return np.unique(joined, return_inverse=True)[1]


def valley(low: Matrix, high: Matrix) -> Valley | None:
    """Look for a valley between two sets of points, along the axis that tells them best apart.

    The axis is learnt on every other point and the density read on the rest, and the other way round: an axis
    fitted to the same points would open a valley in any small cloud.

    Parameters
    ----------
    low, high : ndarray of shape (n_points, n_columns)
        In an order that means nothing.

    Returns
    -------
    Valley or None
        None where there are too few points or no axis.
    """
    if min(len(low), len(high)) < FEWEST // 2:
        return None
    sides, centres = [], []
    for own in (0, 1):
        axis = _axis(low[own::2], high[own::2])
        a, b = low[1 - own :: 2] @ axis, high[1 - own :: 2] @ axis
        middle = (a.mean() + b.mean()) / 2
        sides.append(np.concatenate([a, b]) - middle)
        centres.append((a.mean() - middle, b.mean() - middle))
    start, end = np.mean(centres, axis=0)
    if end <= start:
        return None
    return Valley(*_bottom(np.concatenate(sides), start, end)[:2])


def apartness(X: Matrix, labels: Integers, blocks: Sequence[Columns], n_clusters: int, seed: int) -> Matrix:  # noqa: N803
    """Say how far each cluster stands from its neighbours, whatever the method that made it.

    Two clusters are as far apart as the deepest valley between them, in a block or in all blocks at once.

    Returns
    -------
    ndarray of shape (n_clusters,)
        The depth of the shallowest of a cluster's valleys: 0 is a gap on every side, 1 is no valley on one side.
    """
    spaces = _Spaces.of(X, blocks, np.random.default_rng(seed))
    worst = np.zeros(n_clusters)
    for first in range(n_clusters):
        for second in range(first + 1, n_clusters):
            depth = spaces.between(labels == first, labels == second)
            worst[[first, second]] = np.maximum(worst[[first, second]], depth)
    return worst


class _Spaces(NamedTuple):
    """The points of each block, and of all blocks at once."""

    views: tuple[tuple[Matrix, Integers], ...]

    @classmethod
    def of(cls, X: Matrix, blocks: Sequence[Columns], rng: np.random.Generator) -> Self:  # noqa: N803
        spaces = list(blocks)
        if len(blocks) > 1:
            spaces.append(Columns(np.concatenate([block.positions for block in blocks]), False))
        views = []
        for space in spaces:
            points, _, back = _points(X[:, space.positions], space.shared, rng)
            views.append((points, back))
        return cls(tuple(views))

    def between(self, low: Mask, high: Mask) -> float:
        """Return the depth of the deepest valley between two sets of rows, 1 where there is none."""
        depth = 1.0
        for points, back in self.views:
            found = valley(points[np.unique(back[low])], points[np.unique(back[high])])
            if found is not None and found.z >= CERTAIN:
                depth = min(depth, found.depth)
        return depth


def _undo(labels: Integers, spaces: _Spaces, depth: float) -> Integers:
    """Join the groups that no valley parts in the end, the least parted first.

    A cut is found among the customers of one part; seen with all columns, its sides may be one cloud.
    """
    labels = labels.copy()
    ids = [int(one) for one in np.unique(labels)]
    depths = {(a, b): spaces.between(labels == a, labels == b) for a in ids for b in ids if a < b}
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
                depths[pair] = spaces.between(labels == pair[0], labels == pair[1])
    return labels


def _axis(low: Matrix, high: Matrix) -> Matrix:
    """Return the discriminant axis, in units of the spread within the two sets."""
    centres = low.mean(axis=0), high.mean(axis=0)
    around = low - centres[0], high - centres[1]
    within = (around[0].T @ around[0] + around[1].T @ around[1]) / (len(low) + len(high))
    within = 0.9 * within + 0.1 * np.diag(np.diag(within)) + 1e-2 * np.eye(len(within))
    axis = np.linalg.solve(within, centres[1] - centres[0])
    scale = float(np.sqrt(axis @ within @ axis))
    return np.asarray(axis / scale if scale > 0 else axis)


def _bottom(values: Matrix, start: float, end: float) -> tuple[float, float, float]:
    """Return the depth of the deepest valley between two positions, how certain it is, and where it is."""
    width = max(0.15, 0.9 * min(float(values.std()), 1.0) * len(values) ** -0.2)
    grid = np.linspace(start - 3, end + 3, GRID)
    step = grid[1] - grid[0]
    counts, _ = np.histogram(values, bins=np.append(grid - step / 2, grid[-1] + step / 2))
    density = gaussian_filter1d(counts.astype(np.float64), width / step, mode="constant")
    crest = np.minimum(np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1])
    between = (grid > start) & (grid < end) & (crest > 0)
    ratio = np.divide(density, crest, out=np.ones(GRID), where=between)
    bottom = int(np.argmin(ratio))
    # Customers that a kernel of this width weighs, where the density is that of the crest and of the bottom.
    seen = 2 * np.sqrt(np.pi) * width / step
    z = (crest[bottom] - density[bottom]) * seen / np.sqrt(max((crest[bottom] + density[bottom]) * seen, 1e-12))
    return float(ratio[bottom]), float(z), float(grid[bottom])


def _split(X: Matrix, shared: bool, depth: float, smallest: int, rng: np.random.Generator) -> Integers:  # noqa: N803
    """Label the points of one block, cutting until no part has a valley."""
    points, weights, back = _points(X, shared, rng)
    labels = np.zeros(len(points), dtype=np.int64)
    waiting, count = [np.arange(len(points))], 0
    while waiting:
        part = waiting.pop()
        above = _best_cut(points[part], weights[part], depth, smallest, rng)
        if above is None:
            labels[part] = count
            count += 1
        else:
            waiting += [part[above], part[~above]]
    return labels[back]


def _points(X: Matrix, shared: bool, rng: np.random.Generator) -> tuple[Matrix, Integers, Integers]:  # noqa: N803
    """Return the points of which the density is read, how many rows each stands for, and each row's point."""
    X = _donated(X, rng)  # noqa: N806
    order = rng.permutation(len(X))
    if not shared:
        return _spread(X, rng)[order], np.ones(len(X), dtype=np.int64), np.argsort(order)
    distinct, back, counts = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    order = rng.permutation(len(distinct))
    points = distinct[order] + BLUR * rng.standard_normal(distinct.shape)
    return points, counts[order], np.argsort(order)[back.ravel()]


def _donated(X: Matrix, rng: np.random.Generator) -> Matrix:  # noqa: N803
    """Give what is missing the value of a row that is alike in the other columns.

    ``BlockScaler`` puts the mean, exactly 0, where a value is missing: the rhythm of customers with one order, say.
    As many equal values are a crest that nothing but the imputation made.
    """
    missing = X == 0
    out = X.copy()
    for column in np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)):
        lacking = missing[:, column]
        others = np.arange(X.shape[1]) != column
        donors = np.flatnonzero(~lacking)
        near = min(DONORS, len(donors))
        found = cKDTree(X[donors][:, others]).query(X[lacking][:, others], k=near)[1].reshape(-1, near)
        out[lacking, column] = X[donors[found[np.arange(len(found)), rng.integers(near, size=len(found))]], column]
    return out


def _spread(X: Matrix, rng: np.random.Generator) -> Matrix:  # noqa: N803
    """Spread values that many rows share over the gaps around them."""
    out = X.copy()
    for column in range(X.shape[1]):
        values, back = np.unique(X[:, column], return_inverse=True)
        if len(values) < 2 or len(values) > len(X) / 2:
            continue
        gaps = np.minimum(np.diff(values) / 2, SPREAD)
        left, right = np.append(gaps[:1], gaps), np.append(gaps, gaps[-1:])
        noise = rng.random(len(X))
        out[:, column] += noise * (left + right)[back] - left[back]
    return out


def _best_cut(points: Matrix, weights: Integers, depth: float, smallest: int, rng: np.random.Generator) -> Mask | None:
    """Return who is above the best cut, None where no cut has a valley."""
    best: tuple[float, Mask] | None = None
    for high in _proposals(points, rng):
        if min(weights[high].sum(), weights[~high].sum()) < smallest:
            continue
        found = valley(points[~high], points[high])
        if found is None or found.depth > depth or found.z < CERTAIN:
            continue
        merit = found.z * (1 - found.depth)
        if best is None or merit > best[0]:
            best = merit, _above(points, high)
    if best is None:
        return None
    above = best[1]
    sides = (above.sum(), (~above).sum())
    masses = (weights[above].sum(), weights[~above].sum())
    return above if min(sides) >= FEWEST // 2 and min(masses) >= smallest else None


def _above(points: Matrix, high: Mask) -> Mask:
    """Cut at the bottom of the valley: cleaner than the parts that pointed to it."""
    axis = _axis(points[~high], points[high])
    along = points @ axis
    return np.asarray(along > _bottom(along, along[~high].mean(), along[high].mean())[2])


def _proposals(points: Matrix, rng: np.random.Generator) -> Iterator[Mask]:
    """Yield ways to cut points in two: each branch of a tree of the parts of a mixture or of k-means, once."""
    sample = points[:PROPOSAL_SIZE]
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
            for high in _branches(points, np.asarray(model.predict(points))):
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
