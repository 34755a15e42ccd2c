"""Urban, periurban or rural, by INSEE's attraction areas and density grid.

INSEE calls rural what its grid puts in levels 5 to 7, and periurban what lies in the belt (*couronne*) of an area.

=====================  ===================  ==================  ==================  =================
category               grid 1–2             grid 3–4            grid 5–7            grid not known
=====================  ===================  ==================  ==================  =================
pole (11, 12, 13)      urban                urban               rural               urban
belt (20)              urban                periurban           periurban           periurban
outside (30)           urban                rural               rural               rural
=====================  ===================  ==================  ==================  =================

The cities that lie in the belt of a larger one (Thionville, Istres, Grasse) are urban; the small towns and wide
communes that are the pole of a small area while the grid calls them rural (Bressuire) are rural.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lieudit.catalogue.bring import ESTIMATED, KEY

__all__ = ["AREAS", "AREAS_AND_GRID", "urban_class"]

AREAS: Final = "insee_areas"
AREAS_AND_GRID: Final = "insee_areas_and_grid"
_BY_CATEGORY: Final = {"11": "urban", "12": "urban", "13": "urban", "20": "periurban", "30": "rural"}
_CITY: Final = 2  # the last level of the grid that is a city's
_RURAL: Final = 5  # the first level that INSEE calls rural


def urban_class(zoning: pd.DataFrame, grid: pd.DataFrame | None) -> pd.DataFrame:
    """Classify communes.

    Parameters
    ----------
    zoning : DataFrame
        ``commune_code``, ``attraction_category``, and ``attraction_category_estimated`` if some are.
    grid : DataFrame or None
        ``commune_code``, ``density_class`` in seven levels, and ``density_class_estimated`` if some are.

    Returns
    -------
    DataFrame
        ``commune_code``, ``urban_class``, ``urban_class_estimated`` where either is, ``urban_class_source``
        (``insee_areas_and_grid``, or ``insee_areas`` where the grid does not know the commune).
    """
    by_area = zoning["attraction_category"].map(_BY_CATEGORY)
    level = pd.Series(np.nan, zoning.index)
    estimated = _flags(zoning, "attraction_category", zoning[KEY])
    if grid is not None:
        level = zoning[KEY].map(grid.set_index(KEY)["density_class"]).astype("float64")
        estimated |= _flags(grid, "density_class", zoning[KEY])
    rural_pole = (by_area == "urban") & (level >= _RURAL)
    found = by_area.mask(level <= _CITY, "urban").mask(rural_pole, "rural")
    source = np.where(level.notna(), AREAS_AND_GRID, AREAS)
    flag = {"urban_class" + ESTIMATED: estimated} if estimated.any() else {}
    return pd.DataFrame({KEY: zoning[KEY], "urban_class": found, **flag, "urban_class_source": source})


def _flags(frame: pd.DataFrame, column: str, codes: pd.Series[str]) -> pd.Series[bool]:
    """Tell of which communes a class is an estimate."""
    name = column + ESTIMATED
    estimated = set(frame[KEY][frame[name].eq(True)]) if name in frame else set()
    return codes.isin(list(estimated))
