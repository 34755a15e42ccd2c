"""Write a source's folder: its tables, its completed manifest, its notice.

People write ``source.yaml``; a build fills in what a machine knows better (checksum, rows, packages) and leaves
the rest as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lieudit.catalogue.build.packages import PACKAGES
from lieudit.catalogue.build.write import sha256, write_parquet
from lieudit.catalogue.check import NOTICE
from lieudit.catalogue.source import MANIFEST, read_manifest
from lieudit.errors import CatalogueError
from lieudit.tables import write_text

__all__ = ["write_source"]


def write_source(described: Path, out: Path, packages: Iterable[str], frames: Mapping[str, pd.DataFrame]) -> None:
    """Write a source.

    Parameters
    ----------
    described : Path
        Folder of the manifest that people wrote.
    out : Path
        Folder to write into; may be the same.
    packages : iterable of str
        Keys of the packages that the tables were made from.
    frames : mapping of str to DataFrame
        The tables, by their name in the manifest.

    Raises
    ------
    CatalogueError
        The manifest describes other tables or columns than there are.
    """
    manifest = read_manifest(described)
    if set(manifest["tables"]) != set(frames):
        raise _differs(described, "tables", manifest["tables"], frames)
    out.mkdir(parents=True, exist_ok=True)
    manifest["packages"] = [PACKAGES[key].requirement for key in packages]
    for name, frame in frames.items():
        table = manifest["tables"][name]
        stated = [column["name"] for column in table["columns"]]
        if stated != list(frame.columns):
            raise _differs(described, f"columns of {name}", stated, frame.columns)
        path = out / table["file"]
        write_parquet(frame, path)
        table["sha256"], table["rows"] = sha256(path), len(frame)
    text = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=118)
    write_text(text, out / MANIFEST)
    write_text(_notice(manifest), out / NOTICE)


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
        "lieudit selected, joined and brought these facts to the communes of 1 January 2026; the producers are not",
        "answerable for the result and do not endorse it.",
    ]
    return "\n".join(lines) + "\n"
