"""INSEE's density grid of communes, in seven levels."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lieudit.catalogue.bring import KEY
from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official.published import Published
from lieudit.errors import CatalogueError

__all__ = ["read"]

# A workbook may hold the grid in three levels (DENS) beside the one in seven (DENS7); alone, DENS has seven.
_COLUMNS: Final = {KEY: ("CODGEO",), "density_class": ("DENS7", "DENS")}
_LEVELS: Final = frozenset("1234567")


def read(published: Published, passage: Passage) -> pd.DataFrame:
    """Read the level of each commune: ``commune_code``, ``density_class`` (1 to 7, 1 the densest)."""
    del passage
    frame = published.table(_COLUMNS)
    found = set(frame["density_class"])
    if found != _LEVELS:
        raise CatalogueError(f"{published.name} has the density levels {', '.join(sorted(found))[:200]}.",
                             expected="the grid in seven levels, 1 to 7",
                             fix="Take the file of communes with seven levels.")  # fmt: skip
    return frame.assign(density_class=frame["density_class"].astype("int64").astype("Int64"))
