"""From columns to segments: planted groups come back, and nothing but what customers are decides."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from lieudit.config import TrainConfig
from lieudit.errors import TableError
from lieudit.segment import NOISE, Candidate, Segmentation, label_customers, plane, segment_customers
from lieudit.segment.choose import choose

FAST = TrainConfig(methods=("kmeans", "valleys"), min_clusters=2, max_clusters=4, resamples=2, min_share=0.05, jobs=1)
KMEANS = FAST.model_copy(update={"methods": ("kmeans",), "max_clusters": 3})
SIZES = (280, 200, 120)


def planted(seed: int = 0) -> tuple[pd.DataFrame, pd.Series[Any], pd.Series[int]]:
    """Return customers, their rules and their group.

    Groups 0 and 1 buy alike and live in town or in the country; group 2 buys otherwise and lives anywhere.
    """
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat([0, 1, 2], SIZES))
    n, often = len(group), group == 2
    town = np.where(often, rng.random(n), group == 0)
    frame = pd.DataFrame({
        "recency_days": np.where(often, 10, 200) * rng.lognormal(0, 0.25, n),
        "frequency": np.where(often, 40, 4) * rng.lognormal(0, 0.25, n),
        "monetary": np.where(often, 3000, 150) * rng.lognormal(0, 0.25, n),
        "income_per_inhabitant_eur": (12_000 + 6_000 * town) * rng.lognormal(0, 0.04, n),
        "density_per_km2": 40 * 75**town * rng.lognormal(0, 0.3, n),
        "share_houses": np.clip(0.8 - 0.6 * town + rng.normal(0, 0.05, n), 0, 1),
    }, index=[f"c{number}" for number in range(n)])  # fmt: skip
    rules = pd.Series(np.where(often, "champions", "hibernating"), frame.index, dtype="str")
    return frame, rules, pd.Series(group, frame.index)


def cloud() -> pd.DataFrame:
    """Return customers without groups."""
    rng = np.random.default_rng(3)
    return pd.DataFrame({"recency_days": rng.lognormal(4, 0.6, 400), "frequency": rng.lognormal(2, 0.6, 400)})


@pytest.fixture(scope="module")
def found() -> Segmentation:
    frame, rules, _ = planted()
    return segment_customers(frame, rules, FAST, lang="en", revenue=frame["monetary"])


def text(segmentation: Segmentation) -> str:
    return json.dumps(segmentation.to_json(), ensure_ascii=False)


def test_planted_groups_come_back_and_their_number_is_not_told(found: Segmentation) -> None:
    frame, _, group = planted()
    assert [segment.size for segment in found.segments] == pytest.approx(SIZES, abs=6)
    assert adjusted_rand_score(group, found.customers["cluster"].reindex(group.index)) >= 0.9
    assert found.customers.index.equals(frame.index)
    assert found.customers["strength"].between(0, 1).all()
    assert set(found.customers["cluster_basis"]) == {"behaviour and place"}


def test_the_rules_see_those_who_buy_otherwise_and_not_those_who_live_elsewhere(found: Segmentation) -> None:
    # 200 of the 480 who hibernate: the best rule has F1 2 × 200 / (480 + 200) = 0.59; the 280 have 0.74.
    _, villagers, regulars = found.segments
    assert [segment.status for segment in found.segments] == ["named", "unnamed", "named"]
    assert villagers.closest_rule is not None
    assert villagers.closest_rule.f1 == pytest.approx(2 * 200 / 680, abs=0.02)
    assert regulars.closest_rule is not None
    assert regulars.closest_rule.segments == ("champions",)
    assert regulars.closest_rule.f1 > 0.95
    assert found.customers["unnamed"].equals(found.customers["cluster"] == villagers.cluster)
    assert "density_per_km2" in [trait.feature for trait in villagers.traits[:3]]
    assert villagers.rule.precision > 0.9
    assert villagers.rule.recall > 0.9


def test_too_small_to_act_on_is_unstable() -> None:
    frame, rules, _ = planted()
    config = KMEANS.model_copy(update={"min_clusters": 3, "min_share": 0.25})
    statuses = [segment.status for segment in segment_customers(frame, rules, config).segments]
    assert statuses == ["named", "unnamed", "unstable"]


def test_one_cloud_cut_in_parts_is_not_called_a_group() -> None:
    result = segment_customers(cloud(), pd.Series([None] * 400, dtype="str"), KMEANS)
    assert {segment.status for segment in result.segments} <= {"chance", "unstable"}
    assert not result.customers["unnamed"].any()


def test_revenue_is_shared_out(found: Segmentation) -> None:
    frame, _, _ = planted()
    shares = [segment.revenue_share for segment in found.segments]
    spent = frame["monetary"].groupby(found.customers["cluster"]).sum() / frame["monetary"].sum()
    assert shares == pytest.approx(spent.tolist())


def test_labels_come_from_the_rule(found: Segmentation) -> None:
    frame, _, _ = planted()
    again = label_customers(found.scaler, found.model, frame)
    pd.testing.assert_frame_equal(again, found.customers[list(again.columns)])


def test_the_same_seed_gives_the_same_bytes(found: Segmentation) -> None:
    frame, rules, _ = planted()
    again = segment_customers(frame, rules, FAST.model_copy(update={"jobs": 2}), lang="en", revenue=frame["monetary"])
    assert text(again) == text(found)


def test_neither_the_order_of_rows_nor_ids_matter() -> None:
    # One cloud: where to cut it hangs by a thread, and by the resamples drawn.
    frame = cloud()
    rules = pd.Series(np.where(frame["frequency"] > 7, "loyal", "lost"), frame.index, dtype="str")
    ids = pd.Series([f"{number:04d}" for number in reversed(range(len(frame)))], frame.index)
    order = np.random.default_rng(1).permutation(len(frame))
    found = segment_customers(frame, rules, KMEANS)
    again = segment_customers(frame.iloc[order].rename(ids), rules.rename(ids), KMEANS)
    assert text(again) == text(found)
    back = again.customers.loc[ids[frame.index]].set_axis(frame.index, axis=0)
    pd.testing.assert_frame_equal(back, found.customers)


def test_json_is_json_and_says_that_structure_is_in_it(found: Segmentation) -> None:
    content = json.loads(text(found))
    assert content["winner"]["n_clusters"] == 3
    assert [one["size"] for one in content["segments"]] == [segment.size for segment in found.segments]
    assert set(content["structure"]) >= {"found", "p_value", "test"}
    assert content["warnings"] == []
    assert [one["name"] for one in content["segments"]] == [one["names"]["en"] for one in content["segments"]]


def test_every_candidate_is_told_in_order() -> None:
    frame, rules, _ = planted()
    told: list[Candidate] = []
    result = segment_customers(frame, rules, KMEANS, on_candidate=told.append)
    assert [one.params for one in told] == [{"n_clusters": 2}, {"n_clusters": 3}]
    assert [one.n_clusters for one in result.candidates] == [2, 3]
    assert result.candidates[result.winner].n_clusters == 3
    assert result.runner_up == 0
    assert result.reason == choose(result.candidates).reason


def test_no_place_given() -> None:
    frame, rules, group = planted()
    result = segment_customers(frame[["recency_days", "frequency", "monetary"]], rules, KMEANS, lang="fr")
    assert [warning.fr for warning in result.warnings] == ["Aucun lieu n'a été donné : les groupes n'en disent rien."]
    assert set(result.customers["cluster_basis"]) == {"behaviour only"}
    assert adjusted_rand_score(group == 2, result.customers["cluster"]) > 0.95


def test_customers_without_orders_are_labelled_by_place_alone() -> None:
    frame, rules, group = planted()
    without = frame.index[(group == 1).to_numpy()][:30].append(frame.index[(group == 0).to_numpy()][:30])
    frame.loc[without, ["recency_days", "frequency", "monetary"]] = np.nan
    rules[without] = pd.NA
    result = segment_customers(frame, rules, FAST)
    assert set(result.customers.loc[without, "cluster_basis"]) == {"place only"}
    placed = result.customers.loc[without, "cluster"]
    assert adjusted_rand_score(group[without], placed) > 0.9
    nowhere = frame.assign(**dict.fromkeys(frame.columns, np.nan)).iloc[:5]
    labelled = label_customers(result.scaler, result.model, nowhere)
    assert set(labelled["cluster"]) == {NOISE}
    assert set(labelled["cluster_basis"]) == {"none"}


def test_a_block_known_for_few_is_left_out_and_said() -> None:
    frame, rules, _ = planted()
    frame.loc[frame.index[60:], ["income_per_inhabitant_eur", "density_per_km2", "share_houses"]] = np.nan
    result = segment_customers(frame, rules, KMEANS)
    assert [warning.en for warning in result.warnings] == ["Place is known for 10% of customers only: left out."]
    assert result.scaler.blocks_ == ("behaviour",)


def test_the_plane_tells_nobody_s_id(found: Segmentation) -> None:
    frame, _, _ = planted()
    points = plane(found, frame)
    assert list(points.columns) == ["x", "y", "cluster"]
    assert points.index.equals(pd.RangeIndex(len(frame)))
    assert points["cluster"].value_counts().tolist() == [segment.size for segment in found.segments]
    assert 0.5 < sum(points.attrs["explained"]) <= 1


def alike(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**dict.fromkeys(frame.columns, 5.0))


def infinite(frame: pd.DataFrame) -> pd.DataFrame:
    frame.iloc[3, 2] = np.inf
    return frame


def twice(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename({"c1": "c0"})


@pytest.mark.parametrize(
    ("spoil", "config", "says"),
    [
        (lambda frame: frame.iloc[:49], KMEANS, "There are 49 customers only"),
        (lambda frame: frame.iloc[:1], KMEANS, "There is 1 customer only"),
        (alike, KMEANS, "No column tells one customer from another"),
        (infinite, KMEANS, "infinite"),
        (twice, KMEANS, "appear twice"),
        (lambda frame: frame.iloc[:60], FAST.model_copy(update={"max_clusters": 60}), "2 to 60 clusters are asked"),
    ],
    ids=["few", "one", "alike", "infinite", "twice", "clusters"],
)
def test_bad_input_has_one_clear_message(spoil: Any, config: TrainConfig, says: str) -> None:
    frame, rules, _ = planted()
    with pytest.raises(TableError, match=says) as error:
        segment_customers(spoil(frame), rules, config)
    assert error.value.fix


def constant(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(tenure_days=30.0)


def unknown(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(tenure_days=np.nan)


def of_many_classes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(urban_class=[f"class {number % 400}" for number in range(len(frame))])


def of_one_place_column(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=["income_per_inhabitant_eur", "share_houses"])


def of_one_column_a_block(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["monetary", "density_per_km2"]]


@pytest.mark.parametrize("spoil", [constant, unknown, of_many_classes, of_one_place_column, of_one_column_a_block])
def test_odd_columns_do_not_hide_the_groups(spoil: Any) -> None:
    frame, rules, group = planted()
    result = segment_customers(spoil(frame), rules, FAST)
    labels = result.customers["cluster"].reindex(group.index)
    assert adjusted_rand_score(group == 2, labels == labels[group == 2].mode()[0]) > 0.9
    assert all(0 <= test.p_value <= 1 for test in result.structure.tests)
    json.dumps(result.to_json(), allow_nan=False)


def test_one_customer_is_too_few() -> None:
    frame, rules, _ = planted()
    with pytest.raises(TableError, match="1 customer"):
        segment_customers(frame.iloc[:1], rules, KMEANS)
