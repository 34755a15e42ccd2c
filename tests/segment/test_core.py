"""Scattered customers fill valleys; without them the valleys are seen, and none is made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from lieudit.segment.core import AMONG, core
from lieudit.segment.layout import Columns, Layout
from lieudit.segment.methods import fit_model
from lieudit.segment.model import Matrix

LAYOUT = Layout(tuple("abcd"), np.ones(4, dtype=bool), (Columns(np.arange(4), False),), {"b": np.ones(4, dtype=bool)})


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Fit on one thread, as `run_candidates` does."""
    with threadpool_limits(1):
        yield


def scattered(seed: int) -> Matrix:
    """Draw two groups of 300, and 900 customers anywhere around and between them."""
    rng = np.random.default_rng(seed)
    groups = 0.5 * rng.standard_normal((600, 4)) + np.repeat([[-1.1], [1.1]], 300, axis=0) * [1, 0, 0, 0]
    return np.asarray(rng.permutation(np.concatenate([groups, 1.6 * rng.standard_normal((900, 4))])))


def clusters(X: Matrix, core_share: float) -> int:  # noqa: N803
    model = fit_model("valleys", X, LAYOUT, {"depth": 0.55, "min_share": 0.05, "core_share": core_share}, 0)
    assert model is not None
    return model.n_clusters


def test_groups_that_scattered_customers_join_are_mostly_found_without_them() -> None:
    bases = [scattered(seed) for seed in range(4)]
    assert [clusters(base, 1.0) for base in bases] == [1] * 4
    assert [clusters(base, 0.7) for base in bases].count(2) >= 3


@pytest.mark.parametrize("tails", [1.0, 1.5])
def test_the_core_of_one_cloud_is_one_cloud(tails: float) -> None:
    scores = np.random.default_rng(0).standard_normal((2000, 4))
    assert clusters(np.sign(scores) * np.abs(scores) ** tails, 0.7) == 1


def test_the_core_is_where_customers_are_dense() -> None:
    rng = np.random.default_rng(0)
    dense, sparse = rng.standard_normal((AMONG, 3)), 6 * rng.standard_normal((AMONG, 3))
    kept = core(np.concatenate([sparse, dense]), 0.5, 0)
    assert kept.mean() == pytest.approx(0.5, abs=0.001)
    assert kept[AMONG:].mean() > 0.9


def test_everyone_is_the_core_where_there_is_nothing_to_measure() -> None:
    assert core(np.zeros((50, 0)), 0.7, 0).all()
    assert core(np.zeros((5, 2)), 0.7, 0).all()
    assert core(np.zeros((50, 2)), 0.7, 0).all()
