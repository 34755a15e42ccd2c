"""Our balance beside FactoMineR's and prince's, on a small table of numbers and categories.

``reference/mixed.csv`` is made up. ``reference/reference.R`` (FactoMineR 2.7, R 4.2.2) and ``reference/reference.py``
(prince 0.23.0) wrote the other files; neither runs here. Eigenvalues and all coordinates of all customers are
compared, to 1e-6, axes up to their sign.

Both take groups of numbers or groups of categories, never a mixed one, in their MFA. A mixed block is compared with
their FAMD, which is one block before it is balanced.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from lieudit.features import BlockScaler, Feature

REFERENCE = Path(__file__).parent / "reference"
MFA = (
    *(Feature(name, "behaviour") for name in ("visits", "basket", "months")),
    *(Feature(name, "place") for name in ("income", "houses")),
    *(Feature(name, "declared", "categorical") for name in ("area", "diet", "contact")),
)
FAMD = (Feature("income", "place"), Feature("houses", "place"), Feature("area", "place", "categorical"))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mixed.csv", index_col=0)


def reference(name: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Return eigenvalues and coordinates."""
    content = pd.read_csv(REFERENCE / name, index_col=0)
    return content.loc["eigenvalue"].to_numpy(), content.drop(index="eigenvalue")


def coordinates(balanced: np.ndarray, axes: int) -> tuple[np.ndarray, np.ndarray]:
    pca = PCA(axes, svd_solver="full").fit(balanced)
    return pca.explained_variance_ * (len(balanced) - 1) / len(balanced), pca.transform(balanced)


def check(eigenvalues: np.ndarray, found: np.ndarray, name: str) -> None:
    expected_eigenvalues, expected = reference(name)
    np.testing.assert_allclose(eigenvalues, expected_eigenvalues, atol=1e-6)
    signs = np.sign((found * expected.to_numpy()).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["factominer_mfa.csv", "prince_mfa.csv"])
def test_axes_of_the_balanced_columns_are_those_of_multiple_factor_analysis(table, name):
    balanced = BlockScaler(MFA, rare_count=1).fit_transform(table).to_numpy()
    check(*coordinates(balanced, 11), name)


@pytest.mark.parametrize("name", ["factominer_famd.csv", "prince_famd.csv"])
def test_a_mixed_block_is_a_factor_analysis_of_mixed_data(table, name):
    scaler = BlockScaler(FAMD, rare_count=1).fit(table)
    block = scaler.transform(table).to_numpy() * scaler.weights_["place"]
    check(*coordinates(block, 4), name)
