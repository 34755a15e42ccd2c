"""Official files of gigabytes: the catalogue points at them, and they are asked where they stand."""

from __future__ import annotations

import copy
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from lieudit.catalogue.folder import write_in_place
from lieudit.catalogue.in_place import InPlace
from lieudit.catalogue.official import sirene, template
from lieudit.catalogue.official.download import Heard, download
from lieudit.catalogue.official.manifest import french
from lieudit.catalogue.places import download_folder, fetched_folder, kept_folder
from lieudit.catalogue.source import Source, read_source, sha256
from lieudit.errors import CatalogueError
from lieudit.tables import connect

__all__ = ["point"]

_log = logging.getLogger(__name__)

_STILL_FRESH: Final = 24 * 3600  # seconds: a file of a download that was cut later on is not fetched twice
# Said of files that say of themselves that they are made up: no one else answers for them.
_MADE_UP: Final = {
    "publisher": "lieudit",
    "producer": "lieudit (données fictives)",
    "attribution": "Données fictives produites par lieudit, au format de la base Sirene de l'Insee ({date}).",
    "vintage": "fictif, répertoire au {day}",
}


def point(name: str, *, given: Path | None, address: str | None, heard: Heard | None) -> Source:
    """Put a source into the user's catalogue that points at files, whole or not at all.

    Parameters
    ----------
    name : str
        An official source whose manifest describes several files.
    given : Path or None
        The folder that holds them; they stay there. Without it they are downloaded into the data folder.
    address : str or None
        Of a folder to download them from, under their published names, instead of the publisher's own addresses.
    heard : callable or None
        Hears of the downloads.

    Raises
    ------
    CatalogueError
        A file cannot be had or is not what it should be, or the catalogue cannot be written.
    """
    parts = template(name)["tables"]
    if given is not None:
        return _put(name, sirene.find(given.expanduser(), parts))
    scratch = download_folder() / name
    fetched = _download(parts, scratch, address, heard)
    try:
        for part, path in fetched.items():
            sirene.inspect(path, parts[part])  # before they take the place of those that are there
        return _put(name, _keep(name, fetched))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _download(parts: Mapping[str, Any], scratch: Path, address: str | None, heard: Heard | None) -> dict[str, Path]:
    """Download what has an address, each file under its published name; one that is there since today is kept."""
    got = {}
    for name, part in parts.items():
        where = f"{address.rstrip('/')}/{part['file']}" if address and "address" in part else part.get("address")
        if where is None:
            continue
        path = scratch / part["file"]
        if not (path.is_file() and time.time() - path.stat().st_mtime < _STILL_FRESH):
            download(where, scratch / name, heard).path.replace(path)
        got[name] = path
    return got


def _keep(name: str, files: Mapping[str, Path]) -> dict[str, Path]:
    """Move downloaded files to where they stay."""
    folder = kept_folder(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return {part: path.replace(folder / path.name) for part, path in files.items()}
    except OSError as error:
        raise CatalogueError(f"{folder} cannot be written: {error.strerror or error}.",
                             fix="Check the disk and the permissions.") from error  # fmt: skip


def _put(name: str, files: Mapping[str, Path]) -> Source:
    """Write the manifest: where the files are, what they are, of which day."""
    manifest = copy.deepcopy(template(name))
    parts = manifest["tables"]
    inspected = {part: sirene.inspect(path, parts[part]) for part, path in files.items()}
    with connect() as con:
        day = sirene.dealt_with(con, files, parts)
    tables = {part: _table(path, parts[part], inspected[part]) for part, path in files.items()}
    if any(each.fictional for each in inspected.values()):
        manifest |= _MADE_UP
    words = {"date": f"mise à jour du {french(day)}", "day": french(day)}
    manifest |= {
        "attribution": manifest["attribution"].format_map(words),
        "vintage": manifest["vintage"].format_map(words),
        "updated": day,
        "packages": [f"{table['file']} (sha256 {table['sha256']})" for table in tables.values()],
        "tables": tables,
    }
    out = fetched_folder() / name
    write_in_place(manifest, out)
    _log.info("%s: %s rows", name, {part: each.rows for part, each in inspected.items()})
    return read_source(out, "fetched")


def _table(path: Path, part: Mapping[str, Any], inspected: sirene.Inspected) -> dict[str, Any]:
    described = ("name", "type", "fr", "en")
    return {
        "file": path.name,
        "key": part["key"],
        "columns": [
            {key: each[key] for key in described} for each in part["columns"] if each["name"] in inspected.columns
        ],
        "rows": inspected.rows,
        "in_place": asdict(InPlace.note(path)),  # before the checksum: what changes meanwhile is seen
        "sha256": sha256(path),
    }
