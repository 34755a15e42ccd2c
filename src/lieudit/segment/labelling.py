"""Labels of any customers: in training, in scoring, with every block known or only some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lieudit.features import BlockScaler
from lieudit.segment.model import NOISE, ClusterModel, Mask

__all__ = ["basis_of", "label_customers"]


def label_customers(scaler: BlockScaler, model: ClusterModel, frame: pd.DataFrame) -> pd.DataFrame:
    """Give any customers their cluster: in training, in scoring, with every block known or only some.

    Returns
    -------
    DataFrame, by the index of `frame`
        ``cluster`` (int64, -1 where none), ``strength`` (float in [0, 1]), ``cluster_basis`` (text: what decided,
        ``behaviour and place``, ``place only``, …, ``none``).
    """
    matrix = scaler.transform(frame).to_numpy()
    mask = scaler.block_mask(frame)
    labels = np.full(len(frame), NOISE, dtype=np.int64)
    strength = np.zeros(len(frame))
    blocks = np.full(len(frame), basis_of([]), dtype=object)
    of_column = np.array([column.block for column in scaler.outputs_])
    for known, rows in _patterns(mask):
        labels[rows], strength[rows] = model.predict_partial(matrix[rows], np.isin(of_column, known))
        blocks[rows] = basis_of(known)
    return pd.DataFrame(
        {"cluster": model.numbered(labels), "strength": strength, "cluster_basis": blocks}, index=frame.index
    )


def basis_of(blocks: Sequence[str]) -> str:
    """Say in words which blocks decided.

    Examples
    --------
    >>> [basis_of(blocks) for blocks in (["behaviour", "place"], ["place"], [])]
    ['behaviour and place', 'place only', 'none']
    >>> basis_of(["behaviour", "place", "company"])
    'behaviour, place and company'
    """
    if len(blocks) < 2:
        return f"{blocks[0]} only" if blocks else "none"
    return f"{', '.join(blocks[:-1])} and {blocks[-1]}"


def _patterns(mask: pd.DataFrame) -> list[tuple[list[str], Mask]]:
    patterns = mask.drop_duplicates().to_numpy()
    values, names = mask.to_numpy(), np.array(mask.columns, dtype=object)
    return [(list(names[pattern]), (values == pattern).all(axis=1)) for pattern in patterns]
