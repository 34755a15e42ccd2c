"""Density and urban classes, derived from population, area and contiguity.

INSEE's own grid starts from squares of one kilometre and is not in any registry package. What is derived here has
the thresholds of the European degree of urbanisation, put on whole communes; docs/sources.md says how often it
agrees with INSEE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

__all__ = ["Place", "density_class", "neighbours", "patches", "urban_class"]

DENSE, DENSE_PATCH = 900, 50_000  # inhabitants per km², inhabitants of the patch
INTERMEDIATE, INTERMEDIATE_PATCH = 220, 5_000

Pairs = Any  # int array of shape (2, n): positions of communes that touch


def neighbours(geometry: Any) -> Pairs:
    """Return the pairs of positions whose contours touch, shape (2, n), each pair both ways."""
    return shapely.STRtree(geometry).query(geometry, predicate="intersects")


def patches(inside: Any, population: Any, pairs: Pairs) -> Any:
    """Return, for each commune, the inhabitants of the contiguous patch that it belongs to, 0 outside.

    Parameters
    ----------
    inside : bool array, shape (n,)
        Which communes may belong to a patch.
    population : float array, shape (n,)
    pairs : int array, shape (2, m)
    """
    kept = inside[pairs[0]] & inside[pairs[1]]
    size = len(inside)
    graph = coo_array((np.ones(kept.sum()), (pairs[0][kept], pairs[1][kept])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    total = np.bincount(label, weights=np.where(inside, population, 0.0))
    return np.where(inside, total[label], 0.0)


def density_class(density: Any, population: Any, pairs: Pairs) -> Any:
    """Return 1 (dense), 2 (intermediate) or 3 (rural) for each commune.

    Dense: 900 inhabitants per km² in a contiguous patch of 50,000. Intermediate: 220 in a patch of 5,000.
    """
    dense = patches(density >= DENSE, population, pairs) >= DENSE_PATCH
    middle = patches(density >= INTERMEDIATE, population, pairs) >= INTERMEDIATE_PATCH
    return np.select([dense, middle], [1, 2], default=3)


# Measured against the categories of INSEE's attraction areas (poles, their belts, the rest); see docs/sources.md.
TOWN, TOWN_REACH_KM = 2_500, 15.0
BELT_KM, BELT_OF, BELT_POWER = 14.0, 10_000, 0.25
EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Place:
    """What the urban class is derived from, arrays of one value a commune.

    Attributes
    ----------
    density, population : float array, shape (n,)
    lat, lon : float array, shape (n,)
        A point inside, in degrees.
    pairs : int array, shape (2, m)
        Communes that touch.
    """

    density: Any
    population: Any
    lat: Any
    lon: Any
    pairs: Pairs


def urban_class(place: Place) -> Any:
    """Return ``"urban"``, ``"periurban"`` or ``"rural"`` for each commune.

    - urban: 900 inhabitants per km² in a contiguous patch of 5,000; or a town of 2,500 that is the largest
      commune within 15 km;
    - periurban: within 14 km × (P / 10,000) ** 0.25 of a commune of an urban patch of P inhabitants: a large
      city's commuters come from further away;
    - rural: the others.
    """
    at = _on_sphere(place.lat, place.lon)
    dense = patches(place.density >= DENSE, place.population, place.pairs) >= INTERMEDIATE_PATCH
    urban = dense | _leads(at, place.population)
    size = patches(urban, place.population, place.pairs)
    belt = np.zeros(len(urban), dtype=bool)
    for inhabitants in np.unique(size[urban]):
        reach = BELT_KM * (inhabitants / BELT_OF) ** BELT_POWER
        nearest, _ = KDTree(at[urban & (size == inhabitants)]).query(at, distance_upper_bound=reach)
        belt |= np.isfinite(nearest)
    return np.select([urban, belt], ["urban", "periurban"], default="rural")


def _leads(at: Any, population: Any) -> Any:
    """Tell which towns of 2,500 have no larger commune within 15 km."""
    leads = np.zeros(len(population), dtype=bool)
    towns = np.flatnonzero(population >= TOWN)
    around: Sequence[list[int]] = KDTree(at).query_ball_point(at[towns], TOWN_REACH_KM)
    for town, others in zip(towns, around, strict=True):
        leads[town] = population[town] >= population[others].max()
    return leads


def _on_sphere(lat: Any, lon: Any) -> Any:
    """Return points in space, in km: over the distances that matter a chord is as long as its arc."""
    lat, lon = np.radians(lat), np.radians(lon)
    return EARTH_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
