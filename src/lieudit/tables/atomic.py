"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from lieudit.errors import TableError
from lieudit.tables.temporary import own_name, remove_orphans


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Give a temporary path beside ``out``, put in its place at the end, removed on any failure.

    What a killed process left there of the same file is removed, too.

    Raises
    ------
    TableError
        The disk or the system refuses.
    """
    try:
        with part_of(out) as part:
            yield part
            part.replace(out)
    except (OSError, duckdb.IOException) as error:
        raise TableError(f"{out} cannot be written: {error}.", fix="Check the disk and the permissions.") from error


@contextmanager
def part_of(out: Path) -> Iterator[Path]:
    """Give a temporary path beside ``out``; what is there at the end is removed.

    Its folder is made if need be, and goes again where nothing was put in it.
    """
    made = [folder for folder in (out.parent, *out.parent.parents) if not folder.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{own_name()}.part")
    try:
        remove_orphans(out.parent, f".{out.name}.", ".part")
        yield part
    finally:  # a KeyboardInterrupt too must leave nothing
        part.unlink(missing_ok=True)
        with suppress(OSError):  # the first that is not empty
            for folder in made:
                folder.rmdir()
