"""Ward on micro-clusters: the tree is Ward's, the cost is not, and groups come back."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from lieudit.segment.ward import tree_of, ward_clusters


def blobs(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, n)
    return rng.normal(0, 3, (4, 6))[truth] + 0.6 * rng.standard_normal((n, 6)), truth


def test_the_tree_of_single_points_is_ward_s():
    points = np.random.default_rng(0).standard_normal((60, 3))
    losses = [loss for loss, _, _ in tree_of(points, np.ones(60))]
    np.testing.assert_allclose(losses, linkage(points, "ward")[:, 2] ** 2 / 2)


def test_a_weight_is_as_many_points():
    rng = np.random.default_rng(1)
    points, weights = rng.standard_normal((15, 3)), rng.integers(1, 6, 15)
    repeated = linkage(np.repeat(points, weights, axis=0), "ward")[:, 2] ** 2 / 2
    losses = [loss for loss, _, _ in tree_of(points, weights.astype(float))]
    np.testing.assert_allclose(losses, repeated[repeated > 1e-12])


def test_planted_groups_come_back():
    points, truth = blobs(3000)
    assert adjusted_rand_score(truth, ward_clusters(points, 4, seed=0)) > 0.98


def test_it_agrees_with_ward_on_all_points():
    points, _ = blobs(1500, seed=3)
    whole = AgglomerativeClustering(4, linkage="ward").fit_predict(points)
    assert adjusted_rand_score(whole, ward_clusters(points, 4, seed=0)) > 0.98


def test_the_same_seed_gives_the_same_clusters():
    points, _ = blobs(2000)
    np.testing.assert_array_equal(ward_clusters(points, 5, seed=7), ward_clusters(points, 5, seed=7))


@pytest.mark.parametrize("distinct", [1, 2, 30])
def test_repeated_points_make_no_more_clusters_than_there_are(distinct):
    points = np.repeat(np.random.default_rng(0).standard_normal((distinct, 2)), 40, axis=0)
    labels = ward_clusters(points, 5, seed=0)
    assert len(np.unique(labels)) == min(5, distinct)
    assert len(labels) == len(points)


def test_four_times_the_points_take_no_sixteen_times_as_long():
    """Hierarchical clustering of all points would; the bound is loose, since others may be at work."""

    def seconds(n: int) -> float:
        points, _ = blobs(n)
        start = time.process_time()
        ward_clusters(points, 6, seed=0)
        return time.process_time() - start

    seconds(2_000)
    assert seconds(32_000) < 10 * max(seconds(8_000), 0.02)
