"""A bundle's folder: two files of fixed names, checksums of both, written whole or not at all.

The digests show damage and careless edits. They do not show who made a bundle: whoever can rewrite every file
can compute them anew. What protects the reader from a hostile bundle is that nothing in it can run: JSON and
plain arrays, with bounds on both.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from lieudit.bundle import arrays as npz
from lieudit.errors import BundleError, ConfigError

__all__ = ["FORMAT_VERSION", "read_folder", "write_folder"]

FORMAT_VERSION: Final = 1
_FORMAT: Final = "lieudit-bundle"
_INDEX: Final = "bundle.json"
_ARRAYS: Final = "arrays.npz"
_MAX_INDEX_BYTES: Final = 16 * 2**20
_NAME: Final = re.compile(r"[^\W_][\w .-]{0,99}")
_FIX: Final = "Train it again, or copy it anew from where it was whole."


def write_folder(models: Path, name: str, content: Mapping[str, Any], arrays: npz.Arrays) -> Path:
    """Write a bundle as ``models/<name>/``; an older one of that name is replaced once the new one is whole.

    Parameters
    ----------
    models : Path
        The folder of bundles; made if needed.
    name : str
        The bundle's name, which becomes a folder's name.
    content : mapping
        What ``bundle.json`` says, beside format, checksums and digest, which are added here.
    arrays : mapping of str to ndarray
        What ``arrays.npz`` holds.

    Returns
    -------
    Path
        The bundle's folder.

    Raises
    ------
    ConfigError
        The name cannot be a folder's.
    BundleError
        There is something else than a bundle of that name, which is left alone.
    """
    if not _NAME.fullmatch(name) or name != name.strip(" ."):
        raise ConfigError(f"The name {name!r} cannot name a bundle's folder.",
                          expected="letters, digits, spaces, '.', '-' and '_'",
                          fix="Change name: in the configuration.")  # fmt: skip
    target = models / name
    _refuse_to_replace(target)
    packed = npz.pack(arrays)
    index: dict[str, Any] = {
        "format": _FORMAT,
        "format_version": FORMAT_VERSION,
        **content,
        "arrays": npz.declare(arrays),
        "files": {_ARRAYS: hashlib.sha256(packed).hexdigest()},
    }
    index["digest"] = _digest(index)
    models.mkdir(parents=True, exist_ok=True)
    fresh = _beside(target)
    fresh.mkdir()
    try:
        _write(fresh / _ARRAYS, packed)
        _write(fresh / _INDEX, (json.dumps(index, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode())
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def read_folder(path: str | Path) -> tuple[Path, dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a bundle's folder and check all that can be checked without knowing what it means.

    Parameters
    ----------
    path : str or Path
        The folder, or the ``bundle.json`` in it.

    Returns
    -------
    folder : Path
    content : dict
        What ``bundle.json`` says.
    arrays : dict of str to ndarray

    Raises
    ------
    BundleError
        A file is missing, unknown, not a plain file, too large, edited, or of another format version.
    """
    folder = Path(path)
    if folder.name == _INDEX:
        folder = folder.parent
    _check_listing(folder)
    index = _parse(_read(folder / _INDEX, _MAX_INDEX_BYTES))
    data = _read(folder / _ARRAYS, npz.MAX_BYTES + 2**20)
    found = {_ARRAYS: hashlib.sha256(data).hexdigest()}
    if index.get("files") != found:
        raise BundleError(f"{folder / _ARRAYS} is not the file that was saved: its checksum is {found[_ARRAYS][:12]}….",
                          expected=f"the checksum in {_INDEX}", fix=_FIX)  # fmt: skip
    return folder, index, npz.unpack(data, index.get("arrays"))


def _check_listing(folder: Path) -> None:
    if not folder.is_dir():
        raise BundleError(f"There is no bundle {folder}.", expected=f"a folder with {_INDEX} and {_ARRAYS}",
                          fix="Train one with lieudit train, or check the path.")  # fmt: skip
    found = {entry.name: entry for entry in os.scandir(folder)}
    for name in (_INDEX, _ARRAYS):
        if name not in found:
            raise BundleError(f"{folder} has no {name}.", expected=f"{_INDEX} and {_ARRAYS}", fix=_FIX)
        if not found[name].is_file(follow_symlinks=False):
            raise BundleError(f"{folder / name} is not a plain file.", expected="a file, not a link", fix=_FIX)
    if unknown := sorted(set(found) - {_INDEX, _ARRAYS}):
        raise BundleError(f"{folder} holds an unknown file: {unknown[0]}.", expected=f"only {_INDEX} and {_ARRAYS}",
                          fix="Move it elsewhere.")  # fmt: skip


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise BundleError(f"{path} is larger than any bundle's.", expected=f"at most {limit:,} bytes", fix=_FIX)
    return data


def _parse(data: bytes) -> dict[str, Any]:
    try:
        index = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{_INDEX} is not JSON: {error}.", expected="UTF-8 JSON", fix=_FIX) from error
    if not isinstance(index, dict) or index.get("format") != _FORMAT:
        raise BundleError(f"{_INDEX} does not describe a bundle.", expected=f'"format": "{_FORMAT}"',
                          fix="Check the path.")  # fmt: skip
    version = index.get("format_version")
    if version != FORMAT_VERSION:
        raise BundleError(f"The bundle is of format version {version!r}.", expected=f"version {FORMAT_VERSION}",
                          fix="Train it again with this lieudit, or install the one that made it.")  # fmt: skip
    if index.get("digest") != _digest({key: value for key, value in index.items() if key != "digest"}):
        raise BundleError(f"{_INDEX} was changed after it was saved.",
                          expected="the content that its digest stands for", fix=_FIX)  # fmt: skip
    return index


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _digest(index: Mapping[str, Any]) -> str:
    text = json.dumps(index, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _refuse_to_replace(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        kind = "a link" if target.is_symlink() else "a file"
    elif target.is_dir() and any(target.iterdir()) and not (target / _INDEX).is_file():
        kind = "a folder of other things"
    else:
        return
    raise BundleError(f"{target} is {kind}, not a bundle, and is left alone.", expected="a bundle, or nothing",
                      fix="Move it, or change name: or models: in the configuration.")  # fmt: skip


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _beside(target: Path) -> Path:
    """Return an unused path next to a folder, on the same disk, so that renaming it there is one step."""
    return target.with_name(f".bundle-{uuid.uuid4().hex}")


def _swap(fresh: Path, target: Path) -> None:
    """Put a whole folder in the place of an older one, which comes back if anything goes wrong on the way."""
    if not target.exists():
        fresh.rename(target)
        return
    old = _beside(target)
    target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
