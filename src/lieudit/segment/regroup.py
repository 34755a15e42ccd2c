"""Clusters made again on other days' figures: what the winner's method finds with open data, without, and at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from lieudit.features import FEATURES, BlockScaler
from lieudit.segment.labelling import label_customers
from lieudit.segment.layout import Layout
from lieudit.segment.methods import Params, fit_model
from lieudit.segment.model import Integers
from lieudit.segment.worth import homogeneity

__all__ = ["OPEN_BLOCKS", "Alikeness", "Regrouped", "compare_alikeness", "regroup"]

# What was added; behaviour and answers are the customers' own.
OPEN_BLOCKS: Final = ("place", "company")
# Open data dealt again among customers so many times: what is made then is due to chance.
DEALS: Final = 5


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Labels of the same customers, by what the clusters were made of.

    Attributes
    ----------
    everything : ndarray of shape (n_customers,)
        All blocks.
    own : ndarray of shape (n_customers,) or None
        Without open data; None where there is none, or nothing else.
    dealt : tuple of ndarray of shape (n_customers,)
        All blocks, open data dealt again among customers.
    """

    everything: Integers
    own: Integers | None
    dealt: tuple[Integers, ...]


def regroup(
    frame: pd.DataFrame, scaler: BlockScaler, method: str, params: Params, *, seed: int, jobs: int
) -> Regrouped:
    """Fit a method again, with the same settings and seed.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns, in an order that depends on nothing but their content.
    scaler : BlockScaler
        The winner's; only its settings are taken.
    method, params : str, Params
        The winner's.
    seed, jobs : int

    Raises
    ------
    TableError
        No column tells one of these customers from another.
    """
    features = tuple(scaler.features or FEATURES)
    opened = [feature.name for feature in features if feature.block in OPEN_BLOCKS and feature.name in frame]
    own = tuple(feature for feature in features if feature.block not in OPEN_BLOCKS)
    to_fit = [(features, frame)]
    if opened and any(feature.name in frame for feature in own):
        rng = np.random.default_rng(seed)
        to_fit += [(own, frame), *((features, _dealt(frame, opened, rng)) for _ in range(DEALS))]
    # As candidates are run: threads, and one thread for linear algebra within each.
    with threadpool_limits(1, user_api="blas"):
        labels = Parallel(n_jobs=jobs, prefer="threads")(
            delayed(_fit)(table, clone(scaler).set_params(features=chosen), method, params, seed)
            for chosen, table in to_fit
        )
    return Regrouped(labels[0], labels[1] if len(labels) > 1 else None, tuple(labels[2:]))


@dataclass(frozen=True, slots=True)
class Alikeness:
    """How alike the customers of a group are, by way of grouping them.

    Attributes
    ----------
    groups : dict of str to int
        How many groups each grouping has.
    left : dict of str to dict of str to float
        What :func:`lieudit.segment.worth.homogeneity` gives for each behaviour.
    """

    groups: dict[str, int]
    left: dict[str, dict[str, float]]


def compare_alikeness(
    frame: pd.DataFrame, scaler: BlockScaler, rules: Integers, clusters: Integers, seed: int
) -> Alikeness:
    """Compare how alike rule segments, clusters, and as many clusters as there are rule segments are.

    More groups are more alike, whatever they are: the third, by k-means, makes the comparison fair.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns.
    scaler : BlockScaler
        The winner's, fitted.
    rules, clusters : ndarray of shape (n_customers,)
    seed : int
    """
    features = tuple(feature for feature in scaler.features or FEATURES if feature.block == "behaviour")
    number = len(np.unique(rules))
    with threadpool_limits(1):
        matrix = np.asarray(scaler.transform(frame), dtype=np.float64)
        cut = KMeans(min(number, len(np.unique(matrix, axis=0))), n_init=5, random_state=seed).fit_predict(matrix)
        behaviour = pd.DataFrame(BlockScaler(features).fit(frame).transform(frame))
    groupings = {"rules": rules, "clusters": clusters, "as_many_clusters": np.asarray(cut, dtype=np.int64)}
    return Alikeness(
        groups={name: len(np.unique(labels)) for name, labels in groupings.items()},
        left=homogeneity(behaviour, groupings),
    )


def _dealt(frame: pd.DataFrame, columns: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Deal some columns again among customers, each row of them whole."""
    dealt = frame[columns].iloc[rng.permutation(len(frame))].set_axis(frame.index)
    return frame.assign(**{str(name): dealt[name] for name in columns})


def _fit(frame: pd.DataFrame, scaler: BlockScaler, method: str, params: Params, seed: int) -> Integers:
    """Return clusters of all customers, noise included; one group where the method finds none."""
    with threadpool_limits(1, user_api="openmp"):
        scaler = scaler.fit(frame)
        complete = scaler.block_mask(frame).all(axis=1).to_numpy()
        matrix = np.asarray(scaler.transform(frame[complete]), dtype=np.float64)
        model = fit_model(method, matrix, Layout.of(scaler.outputs_), params, seed)
        if model is None:
            return np.zeros(len(frame), dtype=np.int64)
        return label_customers(scaler, model, frame)["cluster"].to_numpy()
