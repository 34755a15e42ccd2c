"""The tests can say no: one cloud, homes dealt at random; and yes, where groups are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import ks_2samp, spearmanr
from threadpoolctl import threadpool_limits

from lieudit.features import FittedColumn
from lieudit.features.blocks import Block
from lieudit.segment.claims import DEALS, BlockClaim, against_dealing, retention
from lieudit.segment.evidence import BlockTest, Evidence, Structure, gather
from lieudit.segment.layout import Layout
from lieudit.segment.model import ClusterModel, Matrix, gaussians
from lieudit.segment.nulls import against_one_cloud, one_cloud
from lieudit.segment.splitting import split_by_valleys


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Fit on one thread, as `run_candidates` does: threads that wait for one another take seconds."""
    with threadpool_limits(1):
        yield


BLOCKS: dict[str, Block] = {"a": "behaviour", "b": "behaviour", "c": "place", "d": "place"}
LAYOUT = Layout.of([FittedColumn(name, name, block, None, 0.0, 1.0) for name, block in BLOCKS.items()])
PLACE = LAYOUT.members["place"]


def skewed(rng: np.random.Generator, n: int) -> Matrix:
    """Return one cloud: correlated, long tails, whole numbers in the last column."""
    scores = rng.standard_normal((n, 3)) + rng.standard_normal((n, 1))
    return np.column_stack([np.exp(scores[:, 0]), scores[:, 1] ** 3, np.floor(np.exp(scores[:, 2] / 2))])


def customers(seed: int, *, apart: bool, n: int = 800) -> tuple[Matrix, np.ndarray]:
    """Return buyers of two kinds: the first live in two places if `apart`; else, as the others, in any."""
    rng = np.random.default_rng(seed)
    kind, place = np.repeat([0, 1], n // 2), rng.random(n) < 0.5
    points = 0.4 * rng.standard_normal((n, 4))
    points[:, :2] += np.where(kind == 0, -1.5, 1.5)[:, np.newaxis]
    homes = np.where(place, -1.5, 1.5) if apart else np.zeros(n)
    points[:, 2:] += np.where(kind == 0, homes, 0)[:, np.newaxis]
    return points, kind * 2 + np.where(kind == 0, place, 0)


def model_of(points: Matrix, labels: np.ndarray) -> ClusterModel:
    weights, means, covariances = gaussians(points, labels)
    every = np.ones(points.shape[1], dtype=np.bool_)
    return ClusterModel("posterior", tuple(BLOCKS), every, weights, means, covariances, np.full(len(weights), np.inf))


def test_one_cloud_keeps_the_columns_and_their_rank_correlations() -> None:
    points = skewed(np.random.default_rng(0), 4000)
    made = one_cloud(points, 4000, np.random.default_rng(1))
    assert all(set(made[:, column]) <= set(points[:, column]) for column in range(3))
    assert max(ks_2samp(made[:, column], points[:, column]).statistic for column in range(3)) < 0.05
    np.testing.assert_allclose(spearmanr(made).statistic, spearmanr(points).statistic, atol=0.06)


def test_a_skewed_cloud_is_no_more_separated_than_one_cloud() -> None:
    p_values = [against_one_cloud(skewed(np.random.default_rng(seed), 600), 3, seed).p_value for seed in range(2)]
    assert max(p_values) > 0.1


def test_three_clumps_are_more_separated_than_one_cloud() -> None:
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0, 0], [4, 0, 4], [0, 4, 4]])
    found = against_one_cloud(centres[np.repeat([0, 1, 2], 200)] + rng.standard_normal((600, 3)), 3, 0)
    assert found.p_value == 0.01
    assert found.separation > found.null_mean + 5 * found.null_sd


def test_those_who_buy_alike_and_live_apart_are_more_than_homes_dealt_again() -> None:
    points, labels = customers(0, apart=True)
    claims = against_dealing(model_of(points, labels), points, PLACE, "place", 0)
    assert [claim.depends for claim in claims] == [True, True, False]
    assert claims[0].holds
    assert claims[1].holds
    assert claims[2].retention > 0.95


@pytest.mark.parametrize("seed", range(2))
def test_town_and_country_alone_are_what_homes_dealt_again_give(seed: int) -> None:
    points, kind = customers(seed, apart=False)
    town = np.random.default_rng(seed).random(len(points)) < 0.5
    points[:, 2:] += np.where(town, -1.5, 1.5)[:, np.newaxis]
    claims = against_dealing(model_of(points, (kind == 0) * 2 + town), points, PLACE, "place", seed)
    assert all(claim.depends and not claim.holds for claim in claims)


def test_dealing_the_block_that_no_cluster_reads_keeps_everybody() -> None:
    points, labels = customers(0, apart=False)
    assert (retention(model_of(points, labels // 2), points, PLACE, 0) > 0.95).all()


@pytest.mark.parametrize("apart", [True, False])
def test_structure_is_told_block_by_block(apart: bool) -> None:
    points, _ = customers(1, apart=apart)
    found = split_by_valleys(points, LAYOUT.blocks, 0.55, 20, 0)
    assert len(set(found)) == (3 if apart else 2)
    model = model_of(points, found)
    evidence = gather(model, points, LAYOUT, np.ones(model.n_clusters, dtype=np.bool_), 0)
    behaviour, place = evidence.structure.tests
    assert (behaviour.null, place.null) == ("one cloud", "dealt again")
    assert evidence.structure.found
    assert (place.p_value <= 0.05) == apart
    assert not any(evidence.chance(cluster) for cluster in range(model.n_clusters))


def test_nothing_that_holds_up_is_no_structure() -> None:
    points, labels = customers(1, apart=True)
    evidence = gather(model_of(points, labels), points, LAYOUT, np.zeros(3, dtype=np.bool_), 0)
    assert evidence.structure.p_value == 1.0
    assert all(evidence.chance(cluster) for cluster in range(3))


def test_a_cluster_is_chance_where_it_depends_on_a_block_that_claims_nothing() -> None:
    structure = Structure((BlockTest("behaviour", "one cloud", 0.01, 99), BlockTest("place", "dealt again", 0.3, 199)))
    assert structure.p_value == 0.02
    held, lost, small = (BlockClaim("place", 0.5, *one) for one in ((0.2, 0.04), (0.2, 0.3), (0.05, 0.01)))
    claims = tuple((BlockClaim("behaviour", 0.5, None, 0.01), one) for one in (held, lost, small))
    evidence = Evidence(structure, claims)
    assert [evidence.chance(cluster) for cluster in range(3)] == [False, True, True]


def test_the_smallest_p_value_stays_under_five_percent_once_corrected() -> None:
    clusters, blocks = 20, 4
    assert clusters * blocks / (1 + DEALS) < 0.05


def test_groups_that_nobody_else_shares_a_place_with_are_seen() -> None:
    """Three quarters of the customers buy alike, in three places; one of these is shared, two are their own."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, 3], 200)
    points = 0.4 * rng.standard_normal((800, 4))
    points[:, 0] += np.where(labels == 3, 1.5, -1.5)
    points[:, 2:] += np.array([[-2, 0], [2, 0], [0, 3], [0, 3]])[labels]
    claims = against_dealing(model_of(points, labels), points, PLACE, "place", 0)
    assert all(claim.holds for claim in claims)
    # Those who buy alike are of one kind: what is said of their homes is said of all three.
    assert max(claim.displaced or 0 for claim in claims[:3]) - min(claim.displaced or 0 for claim in claims[:3]) < 0.1


def test_a_block_of_one_column_is_dealt_again() -> None:
    points, labels = customers(1, apart=True)
    alone: dict[str, Block] = {"a": "behaviour", "b": "behaviour", "c": "place", "d": "declared"}
    layout = Layout.of([FittedColumn(name, name, block, None, 0.0, 1.0) for name, block in alone.items()])
    evidence = gather(model_of(points, labels), points, layout, np.ones(3, dtype=np.bool_), 0)
    assert [test.null for test in evidence.structure.tests] == ["one cloud", "dealt again", "dealt again"]
    assert evidence.structure.tests[2].p_value <= 0.05
