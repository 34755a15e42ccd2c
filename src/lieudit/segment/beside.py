"""Whether a valley between two sets of customers is theirs, or the map's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from lieudit.segment.model import Mask, Matrix
from lieudit.segment.valleys import (
    FEWEST,
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
# Customers share places, and places have valleys of their own: town and country. They are not so deep: of 56 draws of
# homes by population, in the country or one of six of its parts, in two to eight columns, one had a certain one of .3.
DEEP: Final = 0.3
# A shallower one must be there beside where everyone lives, so deep and so certain.
BESIDE: Final = 0.7
BESIDE_CERTAIN: Final = 3.0
# Or the two sides share customers otherwise than they share the others who live in such places: so much, so certain.
OTHERWISE: Final = 0.25
OTHERWISE_CERTAIN: Final = 4.0
SUCH: Final = 0.98  # share of the customers by whom it is told which places are such


def beside(found: Valley, low: Points, high: Points, everyone: Points) -> bool:
    """Say whether a valley between two sets is theirs, and not one that everyone shows.

    It is where it is deeper than those of maps, where it is there beside where everyone lives in such places, and
    where they lean to one side of it more than others do.

    Parameters
    ----------
    found : Valley
    low, high : Points
        Of places, each of the weight of the root of its customers.
    everyone : Points
        Of places, each of the weight of its customers.
    """
    if found.depth <= DEEP:
        return True
    axis = axis_between(low, high)
    sides = low.along(axis.direction), high.along(axis.direction)
    others = _such(axis, joined([low, high]), everyone).along(axis.direction)
    own = _odds(sides, others)
    return (own.depth <= BESIDE and own.z >= BESIDE_CERTAIN) or _divide_otherwise(sides, others)


def _such(axis: Axis, own: Points, everyone: Points) -> Points:
    """Return the places that are like those of two sets but for where they are along the axis between them.

    Seen along an axis from dense to rich, villages lie between two kinds of cities: they are no valley's bottom.
    """
    inverse, middle = np.linalg.inv(axis.within), np.mean(axis.centres, axis=0)

    def off_axis(values: Matrix) -> Matrix:
        away = values - middle
        return np.asarray(np.einsum("ij,jk,ik->i", away, inverse, away) - (away @ axis.direction) ** 2)

    far = off_axis(own.values)
    order = np.argsort(far, kind="stable")
    reached = np.cumsum(own.weights[order] ** 2)
    return everyone.of(off_axis(everyone.values) <= far[order][np.searchsorted(reached, SUCH * reached[-1])])


def _divide_otherwise(sides: Sequence[Points], everyone: Points) -> bool:
    """Tell whether customers divide over two sets of places otherwise than the others who live in such places."""
    counted = [Points(side.values, side.weights**2) for side in sides]
    middle = sum(float(side.centre) for side in counted) / 2
    own = joined(counted)
    there = everyone.of((everyone.values >= own.values.min()) & (everyone.values <= own.values.max()))
    ours = _divided(own.weights, own.values > middle)
    others = np.clip(_divided(there.weights, there.values > middle) - ours, 0, None)
    if min(ours.sum(), others.sum()) < FEWEST:
        return False
    apart = abs(ours[1] / ours.sum() - others[1] / others.sum())
    pooled = (ours + others) / (ours + others).sum()
    error = float(np.sqrt(pooled.prod() * (1 / ours.sum() + 1 / others.sum())))
    return bool(apart >= OTHERWISE and apart >= OTHERWISE_CERTAIN * error)


def _divided(weights: Matrix, up: Mask) -> Matrix:
    """Return the customers below and above."""
    return np.array([weights[~up].sum(), weights[up].sum()])


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
