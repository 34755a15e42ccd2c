"""The customers most like their cluster, and nobody of a tiny one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lieudit.config import TrainConfig
from lieudit.segment import Segmentation, segment_customers, typical_customers

CONFIG = TrainConfig(methods=("kmeans",), max_clusters=2, resamples=2, jobs=1)


def two_groups() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    middle = np.repeat([10.0, 300.0], 60)
    values = {"recency_days": middle * rng.lognormal(0, 0.3, 120), "monetary": 9 * middle * rng.lognormal(0, 0.3, 120)}
    return pd.DataFrame(values, index=[f"c{number:03d}" for number in range(120)])


@pytest.fixture(scope="module")
def made() -> Segmentation:
    frame = two_groups()
    return segment_customers(frame, pd.Series("loyal", frame.index), CONFIG, lang="en")


def test_three_of_each_cluster_near_its_centre(made: Segmentation) -> None:
    frame = two_groups()
    found = typical_customers(made, frame)
    assert found["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    assert found["segment"].tolist() == [segment.name.en for segment in made.segments for _ in range(3)]
    assert (made.customers.loc[found["customer_id"], "cluster"].to_numpy() == found["cluster"]).all()
    away = np.log(frame).sub(np.log(frame).groupby(made.customers["cluster"]).transform("mean")).abs().sum(axis=1)
    assert (away[found["customer_id"]] < away.median()).all()


def test_neither_the_order_of_rows_nor_a_missing_block_matters(made: Segmentation) -> None:
    frame = two_groups()
    order = np.random.default_rng(1).permutation(len(frame))
    shuffled = replace(made, customers=made.customers.iloc[order])
    pd.testing.assert_frame_equal(typical_customers(shuffled, frame.iloc[order]), typical_customers(made, frame))


def test_nobody_of_a_tiny_cluster(made: Segmentation) -> None:
    tiny = replace(made, segments=(made.segments[0], replace(made.segments[1], size=9)))
    assert set(typical_customers(tiny, two_groups())["cluster"]) == {0}
