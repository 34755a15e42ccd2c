"""The communes of the rural revitalisation zones (FRR, which took the place of ZRR on 1 July 2024)."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lieudit.catalogue.bring import KEY
from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official.published import Published
from lieudit.errors import CatalogueError

__all__ = ["read"]

_COLUMNS: Final = {KEY: ("Code_insee", "CODGEO"), "frr": ("Classement FRR*", "Classement")}
_CLASSES: Final = {
    "non classée": "none",
    "frr socle": "frr",
    "frr+": "frr_plus",
    "frr bénéficiaire": "beneficiary",
    "frr bénéficiaire partiellement": "partly",
    "classée frr partiellement": "partly",
}


def read(published: Published, passage: Passage) -> pd.DataFrame:
    """Read the class of each commune: ``commune_code``, ``frr``."""
    del passage
    frame = published.table(_COLUMNS)
    label = frame["frr"].str.casefold()
    unknown = sorted(set(frame["frr"][~label.isin(_CLASSES)]))
    if unknown:
        raise CatalogueError(f"{published.name} has the classes {', '.join(unknown)[:200]}.",
                             expected=", ".join(_CLASSES), fix="Use a newer lieudit.")  # fmt: skip
    return frame.assign(frr=label.map(_CLASSES))
