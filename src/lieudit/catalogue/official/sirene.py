"""The files of the Sirene register: which ones a folder holds, and whether they are what INSEE publishes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lieudit.catalogue.in_place import FICTIONAL
from lieudit.errors import CatalogueError
from lieudit.tables.connection import fetch_one, only

__all__ = ["Inspected", "dealt_with", "find", "inspect"]

Part = Mapping[str, Any]
"""A table of ``sirene.yaml``."""


def find(folder: Path, parts: Mapping[str, Part]) -> dict[str, Path]:
    """Return the files of the register in a folder, by part.

    INSEE's names are known with and without ``_utf8``, and those that data.gouv.fr gives
    (``stock-stockunitelegale-parquet.parquet``).

    Raises
    ------
    CatalogueError
        The folder is not there, a file lacks, or several could be the same.
    """
    expected = "a folder with " + " and ".join(part["file"] for part in parts.values() if not part.get("may_lack"))
    fix = "Download them, in Parquet, from the page of the register on data.gouv.fr."
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise CatalogueError(f"{folder} {what}.", expected=expected, fix="Give the folder with --from.")
    there = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    found = {}
    for name, part in parts.items():
        fitting = [path for path in there if path.suffix.lower() == ".parquet" and _is(path.stem, part["stem"])]
        exact = [path for path in fitting if path.name == part["file"]]
        if len(exact or fitting) > 1:
            raise CatalogueError(f"{folder} holds {', '.join(path.name for path in fitting)}.",
                                 expected=f"one of them, best called {part['file']}",
                                 fix="Move the others away.")  # fmt: skip
        if fitting:
            found[name] = (exact or fitting)[0].absolute()
        elif not part.get("may_lack"):
            names = ", ".join(path.name for path in there[:20]) or "no file"
            raise CatalogueError(f"{folder} has no {part['file']}: it holds {names}.", expected=expected, fix=fix)
    return found


def _is(stem: str, wanted: str) -> bool:
    """Tell whether a file's name is that of a part, and not of a longer-named one."""
    plain = re.sub(r"[^a-z]", "", stem.lower().replace("utf8", "").replace("parquet", ""))
    return plain in (wanted, f"stock{wanted}")


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the footer of a file says.

    Attributes
    ----------
    rows : int
    columns : tuple of str
        Those of the manifest that are there.
    fictional : bool
        Whether the file says that what it holds is made up.
    """

    rows: int
    columns: tuple[str, ...]
    fictional: bool


def inspect(path: Path, part: Part) -> Inspected:
    """Look at a file's footer: it must be Parquet, whole, and have the columns that are read.

    Raises
    ------
    CatalogueError
        It is not what INSEE publishes: which columns lack and which there are, or what is wrong with them.
    """
    try:
        footer = pq.read_metadata(path)
        there = {field.name: field.type for field in footer.schema.to_arrow_schema()}
    except (OSError, pa.ArrowException) as error:
        raise CatalogueError(f"{path.name} is not readable Parquet ({' '.join(str(error).split())}).",
                             expected=f"{part['file']} as INSEE publishes it, whole",
                             fix="Download it again.") from error  # fmt: skip
    known = tuple(each["name"] for each in part["columns"] if each["name"] in there)
    missing = [each["name"] for each in part["columns"] if not each.get("optional") and each["name"] not in there]
    if missing:
        raise CatalogueError(f"{path.name} has no column {', '.join(missing)}: it holds {_abridged(list(there))}.",
                             expected=f"the columns of {part['file']} as INSEE publishes it",
                             fix="Download it again, whole; a newer lieudit may know a new format.")  # fmt: skip
    numbers = [each["name"] for each in part["columns"] if each["type"] == "text" and not _may_be_text(there, each)]
    if numbers:
        raise CatalogueError(f"{path.name} holds {', '.join(numbers)} as {there[numbers[0]]}.", expected="text",
                             fix="Take INSEE's own Parquet file: this one has lost zeros.")  # fmt: skip
    if not footer.num_rows and not part.get("may_be_empty"):
        raise CatalogueError(f"{path.name} holds no rows.", expected="the whole register", fix="Download it again.")
    return Inspected(footer.num_rows, known, FICTIONAL.encode() in (footer.metadata or {}))


def _may_be_text(there: Mapping[str, pa.DataType], column: Mapping[str, Any]) -> bool:
    kind = there.get(column["name"], pa.string())
    kind = kind.value_type if isinstance(kind, pa.DictionaryType) else kind  # as pandas writes a categorical
    # A column without a single value may be of no type.
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def dealt_with(con: duckdb.DuckDBPyConnection, files: Mapping[str, Path], parts: Mapping[str, Part]) -> dt.date:
    """Return the last day on which the register dealt with a row: the day that its state is of.

    Raises
    ------
    CatalogueError
        No row says.
    """
    columns = [(files[name], part["dealt_with"]) for name, part in parts.items() if "dealt_with" in part]
    days = " UNION ALL ".join(
        f"SELECT max(TRY_CAST({column} AS DATE)) AS day FROM read_parquet({only(path)})" for path, column in columns
    )
    try:
        (day,) = fetch_one(con, f"SELECT max(day) FROM ({days})")
    except duckdb.Error as error:
        raise CatalogueError(f"The files cannot be read: {' '.join(str(error).split())}.", expected="Parquet, whole",
                             fix="Download them again.") from error  # fmt: skip
    if not isinstance(day, dt.date):
        raise CatalogueError(f"No row has a date in {' or '.join(column for _, column in columns)}.",
                             expected="when INSEE last dealt with it", fix="Download the files again.")  # fmt: skip
    return day


def _abridged(names: Sequence[str], most: int = 60) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "") or "none"
