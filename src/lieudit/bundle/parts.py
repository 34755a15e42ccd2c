"""What a training puts into a bundle, and how it is written down."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lieudit.bundle.files import write_folder
from lieudit.bundle.vintages import stamps

if TYPE_CHECKING:
    from lieudit.catalogue import Catalogue
    from lieudit.config import Config
    from lieudit.rfm_analysis import Thresholds
    from lieudit.segment import Segmentation

__all__ = ["BundleParts", "portable_config", "save_bundle"]

_PACKAGES: Final = ("lieudit", "numpy", "scikit-learn", "hdbscan", "duckdb")


@dataclass(frozen=True)
class BundleParts:
    """What scoring will need. No customer is in it: edges, means, covariances, names and checksums.

    Attributes
    ----------
    config : Config
    columns : mapping of str to mapping of str to str
        Role to column, for ``customers`` and, where there were any, ``transactions``.
    segmentation : Segmentation
    thresholds : Thresholds or None
        The frozen edges of the scores; None where there were no transactions.
    as_of : date or None
        The training's day of reference.
    catalogue : Catalogue
        What the customers were enriched with.
    """

    config: Config
    columns: Mapping[str, Mapping[str, str]]
    segmentation: Segmentation
    thresholds: Thresholds | None
    as_of: date | None
    catalogue: Catalogue


def save_bundle(folder: Path, parts: BundleParts) -> Path:
    """Write a bundle as ``<folder>/<name>/``.

    It is written beside and renamed: whoever looks sees the older bundle of that name or the new one, whole.

    Parameters
    ----------
    folder : Path
        The folder of bundles, ``models/``; made if needed.
    parts : BundleParts
        ``parts.config.name`` is the bundle's name.

    Returns
    -------
    Path
        The bundle's own folder, with ``bundle.json`` and ``arrays.npz``.

    Raises
    ------
    ConfigError
        The name cannot be a folder's.
    BundleError
        Something else stands there, and is left alone.
    """
    arrays, model = parts.segmentation.model.to_arrays()
    content: dict[str, Any] = {
        "name": parts.config.name,
        "lang": parts.config.lang,
        "as_of": parts.as_of.isoformat() if parts.as_of else None,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        "configuration": portable_config(parts.config),
        "columns": {"customers": {}, "transactions": {}} | {table: dict(c) for table, c in parts.columns.items()},
        "thresholds": parts.thresholds.to_json() if parts.thresholds else None,
        "features": parts.segmentation.scaler.to_dict(),
        "model": model,
        "segments": _segments(parts.segmentation),
        "sources": stamps(parts.catalogue, parts.config.enrich.sources),
    }
    return write_folder(Path(folder), parts.config.name, content, arrays)


def portable_config(config: Config) -> dict[str, Any]:
    """Return a configuration without its paths and addresses, as plain JSON.

    A path may hold somebody's name (``/home/…``), a database's address a password; neither serves scoring.
    """
    left_out: Any = {
        "out": True, "models": True, "tracking": True, "customers": {"path"}, "transactions": {"path"},
        "enrich": {"catalogue"}, "train": {"previous"},
    }  # fmt: skip
    content: dict[str, Any] = config.model_dump(mode="json", exclude=left_out)
    return content


def _segments(segmentation: Segmentation) -> list[dict[str, Any]]:
    """Name the clusters, noise included, in both languages, and say what each is."""
    named: list[dict[str, Any]] = [
        {"cluster": segment.cluster, "names": segment.name._asdict(), "status": segment.status}
        for segment in segmentation.segments
    ]
    return [{"cluster": -1, "names": segmentation.name_of(-1)._asdict(), "status": "noise"}, *named]
