"""Official files that a user fetches: ``lieudit sources fetch``.

A new one is a reader (a module here), its manifest (the YAML file of the same name), and one row in ``OFFICIAL``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

from lieudit.catalogue.cog import MOVEMENTS, Passage
from lieudit.catalogue.official import (
    cog_movements,
    commuting,
    density_grid,
    filosofi,
    frr,
    infogreffe,
    ratios_inpi_bce,
    zoning,
)
from lieudit.catalogue.official.by_siren import Reader
from lieudit.catalogue.official.published import Published

__all__ = ["OFFICIAL", "URBAN", "Official", "template"]

URBAN = "urban_class"  # made from the zoning and the density grid, not fetched itself

_COMMUNES = 30_000  # a file of all communes has some 34,900 rows, or 34,700 without the overseas departments


@dataclass(frozen=True, slots=True)
class Official:
    """How an official file is read.

    Attributes
    ----------
    read : callable
        Gives its table, as published but for the names and types of the columns.
    least : int
        Fewer rows than that are not the whole file.
    weight : str or None
        The column that weighs the parts of communes that have merged since.
    by_commune : bool
        Whether its rows are communes, to be brought to those of today.
    rows : callable or None
        Gives the SELECT of a file of companies, too large for memory, instead of ``read``.
    in_place : bool
        Whether its files are only pointed at (:mod:`lieudit.catalogue.official.pointed`), and asked where they stand.
    """

    read: Callable[[Published, Passage], pd.DataFrame] | None = None
    least: int = _COMMUNES
    weight: str | None = None
    by_commune: bool = True
    rows: Reader | None = None
    in_place: bool = False


OFFICIAL: dict[str, Official] = {
    MOVEMENTS: Official(cog_movements.read, least=10_000, by_commune=False),
    "commuting": Official(commuting.read, weight="workers"),
    "density_grid": Official(density_grid.read),
    "filosofi_2021": Official(filosofi.read_2021, weight="fiscal_households"),
    "filosofi_2023": Official(filosofi.read_2023),
    "frr": Official(frr.read),
    "infogreffe": Official(rows=infogreffe.rows, by_commune=False),
    "ratios_inpi_bce": Official(rows=ratios_inpi_bce.rows, by_commune=False),
    "sirene": Official(by_commune=False, in_place=True),
    "zoning": Official(zoning.read),
}


@cache
def template(name: str) -> dict[str, Any]:
    """Return the manifest of an official file, before it is completed."""
    content: dict[str, Any] = yaml.safe_load(files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    return content
