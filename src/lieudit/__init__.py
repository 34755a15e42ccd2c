"""Add French open data to customers, compute RFM, cluster, and say which groups nobody has named yet.

The functions take and give pandas DataFrames and share one core with the command line. They are imported when first
used, so that ``import lieudit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lieudit.bundle import Bundle, load_bundle
    from lieudit.errors import InputError, InternalError, LieuditError
    from lieudit.pipeline.enrich import enrich
    from lieudit.pipeline.rfm import rfm
    from lieudit.pipeline.run import Run
    from lieudit.pipeline.score import score
    from lieudit.pipeline.train import train

__all__ = [
    "Bundle",
    "InputError",
    "InternalError",
    "LieuditError",
    "Run",
    "enrich",
    "load_bundle",
    "rfm",
    "score",
    "train",
]

_HOME = {
    "Bundle": "lieudit.bundle",
    "InputError": "lieudit.errors",
    "InternalError": "lieudit.errors",
    "LieuditError": "lieudit.errors",
    "Run": "lieudit.pipeline.run",
    "enrich": "lieudit.pipeline.enrich",
    "load_bundle": "lieudit.bundle",
    "rfm": "lieudit.pipeline.rfm",
    "score": "lieudit.pipeline.score",
    "train": "lieudit.pipeline.train",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lieudit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
