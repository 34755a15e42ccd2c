"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import platform
import re
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from lieudit.errors import TableError


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
    _remove_orphans(out)
    part = out.with_name(f".{out.name}.{_host()}-{os.getpid()}-{secrets.token_hex(6)}.part")
    try:
        yield part
    finally:  # a KeyboardInterrupt too must leave nothing
        part.unlink(missing_ok=True)
        with suppress(OSError):  # the first that is not empty
            for folder in made:
                folder.rmdir()


def _host() -> str:
    """Name this machine: the number of a process says nothing on another, which may share the folder."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _remove_orphans(out: Path) -> None:
    """Remove the parts of ``out`` whose process of this machine is gone."""
    name = re.compile(rf"\.{re.escape(out.name)}\.{_host()}-(\d+)-[0-9a-f]+\.part")
    for path in out.parent.iterdir():
        found = name.fullmatch(path.name)
        if found and not _is_running(int(found[1])):
            path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    """Tell whether there is such a process; on Windows, which gives no harmless way to ask, assume it."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)  # no signal is sent
    except ProcessLookupError:
        return False
    except OverflowError:  # no number of a process
        return False
    except PermissionError:
        return True
    return True
