"""The earlier segmentation whose segments keep their number and name: a run's folder, or a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lieudit.bundle import Bundle, load_bundle
from lieudit.errors import ConfigError
from lieudit.pipeline.run_folder import CUSTOMERS, RunFolder, read_run
from lieudit.segment import NOISE, Earlier, Name, label_customers

if TYPE_CHECKING:
    from lieudit.pipeline.prepare import Prepared

__all__ = ["earlier_of", "open_previous"]


def open_previous(path: Path | None) -> RunFolder | Bundle | None:
    """Open what ``train.previous`` names, before any work is done.

    Raises
    ------
    ConfigError
        There is neither a run nor a bundle.
    InputError, BundleError
        It is damaged.
    """
    if path is None:
        return None
    if (path / CUSTOMERS).is_file():
        return read_run(path)
    if path.exists():
        return load_bundle(path)
    raise ConfigError(f"There is no earlier segmentation {path}.", expected="a run's folder or a bundle's",
                      fix="Correct train.previous, or leave it out.")  # fmt: skip


def earlier_of(previous: RunFolder | Bundle, prepared: Prepared) -> Earlier:
    """Say in which segment of the earlier segmentation each customer is.

    A run says it of its own customers, as they were; a bundle labels those of today, as they are.

    Parameters
    ----------
    previous : RunFolder or Bundle
    prepared : Prepared

    Raises
    ------
    ConfigError
        The run and this training have no customer in common.
    """
    if isinstance(previous, Bundle):
        clusters = label_customers(previous.scaler, previous.model, prepared.frame)["cluster"]
        named = {one.cluster: Name(one.names["fr"], one.names["en"]) for one in previous.clusters}
        return Earlier(previous.name, clusters, _real(named), previous.model.highest)
    known = pd.read_parquet(previous.customers, columns=["customer_id", "cluster"])
    clusters = known.set_index(known["customer_id"].astype(str))["cluster"]
    if not clusters.index.isin(prepared.frame.index).any():
        raise ConfigError(f"{previous.path} and this training have no customer in common.",
                          expected="an earlier run on much the same customers",
                          fix="Correct train.previous, or leave it out.")  # fmt: skip
    segments = previous.segments["segments"]
    named = {one["cluster"]: Name(one["names"]["fr"], one["names"]["en"]) for one in segments}
    highest = (previous.segments.get("previous") or {}).get("highest", NOISE)
    return Earlier(previous.name, clusters, _real(named), int(highest))


def _real(named: dict[int, Name]) -> dict[int, Name]:
    return {cluster: name for cluster, name in named.items() if cluster != NOISE}
