"""Clusters on components rather than columns, where the configuration asks for them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from lieudit.config import TrainConfig
from lieudit.features import BlockScaler
from lieudit.segment import Segmentation, label_customers, segment_customers


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    often, dense = np.tile([0, 1, 0, 1], 150), np.tile([0, 0, 1, 1], 150)
    return pd.DataFrame(
        {
            "recency_days": rng.lognormal(5 - 2 * often, 0.3),
            "frequency": 1 + rng.poisson(1 + 20 * often),
            "monetary": rng.lognormal(4 + 2 * often, 0.3),
            "tenure_days": rng.lognormal(6, 0.3, 600),
            "density_per_km2": rng.lognormal(3 + 4 * dense, 0.3),
            "share_houses": rng.normal(0.9 - 0.6 * dense, 0.05),
            "share_under_20": rng.normal(0.2, 0.02, 600),
        }
    )


@pytest.fixture(scope="module")
def found(customers) -> Segmentation:
    config = TrainConfig(methods=("kmeans", "valleys"), max_clusters=5, resamples=2, jobs=1, components="parallel")
    return segment_customers(customers, pd.Series(index=customers.index, dtype="str"), config)


def test_groups_are_found_on_components_and_told_in_columns(found):
    assert found.model.columns == ("behaviour 1", "place 1")
    planted = np.tile([0, 1, 2, 3], 150)
    assert adjusted_rand_score(planted, found.customers["cluster"]) > 0.95
    told = {trait.feature for segment in found.segments for trait in segment.traits[:2]}
    assert told <= {"recency_days", "frequency", "monetary", "density_per_km2", "share_houses"}


def test_customers_of_whom_a_block_is_missing_are_placed_by_the_other(found, customers):
    labelled = label_customers(
        found.scaler, found.model, customers.drop(columns=["density_per_km2", "share_houses", "share_under_20"])
    )
    assert set(labelled["cluster_basis"]) == {"behaviour only"}
    assert labelled["cluster"].nunique() > 1


def test_the_scaler_of_a_bundle_gives_the_same_labels(found, customers):
    again = BlockScaler.from_dict(json.loads(json.dumps(found.scaler.to_dict())))
    labels = label_customers(again, found.model, customers)["cluster"]
    assert labels.tolist() == found.customers["cluster"].tolist()
