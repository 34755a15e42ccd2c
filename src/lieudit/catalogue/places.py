"""Where catalogues stand on a machine."""

from __future__ import annotations

import os
from pathlib import Path

from lieudit.errors import CatalogueError

__all__ = ["DATA_VARIABLE", "data_folder", "download_folder", "fetched_folder", "kept_folder", "locate"]

# Says where the user's data folder is: for shared machines, and for tests.
DATA_VARIABLE = "LIEUDIT_DATA"


def locate(package: Path | None = None) -> Path:
    """Return the folder of the catalogue that comes with lieudit.

    Parameters
    ----------
    package : Path, optional
        The package's folder. An installed wheel holds ``_catalogue`` in it; in a checkout ``enrich`` stands
        beside its ``src``.

    Raises
    ------
    CatalogueError
        Neither is there.
    """
    package = Path(__file__).resolve().parents[1] if package is None else package
    for folder in (package / "_catalogue", package.parents[1] / "enrich"):
        if folder.is_dir():
            return folder
    raise CatalogueError(f"No catalogue was found beside {package}.", expected="_catalogue or ../../enrich",
                         fix="Install lieudit again.")  # fmt: skip


def fetched_folder() -> Path:
    """Return the folder of the official files that the user fetched, whether it is there or not."""
    return data_folder() / "catalogue"


def download_folder() -> Path:
    """Return the folder of downloads that are not finished."""
    return data_folder() / "downloads"


def kept_folder(name: str) -> Path:
    """Return the folder of the files of a source that are downloaded and kept as they were published."""
    return data_folder() / "files" / name


def data_folder() -> Path:
    """Return the user's data folder: what was fetched, and what services answered."""
    if given := os.environ.get(DATA_VARIABLE):
        return Path(given)
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where the variable is set

    return user_data_path("lieudit")
