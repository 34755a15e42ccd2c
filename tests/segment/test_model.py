"""The rule that labels customers, whatever the method, and its arrays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from threadpoolctl import threadpool_limits

from lieudit.config import TrainConfig
from lieudit.errors import BundleError
from lieudit.features import FittedColumn
from lieudit.features.blocks import Block
from lieudit.segment import METHODS, NOISE, ClusterModel
from lieudit.segment.layout import Layout
from lieudit.segment.methods import fit_model, grid_of
from lieudit.segment.model import Matrix

BLOCKS: dict[str, Block] = {"a": "behaviour", "b": "behaviour", "c": "place", "d": "place"}
LAYOUT = Layout.of([FittedColumn(name, name, block, None, 0.0, 1.0) for name, block in BLOCKS.items()])
PARAMS = {
    "kmeans": {"n_clusters": 3},
    "ward": {"n_clusters": 3},
    "gaussian_mixture": {"n_components": 3},
    "hdbscan_leaf": {"min_share": 0.1},
    "hdbscan_eom": {"min_share": 0.1},
    "valleys": {"depth": 0.45, "min_share": 0.05},
}
FAR = np.full((1, 4), 60.0)


@pytest.fixture(scope="module")
def points() -> Matrix:
    """Return three clouds: two told apart by the first block, two by the second."""
    rng = np.random.default_rng(0)
    centres = np.array([[-2.0, -2, -2, -2], [2, 2, -2, -2], [2, 2, 2, 2]])
    return np.asarray(centres[np.repeat([0, 1, 2], [300, 180, 120])] + 0.5 * rng.standard_normal((600, 4)))


@pytest.fixture(scope="module")
def models(points: Matrix) -> dict[str, ClusterModel]:
    # As `run_candidates` does: threads that wait for one another take seconds on a busy machine.
    with threadpool_limits(1):
        found = {method: fit_model(method, points, LAYOUT, params, 0) for method, params in PARAMS.items()}
    return {method: model for method, model in found.items() if model is not None}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_three_clouds_the_largest_first(
    points: Matrix, models: dict[str, ClusterModel], method: str
) -> None:
    model = models[method]
    assert model.rule == METHODS[method].rule
    labels = model.predict(points).labels
    truth = np.repeat([0, 1, 2], [300, 180, 120])
    assert (labels[labels != NOISE] == truth[labels != NOISE]).all()
    assert (labels == NOISE).mean() < (0.02 if model.rule == "bounded" else 1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_arrays_and_back_predict_the_same(points: Matrix, models: dict[str, ClusterModel], method: str) -> None:
    arrays, meta = models[method].to_arrays()
    again = ClusterModel.from_arrays({name: array.copy() for name, array in arrays.items()}, meta)
    before, after = models[method].predict(points), again.predict(points)
    np.testing.assert_array_equal(before.labels, after.labels)
    np.testing.assert_array_equal(before.strength, after.strength)


def test_arrays_that_do_not_fit_together_are_refused(models: dict[str, ClusterModel]) -> None:
    arrays, meta = models["kmeans"].to_arrays()
    with pytest.raises(BundleError, match="means"):
        ClusterModel.from_arrays(arrays | {"means": arrays["means"][:, :2]}, meta)
    with pytest.raises(BundleError, match="magic"):
        ClusterModel.from_arrays(arrays, meta | {"rule": "magic"})


def test_the_nearest_centre_labels(points: Matrix, models: dict[str, ClusterModel]) -> None:
    model = models["kmeans"]
    away = np.linalg.norm(points[:, None] - model.means, axis=2)
    found = model.predict(points)
    np.testing.assert_array_equal(found.labels, away.argmin(axis=1))
    first, second = np.sort(away, axis=1)[:, :2].T
    np.testing.assert_allclose(found.strength, 1 - first / second)


def test_the_posterior_labels(models: dict[str, ClusterModel]) -> None:
    model = models["gaussian_mixture"]
    between = np.random.default_rng(1).uniform(-3, 3, (200, 4))
    laws = zip(model.weights, model.means, model.covariances, strict=True)
    joint = np.stack([w * multivariate_normal(m, c).pdf(between) for w, m, c in laws], axis=1)
    found = model.predict(between)
    np.testing.assert_array_equal(found.labels, joint.argmax(axis=1))
    np.testing.assert_allclose(found.strength, joint.max(axis=1) / joint.sum(axis=1))


def test_only_a_bounded_rule_calls_noise_what_is_far(models: dict[str, ClusterModel]) -> None:
    for method, model in models.items():
        found = model.predict(FAR)
        assert (found.labels[0] == NOISE) == (METHODS[method].rule == "bounded")
        if found.labels[0] == NOISE:
            assert found.strength[0] == 0.0


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_known_is_not_read(points: Matrix, models: dict[str, ClusterModel], method: str) -> None:
    known = np.array([False, False, True, True])
    garbled = points.copy()
    garbled[:, :2] = 99.0
    found, same = (models[method].predict_partial(X, known) for X in (points, garbled))
    np.testing.assert_array_equal(found.labels, same.labels)
    # The second block tells cloud 2 from the others; between 0 and 1 it can only bet.
    assert (found.labels[480:] == 2).all()
    assert (found.labels[:480] != 2).all()
    assert found.strength[480:].mean() > 0.99
    assert found.strength[:480].mean() < 0.8


def test_all_known_is_as_predict_and_none_known_is_noise(points: Matrix, models: dict[str, ClusterModel]) -> None:
    for model in models.values():
        everything = model.predict_partial(points, np.ones(4, dtype=bool))
        np.testing.assert_array_equal(everything.strength, model.predict(points).strength)
        nothing = model.predict_partial(points, np.zeros(4, dtype=bool))
        assert set(nothing.labels) == {NOISE}
        assert not nothing.strength.any()


def test_new_numbers_are_the_same_clusters(points: Matrix, models: dict[str, ClusterModel]) -> None:
    model = models["gaussian_mixture"]
    order = [2, 0, 1]
    np.testing.assert_array_equal(
        np.array(order)[model.reordered(order).predict(points).labels], model.predict(points).labels
    )


def test_one_label_does_not_depend_on_the_others(points: Matrix, models: dict[str, ClusterModel]) -> None:
    for model in models.values():
        together, alone = model.predict(points), [model.predict(points[[row]]) for row in range(0, 600, 97)]
        assert [int(one.labels[0]) for one in alone] == together.labels[::97].tolist()


def test_the_grid_is_the_configurations() -> None:
    config = TrainConfig(methods=("kmeans", "hdbscan_eom"), min_clusters=3, max_clusters=4, min_share=0.02)
    assert grid_of(config) == [
        ("kmeans", {"n_clusters": 3}),
        ("kmeans", {"n_clusters": 4}),
        ("hdbscan_eom", {"min_share": 0.02}),
        ("hdbscan_eom", {"min_share": pytest.approx(0.06)}),
    ]
