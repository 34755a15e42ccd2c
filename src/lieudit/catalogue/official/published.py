"""Official files as they are published: CSV, an Excel workbook, or a zip archive of either.

Tables are found by their columns, never by position: publishers put titles above the header, add sheets, and write
``CODGEO`` or ``DEPCOM`` for the same thing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from lieudit.catalogue.official.rows import Aliases, Rows, find_header, find_place, gather, lines_of, sheets_of
from lieudit.errors import CatalogueError

__all__ = ["Published", "year_in"]

_EXCEL: Final = (".xlsx", ".xlsm")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PROPERTIES: Final = "docProps/core.xml"
_MODIFIED: Final = re.compile(r"<dcterms:modified[^>]*>(\d{4}-\d{2}-\d{2})T")
_PAGE: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|\?xml)", re.IGNORECASE)
_DAMAGED: Final = (zipfile.BadZipFile, InvalidFileException, zlib.error, EOFError, KeyError, csv.Error, UnicodeError)


@dataclass(frozen=True)
class Published:
    """A file of a publisher's, on disk.

    Attributes
    ----------
    path : Path
    name : str
        How messages call it.

    Raises
    ------
    CatalogueError
        From any method: the file is missing, a folder, a web page, or damaged.
    """

    path: Path
    name: str

    def table(
        self,
        columns: Mapping[str, Aliases],
        optional: Mapping[str, Aliases] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pd.DataFrame:
        """Return the first table that has all columns.

        Parameters
        ----------
        columns : mapping of str to sequence of str
            For each column wanted, the headers that it may bear, the best first, whatever their case; one that ends
            with ``*`` stands for all that begin so.
        optional : mapping of str to sequence of str
            Columns that are left out where they are not there.
        where : mapping of str to collection of str
            Only rows that have one of these values in a column.

        Returns
        -------
        DataFrame
            Text; an empty cell is ``""``. The columns bear the names that were asked for.

        Raises
        ------
        CatalogueError
            No table has them all: which lack, and what there is instead.
        """
        self.check()
        try:
            return self._first(columns, {**columns, **(optional or {})}, where or {})
        except _DAMAGED as error:
            raise self._damaged(str(error)) from error

    def _first(
        self, columns: Mapping[str, Aliases], wanted: Mapping[str, Aliases], where: Mapping[str, Collection[str]]
    ) -> pd.DataFrame:
        names = {name: " or ".join(aliases) for name, aliases in columns.items()}
        nearest: tuple[list[str], list[str]] = (list(names.values()), ["nothing"])
        with closing(self._tables()) as tables:
            for rows in tables:
                header, below = find_header(rows, columns)
                places = {name: find_place(header, aliases) for name, aliases in wanted.items()}
                missing = [names[name] for name in columns if places[name] is None]
                if not missing:
                    return gather(below, {name: place for name, place in places.items() if place is not None}, where)
                if any(header) and len(missing) <= len(nearest[0]):
                    nearest = (missing, [cell for cell in header if cell])
        missing, there = nearest
        raise CatalogueError(
            f"{self.name} has no column {', '.join(missing)}: it holds {_abridged(there)}.",
            expected="the columns " + ", ".join(names.values()),
            fix="The publisher may have changed the file: use a newer lieudit, or give an older copy with --from.",
        )

    def holds(self, columns: Mapping[str, Aliases]) -> bool:
        """Tell whether a table has all these columns."""
        self.check()
        try:
            with closing(self._tables()) as tables:
                headers = (find_header(rows, columns)[0] for rows in tables)
                return any(all(find_place(header, each) is not None for each in columns.values()) for header in headers)
        except _DAMAGED as error:
            raise self._damaged(str(error)) from error

    def year(self) -> int | None:
        """Return the last year in the file's name, or in the names of what the archive holds."""
        names = [self.name, *(name for name, _ in self._members())] if self._is_archive() else [self.name]
        return next((year for name in names if (year := year_in(name)) is not None), None)

    def produced(self) -> dt.date | None:
        """Return the day on which the workbook or what the archive holds was last written, None for plain text."""
        if not zipfile.is_zipfile(self.path):
            return None
        if self._suffix(_EXCEL):
            return self._modified()
        days = [dt.date(*info.date_time[:3]) for _, info in self._members() if info.date_time[0] > 1980]
        return max(days, default=None)

    def _modified(self) -> dt.date | None:
        with zipfile.ZipFile(self.path) as book:
            if _PROPERTIES not in book.namelist():
                return None
            found = _MODIFIED.search(book.read(_PROPERTIES).decode("utf-8", errors="replace"))
        return dt.date.fromisoformat(found[1]) if found else None

    def _is_archive(self) -> bool:
        return not self._suffix(_EXCEL) and zipfile.is_zipfile(self.path)

    def _suffix(self, suffixes: tuple[str, ...]) -> bool:
        return self.name.lower().endswith(suffixes)

    def _members(self) -> list[tuple[str, zipfile.ZipInfo]]:
        with zipfile.ZipFile(self.path) as archive:
            return [(info.filename, info) for info in archive.infolist() if not info.is_dir()]

    def _tables(self) -> Generator[Rows]:
        """Give every table that the file holds, as rows of text."""
        if self._is_archive():
            yield from self._archived()
            return
        with self.path.open("rb") as file:
            if zipfile.is_zipfile(file):
                yield from sheets_of(file)
            else:
                file.seek(0)
                yield lines_of(file)

    def _archived(self) -> Iterator[Rows]:
        with zipfile.ZipFile(self.path) as archive:
            names = [name for name, _ in self._members() if name.lower().endswith((*_EXCEL, ".csv", ".txt"))]
            # Data come before the description of their columns ("…_metadata.csv").
            for name in sorted(names, key=lambda name: ("meta" in name.lower(), name)):
                with archive.open(name) as member:
                    if name.lower().endswith(_EXCEL):
                        yield from sheets_of(io.BytesIO(member.read()))
                    else:
                        yield lines_of(member)

    def check(self) -> None:
        """Refuse what is no file of data, before it is read."""
        if self.path.is_dir():
            raise CatalogueError(f"{self.name} is a folder.", expected="the file as it is published",
                                 fix="Name one file of it.")  # fmt: skip
        if not self.path.is_file():
            raise CatalogueError(f"There is no file {self.name}.", expected="the file as it is published",
                                 fix="Check the path.")  # fmt: skip
        with self.path.open("rb") as file:
            start = file.read(1024)
        if not start:
            raise self._damaged("it is empty")
        if _PAGE.match(start):
            raise CatalogueError(f"{self.name} is a web page, not data.", expected="CSV, .xlsx or .zip",
                                 fix="Open the address in a browser: the file may have moved.")  # fmt: skip
        if (start.startswith(b"PK") or self._suffix((".zip", *_EXCEL))) and not zipfile.is_zipfile(self.path):
            raise self._damaged("it is not a whole archive")

    def _damaged(self, detail: str) -> CatalogueError:
        return CatalogueError(f"{self.name} cannot be read: {detail}.", expected="CSV, .xlsx or .zip, whole",
                              fix="Download it again.")  # fmt: skip


def year_in(name: str) -> int | None:
    """Return the last year in the name of a file, or in its address.

    Examples
    --------
    >>> year_in("datasets/chiffres-cles-2024/exports/parquet")
    2024
    """
    found = _YEAR.findall(name)
    return int(found[-1]) if found else None


def _abridged(names: Sequence[str], most: int = 30) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
