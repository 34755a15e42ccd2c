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

__all__ = ["CLOSE", "FEWEST", "GAP", "Axis", "Points", "Valley", "axis_between", "bottom_between", "cut_at_bottom",
           "density_along", "joined", "leaning", "valley", "width_of"]  # fmt: skip

# A side of a cut has at least half as many distinct points, or no density can be read.
FEWEST: Final = 40
# The valley must be below the lower crest by so many standard errors.
CERTAIN: Final = 4.0
CERTAIN_GAP: Final = 2.75
# Share of the customers in a resample below which no less certainty is asked.
LEAST_SEEN: Final = 0.5
# Sides whose centres are closer along the axis are no two groups, whatever lies between them (two prices of one
# subscription, a month without an order): in units of a block, where 1 is the standard deviation of all customers
# along its main direction.
CLOSE: Final = 0.6
GRID: Final = 400
# A valley no deeper than this is a gap.
GAP: Final = 0.15


class Points(NamedTuple):
    """Points in an order that means nothing, and what each weighs."""

    values: Matrix
    weights: Matrix

    def of(self, rows: Mask | Integers | slice) -> Self:
        """Return some of the points."""
        return type(self)(self.values[rows], self.weights[rows])

    @property
    def centre(self) -> Matrix:
        """Their weighted mean."""
        return np.asarray(np.average(self.values, axis=0, weights=self.weights))

    def along(self, axis: Matrix) -> Self:
        """Return where they are along an axis."""
        return type(self)(self.values @ axis, self.weights)

    @property
    def effective(self) -> float:
        """How many points of one weight say as much (Kish)."""
        total, squares = float(self.weights.sum()), float((self.weights**2).sum())
        return total * total / squares


def joined(sides: Sequence[Points]) -> Points:
    """Return the points of all sides."""
    return Points(*(np.concatenate(parts) for parts in zip(*sides, strict=True)))


class Axis(NamedTuple):
    """What tells two sets of points best apart.

    Attributes
    ----------
    direction : ndarray of shape (n_columns,)
        In units of the spread within the two sets.
    within : ndarray of shape (n_columns, n_columns)
        The covariance within them, drawn towards its diagonal.
    centres : tuple of two ndarrays of shape (n_columns,)
    """

    direction: Matrix
    within: Matrix
    centres: tuple[Matrix, Matrix]


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

    def certain(self, seen: float = 1.0) -> bool:
        """Tell whether it is more than the luck of the draw. A gap needs fewer customers on its sides to be one.

        Parameters
        ----------
        seen : float, optional
            Share that these customers are of all among whom the same valleys were looked for: one as deep is less
            certain among a half, by the root of a half. Less than a half counts as a half.
        """
        return self.z >= float(np.sqrt(max(seen, LEAST_SEEN))) * (CERTAIN if self.depth > GAP else CERTAIN_GAP)


def valley(low: Points, high: Points) -> Valley | None:
    """Look for a valley between two sets of points, along the axis that tells them best apart.

    The axis is learnt on every other point and the density read on the rest, and the other way round: an axis
    fitted to the same points would open a valley in any small cloud.

    Returns
    -------
    Valley or None
        None where there are too few points, the sides are too close, or there is no axis.
    """
    if min(len(low.values), len(high.values)) < FEWEST // 2:
        return None
    lines: list[Points] = []
    centres, units = [], []
    for own in (0, 1):
        axis = axis_between(low.of(slice(own, None, 2)), high.of(slice(own, None, 2))).direction
        read = [side.of(slice(1 - own, None, 2)).along(axis) for side in (low, high)]
        means = [float(side.centre) for side in read]
        middle = sum(means) / 2
        lines += [Points(side.values - middle, side.weights) for side in read]
        centres.append([mean - middle for mean in means])
        units.append(np.linalg.norm(axis))
    start, end = np.mean(centres, axis=0)
    if end - start <= CLOSE * np.mean(units):
        return None
    along = joined(lines)
    return bottom_between(along, start, end, width_of(along))[0]


def leaning(low: Points, high: Points, columns: Mask) -> float:
    """Return how much of the distance between two sets, along the axis that tells them apart, is in some columns."""
    axis = axis_between(low, high)
    parts = axis.direction * (axis.centres[1] - axis.centres[0])
    return float(parts[columns].sum() / parts.sum()) if parts.sum() > 0 else 0.0


def cut_at_bottom(points: Points, high: Mask) -> tuple[Matrix, float]:
    """Return the axis and the position of the bottom of the valley: cleaner than the parts that pointed to it."""
    sides = points.of(~high), points.of(high)
    axis = axis_between(*sides).direction
    start, end = (float(side.along(axis).centre) for side in sides)
    along = points.along(axis)
    return axis, bottom_between(along, start, end, width_of(along))[1]


def axis_between(low: Points, high: Points) -> Axis:
    """Return the discriminant axis of two sets."""
    centres = low.centre, high.centre
    around = np.concatenate([low.values - centres[0], high.values - centres[1]])
    weights = np.concatenate([low.weights, high.weights])
    within = (around * weights[:, np.newaxis]).T @ around / weights.sum()
    within = np.asarray(0.9 * within + 0.1 * np.diag(np.diag(within)) + 1e-2 * np.eye(len(within)))
    axis = np.linalg.solve(within, centres[1] - centres[0])
    scale = float(np.sqrt(axis @ within @ axis))
    return Axis(np.asarray(axis / scale if scale > 0 else axis), within, centres)


def width_of(along: Points) -> float:
    """Return the width of the kernel: Silverman's, of the spread of one side at most."""
    middle = np.average(along.values, weights=along.weights)
    spread = float(np.sqrt(np.average((along.values - middle) ** 2, weights=along.weights)))
    return max(0.15, 0.9 * min(spread, 1.0) * float(along.effective**-0.2))


def density_along(along: Points, start: float, end: float, width: float) -> Matrix:
    """Smooth the points of a line into weights by step of the grid between two positions and somewhat beyond."""
    grid = np.linspace(start - 3, end + 3, GRID)
    step = grid[1] - grid[0]
    counts, _ = np.histogram(along.values, np.append(grid - step / 2, grid[-1] + step / 2), weights=along.weights)
    return np.asarray(gaussian_filter1d(counts, width / step, mode="constant"), dtype=np.float64)


def bottom_between(
    along: Points, start: float, end: float, width: float, others: Matrix | None = None
) -> tuple[Valley, float]:
    """Return the deepest valley between two positions, and where it is; relative to other densities if given."""
    grid = np.linspace(start - 3, end + 3, GRID)
    density = density_along(along, start, end, width)
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
