"""Estimate what is withheld of small communes, from their neighbours, their EPCI, and what their inhabitants earn.

For each commune three things are known of an indicator without looking at the commune itself: its mean among the
twelve nearest communes that have it, weighted by the inverse of the distance; its mean in the rest of the EPCI; and,
by the same two means and by itself, the taxable income of inhabitants, which is known nearly everywhere. An estimate is
the linear combination of these that fits best where the indicator is known; docs/sources.md gives its error.

Nothing is estimated where less than a third of the communes that touch it, or less than two, have the indicator: what
is withheld of a whole region is not to be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import KDTree

from lieudit.catalogue.bring import KEY
from lieudit.catalogue.catalogue import Catalogue

__all__ = ["HELPER", "Surroundings", "estimate", "read_surroundings", "without_itself"]

HELPER: Final = "income_per_inhabitant_eur"

_NEAREST: Final = 12
_NEAR_KM: Final = 2.0  # added to distances, so that the nearest does not decide alone
_TOUCHING: Final = 2
_SHARE: Final = 1 / 3
_EARTH_KM: Final = 6371.0
_FOLDS: Final = 5
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Surroundings:
    """What surrounds each commune.

    Attributes
    ----------
    codes : Index of str, shape (n,)
    at : float array, shape (n, 3)
        Where it lies, in km.
    touching : int array, shape (2, m)
        Pairs of positions of communes that touch, both ways.
    epci : int array, shape (n,)
        A number for each EPCI.
    """

    codes: pd.Index[str]
    at: Vector
    touching: npt.NDArray[np.intp]
    epci: npt.NDArray[np.intp]


def read_surroundings(catalogue: Catalogue) -> Surroundings:
    """Read contours and EPCIs; a second, once in a process."""
    return _read(catalogue.source("contours").path(), catalogue.source("communes").path())


@lru_cache(maxsize=1)
def _read(contours: Path, communes: Path) -> Surroundings:
    drawn = pd.read_parquet(contours, columns=[KEY, "geometry"]).sort_values(KEY)
    shapes = shapely.from_wkb(drawn["geometry"].to_numpy())
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    centre = shapely.centroid(shapes)
    lat, lon = np.radians(shapely.get_y(centre)), np.radians(shapely.get_x(centre))
    # A chord is as long as its arc over such distances.
    at = _EARTH_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    codes = pd.Index(drawn[KEY])
    epci = pd.read_parquet(communes, columns=[KEY, "epci_code"]).set_index(KEY)["epci_code"].reindex(codes)
    # A commune of no EPCI is alone in one of its own.
    number = pd.factorize(epci.fillna(pd.Series(codes, index=codes)))[0]
    other = first != second
    return Surroundings(codes, at, np.vstack([first[other], second[other]]), number)


def estimate(values: pd.Series[float], around: Surroundings, helper: pd.Series[float] | None) -> pd.Series[float]:
    """Estimate an indicator where it is withheld.

    Parameters
    ----------
    values : Series
        The indicator by commune; missing where it is withheld.
    around : Surroundings
    helper : Series or None
        The taxable income of inhabitants by commune; None to do without.

    Returns
    -------
    Series
        Estimates by commune, only of those that have no value and enough neighbours that have one; within the range of
        the values that are known.
    """
    known = _vector(values, around)
    found = np.full(len(known), np.nan)
    for features in _models(known, around, helper):
        usable, learnt = np.isfinite(features).all(axis=1), np.isfinite(known)
        if (usable & learnt).sum() > _NEAREST * features.shape[1]:
            fitted = features @ _fit(features[usable & learnt], known[usable & learnt])
            found = np.where(np.isnan(found) & usable, fitted, found)
    wanted = np.isnan(known) & np.isfinite(found) & _surrounded(known, around)
    limits = (np.nanmin(known), np.nanmax(known)) if np.isfinite(known).any() else (0.0, 0.0)
    return pd.Series(found.clip(*limits)[wanted], index=around.codes[wanted])


def without_itself(values: pd.Series[float], around: Surroundings, helper: pd.Series[float] | None) -> pd.DataFrame:
    """Estimate each known value as if it were withheld: what the error of :func:`estimate` is measured with.

    Returns
    -------
    DataFrame
        By commune ``actual``, ``estimate``, and ``baseline``, the mean of all communes. The combination is fitted on
        four fifths of the communes, in turn, and applied to the last.
    """
    known = _vector(values, around)
    found = np.full(len(known), np.nan)
    fold = np.arange(len(known)) % _FOLDS
    for features in _models(known, around, helper):
        usable, learnt = np.isfinite(features).all(axis=1), np.isfinite(known)
        for part in range(_FOLDS):
            train = usable & learnt & (fold != part)
            fitted = features @ _fit(features[train], known[train])
            found = np.where(np.isnan(found) & usable & (fold == part), fitted, found)
    kept = np.isfinite(known) & np.isfinite(found) & _surrounded(known, around)
    table = {"actual": known[kept], "estimate": found[kept], "baseline": np.nanmean(known)}
    return pd.DataFrame(table, index=around.codes[kept])


def _vector(values: pd.Series[float], around: Surroundings) -> Vector:
    return np.asarray(values.reindex(around.codes).astype("float64"), dtype=np.float64)


def _models(known: Vector, around: Surroundings, helper: pd.Series[float] | None) -> list[Any]:
    """Return the features of each model, the best first: later ones do for communes of which less is known."""
    near, epci = _near(known, known, around), _epci(known, around)
    one = np.ones(len(known))
    models = [np.column_stack([near, epci, one]), np.column_stack([near, one])]
    if helper is not None:
        income = np.log(_vector(helper, around))
        there = np.where(np.isfinite(known), income, np.nan)
        helped = [near, income, _near(there, known, around), one]
        models = [np.column_stack([epci, _epci(there, around), *helped]), np.column_stack(helped), *models]
    return models


def _near(values: Vector, known: Vector, around: Surroundings) -> Vector:
    """Return the mean of the twelve nearest other communes of which the indicator is known."""
    there = np.flatnonzero(np.isfinite(known))
    if len(there) <= _NEAREST:
        return np.full(len(known), np.nan)
    distance, nearest = KDTree(around.at[there]).query(around.at, k=_NEAREST + 1)
    position = there[nearest]
    found = values[position]
    itself = position == np.arange(len(known))[:, None]
    weight = np.where(itself | np.isnan(found), 0.0, 1 / (distance + _NEAR_KM))
    # Of a commune that is not among the known, the thirteenth is one too many.
    weight[~itself.any(axis=1), -1] = 0.0
    return _divide((weight * np.nan_to_num(found)).sum(axis=1), weight.sum(axis=1))


def _epci(values: Vector, around: Surroundings) -> Vector:
    """Return the mean of the other communes of the EPCI."""
    there = np.isfinite(values).astype("float64")
    own = np.nan_to_num(values)
    count = np.bincount(around.epci, weights=there)[around.epci] - there
    total = np.bincount(around.epci, weights=own)[around.epci] - own
    return _divide(total, count)


def _surrounded(known: Vector, around: Surroundings) -> npt.NDArray[np.bool_]:
    """Tell of which communes enough that touch them are known."""
    first, second = around.touching
    touching = np.bincount(first, minlength=len(known))
    there = np.bincount(first, weights=np.isfinite(known)[second], minlength=len(known))
    enough: npt.NDArray[np.bool_] = (there >= _TOUCHING) & (there >= _SHARE * touching)
    return enough


def _fit(features: Any, values: Vector) -> Vector:
    solution: Vector = np.linalg.lstsq(features, values, rcond=None)[0]
    return solution


def _divide(total: Vector, count: Vector) -> Vector:
    mean: Vector = np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan)
    return mean
