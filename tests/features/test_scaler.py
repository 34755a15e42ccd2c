"""The scaler: balance, missing values, categories, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lieudit import schema
from lieudit.errors import TableError
from lieudit.features import FEATURES, BlockScaler, Feature


@pytest.fixture
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 400
    return pd.DataFrame(
        {
            "recency_days": rng.integers(0, 700, n),
            "frequency": rng.geometric(0.3, n),
            "monetary": rng.lognormal(4, 1, n),
            "density_per_km2": rng.lognormal(5, 2, n),
            "share_houses": rng.uniform(0, 1, n),
            "urban_class": rng.choice(["urban", "periurban", "rural"], n, p=[0.5, 0.3, 0.2]),
        },
        index=[f"c{number}" for number in range(n)],
    )


def test_every_feature_is_a_column_of_the_schema():
    groups = (value for name, value in vars(schema).items() if name.endswith(("_COLUMNS", "INDICATORS")))
    known = {column.name for group in groups for column in group}
    assert {feature.name for feature in FEATURES} <= known


def test_every_block_has_a_first_axis_of_variance_one(customers):
    scaler = BlockScaler(FEATURES).fit(customers)
    matrix = scaler.transform(customers)
    for block in ("behaviour", "place"):
        own = matrix[[column.name for column in scaler.columns_ if column.block == block]].to_numpy()
        assert np.linalg.svd(own, compute_uv=False)[0] / np.sqrt(len(own)) == pytest.approx(1)


def test_columns_are_weighed_as_multiple_factor_analysis_does(customers):
    """MFA by hand: standardised numbers, centred indicators over the root of their share, first eigenvalue."""
    density = np.log(customers["density_per_km2"])
    houses = customers["share_houses"]
    numbers = np.column_stack([(column - column.mean()) / column.std(ddof=0) for column in (density, houses)])
    flags = pd.get_dummies(customers["urban_class"])[["urban", "periurban", "rural"]].to_numpy(dtype=float)
    block = np.column_stack([numbers, (flags - flags.mean(axis=0)) / np.sqrt(flags.mean(axis=0))])
    expected = block / np.sqrt(np.linalg.eigvalsh(np.cov(block.T, ddof=0))[-1])
    place = BlockScaler(FEATURES).fit_transform(customers[["density_per_km2", "share_houses", "urban_class"]])
    names = ["density_per_km2", "share_houses", "urban_class=urban", "urban_class=periurban", "urban_class=rural"]
    np.testing.assert_allclose(place[names], expected, atol=1e-12)


def test_a_block_of_one_column_weighs_as_much_as_any(customers):
    scaler = BlockScaler(FEATURES).fit(customers[["recency_days", "frequency", "monetary", "share_houses"]])
    assert scaler.transform(customers)["share_houses"].std(ddof=0) == pytest.approx(1)


def test_missing_numbers_take_the_mean_and_are_counted(customers):
    customers.loc[customers.index[:40], "share_houses"] = np.nan
    scaler = BlockScaler(FEATURES).fit(customers)
    assert scaler.missing_["share_houses"] == pytest.approx(0.1)
    assert (scaler.transform(customers)["share_houses"].iloc[:40] == 0).all()


def test_a_missing_category_is_a_category_where_the_training_had_some(customers):
    customers.loc[customers.index[:40], "urban_class"] = None
    scaler = BlockScaler(FEATURES).fit(customers)
    assert "urban_class=(missing)" in scaler.get_feature_names_out()
    assert (scaler.transform(customers)["urban_class=(missing)"].iloc[:40] > 0).all()


def test_what_the_training_did_not_see_is_the_mean(customers):
    scaler = BlockScaler(FEATURES).fit(customers)
    new = customers.iloc[:2].assign(urban_class=["lunar", None])
    assert (scaler.transform(new).filter(like="urban_class") == 0).all(axis=None)


def test_four_hundred_categories_become_a_few_columns(customers):
    features = (Feature("frequency", "behaviour"), Feature("answer", "declared", "categorical"))
    answers = [f"answer {number}" for number in range(400)]
    rare = BlockScaler(features).fit(customers.assign(answer=answers))
    assert rare.dropped_ == {"answer": "no value that 1% of customers share"}
    mixed = BlockScaler(features).fit(customers.assign(answer=["yes"] * 200 + answers[200:]))
    assert list(mixed.get_feature_names_out()) == ["frequency", "answer=yes", "answer=(other)"]
    unseen = mixed.transform(customers.iloc[:1].assign(answer="never heard"))
    assert unseen["answer=(other)"].item() > 0


def test_columns_that_say_nothing_are_dropped_with_a_reason(customers):
    scaler = BlockScaler(FEATURES).fit(customers.assign(monetary=7.0, share_houses=np.nan))
    assert scaler.dropped_["monetary"] == "the same value for every customer"
    assert scaler.dropped_["share_houses"] == "no value"
    assert scaler.dropped_["tenure_days"] == "not in the table"
    assert not {"monetary", "share_houses"} & set(scaler.get_feature_names_out())


def test_a_refund_makes_a_negative_total_and_zero_has_no_logarithm():
    df = pd.DataFrame({"monetary": [-50.0, 0.0, 50.0], "density_per_km2": [0.0, 10.0, 1000.0]})
    out = BlockScaler(FEATURES).fit_transform(df)
    assert out["monetary"].iloc[0] == pytest.approx(-out["monetary"].iloc[2])
    assert out["density_per_km2"].iloc[0] == 0


def test_a_block_may_be_missing_for_some_and_in_scoring_for_all(customers):
    place = ["density_per_km2", "share_houses", "urban_class"]
    customers.loc["c1", place] = None
    scaler = BlockScaler(FEATURES).fit(customers)
    mask = scaler.block_mask(customers)
    assert mask.loc["c1"].to_dict() == {"behaviour": True, "place": False}
    assert mask.drop("c1").all(axis=None)
    without = customers.drop(columns=place)
    assert not scaler.block_mask(without)["place"].any()
    assert (scaler.transform(without)[["density_per_km2", "share_houses"]] == 0).all(axis=None)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"monetary": np.inf}, "'monetary' has 400 infinite"),
        ({"monetary": "a lot"}, "'monetary' holds text"),
    ],
)
def test_bad_values_are_refused(customers, change, found):
    with pytest.raises(TableError, match=found):
        BlockScaler(FEATURES).fit(customers.assign(**change))


def test_customers_all_alike_are_refused():
    with pytest.raises(TableError, match="No column tells one customer from another"):
        BlockScaler(FEATURES).fit(pd.DataFrame({"recency_days": [3, 3, 3], "urban_class": ["rural"] * 3}))


def test_json_gives_the_same_scaler_back(customers):
    scaler = BlockScaler(FEATURES).fit(customers)
    again = BlockScaler.from_dict(json.loads(json.dumps(scaler.to_dict())))
    pd.testing.assert_frame_equal(again.transform(customers), scaler.transform(customers))
    assert again.to_dict() == scaler.to_dict()


def test_an_unknown_transform_is_refused(customers):
    content = BlockScaler(FEATURES).fit(customers).to_dict()
    content["features"][0]["transform"] = "exec"
    with pytest.raises(TableError, match="unknown transform"):
        BlockScaler.from_dict(content)


def test_rows_are_transformed_one_by_one(customers):
    scaler = BlockScaler(FEATURES).fit(customers)
    whole = scaler.transform(customers)
    pd.testing.assert_frame_equal(scaler.transform(customers.iloc[[7]]), whole.iloc[[7]])


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float64, (20, 2), elements=st.floats(-1e9, 1e9) | st.just(np.nan)),
    st.randoms(use_true_random=False),
)
def test_row_order_never_matters_and_nothing_is_missing(values, random):
    df = pd.DataFrame(values, columns=["monetary", "order_gap_cv"])
    try:
        out = BlockScaler(FEATURES).fit_transform(df)
    except TableError:
        return
    assert np.isfinite(out.to_numpy()).all()
    order = random.sample(range(20), 20)
    shuffled = BlockScaler(FEATURES).fit_transform(df.iloc[order])
    np.testing.assert_allclose(shuffled, out.iloc[order], atol=1e-9)
