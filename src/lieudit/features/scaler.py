"""Balance blocks of mixed columns as multiple factor analysis does, out of sample and without pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from lieudit.errors import TableError
from lieudit.features.blocks import FEATURES, TRANSFORMS, Block, Feature

__all__ = ["BlockScaler", "FittedColumn"]

Matrix = npt.NDArray[np.float64]

MISSING: Final = "(missing)"
OTHER: Final = "(other)"
# Categories rarer than this, or beyond this many, are put together: 400 categories would be 400 columns of noise.
RARE_SHARE: Final = 0.01
MAX_CATEGORIES: Final = 20


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


class BlockScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardise columns and weigh their blocks so that none drowns the others.

    Numbers are transformed, centred and divided by their standard deviation. A category becomes one column a
    level, ``(indicator - p) / sqrt(p)``, as multiple correspondence analysis weighs it. Each block is then
    divided by the root of its first eigenvalue (Escofier and Pagès 1994, *Multiple factor analysis*): its first
    axis has variance 1, whether it has one column or ten. A missing number takes the training mean; a missing
    category is a category where the training had some.

    Parameters
    ----------
    features : sequence of Feature, optional
        The table of features; those of :data:`lieudit.features.FEATURES` by default. A feature whose column is
        not in the table is dropped, so that a whole block may be absent.

    Attributes
    ----------
    columns_ : tuple of FittedColumn
        The columns that :meth:`transform` gives, in order.
    missing_ : dict of str to float
        For each feature with a column, the share of training rows without a value.
    dropped_ : dict of str to str
        For each feature left out, why.
    weights_ : dict of str to float
        For each block, the root of its first eigenvalue.
    n_features_in_ : int
        How many of the features had a column.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"recency_days": [1, 10, 100], "density_per_km2": [9.0, None, 2000.0]})
    >>> BlockScaler().fit_transform(df).round(2)
       recency_days  density_per_km2
    0         -1.17            -1.22
    1         -0.11             0.00
    2          1.27             1.22
    """

    def __init__(self, features: Sequence[Feature] | None = None) -> None:
        self.features = features

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002, N803 (scikit-learn's signature)
        """Learn centres, scales and weights.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, any)
            Raw columns, named as in the table of features; others are ignored.
        y : None
            Ignored.

        Raises
        ------
        TableError
            A number is infinite, a column of numbers holds text, or no column is left.
        """
        self.missing_: dict[str, float] = {}
        self.dropped_: dict[str, str] = {}
        columns: list[FittedColumn] = []
        self.n_features_in_ = 0
        for feature in FEATURES if self.features is None else self.features:
            if feature.name not in X.columns:
                self.dropped_[feature.name] = "not in the table"
                continue
            self.n_features_in_ += 1
            missing = X[feature.name].isna() if feature.kind == "categorical" else np.isnan(_numbers(X, feature))
            self.missing_[feature.name] = float(np.mean(missing)) if len(X) else 1.0
            fitted = _fit_category(X, feature) if feature.kind == "categorical" else _fit_number(X, feature)
            if not fitted:
                self.dropped_[feature.name] = _reason(X[feature.name])
            columns += fitted
        if not columns:
            raise TableError("No column tells one customer from another.", expected="at least one column that varies",
                             fix="Check that the customers have orders or addresses.")  # fmt: skip
        self.columns_, self.weights_ = _balance(X, tuple(columns), self._transforms())
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803
        """Give the balanced columns of any customers.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, any)
            A column that is not there is missing for everybody.

        Returns
        -------
        DataFrame of float64, shape (n_customers, len(columns_))
            With the index of `X`; no value is missing.
        """
        check_is_fitted(self)
        return pd.DataFrame(
            _matrix(X, self.columns_, self._transforms()), index=X.index, columns=self.get_feature_names_out()
        )

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:  # noqa: ARG002
        """Return the names of the columns that :meth:`transform` gives."""
        check_is_fitted(self)
        return np.array([column.name for column in self.columns_], dtype=object)

    @property
    def blocks_(self) -> tuple[Block, ...]:
        """The blocks that have a column, in the order of the features."""
        return tuple(dict.fromkeys(column.block for column in self.columns_))

    def block_mask(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803
        """Say which rows have which block.

        Returns
        -------
        DataFrame of bool, shape (n_customers, len(blocks_))
            True where at least one feature of the block has a value.
        """
        check_is_fitted(self)
        known = {block: np.zeros(len(X), dtype=bool) for block in self.blocks_}
        for name, block in dict.fromkeys((column.feature, column.block) for column in self.columns_):
            if name in X.columns:
                known[block] |= X[name].notna().to_numpy()
        return pd.DataFrame(known, index=X.index)

    def to_dict(self) -> dict[str, Any]:
        """Return all that was learnt, as plain JSON."""
        check_is_fitted(self)
        features = FEATURES if self.features is None else self.features
        return {
            "features": [asdict(feature) for feature in features],
            "columns": [asdict(column) for column in self.columns_],
            "missing": self.missing_,
            "dropped": self.dropped_,
            "weights": self.weights_,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the scaler that :meth:`to_dict` described."""
        scaler = cls(tuple(Feature(**feature) for feature in content["features"]))
        if not {feature.transform for feature in scaler.features or ()} <= set(TRANSFORMS):
            raise TableError("A feature has an unknown transform.", expected=f"one of {', '.join(TRANSFORMS)}",
                             fix="Train again with this version.")  # fmt: skip
        scaler.columns_ = tuple(FittedColumn(**column) for column in content["columns"])
        scaler.missing_, scaler.dropped_ = dict(content["missing"]), dict(content["dropped"])
        scaler.weights_, scaler.n_features_in_ = dict(content["weights"]), len(content["missing"])
        return scaler

    def _transforms(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in (FEATURES if self.features is None else self.features)}


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


def _texts(df: pd.DataFrame, feature: Feature) -> pd.Series[str]:
    return df[feature.name].astype("string").fillna(MISSING).astype(object)


def _reason(column: pd.Series[Any]) -> str:
    """Say why a column that is there gives none."""
    if column.isna().all():
        return "no value"
    constant = column.nunique(dropna=False) < 2
    return "the same value for every customer" if constant else f"no value that {RARE_SHARE:.0%} of customers share"


def _fit_number(df: pd.DataFrame, feature: Feature) -> list[FittedColumn]:
    values = _numbers(df, feature)
    values = values[~np.isnan(values)]
    if not values.size:
        return []
    # Row order must not move the last bit of a mean: sums are taken over sorted values.
    values = np.sort(values)
    centre, scale = float(values.mean()), float(values.std())
    if scale <= 1e-12 * max(1.0, abs(centre)):
        return []
    return [FittedColumn(feature.name, feature.name, feature.block, None, centre, scale)]


def _fit_category(df: pd.DataFrame, feature: Feature) -> list[FittedColumn]:
    if df[feature.name].isna().all():
        return []
    shares = _texts(df, feature).value_counts(normalize=True)
    if len(shares) < 2:
        return []
    ranked = sorted(shares.index, key=lambda level: (-shares[level], level))
    levels = {level: float(shares[level]) for level in ranked[:MAX_CATEGORIES] if shares[level] >= RARE_SHARE}
    if len(levels) < len(ranked):
        levels[OTHER] = 1 - sum(levels.values())
    if len(levels) < 2:
        return []
    return [
        FittedColumn(f"{feature.name}={level}", feature.name, feature.block, level, share, share**0.5)
        for level, share in levels.items()
    ]


def _matrix(df: pd.DataFrame, columns: Sequence[FittedColumn], features: Mapping[str, Feature]) -> Matrix:
    out = np.zeros((len(df), len(columns)))
    for name in dict.fromkeys(column.feature for column in columns):
        if name not in df.columns:
            continue
        positions = [position for position, column in enumerate(columns) if column.feature == name]
        own = [columns[position] for position in positions]
        if features[name].kind == "numeric":
            values = _numbers(df, features[name])[:, np.newaxis]
        else:
            values = _indicators(_texts(df, features[name]), [str(column.category) for column in own])
        centred = (values - [column.centre for column in own]) / [column.scale for column in own]
        out[:, positions] = np.nan_to_num(centred, nan=0.0)
    return out


def _indicators(texts: pd.Series[str], levels: Sequence[str]) -> Matrix:
    """Flag levels; a text that the training did not see is missing (NaN), unless rare ones were put together."""
    codes = pd.Index(levels).get_indexer(pd.Index(texts))
    unseen = codes < 0
    if OTHER in levels:
        gathered = unseen & (texts != MISSING).to_numpy()
        codes[gathered] = levels.index(OTHER)
        unseen &= ~gathered
    flags = np.equal.outer(codes, np.arange(len(levels))).astype(np.float64)
    flags[unseen] = np.nan
    return flags


def _balance(
    df: pd.DataFrame, columns: tuple[FittedColumn, ...], features: Mapping[str, Feature]
) -> tuple[tuple[FittedColumn, ...], dict[str, float]]:
    """Divide each block by the root of the first eigenvalue of its covariance."""
    matrix = _matrix(df, columns, features)
    weights: dict[str, float] = {}
    for block in dict.fromkeys(column.block for column in columns):
        own = matrix[:, [column.block == block for column in columns]]
        with threadpool_limits(1):  # the last bit of a product must not depend on the number of threads
            weights[block] = float(np.sqrt(np.linalg.eigvalsh(own.T @ own / len(own))[-1]))
    return tuple(
        FittedColumn(c.name, c.feature, c.block, c.category, c.centre, c.scale * weights[c.block]) for c in columns
    ), weights
