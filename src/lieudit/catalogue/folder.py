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

__all__ = ["write_source"]


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
        text = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=118)
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
        f"- Facts taken from: {', '.join(manifest['packages'])}",
        "",
        "lieudit selected, joined and brought these facts to the communes of 1 January 2026; the producers are not"
        if not any("siren" in table["key"] for table in manifest["tables"].values())
        else "lieudit selected these facts and brought them to one row a company and period; the producers are not",
        "answerable for the result and do not endorse it.",
    ]
    return "\n".join(lines) + "\n"
