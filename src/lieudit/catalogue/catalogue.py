"""The catalogue: all sources, found in a checkout or in an installed wheel."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lieudit.catalogue.places import fetched_folder, locate
from lieudit.catalogue.source import MANIFEST, Origin, Source, read_source
from lieudit.errors import CatalogueError

if TYPE_CHECKING:
    from lieudit.catalogue.check import Problem
    from lieudit.catalogue.coverage import Coverage

__all__ = ["Catalogue", "open_catalogue"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Sources, in the order in which they are used.

    Attributes
    ----------
    folder : Path
        Of those that come with lieudit.
    sources : tuple of Source
        The user's own, then those fetched, then those that come along; sorted by name within each.
    """

    folder: Path
    sources: tuple[Source, ...]

    def source(self, name: str) -> Source:
        """Return a source by its name.

        Raises
        ------
        CatalogueError
            There is none of that name; the message names those that there are.
        """
        known = {source.name: source for source in self.sources}
        if name not in known:
            raise CatalogueError(
                f"There is no source {name!r} in the catalogue.",
                expected="one of " + ", ".join(known) + ".",
                fix=_remedy(name, list(known)),
            )
        return known[name]

    def check(self) -> list[Problem]:
        """Verify every checksum, row count, column, key and licence.

        Returns
        -------
        list of Problem
            Empty when all is well.
        """
        from lieudit.catalogue.check import check  # noqa: PLC0415 - pyarrow is slow to import

        return check(self)

    def coverage(self) -> tuple[Coverage, ...]:
        """Measure for which share of communes and of people each indicator is known.

        Returns
        -------
        tuple of Coverage
            One for each column of ``schema.INDICATORS`` that a source holds, in that order.
        """
        from lieudit.catalogue.coverage import coverage  # noqa: PLC0415 - duckdb is slow to import

        return coverage(self)


def open_catalogue(folder: Path | None = None, *, own: str | Path | None = None) -> Catalogue:
    """Open the catalogue of open data.

    Sources come in the order in which they are used: the user's own, the official ones that the user fetched, then
    those that come with lieudit. Of two of the same name the first stands.

    Parameters
    ----------
    folder : Path, optional
        A folder that holds one folder a source, instead of what comes with lieudit and of what was fetched.
    own : str or Path, optional
        A folder of sources of the user's own, used before all others.

    Returns
    -------
    Catalogue

    Raises
    ------
    CatalogueError
        A folder is missing or holds no source, or a manifest cannot be read.

    Examples
    --------
    >>> communes = open_catalogue().source("communes")
    >>> communes.manifest.tables["table"].rows
    34969
    """
    base = locate() if folder is None else Path(folder)
    found = [] if own is None else _sources(Path(own), "own")
    if folder is None and fetched_folder().is_dir():
        found += _read(fetched_folder(), "fetched")
    found += _sources(base, "embedded")
    by_name: dict[str, Source] = {}
    for source in found:
        by_name.setdefault(source.name, source)
    return Catalogue(base, tuple(by_name.values()))


def _remedy(name: str, known: list[str]) -> str:
    """Say how to come by a source that is not there."""
    from lieudit.catalogue.official import OFFICIAL, URBAN  # noqa: PLC0415 - slow to import

    if name in OFFICIAL or name == URBAN:
        return f"lieudit sources fetch {'zoning' if name == URBAN else name}"
    near = difflib.get_close_matches(name, [*known, *OFFICIAL], n=1)
    return f"Did you mean {near[0]!r}?" if near else "lieudit sources list shows them."


def _sources(folder: Path, origin: Origin) -> list[Source]:
    """Read the sources of a folder that must hold some."""
    sources = _read(folder, origin)
    if not sources:
        what = "holds no source" if folder.is_dir() else "is not a folder" if folder.exists() else "is not there"
        raise CatalogueError(f"The catalogue {folder} {what}.", expected=f"folders with a {MANIFEST}",
                             fix="See “A source of your own” in docs/sources.md.")  # fmt: skip
    return sources


def _read(folder: Path, origin: Origin) -> list[Source]:
    return [read_source(path.parent, origin) for path in sorted(folder.glob(f"[!.]*/{MANIFEST}"))]
