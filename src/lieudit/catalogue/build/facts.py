"""What several sources are made from, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from lieudit.catalogue.build import contours
from lieudit.catalogue.build.cog import Cog, read_cog, read_json
from lieudit.catalogue.build.dgcl import read_dgcl
from lieudit.catalogue.build.profile import official_area

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts:
    """The unpacked packages, and what is read from them on demand.

    Attributes
    ----------
    at : dict of str to Path
        Folder of each package, by its key.
    """

    at: dict[str, Path]

    @cached_property
    def cog(self) -> Cog:
        """Communes of today, and the way from older codes to them."""
        return read_cog(self.at["cog"], self.at["cog_history"])

    @cached_property
    def department_names(self) -> dict[str, str]:
        """Name of each department and collectivity."""
        return {row["code"]: row["nom"] for row in read_json(self.at["cog"] / "departements.json")}

    @cached_property
    def dgcl(self) -> pd.DataFrame:
        """The three files of the DGCL."""
        return read_dgcl(self.cog, self.at["dgcl"])

    @cached_property
    def outlines(self) -> pd.DataFrame:
        """Contours of the communes of today, as drawn."""
        drawn = contours.communes_outlines(self.cog, self._package_outlines)
        return contours.fill_holes(drawn, official_area(self.cog, self.dgcl))

    @cached_property
    def arrondissements(self) -> pd.DataFrame:
        """Contours of the arrondissements of Paris, Lyon and Marseille."""
        return contours.arrondissements_table(self.cog, self._package_outlines)

    @cached_property
    def _package_outlines(self) -> pd.DataFrame:
        return contours.read_outlines(self.at["contours"])
