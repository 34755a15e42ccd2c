"""The table of clustering methods: how each is built, over which grid, and its rule for new points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from hdbscan import HDBSCAN
from scipy.stats import chi2
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from lieudit.config import TrainConfig
from lieudit.segment.model import NOISE, ClusterModel, Integers, Matrix, Rule, gaussians

__all__ = ["METHODS", "MethodRow", "fit_model", "grid_of"]

Params = dict[str, Any]
# Squared distance beyond which a point of a Gaussian cluster is noise: one in a thousand.
NOISE_QUANTILE: Final = 0.999
REFINEMENTS: Final = 10


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One way to cluster.

    Attributes
    ----------
    build : callable
        ``build(X, params, seed) -> labels`` of the points of X, -1 being noise.
    grid : callable
        ``grid(config) -> params`` to be tried.
    rule : Rule
        How points, those of the training included, are labelled afterwards.
    """

    build: Callable[[Matrix, Params, int], Integers]
    grid: Callable[[TrainConfig], Iterator[Params]]
    rule: Rule


def fit_model(
    method: str, X: Matrix, params: Mapping[str, Any], seed: int, columns: tuple[str, ...]
) -> ClusterModel | None:  # noqa: N803
    """Cluster points and return the rule that labels them, largest cluster first.

    Returns
    -------
    ClusterModel or None
        None where the method finds no cluster at all.
    """
    row = METHODS[method]
    labels = row.build(X, dict(params), seed)
    if labels.max() < 0:
        return None
    model = _model(X, labels, row.rule, columns)
    for _ in range(REFINEMENTS if row.rule == "bounded" else 0):
        # A density method labels the cores of clusters; their borders follow, until nothing changes.
        before, labels = labels, model.predict(X).labels
        if np.array_equal(before, labels) or labels.max() < 0:
            break
        model = _model(X, labels, row.rule, columns)
    return model


def _model(X: Matrix, labels: Integers, rule: Rule, columns: tuple[str, ...]) -> ClusterModel:  # noqa: N803
    labels = by_size(X, labels)
    weights, means, covariances = gaussians(X, labels)
    bound = chi2.ppf(NOISE_QUANTILE, X.shape[1]) if rule == "bounded" else np.inf
    return ClusterModel(rule, columns, weights, means, covariances, np.full(len(weights), bound))


def by_size(X: Matrix, labels: Integers) -> Integers:  # noqa: N803
    """Number clusters by size, the largest 0; where two are as large, by their centres."""
    old = [int(label) for label in np.unique(labels) if label != NOISE]
    order = sorted(old, key=lambda label: (-int((labels == label).sum()), *X[labels == label].mean(axis=0)))
    new = {NOISE: NOISE, **{label: position for position, label in enumerate(order)}}
    return np.array([new[int(label)] for label in labels], dtype=np.int64)


def _kmeans(X: Matrix, params: Params, seed: int) -> Integers:  # noqa: N803
    model = KMeans(params["n_clusters"], n_init=5, random_state=seed, algorithm="lloyd")
    return np.asarray(model.fit_predict(X), dtype=np.int64)


def _mixture(X: Matrix, params: Params, seed: int) -> Integers:  # noqa: N803
    model = GaussianMixture(
        params["n_components"], covariance_type="full", reg_covar=1e-2, random_state=seed, max_iter=200
    )
    return np.asarray(model.fit_predict(X), dtype=np.int64)


def _hdbscan(selection: str) -> Callable[[Matrix, Params, int], Integers]:
    def build(X: Matrix, params: Params, seed: int) -> Integers:  # noqa: ARG001, N803
        model = HDBSCAN(
            min_cluster_size=max(5, round(params["min_share"] * len(X))), min_samples=10,
            cluster_selection_method=selection, core_dist_n_jobs=1,
        )  # fmt: skip
        return np.asarray(model.fit_predict(X), dtype=np.int64)

    return build


def _counts(name: str) -> Callable[[TrainConfig], Iterator[Params]]:
    def grid(config: TrainConfig) -> Iterator[Params]:
        yield from ({name: count} for count in range(config.min_clusters, config.max_clusters + 1))

    return grid


def _shares(config: TrainConfig) -> Iterator[Params]:
    yield from ({"min_share": share} for share in sorted({config.min_share, 0.02, 0.04}))


METHODS: Final[dict[str, MethodRow]] = {
    "kmeans": MethodRow(_kmeans, _counts("n_clusters"), "nearest"),
    "gaussian_mixture": MethodRow(_mixture, _counts("n_components"), "posterior"),
    "hdbscan_leaf": MethodRow(_hdbscan("leaf"), _shares, "bounded"),
    "hdbscan_eom": MethodRow(_hdbscan("eom"), _shares, "bounded"),
}


def grid_of(config: TrainConfig) -> list[tuple[str, Params]]:
    """List every candidate that a configuration asks for."""
    return [(method, params) for method in config.methods for params in METHODS[method].grid(config)]
