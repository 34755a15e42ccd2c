"""INSEE's zonings of communes: attraction areas, urban units, employment zones."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lieudit.catalogue.bring import KEY
from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official.published import Published
from lieudit.errors import CatalogueError

__all__ = ["CATEGORIES", "read"]

CATEGORIES: Final = frozenset({"11", "12", "13", "20", "30"})
_COLUMNS: Final = {KEY: ("CODGEO", "DEPCOM"), "attraction_category": ("CATEAAV2020",), "attraction_area": ("AAV2020",)}
# The table of all zonings has these; the file of attraction areas has not.
_OPTIONAL: Final = {
    "attraction_area_size": ("TAAV2017",),
    "urban_unit": ("UU2020",),
    "urban_unit_size": ("TUU2017",),
    "employment_zone": ("ZE2020",),
}
_OUTSIDE_AREAS: Final = "000"
_OUTSIDE_UNITS: Final = r"..000"  # the department's number, and three zeros


def read(published: Published, passage: Passage) -> pd.DataFrame:
    """Read the zones of each commune.

    Returns
    -------
    DataFrame
        ``commune_code``, ``attraction_category``, ``attraction_area`` (empty outside of all), and as far as the file
        has them ``attraction_area_size``, ``urban_unit`` (empty outside of all), ``urban_unit_size``,
        ``employment_zone``.
    """
    del passage
    frame = published.table(_COLUMNS, _OPTIONAL)
    found = set(frame["attraction_category"])
    if not found <= CATEGORIES:
        raise CatalogueError(f"{published.name} has the categories {', '.join(sorted(found))[:200]}.",
                             expected=", ".join(sorted(CATEGORIES)),
                             fix="Take the file of the attraction areas of 2020.")  # fmt: skip
    frame["attraction_area"] = frame["attraction_area"].replace(_OUTSIDE_AREAS, None)
    for name in frame.columns.intersection(["attraction_area_size", "urban_unit_size"]):
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("Int64")
    if "urban_unit" in frame:
        frame["urban_unit"] = frame["urban_unit"].mask(frame["urban_unit"].str.fullmatch(_OUTSIDE_UNITS))
    return frame
