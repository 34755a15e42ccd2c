"""Raw columns as numbers: what is learnt of each on the training's customers, and applied to any others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.errors import TableError
from lieudit.features.blocks import TRANSFORMS, Block, Feature

__all__ = ["OTHER", "FittedColumn", "Matrix", "Pooling", "fit_columns", "gathered", "is_known", "matrix_of", "reason"]

Matrix = npt.NDArray[np.float64]

MISSING: Final = "(missing)"
OTHER: Final = "(other)"


@dataclass(frozen=True, slots=True)
class FittedColumn:
    """One column of the matrix: ``(transform(x) - centre) / scale``, or 0 where x is missing.

    Attributes
    ----------
    name : str
        ``density_per_km2``, or ``urban_class=rural`` for a category.
    feature : str
        The column it comes from.
    block : Block
        The block that it belongs to.
    category : str or None
        The category that it flags; None for a number.
    centre, scale : float
        In units of the transformed value; ``scale`` holds the block's weight too.
    """

    name: str
    feature: str
    block: Block
    category: str | None
    centre: float
    scale: float


class Pooling(NamedTuple):
    """Which categories are put together: 400 of them would be 400 columns of noise, and tell of single people.

    Attributes
    ----------
    share : float
        Those of a smaller share of the customers.
    fewest : int
        Those of fewer customers.
    most : int
        Those beyond the so many largest.
    """

    share: float
    fewest: int
    most: int

    def least(self, customers: int) -> int:
        """Return how many of so many customers a level has."""
        return max(math.ceil(self.share * customers), self.fewest)


def fit_columns(df: pd.DataFrame, feature: Feature, pooling: Pooling) -> list[FittedColumn]:
    """Learn the columns of a feature; none where it tells nobody from anybody."""
    return _fit_category(df, feature, pooling) if feature.kind == "categorical" else _fit_number(df, feature)


def is_known(df: pd.DataFrame, feature: Feature) -> npt.NDArray[np.bool_]:
    """Say which rows have a value that counts: a logarithm of nothing does not."""
    if feature.kind == "categorical":
        return df[feature.name].notna().to_numpy()
    return ~np.isnan(_numbers(df, feature))


def matrix_of(df: pd.DataFrame, columns: Sequence[FittedColumn], features: Mapping[str, Feature]) -> Matrix:
    """Return fitted columns for any rows, of shape (n_rows, n_columns); what is missing is 0."""
    out = np.zeros((len(df), len(columns)))
    for name in dict.fromkeys(column.feature for column in columns):
        if name not in df.columns:
            continue
        positions = [position for position, column in enumerate(columns) if column.feature == name]
        own = [columns[position] for position in positions]
        if features[name].kind == "numeric":
            values = _numbers(df, features[name])[:, np.newaxis]
        else:
            values = _indicators(df[name], [str(column.category) for column in own])
        centred = (values - [column.centre for column in own]) / [column.scale for column in own]
        out[:, positions] = np.nan_to_num(centred, nan=0.0)
    return out


def gathered(values: pd.Series[Any], levels: Sequence[str]) -> pd.Series[Any]:
    """Return a raw category as it enters: the rare ones put together, what is missing left so."""
    # -1, no level, is the last.
    named = np.array([*(None if level == MISSING else level for level in levels), None], dtype=object)
    return pd.Series(named[_codes(values, levels)], index=values.index, name=values.name, dtype="object")


def reason(values: pd.Series[Any], pooling: Pooling) -> str:
    """Say why a column that is there gives none."""
    if values.isna().all():
        return "no value"
    if values.nunique() < 2:
        return "the same value for every customer"
    return f"no value that {pooling.least(len(values))} customers share"


def _numbers(df: pd.DataFrame, feature: Feature) -> Matrix:
    """Return a column as transformed floats, NaN where missing."""
    try:
        values = pd.to_numeric(df[feature.name]).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise TableError(f"The column '{feature.name}' holds text.", expected="numbers",
                         fix="Remove what is not a number, or leave the column out.") from error  # fmt: skip
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise TableError(f"The column '{feature.name}' has {infinite} infinite value(s).", expected="finite numbers",
                         fix="Leave those cells empty.")  # fmt: skip
    return TRANSFORMS[feature.transform](values)


def _fit_number(df: pd.DataFrame, feature: Feature) -> list[FittedColumn]:
    values = _numbers(df, feature)
    # Row order must not move the last bit of a mean: sums are taken over sorted values.
    values = np.sort(values[~np.isnan(values)])
    if not values.size:
        return []
    centre, scale = float(values.mean()), float(values.std())
    if scale <= 1e-12 * max(1.0, abs(centre)):
        return []
    return [FittedColumn(feature.name, feature.name, feature.block, None, centre, scale)]


def _fit_category(df: pd.DataFrame, feature: Feature, pooling: Pooling) -> list[FittedColumn]:
    counts = _pooled(df[feature.name], pooling)
    if len(counts) < 2:
        return []
    shares = {level: count / sum(counts.values()) for level, count in counts.items()}
    return [
        FittedColumn(f"{feature.name}={level}", feature.name, feature.block, level, share, share**0.5)
        for level, share in shares.items()
    ]


def _pooled(values: pd.Series[Any], pooling: Pooling) -> dict[str, int]:
    """Count the levels that a category enters with, the largest first, then those put together.

    What is too rare even so, and a missing value where few are missing, is no level: an indicator of one customer in
    ten thousand would stand a hundred standard deviations from all others.
    """
    codes, texts = _factorised(values)
    if not texts:
        return {}
    counts = dict(zip([*texts, MISSING], np.bincount(codes, minlength=len(texts) + 1).tolist(), strict=True))
    least = pooling.least(len(values))
    ranked = sorted(counts, key=lambda level: (-counts[level], level))
    levels = {level: counts[level] for level in ranked[: pooling.most] if counts[level] >= least}
    rest = sum(count for level, count in counts.items() if level not in levels and level != MISSING)
    return levels | ({OTHER: rest} if rest >= least else {})


def _factorised(values: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Return the position of each value among the distinct texts; one past the last is a missing one."""
    codes, distinct = pd.factorize(values)
    texts = [str(value) for value in distinct]
    return np.where(codes < 0, len(texts), codes), texts


def _codes(values: pd.Series[Any], levels: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return the level of each value, -1 for none: a text that the training did not see, unless rare ones were pooled.

    A missing value is the level ``(missing)`` where the training had some.
    """
    own, texts = _factorised(values)
    rest = levels.index(OTHER) if OTHER in levels else -1
    positions = {level: position for position, level in enumerate(levels)}
    of_text = [positions.get(text, rest) for text in texts]
    return np.array([*of_text, positions.get(MISSING, -1)], dtype=np.intp)[own]


def _indicators(values: pd.Series[Any], levels: Sequence[str]) -> Matrix:
    """Flag levels; where there is none, every flag is missing (NaN)."""
    codes = _codes(values, levels)
    flags = np.equal.outer(codes, np.arange(len(levels))).astype(np.float64)
    flags[codes < 0] = np.nan
    return flags
