"""The table of features: which columns enter the clusters, in which block, through which transform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCKS", "FEATURES", "TRANSFORMS", "Block", "Feature", "Kind", "Transform", "not_entering"]

Block = Literal["behaviour", "place", "company", "declared"]
Kind = Literal["numeric", "categorical"]
Transform = Literal["identity", "log", "log1p", "signed_log"]

BLOCKS: Final[tuple[Block, ...]] = ("behaviour", "place", "company", "declared")


@dataclass(frozen=True, slots=True)
class Feature:
    """A column that enters the clusters.

    Attributes
    ----------
    name : str
        The column, as :mod:`lieudit.schema` names it.
    block : Block
        The group of columns that it is balanced with.
    kind : Kind
        A number, or a category.
    transform : Transform
        What is done to a number before it is standardised.
    instead_of : str
        Another feature that says the same, less well: only one of the two enters. ``""`` where there is none.
    column : str
        For a declared feature, the column of the customer file; ``""`` for a column of the schema.
    """

    name: str
    block: Block
    kind: Kind = "numeric"
    transform: Transform = "identity"
    instead_of: str = ""
    column: str = ""


# Money, counts and durations are skewed over orders of magnitude, hence the logarithms; a refund can make a total
# negative, hence the signed one. Shares stay as they are.
FEATURES: Final = (
    Feature("recency_days", "behaviour", transform="log1p"),
    Feature("frequency", "behaviour", transform="log1p"),
    Feature("monetary", "behaviour", transform="signed_log"),
    Feature("mean_basket", "behaviour", transform="signed_log"),
    Feature("tenure_days", "behaviour", transform="log1p"),
    Feature("order_gap_cv", "behaviour"),
    Feature("income_per_inhabitant_eur", "place", transform="log"),
    # The median standard of living of households, where the official file was fetched, rather than taxable income
    # by inhabitant, a mean before redistribution.
    Feature("median_income_eur", "place", transform="log", instead_of="income_per_inhabitant_eur"),
    Feature("density_per_km2", "place", transform="log"),
    Feature("share_under_20", "place"),
    Feature("share_65_plus", "place"),
    Feature("share_houses", "place"),
    Feature("share_second_homes", "place"),
    Feature("share_vacant_homes", "place"),
    Feature("share_social_housing", "place"),
    Feature("urban_class", "place", kind="categorical"),
    Feature("naf_section", "company", kind="categorical"),
    Feature("company_category", "company", kind="categorical"),
    Feature("headcount_min", "company", transform="log1p"),
    Feature("company_age_years", "company", transform="log1p"),
    Feature("turnover_eur", "company", transform="signed_log"),
    Feature("turnover_growth", "company", transform="signed_log"),
)


# A feature that says the same as another, but better, is preferred unless it is known for far fewer customers.
PREFERRED: Final = 0.9


def not_entering(feature: Feature, features: Sequence[Feature], missing: Mapping[str, float]) -> str:
    """Say why a feature does not enter, whatever its values; ``""`` if it may.

    Parameters
    ----------
    feature : Feature
    features : sequence of Feature
        All that were looked for.
    missing : mapping of str to float
        Share of the customers without a value, for each feature that has a column.
    """

    def preferred(better: str, other: str) -> bool:
        return 1 - missing[better] >= PREFERRED * (1 - missing[other])

    if feature.name not in missing:
        return "not in the table"
    better = next((one.name for one in features if one.instead_of == feature.name), "")
    if better in missing and preferred(better, feature.name):
        return f"{better} is there"
    if feature.instead_of in missing and not preferred(feature.name, feature.instead_of):
        return f"known for far fewer customers than {feature.instead_of}"
    return ""


def _log(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Take logarithms; what is zero or less has none, and is missing."""
    return np.log(np.where(values > 0, values, np.nan))


def _log1p(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Take log(1 + x); what is under zero is missing."""
    return np.log1p(np.where(values >= 0, values, np.nan))


def _signed_log(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.sign(values) * np.log1p(np.abs(values))


def _identity(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values


TRANSFORMS: Final[dict[Transform, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]]] = {
    "identity": _identity,
    "log": _log,
    "log1p": _log1p,
    "signed_log": _signed_log,
}
