"""Temporary files and folders, named after their process: what a killed one left is removed by the next.

They hold what people were given to read: none may stay behind.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
import tempfile
import zlib
from pathlib import Path

__all__ = ["own_name", "remove_orphans", "scratch_folder", "spill_folder"]

_BEGINS = "lieudit-"


def own_name() -> str:
    """Return a name that nothing else bears, with this machine and this process in it."""
    return f"{_host()}-{os.getpid()}-{secrets.token_hex(6)}"


def remove_orphans(folder: Path, begins: str, ends: str = "") -> None:
    """Remove what stands between ``begins`` and ``ends`` under a name of :func:`own_name` of a process that is gone."""
    name = re.compile(rf"{re.escape(begins)}{_host()}-(\d+)-\w+{re.escape(ends)}")
    for path in folder.iterdir():
        found = name.fullmatch(path.name)
        if not found or _is_running(int(found[1])):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # another user's stays
        else:
            path.unlink(missing_ok=True)


def spill_folder() -> Path:
    """Return a folder that does not exist yet, for what does not fit in memory."""
    folder = Path(tempfile.gettempdir())
    remove_orphans(folder, _BEGINS)
    return folder / f"{_BEGINS}{own_name()}"


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder that goes when its block is left."""
    remove_orphans(Path(tempfile.gettempdir()), _BEGINS)
    return tempfile.TemporaryDirectory(prefix=f"{_BEGINS}{_host()}-{os.getpid()}-")


def _host() -> str:
    """Name this machine: the number of a process says nothing on another, which may share the folder."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


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
