"""The table of clustering methods: how each is built, over which grid, and its rule for new points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from hdbscan import HDBSCAN
from scipy.stats import chi2
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from lieudit.config import TrainConfig
from lieudit.segment.core import core_of, join_core
from lieudit.segment.layout import Layout
from lieudit.segment.model import NOISE, ClusterModel, Integers, Mask, Matrix, Rule, gaussians
from lieudit.segment.splitting import split_by_valleys
from lieudit.segment.ward import ward_clusters

__all__ = ["METHODS", "Method", "Params", "alike_but_for_place", "fit_model", "grid_of", "searched_among"]

Params = Mapping[str, Any]

# A point of a Gaussian cluster is noise beyond this quantile of the squared distance: one in a thousand.
NOISE_QUANTILE: Final = 0.999
REFINEMENTS: Final = 10
# Bottom of a valley over its lower crest that still makes two groups. Two Gaussian groups of one size with a valley
# of .55 overlap on one customer in eighteen; no single cloud of docs/segmentation.md shows one of .65.
DEPTH: Final = 0.55
# Customers are split by valleys so many times.
TRIES: Final = 3
# Share of the customers among whom groups are looked for where those of no group are thought of.
CORE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Method:
    """One way to cluster.

    Attributes
    ----------
    build : callable
        ``build(X, layout, params, seed) -> ClusterModel``, or None where it finds no cluster.
    grid : callable
        ``grid(config) -> params`` to be tried.
    rule : Rule
        How points, those of the training included, are labelled afterwards: see ``ClusterModel``.
    finds : bool
        Whether the number of clusters comes out. Those that resampling does not bring back are then dropped.
    starts : int
        How many times all customers are clustered, each time from another seed: the steadiest is kept.
    """

    build: Callable[[Matrix, Layout, Params, int], ClusterModel | None]
    grid: Callable[[TrainConfig], Sequence[Params]]
    rule: Rule
    finds: bool
    starts: int = 1


def fit_model(method: str, X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel | None:  # noqa: N803
    """Cluster points, and return the rule that labels them.

    Parameters
    ----------
    method : str
        A row of :data:`METHODS`.
    X : ndarray of shape (n_points, n_columns)
    layout : Layout
    params : Params
        Its setting. A method that finds the number of clusters tries again until it has ``enough``, if that is told;
        ``seen`` is the share that the points are of all those that candidates are fitted to.
    seed : int

    Returns
    -------
    ClusterModel or None
        Its clusters stand in order of size, the largest first. None where the method finds no cluster.
    """
    model = METHODS[method].build(X, layout, params, seed)
    if model is None:
        return None
    labels = model.predict(X).labels
    sizes = np.bincount(labels[labels != NOISE], minlength=model.n_clusters)
    kept = [cluster for cluster in range(model.n_clusters) if sizes[cluster]]
    return model.reordered(sorted(kept, key=lambda one: (-sizes[one], *model.means[one]))) if kept else None


def searched_among(X: Matrix, layout: Layout, params: Params) -> Mask:  # noqa: N803
    """Find the points among which a setting looks for groups: all, or their ``core``.

    Returns
    -------
    ndarray of bool, shape (n_points,)
    """
    return core_of(X[:, layout.numeric], params.get("core", 1.0))


def alike_but_for_place(X: Matrix, layout: Layout, config: TrainConfig) -> Integers:  # noqa: N803
    """Group the points by the valleys of all blocks but that of places.

    Returns
    -------
    ndarray of int, shape (n_points,)
    """
    own = [block for block in layout.blocks if not block.shared]
    if not own:
        return np.zeros(len(X), dtype=np.int64)
    return split_by_valleys(X, own, DEPTH, _smallest(X, config.min_share), config.seed)


def grid_of(config: TrainConfig) -> list[tuple[str, Params]]:
    """List every candidate that a configuration asks for."""
    return [(method, params) for method in config.methods for params in METHODS[method].grid(config)]


def _kmeans(X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel:  # noqa: N803
    fitted = KMeans(_at_most(params["n_clusters"], X), n_init=5, random_state=seed).fit(X)
    return _from_labels(X, np.asarray(fitted.labels_, dtype=np.int64), "nearest", layout.names, _all(X))


def _ward(X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel:  # noqa: N803
    labels = ward_clusters(X, params["n_clusters"], seed)
    return _from_labels(X, labels, "nearest", layout.names, _all(X))


def _mixture(X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel:  # noqa: N803
    count = _at_most(params["n_components"], X)
    fitted = GaussianMixture(count, reg_covar=1e-2, random_state=seed, max_iter=200, tol=3e-3).fit(X)
    unbounded = np.full(count, np.inf)
    return ClusterModel(
        "posterior", layout.names, _all(X), fitted.weights_, fitted.means_, fitted.covariances_, unbounded
    )


def _hdbscan(selection: str) -> Callable[[Matrix, Layout, Params, int], ClusterModel | None]:
    def build(X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel | None:  # noqa: ARG001, N803
        size = max(5, round(params["min_share"] * len(X)))
        fitted = HDBSCAN(size, min_samples=10, cluster_selection_method=selection, core_dist_n_jobs=1).fit(X)
        labels = np.asarray(fitted.labels_, dtype=np.int64)
        # It labels the cores of clusters; borders follow, until nothing changes.
        for _ in range(REFINEMENTS):
            if labels.max() < 0:
                return None
            model = _from_labels(X, labels, "bounded", layout.names, _all(X))
            before, labels = labels, model.predict(X).labels
            if np.array_equal(before, labels):
                break
        return model

    return build


def _valleys(X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel:  # noqa: N803
    among = searched_among(X, layout, params)
    core = X[among]
    smallest = _smallest(core, params["min_share"])
    labels = np.zeros(len(core), dtype=np.int64)
    # Cuts are proposed at random, and a good one may not come up; those that do have a valley to show.
    for again in (seed, *np.random.default_rng(seed).integers(2**31, size=TRIES - 1)):
        found = split_by_valleys(
            core, layout.blocks, params["depth"], smallest, int(again), seen=params.get("seen", 1.0)
        )
        labels = found if found.max() > labels.max() else labels
        if labels.max() + 1 >= params.get("enough", 0):
            break
    labels = join_core(X[:, layout.numeric], among, labels)
    return _from_labels(X, labels, "posterior", layout.names, layout.numeric)


def _smallest(X: Matrix, share: float) -> int:  # noqa: N803
    """Return the fewest points of a group that valleys part."""
    return max(20, round(share * len(X)))


def _from_labels(X: Matrix, labels: Integers, rule: Rule, names: tuple[str, ...], reads: Mask) -> ClusterModel:  # noqa: N803
    """Describe labelled points by a Gaussian for each cluster."""
    clusters, codes = np.unique(labels[labels != NOISE], return_inverse=True)
    weights, means, covariances = gaussians(X[labels != NOISE], codes)
    bound = float(chi2.ppf(NOISE_QUANTILE, int(reads.sum()))) if rule == "bounded" else np.inf
    return ClusterModel(rule, names, reads, weights, means, covariances, np.full(len(clusters), bound))


def _at_most(count: int, X: Matrix) -> int:  # noqa: N803
    """Ask for no more clusters than there are different points."""
    return count if len(np.unique(X[: 100 * count], axis=0)) >= count else min(count, len(np.unique(X, axis=0)))


def _all(X: Matrix) -> Mask:  # noqa: N803
    return np.ones(X.shape[1], dtype=np.bool_)


def _counts(name: str) -> Callable[[TrainConfig], Sequence[Params]]:
    return lambda config: [{name: count} for count in range(config.min_clusters, config.max_clusters + 1)]


def _shares(config: TrainConfig) -> Sequence[Params]:
    return [{"min_share": share} for share in (config.min_share, 3 * config.min_share)]


def _depths(config: TrainConfig) -> Sequence[Params]:
    whole = {"depth": DEPTH, "min_share": config.min_share}
    return [whole, {**whole, "core": CORE}]


METHODS: Final[dict[str, Method]] = {
    "kmeans": Method(_kmeans, _counts("n_clusters"), "nearest", finds=False),
    "ward": Method(_ward, _counts("n_clusters"), "nearest", finds=False),
    "gaussian_mixture": Method(_mixture, _counts("n_components"), "posterior", finds=False),
    "hdbscan_leaf": Method(_hdbscan("leaf"), _shares, "bounded", finds=True),
    "hdbscan_eom": Method(_hdbscan("eom"), _shares, "bounded", finds=True),
    "valleys": Method(_valleys, _depths, "posterior", finds=True, starts=TRIES),
}
