"""One source of open data: its manifest (``source.yaml``) and its tables."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from lieudit.catalogue.in_place import InPlace
from lieudit.catalogue.own import complete
from lieudit.errors import CatalogueError
from lieudit.schema import Column

__all__ = ["MANIFEST", "Manifest", "Origin", "Source", "Table", "read_manifest", "read_source", "sha256"]

MANIFEST = "source.yaml"

# Whose folder it stands in: the user's own, the official files that the user fetched, or what comes along.
Origin = Literal["own", "fetched", "embedded"]

# libyaml reads a manifest ten times faster; the result is the same.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Table:
    """A Parquet table of a source.

    Attributes
    ----------
    name : str
        ``"table"`` is the main one of a source.
    file : str
        File name in the source's folder.
    sha256 : str
        Checksum of the file.
    rows : int
    key : tuple of str
        Columns that identify a row: never empty, never twice the same, but for ``nullable`` ones.
    columns : tuple of Column
        All columns, in the order of the file; of a file in place those that are read.
    in_place : InPlace or None
        Where the file stands, where that is not the source's folder.
    """

    name: str
    file: str
    sha256: str
    rows: int
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    in_place: InPlace | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``source.yaml`` says.

    Attributes
    ----------
    name : str
    title : dict of str to str
        By language, ``"fr"`` and ``"en"``.
    publisher, producer : str
        Who gives the data out, and who made it.
    licence, licence_url : str
    attribution : str
        The line that the licence asks for.
    landing_page : str
    vintage : str
        What time the data speak of.
    updated : date
        When the producer last changed them.
    packages : tuple of str
        The registry packages, or the official files with their checksum, that the facts were taken from.
    tables : dict of str to Table
    excludes : tuple of str
        Sources that measure the same thing in another way: where this one is used, they are not.
    geography : int or None
        The year of the COG that the codes of an own source are of; None where it is today's.
    weight : str or None
        The column of an own source that weighs communes that have merged since that year.
    """

    name: str
    title: dict[str, str]
    publisher: str
    producer: str
    licence: str
    licence_url: str
    attribution: str
    landing_page: str
    vintage: str
    updated: dt.date
    packages: tuple[str, ...]
    tables: dict[str, Table]
    excludes: tuple[str, ...] = ()
    geography: int | None = None
    weight: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source in its folder.

    Attributes
    ----------
    folder : Path
    manifest : Manifest
    origin : {"own", "fetched", "embedded"}
    by_hand : bool
        Whether the manifest was written by hand, for a table of any kind: :mod:`lieudit.catalogue.own_table` loads it.
    """

    folder: Path
    manifest: Manifest
    origin: Origin = "embedded"
    by_hand: bool = False

    @property
    def name(self) -> str:
        """Name of the source, which is its folder's."""
        return self.manifest.name

    @property
    def attribution(self) -> str:
        """The line that the licence asks for."""
        return self.manifest.attribution

    @property
    def in_place(self) -> bool:
        """Whether its files stand elsewhere, as they were published."""
        return any(table.in_place is not None for table in self.manifest.tables.values())

    def path(self, table: str = "table") -> Path:
        """Return the path of a table, once its file is found to be the one of the manifest.

        Of a file that stands elsewhere, size and time are compared; of others the checksum.

        Parameters
        ----------
        table : str
            Its name in the manifest.

        Raises
        ------
        CatalogueError
            The source has no such table, or its file is missing or was changed.
        """
        if table not in self.manifest.tables:
            raise CatalogueError(f"The source {self.name!r} has no table {table!r}.",
                                 expected="one of " + ", ".join(self.manifest.tables),
                                 fix="lieudit sources show " + self.name)  # fmt: skip
        stated = self.manifest.tables[table]
        if stated.in_place is not None:
            return stated.in_place.found(self.name)
        path = self.folder / stated.file
        try:
            state = path.stat()
        except OSError as error:
            raise CatalogueError(
                f"{self.name}/{stated.file} cannot be read: {error.strerror}.", fix=self._remedy
            ) from error
        found = _checksum(path, state.st_mtime_ns, state.st_size) if stated.sha256 else ""
        if found != stated.sha256:
            raise CatalogueError(f"The checksum of {self.name}/{stated.file} is {found}.", expected=stated.sha256,
                                 fix=self._remedy)  # fmt: skip
        return path

    @property
    def _remedy(self) -> str:
        if self.origin == "embedded":
            return "Install lieudit again."
        return f"lieudit sources fetch {self.name}" if self.origin == "fetched" else "Correct the file or source.yaml."


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=256)
def _checksum(path: Path, changed: int, size: int) -> str:
    """Return a file's checksum, computed once as long as its time and size stay (hashing all takes 50 ms)."""
    del changed, size
    return sha256(path)


def read_source(folder: Path, origin: Origin = "embedded") -> Source:
    """Read a source's manifest.

    Raises
    ------
    CatalogueError
        The manifest is missing, is not YAML, or lacks a key.
    """
    content = read_manifest(folder)
    by_hand = origin == "own" and "tables" not in content
    if by_hand:
        content = complete(folder.name, content)
    if "licence" in content and not str(content["licence"] or "").strip():
        del content["licence"]
    try:
        manifest = _manifest(folder.name, content)
    except KeyError as error:
        raise CatalogueError(
            f"{folder.name}/{MANIFEST} has no {error.args[0]}.",
            expected="the keys that docs/sources.md and enrich/README.md list",
            fix="Add it: without a licence, for one, nobody may use the data.",
        ) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise CatalogueError(
            f"{folder.name}/{MANIFEST} is not what it should be: {error}.",
            expected="keys and values as enrich/README.md lists them",
            fix="Correct it, or get it again.",
        ) from error
    return Source(folder, manifest, origin, by_hand)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a manifest as it is written.

    Raises
    ------
    CatalogueError
        It is missing or is not a YAML mapping.
    """
    path = folder / MANIFEST
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  (a safe loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogueError(
            f"{folder.name}/{MANIFEST} cannot be read: {' '.join(str(error).split())}.",
            expected="UTF-8 YAML",
            fix="Correct it, or get it again.",
        ) from error
    if not isinstance(content, dict):
        raise CatalogueError(
            f"{folder.name}/{MANIFEST} holds no keys.", expected="a mapping.", fix="Correct it, or get it again."
        )
    return content


def _manifest(name: str, content: dict[str, Any]) -> Manifest:
    text = ("publisher", "producer", "licence", "licence_url", "attribution", "landing_page", "vintage")
    return Manifest(
        name=name,
        title={"fr": content["title"]["fr"], "en": content["title"]["en"]},
        updated=_date(content["updated"]),
        packages=tuple(content["packages"]),
        tables={key: _table(key, value) for key, value in content["tables"].items()},
        excludes=tuple(content.get("excludes", ())),
        geography=content.get("geography"),
        weight=content.get("weight"),
        **{key: str(content[key]) for key in text},
    )


def _table(name: str, content: dict[str, Any]) -> Table:
    return Table(
        name=name,
        file=content["file"],
        sha256=content["sha256"],
        rows=int(content["rows"]),
        key=tuple(content["key"]),
        columns=tuple(
            Column(column["name"], column["type"], column.get("unit", ""), column["fr"], column["en"])
            for column in content["columns"]
        ),
        in_place=InPlace(**content["in_place"]) if "in_place" in content else None,
    )


def _date(value: object) -> dt.date:
    if isinstance(value, dt.date):
        return value
    raise ValueError(f"updated: {value!r} is not a date")
