"""Groups are found among the customers who are close to others, where scattered ones fill the valley between them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from lieudit.config import TrainConfig
from lieudit.segment.candidates import STABLE, run_candidates
from lieudit.segment.core import core_of, join_core
from lieudit.segment.layout import Columns, Layout
from lieudit.segment.methods import CORE, Params, fit_model, searched_among
from lieudit.segment.model import ClusterModel, Integers, Matrix
from lieudit.segment.spaces import apartness

LAYOUT = Layout(("a", "b", "c"), np.ones(3, dtype=bool), (Columns(np.arange(3), False),), {"b": np.ones(3, dtype=bool)})
WHOLE = {"depth": 0.55, "min_share": 0.02}
GROUP = 400


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def groups_among_scattered(seed: int, groups: int = 2) -> tuple[Matrix, Integers]:
    """Make groups of 400 points, and 900 scattered ones around and between them."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([*range(groups), -1], [*[GROUP] * groups, 900])
    points = rng.standard_normal((len(truth), 3))
    points[:, 0] += np.where(truth < 0, 0, 6 * (truth - (groups - 1) / 2))
    points[truth < 0] *= (2, 4, 4)
    return points, truth


@pytest.mark.parametrize("seed", range(3))
def test_the_core_shows_the_valley_that_scattered_customers_fill(seed: int) -> None:
    points, truth = groups_among_scattered(seed)
    whole, core = (fit_model("valleys", points, LAYOUT, {**WHOLE, "core": share}, 0) for share in (1.0, CORE))
    assert whole is not None
    assert core is not None
    assert whole.n_clusters == 1
    assert core.n_clusters == 2
    members = truth >= 0
    assert adjusted_rand_score(truth[members], core.predict(points[members]).labels) > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_one_group_among_scattered_customers_stays_one(seed: int) -> None:
    points, _ = groups_among_scattered(seed, groups=1)
    found = fit_model("valleys", points, LAYOUT, {**WHOLE, "core": CORE}, 0)
    assert found is not None
    assert found.n_clusters == 1


def test_members_are_in_the_core_sooner_than_scattered_customers() -> None:
    points, truth = groups_among_scattered(0)
    inside = core_of(points, 0.6)
    assert inside.mean() == pytest.approx(0.6, abs=0.001)
    assert inside[truth >= 0].mean() > 0.85
    assert inside[truth < 0].mean() < 0.4


def test_everybody_joins_those_of_the_core_who_are_around() -> None:
    points, _ = groups_among_scattered(0)
    core = core_of(points, CORE)
    right = points[:, 0] > 0
    joined = join_core(points, core, right[core].astype(np.int64))
    np.testing.assert_array_equal(joined[core], right[core])
    outside = ~core & (np.abs(points[:, 0]) > 0.5)  # on the border, either will do
    assert len(set(right[outside])) == 2
    assert (joined == right)[outside].mean() > 0.95
    few = join_core(points[:12], np.arange(12) < 11, np.ones(11, dtype=np.int64))
    assert few.tolist() == [1] * 12


def test_clusters_of_the_core_are_those_of_everybody_who_joined_them() -> None:
    points, _ = groups_among_scattered(0)
    found = fit_model("valleys", points, LAYOUT, {**WHOLE, "core": CORE}, 0)
    assert found is not None
    np.testing.assert_allclose(found.weights @ found.means, points.mean(axis=0), atol=1e-9)


def test_equal_points_are_together_in_the_core_or_out_of_it() -> None:
    points = np.repeat(np.outer([0.0, 1.0, 5.0], np.ones(3)), [30, 30, 5], axis=0)
    np.testing.assert_array_equal(core_of(points, 0.5), [True] * 60 + [False] * 5)
    assert core_of(points[:8], 0.5).all()  # too few to have ten neighbours


@pytest.mark.parametrize("columns", [0, 1, 2])
def test_few_columns_have_no_core(columns: int) -> None:
    """Drawn by the density that is read for valleys, it would open some in one cloud."""
    assert core_of(np.random.default_rng(0).random((600, columns)), CORE).all()


def test_all_customers_are_the_core_unless_a_setting_says_otherwise() -> None:
    points, _ = groups_among_scattered(0)
    assert searched_among(points, LAYOUT, WHOLE).all()
    assert searched_among(points, LAYOUT, {**WHOLE, "core": CORE}).mean() == pytest.approx(CORE, abs=0.001)


def test_clusters_of_the_core_are_judged_apart_among_the_core() -> None:
    points, _ = groups_among_scattered(1)
    config = TrainConfig(methods=("valleys",), min_share=0.02, jobs=1)
    whole, core = run_candidates(points, LAYOUT, config)
    assert (whole.candidate.n_clusters, core.candidate.n_clusters) == (1, 2)
    assert min(core.candidate.stability) >= STABLE
    assert core.model is not None
    among_all = apartness(points, core.model.predict(points).labels, LAYOUT, 2, config.seed)
    assert max(core.candidate.apart) < min(among_all)


def test_a_resample_is_told_what_share_of_the_customers_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    points, _ = groups_among_scattered(0)
    seen: list[float] = []

    def fit(method: str, X: Matrix, layout: Layout, params: Params, seed: int) -> ClusterModel | None:  # noqa: N803
        seen.append(params.get("seen", 1.0))
        return fit_model(method, X, layout, params, seed)

    monkeypatch.setattr("lieudit.segment.candidates.fit_model", fit)
    run_candidates(points, LAYOUT, TrainConfig(methods=("valleys",), resamples=2, min_share=0.02, jobs=1))
    assert seen == pytest.approx([1.0, 1.0, 1.0, 0.7, 0.7] * 2, abs=0.001)
