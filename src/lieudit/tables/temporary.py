"""Temporary files and folders, named after their process: what a killed one left is removed by the next.

They hold what people were given to read: none should stay behind. On Windows, where no harmless way tells whether a
process is gone, they do.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
import tempfile
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["own_name", "remove_orphans", "scratch_folder", "spill_folder"]

_BEGINS = "lieudit-"


def own_name() -> str:
    """Return a name that nothing else bears, with this machine and this process in it."""
    return f"{_host()}-{os.getpid()}-{secrets.token_hex(6)}"


def remove_orphans(folder: Path, begins: str, ends: str = "") -> None:
    """Remove what stands between ``begins`` and ``ends`` under a name of :func:`own_name` of a process that is gone."""
    name = re.compile(rf"{re.escape(begins)}{_host()}-(\d+)-\w+{re.escape(ends)}")
    with suppress(OSError):  # a folder that may be written in and not listed
        for path in folder.iterdir():
            found = name.fullmatch(path.name)
            if found and not _is_running(int(found[1])):
                _remove(path)


def _remove(path: Path) -> None:
    """Remove a file or a folder; another user's stays."""
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def spill_folder() -> Path:
    """Return a folder that does not exist yet, for what does not fit in memory."""
    return _tidied(Path(tempfile.gettempdir())) / f"{_BEGINS}{own_name()}"


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder that goes when its block is left."""
    return tempfile.TemporaryDirectory(prefix=spill_folder().name)


@cache
def _tidied(folder: Path) -> Path:
    """Remove what killed processes left, once a process: a machine's temporary folder may hold very many files."""
    remove_orphans(folder, _BEGINS)
    return folder


@cache
def _host() -> str:
    """Name this machine, and this container: the number of a process says nothing in another, which may share /tmp."""
    try:
        processes = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:  # not Linux
        processes = 0
    return f"{zlib.crc32(f'{platform.node()} {processes}'.encode()):08x}"


def _is_running(process: int) -> bool:
    """Tell whether there is such a process; on Windows, which gives no harmless way to ask, assume it."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)  # no signal is sent
    except (ProcessLookupError, OverflowError):  # the latter: no number of a process
        return False
    except PermissionError:
        return True
    return True
