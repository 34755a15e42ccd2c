"""Read the density between two sets of customers: a valley, or a line drawn through one cloud.

A group is a place where customers are dense, with fewer of them around: two groups are two when there is a valley
between them. The density is read along the discriminant axis of the two sets (Hennig 2010, *Methods for merging
Gaussian mixture components*, tests the same thing to merge; dip-means, Kalogeratos and Likas 2012, to split).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np
from scipy.ndimage import gaussian_filter1d

from lieudit.segment.model import Integers, Mask, Matrix

__all__ = ["FEWEST", "Points", "Valley", "beside", "cut_at_bottom", "leaning", "valley"]

# A side of a cut has at least half as many distinct points, or no density can be read.
FEWEST: Final = 40
# The valley must be below the lower crest by so many standard errors.
CERTAIN: Final = 4.0
CERTAIN_GAP: Final = 2.75
GRID: Final = 400
# Share of the reference's greatest density that is added to it everywhere: no odds where nobody lives.
FLOOR: Final = 0.02
# Customers share places, and places have valleys of their own: town and country. One of theirs must be there beside
# where everyone lives, so deep and so certain; a gap is no map's doing.
BESIDE: Final = 0.7
BESIDE_CERTAIN: Final = 3.0
GAP: Final = 0.15
# Or the two sides share customers otherwise than they share the others who live in such places: by so much, so certain.
OTHERWISE: Final = 0.15
OTHERWISE_CERTAIN: Final = 4.0
SUCH: Final = 0.98  # share of the customers who make out what places are such


class Points(NamedTuple):
    """Points in an order that means nothing, and what each weighs."""

    values: Matrix
    weights: Matrix

    def of(self, rows: Mask | Integers | slice) -> Self:
        """Return some of the points."""
        return type(self)(self.values[rows], self.weights[rows])

    @property
    def effective(self) -> float:
        """How many points of one weight say as much (Kish)."""
        total, squares = float(self.weights.sum()), float((self.weights**2).sum())
        return total * total / squares


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

    @property
    def certain(self) -> bool:
        """Whether it is more than the luck of the draw. A gap needs fewer customers on its sides to be one."""
        return self.z >= (CERTAIN if self.depth > GAP else CERTAIN_GAP)


def valley(low: Points, high: Points) -> Valley | None:
    """Look for a valley between two sets of points, along the axis that tells them best apart.

    The axis is learnt on every other point and the density read on the rest, and the other way round: an axis
    fitted to the same points would open a valley in any small cloud.

    Returns
    -------
    Valley or None
        None where there are too few points or no axis.
    """
    if min(len(low.values), len(high.values)) < FEWEST // 2:
        return None
    lines: list[Points] = []
    centres = []
    for own in (0, 1):
        axis = _axis(low.of(slice(own, None, 2)), high.of(slice(own, None, 2)))
        read = [side.of(slice(1 - own, None, 2)) for side in (low, high)]
        means = [float(np.average(side.values @ axis, weights=side.weights)) for side in read]
        middle = sum(means) / 2
        lines += [Points(side.values @ axis - middle, side.weights) for side in read]
        centres.append([mean - middle for mean in means])
    start, end = np.mean(centres, axis=0)
    if end <= start:
        return None
    along = Points(*(np.concatenate(parts) for parts in zip(*lines, strict=True)))
    return _bottom(along, start, end, _width(along))[0]


def beside(found: Valley, low: Points, high: Points, everyone: Points) -> bool:
    """Say whether a valley between two sets is theirs, and not one that everyone shows.

    It is where nobody is in it, where it is there beside where everyone lives, and where they lean to one side of it
    more than others do.

    Parameters
    ----------
    found : Valley
    low, high : Points
        Of places, each of the weight of the root of its customers.
    everyone : Points
        Of places, each of the weight of its customers.
    """
    if found.depth <= GAP:
        return True
    own = _odds(low, high, everyone)
    return (own.depth <= BESIDE and own.z >= BESIDE_CERTAIN) or _divide_otherwise(low, high, everyone)


def _divide_otherwise(low: Points, high: Points, everyone: Points) -> bool:
    """Tell whether customers divide over two sets of places otherwise than the others who live in such places."""
    centres = [np.average(side.values, axis=0, weights=side.weights) for side in (low, high)]
    inverse = np.asarray(np.linalg.inv(_within(low, high)), dtype=np.float64)
    own = Points(np.concatenate([low.values, high.values]), np.concatenate([low.weights, high.weights]) ** 2)
    far, up = _nearest(own.values, centres, inverse)
    order = np.argsort(far, kind="stable")
    reached = np.cumsum(own.weights[order])
    limit = far[order][np.searchsorted(reached, SUCH * reached[-1])]
    ours = _divided(own.weights, far <= limit, up)
    far, up = _nearest(everyone.values, centres, inverse)
    others = np.clip(_divided(everyone.weights, far <= limit, up) - ours, 0, None)
    if min(ours.sum(), others.sum()) < FEWEST:
        return False
    apart = abs(ours[1] / ours.sum() - others[1] / others.sum())
    pooled = (ours + others) / (ours + others).sum()
    error = float(np.sqrt(pooled.prod() * (1 / ours.sum() + 1 / others.sum())))
    return bool(apart >= OTHERWISE and apart >= OTHERWISE_CERTAIN * error)


def _nearest(values: Matrix, centres: Sequence[Matrix], inverse: Matrix) -> tuple[Matrix, Mask]:
    """Return each point's squared distance to the nearer of two centres, and whether that is the second."""
    squares = [np.einsum("ij,jk,ik->i", values - centre, inverse, values - centre) for centre in centres]
    return np.minimum(*squares), np.asarray(squares[1] < squares[0])


def _divided(weights: Matrix, there: Mask, up: Mask) -> Matrix:
    """Return the customers at the first of two centres, and at the second."""
    return np.array([weights[there & ~up].sum(), weights[there & up].sum()])


def leaning(low: Points, high: Points, columns: Mask) -> float:
    """Return how much of the distance between two sets, along the axis that tells them apart, is in some columns."""
    centres = [np.average(side.values, axis=0, weights=side.weights) for side in (low, high)]
    parts = _axis(low, high) * (centres[1] - centres[0])
    return float(parts[columns].sum() / parts.sum()) if parts.sum() > 0 else 0.0


def _odds(low: Points, high: Points, everyone: Points) -> Valley:
    """Look for a valley in the density of two sets over that of everyone: places that they, and not all, avoid.

    Town and country have a valley between them on any map. Where customers live as all others do, the ratio has
    none.
    """
    axis = _axis(low, high)
    sides = [Points(side.values @ axis, side.weights) for side in (low, high)]
    start, end = (float(np.average(side.values, weights=side.weights)) for side in sides)
    own = Points(*(np.concatenate(parts) for parts in zip(*sides, strict=True)))
    width = _width(own)
    others = _density(Points(everyone.values @ axis, everyone.weights), start, end, width)
    others *= own.weights.sum() / everyone.weights.sum()
    return _bottom(own, start, end, width, others + FLOOR * others.max())[0]


def cut_at_bottom(points: Points, high: Mask) -> tuple[Matrix, float]:
    """Return the axis and the position of the bottom of the valley: cleaner than the parts that pointed to it."""
    sides = points.of(~high), points.of(high)
    axis = _axis(*sides)
    start, end = (float(np.average(side.values @ axis, weights=side.weights)) for side in sides)
    along = Points(points.values @ axis, points.weights)
    return axis, _bottom(along, start, end, _width(along))[1]


def _axis(low: Points, high: Points) -> Matrix:
    """Return the discriminant axis, in units of the spread within the two sets."""
    centres = [np.average(side.values, axis=0, weights=side.weights) for side in (low, high)]
    within = _within(low, high)
    axis = np.linalg.solve(within, centres[1] - centres[0])
    scale = float(np.sqrt(axis @ within @ axis))
    return np.asarray(axis / scale if scale > 0 else axis)


def _within(low: Points, high: Points) -> Matrix:
    """Return the covariance within two sets, drawn towards its diagonal."""
    centres = [np.average(side.values, axis=0, weights=side.weights) for side in (low, high)]
    around = np.concatenate([low.values - centres[0], high.values - centres[1]])
    weights = np.concatenate([low.weights, high.weights])
    within = (around * weights[:, np.newaxis]).T @ around / weights.sum()
    return np.asarray(0.9 * within + 0.1 * np.diag(np.diag(within)) + 1e-2 * np.eye(len(within)))


def _width(along: Points) -> float:
    """Return the width of the kernel: Silverman's, of the spread of one side at most."""
    middle = np.average(along.values, weights=along.weights)
    spread = float(np.sqrt(np.average((along.values - middle) ** 2, weights=along.weights)))
    return max(0.15, 0.9 * min(spread, 1.0) * float(along.effective**-0.2))


def _density(along: Points, start: float, end: float, width: float) -> Matrix:
    """Smooth the points of a line into weights by step of the grid between two positions and somewhat beyond."""
    grid = np.linspace(start - 3, end + 3, GRID)
    step = grid[1] - grid[0]
    counts, _ = np.histogram(along.values, np.append(grid - step / 2, grid[-1] + step / 2), weights=along.weights)
    return np.asarray(gaussian_filter1d(counts, width / step, mode="constant"), dtype=np.float64)


def _bottom(
    along: Points, start: float, end: float, width: float, others: Matrix | None = None
) -> tuple[Valley, float]:
    """Return the deepest valley between two positions, and where it is; relative to other densities if given."""
    grid = np.linspace(start - 3, end + 3, GRID)
    density = _density(along, start, end, width)
    height = density if others is None else density / others
    crest = np.minimum(np.maximum.accumulate(height), np.maximum.accumulate(height[::-1])[::-1])
    between = (grid > start) & (grid < end) & (crest > 0)
    ratio = np.divide(height, crest, out=np.ones(GRID), where=between)
    bottom = int(np.argmin(ratio))
    # As many points as a kernel of this width weighs, were they all of one weight: at the bottom, and on the crest.
    seen = 2 * np.sqrt(np.pi) * width / (grid[1] - grid[0]) * along.effective / along.weights.sum()
    expected = crest[bottom] * (1.0 if others is None else others[bottom])
    z = (expected - density[bottom]) * seen / np.sqrt(max((expected + density[bottom]) * seen, 1e-12))
    return Valley(float(ratio[bottom]), float(z)), float(grid[bottom])
