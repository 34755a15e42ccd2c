"""Fit every candidate of the grid and measure it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from lieudit.config import TrainConfig
from lieudit.segment import measures
from lieudit.segment.layout import Layout
from lieudit.segment.methods import METHODS, Params, alike_but_for_place, fit_model, grid_of, searched_among
from lieudit.segment.model import NOISE, ClusterModel, Integers, Mask, Matrix
from lieudit.segment.spaces import apartness

__all__ = ["APART", "ENOUGH", "STABLE", "Candidate", "Fitted", "holding", "run_candidates"]

# Hennig (2007): a cluster with a mean Jaccard index of .75 or more over resamples is a valid, stable one.
STABLE: Final = 0.75
# Bottom of a valley over its lower crest up to which two clusters stand apart (docs/segmentation.md).
APART: Final = 0.6
# A resample fits on this share of the customers and is judged on the others: at most so many each. Fewer to fit on,
# and a group of a base of 2,000 would come back by luck only.
FITTED_SHARE: Final = 0.7
RESAMPLE_SIZE: Final = 5_000
# Share of the customers that must be in clusters that hold up.
ENOUGH: Final = 0.8
# Valleys are read on so many points.
APART_SIZE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clustering that was tried.

    Attributes
    ----------
    method : str
        A row of :data:`lieudit.segment.methods.METHODS`.
    params : dict
        Its setting.
    n_clusters : int
        Noise apart; 0 where the method found none.
    metrics : dict of str to float
        ``silhouette``, ``davies_bouldin``, ``noise_share``, ``smallest_share``, ``stability_min``,
        ``stability_mean``, ``stable_share`` (customers in clusters that resampling brings back), ``ari_resamples``
        and its standard deviation (``_sd``), ``held_clusters`` and ``held_share`` (clusters that hold up, and
        customers in them), ``parted`` (how deep the valleys of these are, together, times the share of customers who
        are in a cluster, less a gap for each cluster that does not hold up), ``fit`` (mean log-likelihood of customers
        in their clusters); NaN where there is nothing to measure.
    shares : tuple of float
        Share of each cluster among all points that are labelled.
    stability, stability_sd : tuple of float
        Mean Jaccard index of each cluster over resamples, on points not used to fit, and its standard deviation.
    apart : tuple of float
        Depth of the shallowest valley between each cluster and another, among the customers where clusters
        were looked for: 0 is a gap, 1 is no valley.
    seconds : float
        Fitting and measuring.
    """

    method: str
    params: dict[str, Any]
    n_clusters: int
    metrics: dict[str, float]
    shares: tuple[float, ...]
    stability: tuple[float, ...]
    stability_sd: tuple[float, ...]
    apart: tuple[float, ...]
    seconds: float

    def reordered(self, order: Sequence[int]) -> Self:
        """Return the same candidate with its clusters numbered anew: cluster ``order[i]`` becomes cluster i."""

        def anew(values: tuple[float, ...]) -> tuple[float, ...]:
            return tuple(values[one] for one in order)

        return replace(
            self, shares=anew(self.shares), stability=anew(self.stability), stability_sd=anew(self.stability_sd),
            apart=anew(self.apart),
        )  # fmt: skip


def holding(stability: npt.ArrayLike, apart: npt.ArrayLike, shares: npt.ArrayLike, min_share: float) -> Mask:
    """Say which clusters hold up: stable, apart from each other, not tiny, and not the only one."""
    held = (np.array(stability) >= STABLE) & (np.array(apart) <= APART) & (np.array(shares) >= min_share)
    return np.asarray(held & (len(held) > 1))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A candidate with its model, None where it found no cluster."""

    candidate: Candidate
    model: ClusterModel | None


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all candidates are fitted to and measured on."""

    X: Matrix
    layout: Layout
    config: TrainConfig
    parts: tuple[tuple[Integers, Integers], ...]
    between: tuple[tuple[Integers, npt.NDArray[np.float32]], ...]
    looked: Integers
    alike: Integers

    @classmethod
    def of(cls, X: Matrix, layout: Layout, config: TrainConfig) -> Self:  # noqa: N803
        rng = np.random.default_rng(config.seed)
        if len(X) > config.sample_size:
            X = X[np.sort(rng.choice(len(X), config.sample_size, replace=False))]  # noqa: N806
        fitted = min(round(FITTED_SHARE * len(X)), RESAMPLE_SIZE)
        orders = [rng.permutation(len(X)) for _ in range(config.resamples)]
        parts = tuple((np.sort(order[:fitted]), np.sort(order[fitted : fitted + RESAMPLE_SIZE])) for order in orders)
        drawn = measures.silhouette_samples(len(X), config.seed)
        between = tuple((rows, measures.distances(X[rows])) for rows in drawn)
        looked = np.sort(rng.permutation(len(X))[:APART_SIZE])
        with threadpool_limits(1):
            alike = alike_but_for_place(X[looked], layout, config)
        return cls(X, layout, config, parts, between, looked, alike)


def run_candidates(
    X: Matrix,  # noqa: N803
    layout: Layout,
    config: TrainConfig,
    on_candidate: Callable[[Candidate], None] | None = None,
) -> list[Fitted]:
    """Fit and measure all candidates, in the order of the configuration's grid.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
        Balanced columns; at most ``config.sample_size`` rows are used, drawn with ``config.seed``.
    layout : Layout
    config : TrainConfig
    on_candidate : callable, optional
        Told of each candidate when it is measured, in order, in the caller's thread.
    """
    bench = _Bench.of(X, layout, config)
    jobs = (delayed(_try)(bench, method, params) for method, params in grid_of(config))
    fitted = []
    # Threads: the work is numpy and Cython that lets go of the lock, and the matrices are not copied. Within each,
    # one thread for linear algebra: the last bit of a sum must not depend on how many there are. The limit of BLAS
    # is the process's, so it is set once around them all; that of OpenMP is a thread's own, so each sets it.
    with threadpool_limits(1, user_api="blas"):
        for one in Parallel(n_jobs=config.jobs, prefer="threads", return_as="generator")(jobs):
            fitted.append(one)
            if on_candidate is not None:
                on_candidate(one.candidate)
    return fitted


def _try(bench: _Bench, method: str, params: Params) -> Fitted:
    with threadpool_limits(1, user_api="openmp"):
        return _measure(bench, method, params)


def _measure(bench: _Bench, method: str, params: Params) -> Fitted:
    start = time.perf_counter()
    models = _starts(bench, method, params)
    if not models:
        nothing = {name: float("nan") for name in _METRICS} | {
            "noise_share": 1.0,
            "held_clusters": 0.0,
            "held_share": 0.0,
            "parted": 0.0,
        }
        return Fitted(Candidate(method, dict(params), 0, nothing, (), (), (), (), time.perf_counter() - start), None)
    # K-means is told how many clusters to come back with; a method that found the number, the most that it found.
    others = _resample(bench, method, {**params, "enough": max(model.n_clusters for model in models)})
    settled = [_settle(bench, model, others, METHODS[method].finds) for model in models]
    model, labels, jaccards = max(settled, key=lambda one: _steadiness(*one[1:]))
    aris = [adjusted_rand_score(labels[judge], other) for (_, judge), other in zip(bench.parts, others, strict=True)]
    # Those who were left aside to find the clusters would fill the valleys again.
    searched = searched_among(bench.X, bench.layout, params)
    kept = searched[bench.looked]
    among, alike = bench.looked[kept], bench.alike[kept]
    apart = apartness(bench.X[among], labels[among], bench.layout, model.n_clusters, bench.config.seed, alike)
    separation = _separation(bench, labels)
    fit = measures.fit(*_described(bench), labels[bench.looked])
    shares = measures.sizes(labels, model.n_clusters) / len(bench.X)
    stability, spread = jaccards.mean(axis=0), jaccards.std(axis=0)
    held = holding(stability, apart, shares, bench.config.min_share)
    noise_share = measures.noise_share(labels)
    metrics = separation | {
        "noise_share": noise_share,
        "searched_share": float(searched.mean()),
        "smallest_share": float(shares.min()),
        "stability_min": float(stability.min()),
        "stability_mean": float(stability.mean()),
        "stable_share": float(shares[stability >= STABLE].sum()),
        "ari_resamples": float(np.mean(aris)),
        "ari_resamples_sd": float(np.std(aris)),
        "held_clusters": float(held.sum()),
        "held_share": float(shares[held].sum()),
        "parted": float((1 - apart[held]).sum() * (1 - noise_share) - (~held).sum()),
        "fit": fit,
    }
    candidate = Candidate(
        method=method, params=dict(params), n_clusters=model.n_clusters, metrics=metrics, shares=tuple(shares.tolist()),
        stability=tuple(stability.tolist()), stability_sd=tuple(spread.tolist()), apart=tuple(apart.tolist()),
        seconds=time.perf_counter() - start,
    )  # fmt: skip
    return Fitted(candidate, model)


def _starts(bench: _Bench, method: str, params: Params) -> list[ClusterModel]:
    """Fit as many times as the method asks for."""
    step = 1 + len(bench.parts)  # resamples have the seeds between
    seeds = range(bench.config.seed, bench.config.seed + step * METHODS[method].starts, step)
    models = [fit_model(method, bench.X, bench.layout, params, seed) for seed in seeds]
    return [model for model in models if model is not None]


_METRICS: Final = (
    "silhouette", "davies_bouldin", "noise_share", "searched_share", "smallest_share", "stability_min",
    "stability_mean", "stable_share", "ari_resamples", "ari_resamples_sd", "held_clusters", "held_share", "parted",
    "fit",
)  # fmt: skip


def _separation(bench: _Bench, labels: Integers) -> dict[str, float]:
    silhouettes = [measures.silhouette(apart, labels[rows]) for rows, apart in bench.between]
    index = [measures.davies_bouldin(bench.X[rows], labels[rows]) for rows, _ in bench.between]
    return {"silhouette": float(np.mean(silhouettes)), "davies_bouldin": float(np.mean(index))}


def _described(bench: _Bench) -> tuple[Matrix, list[Integers]]:
    """Return the numbers and the answers of the points that are looked at."""
    looked = bench.X[bench.looked]
    return looked[:, bench.layout.numeric], [looked[:, flags].argmax(axis=1) for flags in bench.layout.questions]


def _resample(bench: _Bench, method: str, params: Params) -> list[Integers]:
    """Fit again on one part, and label the other: once for each resample."""
    found = []
    for number, (fit, judge) in enumerate(bench.parts, start=1):
        seen = {**params, "seen": len(fit) / len(bench.X)}
        again = fit_model(method, bench.X[fit], bench.layout, seen, bench.config.seed + number)
        found.append(np.full(len(judge), NOISE) if again is None else again.predict(bench.X[judge]).labels)
    return found


def _settle(
    bench: _Bench, model: ClusterModel, others: list[Integers], drop: bool
) -> tuple[ClusterModel, Integers, Matrix]:
    """Label the customers, and say which clusters resampling brings back.

    A method that finds the number of clusters itself may find one too many by luck. Those that come back least are
    dropped one after the other, their customers going where else they fit, and the best of all these is kept: most
    customers in stable clusters, up to 80 %, then the most stable clusters, less those that are not.
    """
    kept, best = _labelled(bench, model, others), model
    while drop and model.n_clusters > 2:
        worst = int(_labelled(bench, model, others)[1].mean(axis=0).argmin())
        model = model.reordered([cluster for cluster in range(model.n_clusters) if cluster != worst])
        found = _labelled(bench, model, others)
        if _steadiness(*found) > _steadiness(*kept):
            kept, best = found, model
    return best, *kept


def _labelled(bench: _Bench, model: ClusterModel, others: list[Integers]) -> tuple[Integers, Matrix]:
    """Label the customers, and take the Jaccard index of each cluster in each resample."""
    labels = model.predict(bench.X).labels
    pairs = zip(bench.parts, others, strict=True)
    jaccards = np.stack([measures.best_jaccard(labels[judge], other, model.n_clusters) for (_, judge), other in pairs])
    # A cluster with no point in a part did not come back.
    return labels, np.nan_to_num(jaccards, nan=0.0)


def _steadiness(labels: Integers, jaccards: Matrix) -> tuple[float, int]:
    stable = jaccards.mean(axis=0) >= STABLE
    share = float(measures.sizes(labels, len(stable))[stable].sum()) / len(labels)
    return min(share, ENOUGH), 2 * int(stable.sum()) - len(stable)
