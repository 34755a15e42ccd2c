"""Balance blocks of mixed columns as multiple factor analysis does, out of sample and without pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal, Self, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from lieudit.errors import TableError
from lieudit.features.blocks import TRANSFORMS, Block, Feature, not_entering
from lieudit.features.columns import FittedColumn, Matrix, Pooling, fit_columns, gathered, is_known, matrix_of, reason
from lieudit.features.components import covariance, kept_axes, principal_axes

__all__ = ["BlockScaler"]


class BlockScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardise columns and weigh their blocks so that none drowns the others.

    Numbers are transformed, centred and divided by their standard deviation. A category becomes one column a
    level, ``(indicator - p) / sqrt(p)``, as multiple correspondence analysis weighs it. Each block is then
    divided by the root of its first eigenvalue (Escofier and Pagès 1994, *Multiple factor analysis*): its first
    axis has variance 1, whether it has one column or ten. The axes of multiple factor analysis are the principal
    axes of what comes out. A missing number takes the training mean; a missing category is a category where the
    training had some.

    Parameters
    ----------
    features : sequence of Feature, optional
        The columns to read, with their blocks. One whose column is not in the table is dropped, so that a whole
        block may be absent. By default every column of the table, in one block, as it is.
    components : {"all", "parallel"}
        ``"parallel"`` gives, instead of the columns of each block, its principal components that are more than
        chance (Horn's parallel analysis): ``place 1``, ``place 2``, … ``"all"`` gives the columns, in which no
        distance is lost.
    rare_share, rare_count : float, int
        Categories of a smaller share of the customers, or of fewer customers, are put together.
    max_categories : int
        So are those of a feature beyond so many.
    random_state : int
        Seeds the permutations of ``"parallel"``.

    Attributes
    ----------
    features_ : tuple of Feature
        The features that were looked for: `features`, or those made of the columns.
    columns_ : tuple of FittedColumn
        The balanced columns, in order.
    axes_ : dict of str to ndarray of shape (n_columns_of_block, n_components)
        For each block, its components in the balanced columns; empty where all columns are given.
    missing_ : dict of str to float
        For each feature with a column, the share of training rows without a value.
    dropped_ : dict of str to str
        For each feature left out, why.
    weights_ : dict of str to float
        For each block, the root of its first eigenvalue.
    n_features_in_ : int
        How many of the features had a column.
    feature_names_in_ : ndarray of str
        Their names; only where a DataFrame was given.

    Examples
    --------
    >>> import pandas as pd
    >>> from lieudit.features import FEATURES
    >>> df = pd.DataFrame({"recency_days": [1, 10, 100], "density_per_km2": [9.0, None, 2000.0]})
    >>> BlockScaler(FEATURES).fit_transform(df).round(2)
       recency_days  density_per_km2
    0         -1.17            -1.22
    1         -0.11             0.00
    2          1.27             1.22
    """

    def __init__(
        self,
        features: Sequence[Feature] | None = None,
        *,
        components: Literal["all", "parallel"] = "all",
        rare_share: float = 0.01,
        rare_count: int = 10,
        max_categories: int = 20,
        random_state: int = 0,
    ) -> None:
        self.features = features
        self.components = components
        self.rare_share = rare_share
        self.rare_count = rare_count
        self.max_categories = max_categories
        self.random_state = random_state

    def fit(self, X: pd.DataFrame | npt.ArrayLike, y: object = None) -> Self:  # noqa: ARG002, N803 (scikit-learn's)
        """Learn centres, scales and weights.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, any), or array of numbers
            Raw columns, named as the features; others are ignored. Those of an array are called x0, x1, …
        y : None
            Ignored.

        Raises
        ------
        TableError
            A number is infinite, a column of numbers holds text, or no column is left.
        """
        if self.components not in ("all", "parallel"):
            raise ValueError(f"components is {self.components!r}; expected 'all' or 'parallel'.")
        df = self._frame(X, reset=True)
        self.features_ = tuple(_as_they_are(df) if self.features is None else self.features)
        self.dropped_: dict[str, str] = {}
        known = {one.name: is_known(df, one) for one in self.features_ if one.name in df.columns}
        self.missing_ = {name: float(1 - flags.mean()) if len(df) else 1.0 for name, flags in known.items()}
        self.n_features_in_ = len(known)
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.array(list(known), dtype=object)
        columns: list[FittedColumn] = []
        for feature in self.features_:
            fitted = []
            if unused := not_entering(feature, self.features_, self.missing_):
                self.dropped_[feature.name] = unused
            elif not (fitted := fit_columns(df, feature, self._pooling)):
                self.dropped_[feature.name] = reason(df[feature.name], self._pooling)
            columns += fitted
        if not columns:
            raise TableError("No column tells one customer from another.", expected="at least one column that varies",
                             fix="Check that the customers have orders or addresses.")  # fmt: skip
        self._balance(df, tuple(columns))
        return self

    @overload
    def transform(self, X: pd.DataFrame) -> pd.DataFrame: ...  # noqa: N803
    @overload
    def transform(self, X: npt.ArrayLike) -> Matrix: ...  # noqa: N803
    def transform(self, X: pd.DataFrame | npt.ArrayLike) -> pd.DataFrame | Matrix:  # noqa: N803
        """Give the balanced columns, or the components, of any customers.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, any), or array
            A column that is not there is missing for everybody.

        Returns
        -------
        DataFrame of float64, shape (n_customers, n_columns), or array
            As `X` is; with the index of `X`. No value is missing.
        """
        check_is_fitted(self)
        df = self._frame(X, reset=False)
        out = matrix_of(df, self.columns_, self._by_name())
        if self.axes_:
            out = np.hstack([out[:, self._of_block(block)] @ axes for block, axes in self.axes_.items()])
        if not isinstance(X, pd.DataFrame):
            return out
        return pd.DataFrame(out, index=X.index, columns=self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> npt.NDArray[np.object_]:
        """Return the names of the columns that :meth:`transform` gives."""
        check_is_fitted(self)
        if input_features is not None:
            known = getattr(self, "feature_names_in_", None)
            if known is not None and list(known) != list(input_features):
                raise ValueError("input_features is not equal to feature_names_in_")
            if len(input_features) != self.n_features_in_:
                raise ValueError(f"input_features should have length equal to {self.n_features_in_}")
        return np.array([column.name for column in self.outputs_], dtype=object)

    @property
    def outputs_(self) -> tuple[FittedColumn, ...]:
        """The columns that :meth:`transform` gives: `columns_`, or the components, each as a number of its block."""
        return (
            tuple(
                FittedColumn(f"{block} {one}", f"{block} {one}", block, None, 0.0, 1.0)
                for block in self.blocks_
                if block in self.axes_
                for one in range(1, self.axes_[block].shape[1] + 1)
            )
            or self.columns_
        )

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

    def raw(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803
        """Return the raw columns that entered, rare categories put together as they were.

        What is said of groups is said of these: a category that few customers gave is never shown.
        """
        check_is_fitted(self)
        levels: dict[str, list[str]] = {}
        for column in self.columns_:
            if column.feature in X.columns:
                levels.setdefault(column.feature, []).extend([column.category] if column.category is not None else [])
        return pd.DataFrame({name: gathered(X[name], own) if own else X[name] for name, own in levels.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return all that was learnt, as plain JSON."""
        check_is_fitted(self)
        return {
            "features": [asdict(feature) for feature in self.features_],
            "columns": [asdict(column) for column in self.columns_],
            "axes": {block: axes.tolist() for block, axes in self.axes_.items()},
            "missing": self.missing_,
            "dropped": self.dropped_,
            "weights": self.weights_,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the scaler that :meth:`to_dict` described."""
        features = tuple(Feature(**feature) for feature in content["features"])
        if not {feature.transform for feature in features} <= set(TRANSFORMS):
            raise TableError("A feature has an unknown transform.", expected=f"one of {', '.join(TRANSFORMS)}",
                             fix="Train again with this version.")  # fmt: skip
        scaler = cls(features, components="parallel" if content["axes"] else "all")
        scaler.features_ = features
        scaler.columns_ = tuple(FittedColumn(**column) for column in content["columns"])
        scaler.axes_ = {block: np.array(axes, dtype=np.float64) for block, axes in content["axes"].items()}
        scaler.missing_, scaler.dropped_ = dict(content["missing"]), dict(content["dropped"])
        scaler.weights_, scaler.n_features_in_ = dict(content["weights"]), len(content["missing"])
        return scaler

    def __sklearn_tags__(self) -> Tags:
        """Say what scikit-learn should know."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    @property
    def _pooling(self) -> Pooling:
        return Pooling(self.rare_share, self.rare_count, self.max_categories)

    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features_}

    def _of_block(self, block: str) -> list[int]:
        return [position for position, column in enumerate(self.columns_) if column.block == block]

    def _frame(self, X: pd.DataFrame | npt.ArrayLike, *, reset: bool) -> pd.DataFrame:  # noqa: N803
        if isinstance(X, pd.DataFrame):
            return X
        values = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan",
                               ensure_min_samples=2 if reset else 1)  # fmt: skip
        return pd.DataFrame(values, columns=[f"x{number}" for number in range(values.shape[1])])

    def _balance(self, df: pd.DataFrame, columns: tuple[FittedColumn, ...]) -> None:
        """Divide each block by the root of the first eigenvalue of its covariance, and find its components."""
        between = covariance(df, columns, self._by_name())
        self.weights_: dict[str, float] = {}
        self.axes_: dict[str, Matrix] = {}
        self.columns_ = columns
        for block in self.blocks_:
            own = self._of_block(block)
            values, axes = principal_axes(between[np.ix_(own, own)])
            self.weights_[block] = float(np.sqrt(values[0]))
            if self.components == "parallel":
                block_columns = [columns[position] for position in own]
                names = [column.feature for column in block_columns]
                groups = [[at for at, name in enumerate(names) if name == one] for one in dict.fromkeys(names)]
                matrix = matrix_of(df, block_columns, self._by_name())
                self.axes_[block] = axes[:, : kept_axes(matrix, groups, self.random_state)]
        self.columns_ = tuple(replace(one, scale=one.scale * self.weights_[one.block]) for one in columns)


def _as_they_are(df: pd.DataFrame) -> list[Feature]:
    """Take each column of a table as it is, all in one block."""
    return [
        Feature(str(name), "declared", "numeric" if pd.api.types.is_numeric_dtype(df[name]) else "categorical")
        for name in df.columns
    ]
