"""What the summary counts, and what it must never hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lieudit.report import summarise
from lieudit.report.counts import hide_small, map_cells, revenue_of, rfm_grid, rule_segments
from lieudit.report.regions import REGION_OF


def test_it_is_json_and_holds_nothing_of_a_single_customer(inputs: dict[str, Any]) -> None:
    text = json.dumps(summarise(**inputs), allow_nan=False)
    assert "SECRET" not in text
    assert "Confidence" not in text
    assert "13055" not in text  # a commune code


def test_the_order_of_rows_does_not_matter(inputs: dict[str, Any]) -> None:
    customers = inputs["customers"].sample(frac=1, random_state=5)
    plane = inputs["plane"].sample(frac=1, random_state=5)
    shuffled = summarise(**{**inputs, "customers": customers, "plane": plane})
    expected = summarise(**inputs)
    # Sums of floats may differ in their last bit.
    assert shuffled["totals"].pop("revenue") == pytest.approx(expected["totals"].pop("revenue"))
    for rows in ("grid", "segments"):
        found, right = pd.DataFrame(shuffled["rules"].pop(rows)), pd.DataFrame(expected["rules"].pop(rows))
        pd.testing.assert_frame_equal(found, right)
    assert shuffled == expected


def test_counts_are_those_of_the_customers(inputs: dict[str, Any], customers: pd.DataFrame) -> None:
    data = summarise(**inputs)
    assert data["totals"]["customers"] == len(customers)
    assert data["totals"]["revenue"] == pytest.approx(customers["monetary"].sum())
    assert data["totals"]["located"] == customers["commune_code"].notna().sum()
    assert sum(cell["customers"] for cell in data["rules"]["grid"]) == len(customers)
    champions = customers["rfm_segment"].eq("champions")
    shown = data["rules"]["segments"]["champions"]
    assert shown["size"] == champions.sum()
    assert shown["revenue_share"] == pytest.approx(
        customers.loc[champions, "monetary"].sum() / customers["monetary"].sum()
    )
    lyon = customers["commune_code"].eq("69123")
    assert data["map"]["areas"]["69"]["all"] == lyon.sum()
    assert data["map"]["areas"]["69"]["clusters"]["0"] == (lyon & customers["cluster"].eq(0)).sum()


def test_winner_and_runner_up_are_marked_once(inputs: dict[str, Any]) -> None:
    roles = {row["role"]: row["method"] for row in summarise(**inputs)["candidates"] if row["role"]}
    assert roles == {"winner": "kmeans", "runner_up": "gaussian_mixture"}


def test_a_mean_amount_is_multiplied_by_the_orders() -> None:
    frame = pd.DataFrame({"monetary": [10.0, 5.0, None], "frequency": [3, 2, None]})
    assert revenue_of(frame, "mean").tolist()[:2] == [30.0, 10.0]
    assert revenue_of(frame, "total").tolist()[:2] == [10.0, 5.0]
    assert revenue_of(frame, "mean").isna().tolist() == [False, False, True]


def test_a_small_segment_is_not_described(inputs: dict[str, Any]) -> None:
    segments = {**inputs["segments"], "segments": [{**s, "size": 9} for s in inputs["segments"]["segments"]]}
    for segment in summarise(**{**inputs, "segments": segments})["segments"]:
        assert segment["traits"] == []
        assert segment["rule"] is None
        assert segment["value"] == {}


def test_the_plane_is_thinned_the_same_way_each_time(inputs: dict[str, Any]) -> None:
    rng = np.random.default_rng(3)
    plane = pd.DataFrame({"x": rng.normal(size=9000), "y": rng.normal(size=9000), "cluster": rng.integers(-1, 4, 9000)})
    first, second = (summarise(**{**inputs, "plane": plane})["plane"] for _ in range(2))
    assert first == second
    assert first["n_points"] == sum(len(points["x"]) for points in first["clusters"].values()) == 2500


def test_departments_too_thin_for_a_map_give_way_to_regions() -> None:
    departments = [code for code in REGION_OF if len(code) == 2 and code not in ("2A", "2B")]
    frame = pd.DataFrame({"commune_code": [f"{code}001" for code in departments for _ in range(6)], "cluster": 0})
    cells = map_cells(frame, 10)
    assert cells["level"] == "region"
    assert cells["areas"]["11"] == {"all": 48, "clusters": {"0": 48}}
    assert map_cells(frame, 6)["level"] == "department"


def test_without_places_there_are_no_cells() -> None:
    frame = pd.DataFrame({"cluster": [0, 1]})
    assert map_cells(frame, 1)["areas"] == {}
    assert map_cells(frame.assign(commune_code=None), 1)["areas"] == {}


frames = st.lists(
    st.tuples(
        st.sampled_from(["75056", "13055", "97411", "2A004", None]),
        st.integers(-1, 2),
        st.integers(1, 4),
        st.integers(1, 4),
        st.sampled_from(["champions", "lost", "new"]),
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None, max_examples=50)  # the machine may be busy
@given(rows=frames, min_group=st.integers(1, 12))
def test_no_published_count_is_under_the_threshold(rows: list[tuple[Any, ...]], min_group: int) -> None:
    frame = pd.DataFrame(rows, columns=["commune_code", "cluster", "r", "f", "rfm_segment"])
    spent = pd.Series(1.0, index=frame.index)
    areas = map_cells(frame, min_group)["areas"].values()
    published = [n for area in areas for n in (area["all"], *area["clusters"].values())]
    published += [cell["customers"] for cell in rfm_grid(frame, spent, min_group) if cell["customers"] is not None]
    published += [row["size"] for row in rule_segments(frame, spent, min_group).values()]
    crossed = pd.crosstab(frame["rfm_segment"], frame["cluster"])
    table = {str(rule): {str(c): int(n) for c, n in row.items()} for rule, row in crossed.iterrows()}
    kept, hidden = hide_small(table, min_group)
    flows = [n for cells in kept.values() for n in cells.values()]
    assert all(n >= min_group for n in published + flows)
    assert sum(flows) + hidden == len(frame)
