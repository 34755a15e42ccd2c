"""A trained segmentation on disk, and scoring from it.

:func:`save_bundle` writes one; :func:`load_bundle` reads it back as a :class:`Bundle`, which scores DataFrames;
:func:`score_table` scores tables of a connection, out of core.
"""

from lieudit.bundle.bundle import Bundle, NamedCluster, load_bundle
from lieudit.bundle.parts import BundleParts, portable_config, save_bundle
from lieudit.bundle.scoring import Scored, score_table

__all__ = [
    "Bundle",
    "BundleParts",
    "NamedCluster",
    "Scored",
    "load_bundle",
    "portable_config",
    "save_bundle",
    "score_table",
]
