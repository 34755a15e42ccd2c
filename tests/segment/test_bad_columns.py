"""Columns that exports really have: constant, empty, four hundred categories, infinite, a lone category."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lieudit.config import TrainConfig
from lieudit.errors import TableError
from lieudit.features import FEATURES, Feature
from lieudit.segment import Segmentation, segment_customers

N = 200
FAST = TrainConfig(methods=("kmeans", "ward"), min_clusters=2, max_clusters=4, resamples=2, jobs=1)
ANSWERS = (*FEATURES, Feature("word", "declared", "categorical"), Feature("number", "declared"))


@pytest.fixture
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"recency_days": rng.integers(0, 500, N), "monetary": rng.lognormal(4, 1, N)})


def segment(frame: pd.DataFrame, config: TrainConfig = FAST) -> Segmentation:
    return segment_customers(frame, pd.Series(index=frame.index, dtype="str"), config, features=ANSWERS)


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("word", [f"word {number}" for number in range(N)], "no value that 10 customers share"),
        ("word", None, "no value"),
        ("word", "same", "the same value for every customer"),
        ("number", 7.0, "the same value for every customer"),
        ("number", np.nan, "no value"),
    ],
)
def test_a_column_that_tells_nobody_apart_is_left_out_with_a_reason(customers, column, values, reason):
    found = segment(customers.assign(**{column: values}))
    assert found.scaler.dropped_[column] == reason
    assert found.scaler.blocks_ == ("behaviour",)
    said = next(text for text in found.warnings if f"'{column}'" in text.en)
    assert reason in said.en
    assert "n'apprend rien" in said.fr


def test_one_category_alone_makes_no_more_clusters_than_it_has_values():
    words = np.random.default_rng(0).choice(["x", "y", "z"], N)
    found = segment(pd.DataFrame({"word": words}))
    assert max(candidate.n_clusters for candidate in found.candidates) == 3


def test_every_method_takes_customers_without_a_number():
    words = np.random.default_rng(0).choice(["x", "y", "z"], N)
    found = segment(pd.DataFrame({"word": words}), TrainConfig(max_clusters=3, resamples=2, jobs=1))
    assert {candidate.method for candidate in found.candidates} == set(TrainConfig().methods)


def test_a_block_of_one_column_stands_beside_another(customers):
    found = segment(customers.assign(number=np.tile([0.0, 10.0], N // 2)))
    assert found.scaler.blocks_ == ("behaviour", "declared")


def test_blocks_that_no_customer_has_together_are_refused(customers):
    customers = customers.astype(float)
    customers.iloc[N // 2 :] = np.nan
    number = np.where(customers["monetary"].isna(), np.arange(N), np.nan)
    with pytest.raises(TableError, match="known in every block: behaviour, declared"):
        segment(customers.assign(number=number))


def test_an_infinite_answer_is_refused_by_name(customers):
    with pytest.raises(TableError, match="'number' has 1 infinite value"):
        segment(customers.assign(number=[np.inf, *range(N - 1)]))
