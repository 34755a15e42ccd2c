"""Verify a catalogue: checksums, row counts, columns, keys, licences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lieudit.catalogue.cog import COG_YEAR
from lieudit.catalogue.in_place import InPlace
from lieudit.catalogue.source import Source, Table, sha256
from lieudit.errors import CatalogueError, LieuditError

if TYPE_CHECKING:
    import pyarrow as pa

    from lieudit.catalogue.catalogue import Catalogue

__all__ = ["LICENCES", "NOTICE", "Problem", "check"]

NOTICE = "NOTICE.md"

# Licences under which a source may be shipped: they let anyone use and pass on the data if the producer is named.
LICENCES = {
    "Licence Ouverte 2.0": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a source.

    Attributes
    ----------
    source : str
    table : str
        Empty when the whole source is concerned.
    what : str
        One sentence.
    """

    source: str
    table: str
    what: str

    def __str__(self) -> str:
        return f"{self.source}{'/' + self.table if self.table else ''}: {self.what}"


def check(catalogue: Catalogue) -> list[Problem]:
    """Return all problems of a catalogue, in the order of its sources and tables."""
    problems = []
    for source in catalogue.sources:
        if source.by_hand:
            problems += [Problem(source.name, "", what) for what in _about_own(source, catalogue)]
            continue
        problems += [Problem(source.name, "", what) for what in _about_source(source)]
        for table in source.manifest.tables.values():
            problems += [Problem(source.name, table.name, what) for what in _about_table(source, table)]
    return problems


def _about_own(source: Source, catalogue: Catalogue) -> Iterator[str]:
    """Load the table of an own source as enrichment does, and look for codes of other years."""
    from lieudit.catalogue.own_table import load, unknown_communes  # noqa: PLC0415 - slow to import
    from lieudit.tables import connect  # noqa: PLC0415

    with connect() as con:
        try:
            relation = load(con, source, catalogue)
        except LieuditError as error:
            yield str(error)
            return
        if source.manifest.tables["table"].key == ("commune_code",):
            unknown = unknown_communes(con, relation, catalogue)
            if unknown:
                yield (
                    f"{len(unknown):,} codes are of no commune of {COG_YEAR}, such as {unknown[0]}: say of which year "
                    "they are, 'geography: YEAR'."
                )


def _about_source(source: Source) -> Iterator[str]:
    manifest = source.manifest
    if manifest.licence not in LICENCES:
        yield f"the licence {manifest.licence!r} is not one of {', '.join(LICENCES)}."
    elif manifest.licence_url != LICENCES[manifest.licence]:
        yield f"licence_url is {manifest.licence_url!r}, not {LICENCES[manifest.licence]}."
    for field in ("publisher", "producer", "attribution", "vintage"):
        if not getattr(manifest, field).strip():
            yield f"{field} is empty."
    if not manifest.landing_page.startswith("https://"):
        yield f"landing_page {manifest.landing_page!r} is no https address."
    notice = source.folder / NOTICE
    if not notice.is_file():
        yield f"{NOTICE} is missing."
    elif manifest.attribution not in notice.read_text(encoding="utf-8"):
        yield f"{NOTICE} does not hold the attribution line."
    listed = {table.file for table in manifest.tables.values()}
    for path in sorted(source.folder.glob("*.parquet")):
        if path.name not in listed:
            yield f"{path.name} is not in the manifest."


def _about_table(source: Source, table: Table) -> Iterator[str]:
    if table.in_place is not None:
        yield from _about_file_in_place(source, table.in_place, table.sha256)
        return
    path = source.folder / table.file
    if not path.is_file():
        yield f"{table.file} is missing."
        return
    if sha256(path) != table.sha256:
        yield f"the checksum of {table.file} is not the manifest's."
    try:
        content = _read(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        yield f"{table.file} is not readable Parquet ({' '.join(str(error).split())})."
        return
    yield from _about_content(content, table)


def _about_file_in_place(source: Source, file: InPlace, checksum: str) -> Iterator[str]:
    """Look at the bytes alone: columns and rows were looked at when it was fetched."""
    try:
        path = file.found(source.name)
    except CatalogueError as error:
        yield str(error)
        return
    if sha256(path) != checksum:
        yield f"the checksum of {path} is not the manifest's."


def _about_content(content: pa.Table, table: Table) -> Iterator[str]:
    if content.num_rows != table.rows:
        yield f"{content.num_rows} rows, not the {table.rows} of the manifest."
    found = {field.name: str(field.type) for field in content.schema}
    stated = [column.name for column in table.columns]
    if list(found) != stated:
        yield f"the columns are {', '.join(found)}, not {', '.join(stated)}."
        return
    for column in table.columns:
        if found[column.name] not in _ARROW[column.dtype]:
            yield f"{column.name} is {found[column.name]}, not {column.dtype}."
        if not (column.fr and column.en):
            yield f"{column.name} has no meaning in French or in English."
    yield from _about_key(content, table)


def _about_key(content: pa.Table, table: Table) -> Iterator[str]:
    if not table.key or not set(table.key) <= set(content.column_names):
        yield f"the key {', '.join(table.key) or '(none)'} is not made of columns."
        return
    if content.column(table.key[0]).null_count:
        yield f"{table.key[0]}, the first column of the key, has empty values."
    twice = content.num_rows - content.group_by(list(table.key)).aggregate([]).num_rows
    if twice:
        yield f"the key {', '.join(table.key)} stands on {twice} more rows than it should."


_ARROW = {
    "text": ("string",),
    "category": ("string",),
    "integer": ("int64", "int32", "int16", "int8"),
    "number": ("double", "float"),
    "boolean": ("bool",),
    "date": ("date32[day]",),
    "text_list": ("list<element: string>",),
    "geometry": ("binary",),
}


def _read(path: Path) -> pa.Table:
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import

    return pq.read_table(path)
