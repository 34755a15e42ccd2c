"""Fit every candidate of the grid and measure it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from lieudit.config import TrainConfig
from lieudit.segment import measures
from lieudit.segment.methods import fit_model, grid_of
from lieudit.segment.model import NOISE, ClusterModel, Integers, Matrix

__all__ = ["Candidate", "Fitted", "run_candidates"]

# A resample fits on one half and is judged on the other: at most so many points each.
HALF: int = 5_000


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
        ``stability_mean``, ``stable_share``, ``ari_resamples``; NaN where there is nothing to measure.
    stability : tuple of float
        The mean Jaccard index of each cluster over resamples.
    stability_sd : tuple of float
        Its standard deviation over resamples.
    seconds : float
        Fitting and measuring.
    """

    method: str
    params: dict[str, Any]
    n_clusters: int
    metrics: dict[str, float]
    stability: tuple[float, ...]
    stability_sd: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A candidate with its model, None where it found no cluster."""

    candidate: Candidate
    model: ClusterModel | None


def run_candidates(
    X: Matrix,  # noqa: N803
    columns: tuple[str, ...],
    config: TrainConfig,
    on_candidate: Callable[[Candidate], None] | None = None,
) -> list[Fitted]:
    """Fit and measure all candidates, in the order of the configuration's grid.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_columns)
        Balanced columns; at most ``config.sample_size`` rows are used, drawn with ``config.seed``.
    columns : tuple of str
    config : TrainConfig
    on_candidate : callable, optional
        Told of each candidate when it is measured, in order, in the caller's thread.
    """
    rng = np.random.default_rng(config.seed)
    if len(X) > config.sample_size:
        X = X[np.sort(rng.choice(len(X), config.sample_size, replace=False))]  # noqa: N806
    halves = [_halves(len(X), rng) for _ in range(config.resamples)]
    drawn = [(X[rows], rows) for rows in measures.silhouette_samples(len(X), config.seed)]
    between = [(rows, measures.distances(points)) for points, rows in drawn]
    jobs = (
        delayed(_try)(X, columns, method, params, config, halves, between)
        for method, params in grid_of(config)
    )
    fitted = []
    # Threads: the work is numpy and Cython that lets go of the lock, and the matrices are not copied.
    for one in Parallel(n_jobs=config.jobs, prefer="threads", return_as="generator")(jobs):
        fitted.append(one)
        if on_candidate is not None:
            on_candidate(one.candidate)
    return fitted


def _halves(n: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    order = rng.permutation(n)
    half = min(n // 2, HALF)
    return np.sort(order[:half]), np.sort(order[half : 2 * half])


def _try(
    X: Matrix,  # noqa: N803
    columns: tuple[str, ...],
    method: str,
    params: dict[str, Any],
    config: TrainConfig,
    halves: list[tuple[Integers, Integers]],
    between: list[tuple[Integers, Any]],
) -> Fitted:
    start = time.perf_counter()
    with threadpool_limits(1):
        model = fit_model(method, X, params, config.seed, columns)
        if model is None:
            empty = Candidate(method, params, 0, {"noise_share": 1.0}, (), (), time.perf_counter() - start)
            return Fitted(empty, None)
        labels = model.predict(X).labels
        jaccards, aris = _stability(X, labels, model, method, params, config, halves)
        metrics = _metrics(X, labels, model.n_clusters, between)
    stability, spread = jaccards.mean(axis=0), jaccards.std(axis=0)
    shares = measures.sizes(labels, model.n_clusters) / len(X)
    metrics |= {
        "stability_min": float(stability.min()),
        "stability_mean": float(stability.mean()),
        "stable_share": float(shares[stability >= 0.75].sum()),
        "ari_resamples": float(np.mean(aris)),
    }
    candidate = Candidate(
        method,
        params,
        model.n_clusters,
        metrics,
        tuple(stability),
        tuple(spread),
        time.perf_counter() - start,
    )
    return Fitted(candidate, model)


def _metrics(
    X: Matrix, labels: Integers, n_clusters: int, between: list[tuple[Integers, Any]]
) -> dict[str, float]:  # noqa: N803
    return {
        "silhouette": float(np.mean([measures.silhouette(apart, labels[rows]) for rows, apart in between])),
        "davies_bouldin": measures.davies_bouldin(X, labels),
        "noise_share": measures.noise_share(labels),
        "smallest_share": float(measures.sizes(labels, n_clusters).min() / len(X)),
    }


def _stability(
    X: Matrix,  # noqa: N803
    labels: Integers,
    model: ClusterModel,
    method: str,
    params: dict[str, Any],
    config: TrainConfig,
    halves: list[tuple[Integers, Integers]],
) -> tuple[Matrix, list[float]]:
    """Refit on a half, label the other half, and see which clusters come back."""
    jaccards, aris = [], []
    for number, (fit, judge) in enumerate(halves):
        again = fit_model(method, X[fit], params, config.seed + number + 1, model.columns)
        other = np.full(len(judge), NOISE) if again is None else again.predict(X[judge]).labels
        jaccards.append(measures.best_jaccard(labels[judge], other, model.n_clusters))
        aris.append(float(adjusted_rand_score(labels[judge], other)))
    return np.nan_to_num(np.stack(jaccards), nan=0.0), aris
