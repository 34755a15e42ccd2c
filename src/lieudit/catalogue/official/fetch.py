"""Fetch an official file: get it, read it, bring it to today's communes, put it into the user's catalogue."""

from __future__ import annotations

import copy
import difflib
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lieudit.catalogue.bring import ESTIMATED, KEY, bring, rules_of
from lieudit.catalogue.catalogue import open_catalogue
from lieudit.catalogue.cog import read_passage
from lieudit.catalogue.official import OFFICIAL, URBAN, Official, template
from lieudit.catalogue.official.by_siren import Reader, stream
from lieudit.catalogue.official.download import Heard, download
from lieudit.catalogue.official.manifest import Origin, of_copy, of_download, put, put_file
from lieudit.catalogue.official.pointed import point
from lieudit.catalogue.official.urban_class import urban_class
from lieudit.catalogue.places import download_folder
from lieudit.catalogue.source import Source
from lieudit.errors import CatalogueError, InternalError
from lieudit.schema import Column
from lieudit.tables import connect

__all__ = ["Fetched", "fetch"]

_log = logging.getLogger(__name__)

_URBAN_NEEDS: Final = ("zoning", "density_grid")
_SINCE: Final = 1943  # splits of any year: a commune that the file lists keeps its own row anyway


@dataclass(frozen=True, slots=True)
class Fetched:
    """What :func:`fetch` put into the catalogue.

    Attributes
    ----------
    sources : tuple of Source
        The source, and those derived from it.
    estimated : dict of str to int
        For each column that has some, how many values are estimates because communes merged or split.
    lost : int
        Rows of the file whose code leads to no commune of today, or that name no company or no date.
    """

    sources: tuple[Source, ...]
    estimated: dict[str, int]
    lost: int

    @property
    def by_siren(self) -> bool:
        """Whether its rows are of companies."""
        return any("siren" in table.key for table in self.sources[0].manifest.tables.values())


def fetch(name: str, *, given: Path | None = None, address: str | None = None, heard: Heard | None = None) -> Fetched:
    """Put an official file into the user's catalogue, whole or not at all.

    Parameters
    ----------
    name : str
        One of ``OFFICIAL``.
    given : Path, optional
        A copy on disk, as published; nothing is downloaded then. Of files that are asked in place, their folder.
    address : str, optional
        Another address than the publisher's; of several files, that of their folder.
    heard : callable, optional
        Hears of the download.

    Raises
    ------
    CatalogueError
        There is no such source, the file cannot be had, is not what it should be, or cannot be written.
    """
    official = _official(name)
    if official.in_place:
        return Fetched((point(name, given=given, address=address, heard=heard),), {}, 0)
    address, scratch = address or template(name)["address"], download_folder() / name
    origin = of_copy(given) if given is not None else of_download(download(address, scratch, heard), address)
    try:
        if official.rows is not None:
            source, lost = _stream(name, official.rows, origin)
            return Fetched((source,), {}, lost)
        table, lost = _read(name, official, origin)
        sources = [put_file(name, table, origin)]
    finally:
        if given is None:
            shutil.rmtree(scratch, ignore_errors=True)
    if name in _URBAN_NEEDS:
        sources += _derive_urban_class()
    flags = {column: int(table[column].sum()) for column in table.columns if column.endswith(ESTIMATED)}
    _log.info("%s: %d rows, %d of no commune of today, estimates: %s", name, len(table), lost, flags)
    return Fetched(tuple(sources), flags, lost)


def _stream(name: str, rows: Reader, origin: Origin) -> tuple[Source, int]:
    """Put a file of companies, and return how many of its rows are of none."""
    with connect(bounded=True) as con:
        table, lost = stream(con, origin.published, rows)
        return put_file(name, table, origin), lost


def _read(name: str, official: Official, origin: Origin) -> tuple[pd.DataFrame, int]:
    """Return the table in today's communes, and how many rows of the file are of none."""
    if official.read is None:
        raise InternalError(f"{name} has no reader.")
    passage = read_passage(open_catalogue())
    frame = official.read(origin.published, passage)
    _verify(frame, official, origin.published.name)
    if not official.by_commune:
        return frame, 0
    rules = rules_of([column for column in _columns(name) if column.name in frame])
    table = bring(frame, rules, passage, year=_SINCE, weight=official.weight)
    return table, sum(passage.present(code) is None for code in frame[KEY])


def _official(name: str) -> Official:
    if name not in OFFICIAL:
        near = difflib.get_close_matches(name, OFFICIAL, n=1)
        fix = f"Did you mean {near[0]!r}?" if near else "lieudit sources list shows them."
        raise CatalogueError(
            f"There is no official source {name!r}.", expected=f"one of {', '.join(OFFICIAL)}", fix=fix
        )
    return OFFICIAL[name]


def _verify(frame: pd.DataFrame, official: Official, name: str) -> None:
    if len(frame) < official.least:
        raise CatalogueError(f"{name} holds {len(frame):,} rows.", expected=f"{official.least:,} at least",
                             fix="It is not the whole file: download it again.")  # fmt: skip
    if not official.by_commune:
        return
    bad = frame[KEY][~frame[KEY].str.fullmatch(r"[0-9][0-9AB][0-9]{3}")]
    if len(bad):
        raise CatalogueError(f"{name} has {len(bad):,} rows whose code is no commune's, such as {bad.iloc[0]!r}.",
                             expected="codes of five characters", fix="Take the file by commune.")  # fmt: skip
    if twice := int(frame[KEY].duplicated().sum()):
        raise CatalogueError(f"{name} gives {twice:,} communes twice.", expected="one row a commune",
                             fix="Take the file of one year.")  # fmt: skip


def _columns(name: str) -> list[Column]:
    return [
        Column(each["name"], each["type"], each.get("unit", ""), each["fr"], each["en"])
        for each in template(name)["columns"]
    ]


def _derive_urban_class() -> list[Source]:
    """Make the urban class again from the zoning and, where it was fetched, the density grid."""
    catalogue = open_catalogue()
    there = {each.name: each for each in catalogue.sources if each.origin == "fetched" and each.name in _URBAN_NEEDS}
    if "zoning" not in there:
        return []
    frames = {name: pd.read_parquet(source.path()) for name, source in there.items()}
    table = urban_class(frames["zoning"], frames.get("density_grid"))
    sources = list(there.values())
    said = [each.attribution.split(" : ", 1)[1].rstrip(".") for each in sources]
    manifest = copy.deepcopy(template(URBAN)) | {
        "attribution": f"Sources : {' ; '.join(said)}.",
        "landing_page": there["zoning"].manifest.landing_page,
        "vintage": " ; ".join(each.manifest.vintage for each in sources),
        "updated": max(each.manifest.updated for each in sources),
        "packages": [origin for each in sources for origin in each.manifest.packages],
    }
    return [put(URBAN, table, manifest)]
