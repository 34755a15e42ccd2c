"""Whether a valley between two sets of customers is theirs, or the map's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from lieudit.segment.model import Mask, Matrix
from lieudit.segment.valleys import (
    FEWEST,
    GAP,
    Axis,
    Points,
    Valley,
    axis_between,
    bottom_between,
    density_along,
    joined,
    width_of,
)

__all__ = ["beside"]

# Share of the reference's greatest density that is added to it everywhere: no odds where nobody lives.
FLOOR: Final = 0.02
# Customers share places, and places have valleys of their own: town and country. One of theirs must be there beside
# where everyone lives, so deep and so certain; a gap is no map's doing.
BESIDE: Final = 0.7
BESIDE_CERTAIN: Final = 3.0
# Or the two sides share customers otherwise than they share others who live in such places: so much, so certain.
OTHERWISE: Final = 0.25
OTHERWISE_CERTAIN: Final = 4.0
# Or the map has few others to show, so many for each of theirs, and the valley is deeper than those of a country
# (benchmarks/map_valleys.py).
FEW: Final = 0.25
DEEP: Final = 0.3
SUCH: Final = 0.98  # share of the customers by whom it is told which places are such


def beside(found: Valley, low: Points, high: Points, everyone: Points, groups: Matrix) -> bool:
    """Say whether a valley between two sets is theirs, and not one that everyone shows.

    It is where nobody is in it; where it is there beside where everyone lives in such places; where they lean to one
    side of it more than all others do, or one group of them; or where hardly anybody lives there who is not like them
    in all else.

    Parameters
    ----------
    found : Valley
    low, high : Points
        Of places, each of the weight of the root of its customers.
    everyone : Points
        Of places, each of the weight of its customers.
    groups : ndarray of shape (n_places, n_groups)
        Customers of each other group of those who are alike in all but their place, even if some are in the two sets.
    """
    if found.depth <= GAP:
        return True
    axis = axis_between(low, high)
    sides = low.along(axis.direction), high.along(axis.direction)
    such = _such(axis, joined([low, high]), everyone)
    there = everyone.of(such).along(axis.direction)
    own = _odds(sides, there)
    if own.depth <= BESIDE and own.z >= BESIDE_CERTAIN:
        return True
    ours, rest, others = _shares(sides, there, groups[such])
    if found.depth <= DEEP and others.sum() < FEW * ours.sum():
        return True
    return any(_otherwise(ours, one) for one in (rest, *others))


def _such(axis: Axis, own: Points, everyone: Points) -> Mask:
    """Find the places that are like those of two sets but for where they are along the axis between them.

    Seen along an axis from dense to rich, villages lie between two kinds of cities: they are no valley's bottom.
    """
    inverse, middle = np.linalg.inv(axis.within), np.mean(axis.centres, axis=0)

    def off_axis(values: Matrix) -> Matrix:
        away = values - middle
        return np.asarray(np.einsum("ij,jk,ik->i", away, inverse, away) - (away @ axis.direction) ** 2)

    far = off_axis(own.values)
    order = np.argsort(far, kind="stable")
    reached = np.cumsum(own.weights[order] ** 2)
    return np.asarray(off_axis(everyone.values) <= far[order][np.searchsorted(reached, SUCH * reached[-1])])


def _shares(sides: Sequence[Points], there: Points, groups: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Count on each side of the middle, as far as they live: two sets, all others, and each group of them."""
    counted = [Points(side.values, side.weights**2) for side in sides]
    middle, own = sum(float(side.centre) for side in counted) / 2, joined(counted)
    within = (there.values >= own.values.min()) & (there.values <= own.values.max())
    up = there.values[within] > middle

    def divided(weights: Matrix, above: Mask) -> Matrix:
        return np.stack([weights[~above].sum(axis=0), weights[above].sum(axis=0)], axis=-1)

    ours = divided(own.weights, own.values > middle)
    rest = np.clip(divided(there.weights[within], up) - ours, 0, None)
    return ours, rest, divided(groups[within], up)


def _otherwise(ours: Matrix, others: Matrix) -> bool:
    """Tell whether customers divide over two sides otherwise than others."""
    if min(ours.sum(), others.sum()) < FEWEST:
        return False
    apart = abs(ours[1] / ours.sum() - others[1] / others.sum())
    pooled = (ours + others) / (ours + others).sum()
    error = float(np.sqrt(pooled.prod() * (1 / ours.sum() + 1 / others.sum())))
    return bool(apart >= OTHERWISE and apart >= OTHERWISE_CERTAIN * error)


def _odds(sides: Sequence[Points], everyone: Points) -> Valley:
    """Look for a valley in the density of two sets over that of everyone: places that they, and not all, avoid.

    Town and country have a valley between them on any map. Where customers live as all others do, the ratio has
    none.
    """
    start, end = (float(side.centre) for side in sides)
    own = joined(sides)
    width = width_of(own)
    others = density_along(everyone, start, end, width)
    others *= own.weights.sum() / everyone.weights.sum()
    return bottom_between(own, start, end, width, others + FLOOR * others.max())[0]
