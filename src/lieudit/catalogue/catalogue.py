"""The catalogue: all sources, found in a checkout or in an installed wheel."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lieudit.catalogue.source import MANIFEST, Source, read_source
from lieudit.errors import CatalogueError

if TYPE_CHECKING:
    from lieudit.catalogue.check import Problem
    from lieudit.catalogue.coverage import Coverage

__all__ = ["Catalogue", "locate", "open_catalogue"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sources of a folder.

    Attributes
    ----------
    folder : Path
    sources : tuple of Source
        Sorted by name.
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
            near = difflib.get_close_matches(name, known, n=1)
            raise CatalogueError(
                f"There is no source {name!r} in the catalogue.",
                expected="one of " + ", ".join(known) + ".",
                fix=f"Did you mean {near[0]!r}?" if near else "lieudit sources list shows them.",
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


def open_catalogue(folder: Path | None = None) -> Catalogue:
    """Open the catalogue of open data.

    Parameters
    ----------
    folder : Path, optional
        A folder that holds one folder a source; by default the one that comes with lieudit.

    Returns
    -------
    Catalogue

    Raises
    ------
    CatalogueError
        The folder holds no source, or a manifest cannot be read.

    Examples
    --------
    >>> communes = open_catalogue().source("communes")
    >>> communes.manifest.tables["table"].rows
    34969
    """
    folder = locate() if folder is None else Path(folder)
    sources = tuple(read_source(path.parent) for path in sorted(folder.glob(f"*/{MANIFEST}")))
    if not sources:
        raise CatalogueError(f"{folder} holds no source.", expected=f"folders with a {MANIFEST}",
                             fix="lieudit sources build -o FOLDER makes a catalogue.")  # fmt: skip
    return Catalogue(folder, sources)


def locate(package: Path | None = None) -> Path:
    """Return the folder of the catalogue that comes with lieudit.

    Parameters
    ----------
    package : Path, optional
        The package's folder. An installed wheel holds ``_catalogue`` in it; in a checkout ``enrich`` stands
        beside its ``src``.

    Raises
    ------
    CatalogueError
        Neither is there.
    """
    package = Path(__file__).resolve().parents[1] if package is None else package
    for folder in (package / "_catalogue", package.parents[1] / "enrich"):
        if folder.is_dir():
            return folder
    raise CatalogueError(f"No catalogue was found beside {package}.", expected="_catalogue or ../../enrich",
                         fix="Install lieudit again.")  # fmt: skip
