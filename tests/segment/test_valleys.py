"""A valley is seen where there is one, and a cloud is left whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from lieudit.features import FEATURES, BlockScaler
from lieudit.segment.beside import beside
from lieudit.segment.layout import Columns, Layout
from lieudit.segment.methods import TRIES, fit_model
from lieudit.segment.model import Integers, Matrix
from lieudit.segment.spaces import Space, Spaces
from lieudit.segment.splitting import split_by_valleys
from lieudit.segment.valleys import Points, Valley, leaning, valley


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Fit on one thread, as `run_candidates` does: threads that wait for one another take seconds."""
    with threadpool_limits(1):
        yield


def clumps(gap: float, n: int = 1000, seed: int = 0) -> tuple[Points, Points]:
    rng = np.random.default_rng(seed)
    low, high = rng.standard_normal((n, 3)), rng.standard_normal((n, 3))
    high[:, 0] += gap
    return Points(low, np.ones(n)), Points(high, np.ones(n))


@pytest.mark.parametrize(("gap", "least", "most"), [(8.0, 0.0, 0.02), (3.2, 0.4, 0.7), (1.0, 0.9, 1.0)])
def test_the_further_apart_the_deeper(gap: float, least: float, most: float) -> None:
    # Two Gaussians of one size, d apart: 2 exp(-d²/8) / (1 + exp(-d²/2)) is .55 at 3.2.
    found = valley(*clumps(gap))
    assert found is not None
    assert least <= found.depth <= most


def test_what_is_seen_among_a_part_needs_less_certainty() -> None:
    """As deep a valley among half of the customers is less certain by the root of a half; fewer say no more."""
    found = Valley(depth=0.4, z=3.0)
    assert not found.certain()
    assert found.certain(seen=0.55)
    assert not Valley(depth=0.4, z=2.7).certain(seen=0.1)
    assert Valley(depth=0.1, z=2.8).certain()


def test_too_few_points_are_no_valley() -> None:
    assert valley(*clumps(8.0, n=19)) is None


def test_weights_are_so_many_points() -> None:
    low, high = clumps(4.0)
    heavier = Points(low.values, np.full(1000, 3.0)), Points(high.values, np.full(1000, 3.0))
    one, other = valley(low, high), valley(*heavier)
    assert one is not None
    assert other == pytest.approx(one)
    assert Points(low.values, np.repeat([1.0, 0.001], 500)).effective == pytest.approx(500, rel=0.01)


def others(each: float, low: float = 0.5) -> Matrix:
    """Return how many others live with 1,000 and 1,000 customers: so many for each, of whom a share in the low."""
    return np.repeat([[2 * each * low], [2 * each * (1 - low)]], 1000, axis=0)


def their_own(low: Points, high: Points, groups: Matrix) -> bool:
    """Look for a valley, and say whether it is theirs."""
    found = valley(low, high)
    assert found is not None
    everyone = Points(np.concatenate([low.values, high.values]), 1 + groups.sum(axis=1))
    return beside(found, low, high, everyone, groups)


def test_a_valley_that_everyone_shows_is_none_beside_everyone() -> None:
    low, high = clumps(4.0)
    assert not their_own(low, high, others(each=1.0))
    assert their_own(*clumps(5.0), others(each=1.0))  # a gap is no map's doing
    found = valley(low, high)
    assert found is not None
    spread = Points(np.random.default_rng(1).uniform(-3, 7, (2000, 3)), np.ones(2000))
    assert beside(found, low, high, spread, others(each=1.0))


@pytest.mark.parametrize(("gap", "each", "theirs"), [(4.0, 0.1, True), (3.2, 0.1, False), (4.0, 0.4, False)])
def test_a_deep_valley_is_theirs_where_hardly_anybody_else_lives(gap: float, each: float, theirs: bool) -> None:
    assert their_own(*clumps(gap), others(each)) is theirs


@pytest.mark.parametrize(("share", "theirs"), [(0.9, True), (0.5, False), (0.65, False)])
def test_a_valley_of_the_map_is_theirs_who_lean_to_one_side_of_it(share: float, theirs: bool) -> None:
    assert their_own(*clumps(4.0), others(1.0, share)) is theirs


@pytest.mark.parametrize(("share", "theirs"), [(0.9, True), (0.5, False), (0.65, False)])
def test_others_may_divide_as_they_do_together_and_otherwise_each(share: float, theirs: bool) -> None:
    assert their_own(*clumps(4.0), np.hstack([others(0.5, share), others(0.5, 1 - share)])) is theirs


def test_what_tells_two_sets_apart_is_in_the_column_where_they_differ() -> None:
    low, high = clumps(4.0)
    assert leaning(low, high, np.array([True, False, False])) == pytest.approx(1.0, abs=0.02)


def cloud(kind: str, seed: int, n: int = 600) -> Matrix:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((n, 4)) + rng.standard_normal((n, 1))
    if kind == "tails":
        scores = scores / np.sqrt(rng.chisquare(3, (n, 1)) / 3)
    if kind == "skewed":
        scores = np.exp(0.6 * scores)
    if kind == "counts":
        scores = np.log1p(rng.poisson(np.exp(0.7 * scores)))
    return np.asarray((scores - scores.mean(axis=0)) / scores.std(axis=0) / 1.5)


@pytest.mark.parametrize("kind", ["plain", "tails", "skewed", "counts"])
def test_one_cloud_is_left_whole(kind: str) -> None:
    blocks = (Columns(np.arange(4), shared=False),)
    whole = [len(set(split_by_valleys(cloud(kind, seed), blocks, 0.55, 20, seed))) == 1 for seed in range(2)]
    assert all(whole)


def test_a_commune_of_many_customers_is_one_point_and_weighs_their_root() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((50, 2))[np.repeat(np.arange(50), 4)]
    space = Space.of(rows, Columns(np.arange(2), shared=True), rng)
    assert space.values.shape == (50, 2)
    np.testing.assert_allclose(space.sides(np.ones(200, dtype=bool))[0].weights, 2.0)
    np.testing.assert_allclose(space.everyone().weights, 4.0)


def two_towns(rng: np.random.Generator) -> Matrix:
    """Return 600 communes of two kinds."""
    return np.concatenate([rng.normal(-0.75, 0.5, (300, 2)), rng.normal(0.75, 0.5, (300, 2))])


BLOCKS = (Columns(np.array([0, 1]), shared=False), Columns(np.array([2, 3]), shared=True))


@pytest.mark.parametrize("seed", range(3))
def test_homes_of_anyone_are_not_cut_and_those_that_all_others_avoid_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    communes = two_towns(rng)
    kinds = np.repeat([-2.0, 2.0], 600)
    buys = kinds[:, np.newaxis] + 0.4 * rng.standard_normal((1200, 2))
    anyone = np.column_stack([buys, communes[rng.integers(600, size=1200)]])
    assert len(set(split_by_valleys(anyone, BLOCKS, 0.55, 20, 0))) == 2
    middle = rng.normal(0, 0.3, (600, 2))
    apart = np.column_stack([buys, np.concatenate([1.5 * communes, middle])])
    assert len(set(split_by_valleys(apart, BLOCKS, 0.55, 20, 0))) == 3


def test_towns_that_groups_of_buyers_divide_otherwise_are_cut() -> None:
    """One half and half, two mostly in one town each: together they live as the first does."""
    rng = np.random.default_rng(0)
    communes = two_towns(rng)
    buys = np.repeat([[-2.0, 0.0], [2.0, 0.0], [0.0, 4.0]], 600, axis=0) + 0.4 * rng.standard_normal((1800, 2))
    first = np.concatenate([rng.random(600) < share for share in (0.5, 0.95, 0.05)])
    homes = communes[np.where(first, 0, 300) + rng.integers(300, size=1800)]
    found = split_by_valleys(np.column_stack([buys, homes]), BLOCKS, 0.55, 20, 0)
    assert len(set(found[:600])) == 2
    assert adjusted_rand_score(first[:600], found[:600]) > 0.9


def test_whole_numbers_are_no_groups_though_another_column_tells_them() -> None:
    """What was spent, less the mean basket, is the number of orders again."""
    rng = np.random.default_rng(0)
    orders, basket = np.log(3 + rng.poisson(3, 3000)), 0.2 * rng.standard_normal(3000)
    points = np.column_stack([orders, orders + basket, basket])
    points = (points - points.mean(axis=0)) / points.std(axis=0)
    columns = [Columns(np.arange(3), shared=False)]
    assert len(set(split_by_valleys(points, columns, 0.55, 30, 0))) == 1


def test_what_goes_with_a_number_is_read_within_the_sides() -> None:
    """Those who order more often spend more in either group; among all, those who order often spend little."""
    rng = np.random.default_rng(0)
    high = np.arange(2000) >= 1000
    orders = rng.poisson(5.0, 2000) + 20.0 * high
    rows = np.column_stack([orders, orders - 60 * high + rng.standard_normal(2000)])
    space = Space.of(rows, Columns(np.arange(2), shared=False), rng)
    for side, points in zip((~high, high), space.sides(~high, high), strict=True):
        moved = points.values - space.values[np.sort(space.back[side])]
        assert np.ptp(moved[:, 0]) > 0.5
        np.testing.assert_allclose(moved[:, 1], moved[:, 0], atol=0.05)


def test_a_number_that_is_the_same_within_the_sides_goes_with_nothing() -> None:
    rng = np.random.default_rng(1)
    orders = np.repeat([0.1, 0.3, 0.7], 500)
    rows = np.column_stack([orders, rng.standard_normal(1500)])
    space = Space.of(rows, Columns(np.arange(2), shared=False), rng)
    sides = orders == 0.1, orders == 0.3
    for side, points in zip(sides, space.sides(*sides), strict=True):
        assert np.array_equal(points.values[:, 1], space.values[np.sort(space.back[side])][:, 1])


def test_nobody_on_one_side_is_no_valley(recwarn: pytest.WarningsRecorder) -> None:
    rows = np.random.default_rng(0).standard_normal((100, 2))
    spaces = Spaces.of(rows, (Columns(np.arange(2), shared=False),), np.random.default_rng(0))
    assert spaces.between(np.zeros(100, dtype=bool), np.ones(100, dtype=bool)) == 1.0
    assert not recwarn.list


def test_one_column_with_missing_values() -> None:
    """One question with a number for an answer, which some left out."""
    rng = np.random.default_rng(0)
    answers = np.concatenate([rng.normal(-1, 0.2, 500), rng.normal(1, 0.2, 500)])[:, np.newaxis]
    answers[::5] = 0.0
    found = split_by_valleys(answers, [Columns(np.arange(1), shared=False)], 0.55, 20, 0)
    known = answers[:, 0] != 0
    assert adjusted_rand_score(answers[known, 0] > 0, found[known]) == 1.0


@pytest.mark.parametrize(("apart", "groups"), [(0.5, 1), (0.8, 2)])
def test_groups_whose_centres_are_close_are_one_however_empty_between(apart: float, groups: int) -> None:
    """Two prices of one subscription are two spikes."""
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.normal(0, 0.05, 1000), rng.standard_normal(1000)])
    points[:500, 0] += apart
    assert len(set(split_by_valleys(points, [Columns(np.arange(2), shared=False)], 0.55, 20, 0))) == groups


@pytest.mark.parametrize(("times", "groups"), [(1.3, 1), (2.0, 2)])
def test_groups_that_differ_by_less_than_half_as_much_again_are_one(times: float, groups: int) -> None:
    """All customers came within one of two winters."""
    rng = np.random.default_rng(0)
    since = 800 * times ** np.repeat([0, 1], 1000) * np.exp(0.03 * rng.standard_normal(2000))
    spent = np.exp(5 + 0.4 * rng.standard_normal(2000))
    scaler = BlockScaler(FEATURES).fit(frame := pd.DataFrame({"tenure_days": since, "monetary": spent}))
    found = split_by_valleys(scaler.transform(frame).to_numpy(), Layout.of(scaler.outputs_).blocks, 0.55, 20, 0)
    assert len(set(found)) == groups


def test_what_most_of_those_who_are_alike_lack_makes_no_groups() -> None:
    """The rhythm of customers with one order is missing: a few far donors would be as many crests."""
    rng = np.random.default_rng(0)
    points = rng.standard_normal((1500, 4))
    once = np.arange(1500) < 500
    points[once, 0] -= 8
    points[:, 3] *= 2
    points[once, 3] = 0.0
    found = split_by_valleys(points, [Columns(np.arange(4), shared=False)], 0.55, 20, 0)
    assert len(set(found[once])) == 1
    assert len(set(found)) == 2


@pytest.mark.parametrize(("enough", "tried"), [({}, 1), ({"enough": 2}, 1), ({"enough": 3}, TRIES)])
def test_customers_are_split_again_until_there_are_enough_groups(
    enough: dict[str, int], tried: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = np.concatenate([side.values for side in clumps(8.0)])  # noqa: N806
    layout = Layout(("a", "b", "c"), np.ones(3, dtype=bool), (Columns(np.arange(3), False),), {"b": np.ones(3, bool)})
    seeds: list[int] = []

    def split(*args: Any, seen: float) -> Integers:
        seeds.append(args[-1])
        return split_by_valleys(*args, seen=seen)

    monkeypatch.setattr("lieudit.segment.methods.split_by_valleys", split)
    model = fit_model("valleys", X, layout, {"depth": 0.55, "min_share": 0.01, **enough}, 0)
    assert model is not None
    assert model.n_clusters == 2
    assert len(set(seeds)) == len(seeds) == tried
