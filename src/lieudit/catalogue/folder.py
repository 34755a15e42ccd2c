"""Write a source's folder: its tables, its completed manifest, its notice.

People write the manifest; a machine fills in what it knows better (checksum, rows, where the facts come from).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from lieudit.catalogue.check import NOTICE
from lieudit.catalogue.source import MANIFEST, sha256
from lieudit.catalogue.write import Rows, names_of, whole_folder, write_parquet
from lieudit.errors import CatalogueError

__all__ = ["write_in_place", "write_source"]


def write_source(manifest: dict[str, Any], frames: Mapping[str, Rows], out: Path) -> None:
    """Write a source, whole or not at all.

    Parameters
    ----------
    manifest : dict
        The content of ``source.yaml``; checksums and row counts are filled in.
    frames : mapping of str to DataFrame or RecordBatchReader
        The tables, by their name in the manifest.
    out : Path
        The folder, which is replaced.

    Raises
    ------
    CatalogueError
        The manifest describes other tables or columns than there are, or the folder cannot be written.
    """
    if set(manifest["tables"]) != set(frames):
        raise _differs(out, "tables", manifest["tables"], frames)
    for name, frame in frames.items():
        stated = [column["name"] for column in manifest["tables"][name]["columns"]]
        if stated != names_of(frame):
            raise _differs(out, f"columns of {name}", stated, names_of(frame))
    with whole_folder(out) as folder:
        for name, frame in frames.items():
            table = manifest["tables"][name]
            rows = write_parquet(frame, folder / table["file"])
            table["sha256"], table["rows"] = sha256(folder / table["file"]), rows
        _describe(manifest, folder)


def write_in_place(manifest: dict[str, Any], out: Path) -> None:
    """Write the folder of a source whose files stand elsewhere, whole or not at all.

    Parameters
    ----------
    manifest : dict
        The content of ``source.yaml``, whole.
    out : Path
        The folder, which is replaced.

    Raises
    ------
    CatalogueError
        The folder cannot be written.
    """
    with whole_folder(out) as folder:
        _describe(manifest, folder)


def _describe(manifest: Mapping[str, Any], folder: Path) -> None:
    text = yaml.safe_dump(dict(manifest), sort_keys=False, allow_unicode=True, width=118)
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    (folder / NOTICE).write_text(_notice(manifest), encoding="utf-8", newline="\n")


def _differs(folder: Path, what: str, stated: Iterable[str], made: Iterable[str]) -> CatalogueError:
    return CatalogueError(f"{folder.name}/{MANIFEST} describes the {what} {', '.join(stated)}.",
                          expected=", ".join(made), fix=f"Describe them in {folder.name}/{MANIFEST}.")  # fmt: skip


def _notice(manifest: Mapping[str, Any]) -> str:
    lines = [
        f"# {manifest['title']['en']}",
        "",
        manifest["attribution"],
        "",
        f"- Producer: {manifest['producer']}",
        f"- Publisher: {manifest['publisher']}, {manifest['landing_page']}",
        f"- Licence: {manifest['licence']}, {manifest['licence_url']}",
        f"- Vintage: {manifest['vintage']}; last updated {manifest['updated']}",
        *([f"- Facts taken from: {', '.join(manifest['packages'])}"] if manifest["packages"] else []),
        "",
        f"lieudit {_what_was_done(manifest['tables'])}; the producers are not",
        "answerable for the result and do not endorse it.",
    ]
    return "\n".join(lines) + "\n"


def _what_was_done(tables: Mapping[str, Any]) -> str:
    if any("in_place" in table for table in tables.values()):
        return "reads these files as they were published, where they stand"
    if any("siren" in table["key"] for table in tables.values()):
        return "selected these facts and brought them to one row a company and period"
    if any("commune_code" in table["key"] for table in tables.values()):
        return "selected, joined and brought these facts to the communes of 1 January 2026"
    return "selected these facts and brought them to tables"
