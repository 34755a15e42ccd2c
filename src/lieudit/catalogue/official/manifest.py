"""The manifest of a fetched source: which file it comes from, of what time, what its columns mean."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lieudit.catalogue.bring import ESTIMATED, KEY
from lieudit.catalogue.folder import write_source
from lieudit.catalogue.official import template
from lieudit.catalogue.official.download import Downloaded
from lieudit.catalogue.official.published import Published, year_in
from lieudit.catalogue.places import fetched_folder
from lieudit.catalogue.source import Source, read_source, sha256
from lieudit.catalogue.write import Rows, names_of

__all__ = ["Origin", "french", "of_copy", "of_download", "put", "put_file"]

_MONTHS: Final = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
                  "novembre", "décembre")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a source was read from.

    Attributes
    ----------
    published : Published
    place : str
        Its address, or its name where it was on disk.
    date : str
        What the attribution says of its date, in French.
    updated : date
    """

    published: Published
    place: str
    date: str
    updated: dt.date


def of_copy(path: Path) -> Origin:
    """Describe a copy on disk: an archive says when its files were written, any other has its own date alone."""
    published = Published(path, path.name)
    published.check()
    produced = published.produced()
    if produced is not None:
        return Origin(published, path.name, f"mise à jour du {french(produced)}", produced)
    changed = dt.date.fromtimestamp(path.stat().st_mtime)
    return Origin(published, path.name, f"fichier du {french(changed)}", changed)


def of_download(found: Downloaded, address: str) -> Origin:
    """Describe a file that was downloaded: the archive's date, else the server's, else today's."""
    published = Published(found.path, found.path.name)
    updated = published.produced() or found.updated
    if updated is not None:
        return Origin(published, address, f"mise à jour du {french(updated)}", updated)
    today = dt.date.today()
    return Origin(published, address, f"fichier obtenu le {french(today)}", today)


def put_file(name: str, table: Rows, origin: Origin) -> Source:
    """Write the source of an official file into the user's catalogue."""
    manifest = copy.deepcopy(template(name))
    manifest.pop("address")
    year = origin.published.year() or year_in(origin.place)
    words = {"date": origin.date, "year": "non précisée" if year is None else str(year)}
    for key in ("attribution", "vintage"):
        manifest[key] = manifest[key].format_map(words)
    checksum = sha256(origin.published.path)
    return put(name, table, manifest | {"updated": origin.updated, "packages": [f"{origin.place} (sha256 {checksum})"]})


def put(name: str, table: Rows, manifest: dict[str, Any]) -> Source:
    """Write a source into the user's catalogue, whole or not at all; its manifest describes columns, not tables."""
    described = {column["name"]: column for column in manifest.pop("columns")}
    key = manifest.pop("key", [KEY])
    columns = [described.get(column) or _estimate(described, column) for column in names_of(table)]
    manifest["tables"] = {"table": {"file": "table.parquet", "key": key, "columns": columns}}
    out = fetched_folder() / name
    write_source(manifest, {"table": table}, out)
    return read_source(out, "fetched")


def _estimate(described: dict[str, dict[str, str]], flag: str) -> dict[str, str]:
    """Describe the column that says which values of another are estimates."""
    column = described[flag.removesuffix(ESTIMATED)]
    return {
        "name": flag,
        "type": "boolean",
        "fr": f"Valeur estimée (commune fusionnée ou scindée depuis) : {column['fr']}",
        "en": f"Estimated value (commune that merged or split since): {column['en']}",
    }


def french(day: dt.date) -> str:
    """Write a date in French."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"
