"""The scaler: balance, missing values, categories, and what it refuses."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import SkipTestWarning
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

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
    assert rare.dropped_ == {"answer": "no value that 10 customers share"}
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


@pytest.mark.parametrize("components", ["all", "parallel"])
def test_scikit_learn_s_own_checks_pass(components):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)  # the array API is asked for by an environment variable
        results = estimator_checks.check_estimator(BlockScaler(components=components), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")  # these checks fit on names, then on none
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_set_output_transform,
        estimator_checks.check_set_output_transform_pandas,
        estimator_checks.check_global_output_transform_pandas,
        estimator_checks.check_transformer_get_feature_names_out,
        estimator_checks.check_transformer_get_feature_names_out_pandas,
        pytest.param(
            estimator_checks.check_dataframe_column_names_consistency,
            marks=pytest.mark.xfail(
                strict=True, raises=AssertionError,
                reason="columns are found by name, in any order: one that is not there is missing for everybody",
            ),
        ),
    ],
)  # fmt: skip
def test_scikit_learn_s_checks_of_names_pass(check):
    check("BlockScaler", BlockScaler())


def test_it_is_cloned_unfitted_and_takes_part_in_pipelines(customers):
    scaler = BlockScaler(FEATURES, components="parallel", random_state=3)
    again = clone(scaler)
    assert again.get_params() == scaler.get_params()
    assert not hasattr(again.fit(customers) and clone(again), "columns_")
    piped = make_pipeline(BlockScaler(FEATURES), PCA(2)).set_output(transform="pandas").fit(customers)
    assert list(piped[:-1].get_feature_names_out()) == list(piped[0].get_feature_names_out())
    assert piped.transform(customers).shape == (400, 2)
    scaler.set_output(transform="default")
    assert list(scaler.fit_transform(customers).columns) == list(scaler.get_feature_names_out())


def test_without_features_every_column_is_one_in_one_block():
    df = pd.DataFrame({"a": [1.0, 2.0, 4.0, 4.0] * 10, "b": ["x", "y", "x", "y"] * 10})
    scaler = BlockScaler().fit(df)
    assert list(scaler.get_feature_names_out()) == ["a", "b=x", "b=y"]
    assert scaler.blocks_ == ("declared",)


def test_parallel_analysis_keeps_the_axes_that_columns_share():
    """Six columns of two hidden ones have two components; columns of nothing in common have one, kept to stand."""
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal((600, 2))
    loadings = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]])
    shared = hidden @ loadings + 0.8 * rng.standard_normal((600, 6))
    df = pd.DataFrame(shared, columns=[f"q{number}" for number in range(6)])
    df[["n1", "n2", "n3"]] = rng.standard_normal((600, 3))
    features = [Feature(name, "declared" if name[0] == "q" else "behaviour") for name in df]
    scaler = BlockScaler(features, components="parallel").fit(df)
    assert list(scaler.get_feature_names_out()) == ["declared 1", "declared 2", "behaviour 1"]
    scores = scaler.transform(df)
    assert scores.var(ddof=0)["declared 1"] == pytest.approx(1)
    assert scores.corr().abs().loc["declared 1", "declared 2"] < 1e-9


def test_components_are_the_same_from_json_and_for_a_lone_customer(customers):
    scaler = BlockScaler(FEATURES, components="parallel").fit(customers)
    again = BlockScaler.from_dict(json.loads(json.dumps(scaler.to_dict())))
    whole = scaler.transform(customers)
    pd.testing.assert_frame_equal(again.transform(customers), whole)
    pd.testing.assert_frame_equal(scaler.transform(customers.iloc[[7]]), whole.iloc[[7]])
    assert again.to_dict() == scaler.to_dict()


def test_an_unknown_choice_of_components_is_refused(customers):
    with pytest.raises(ValueError, match="'all' or 'parallel'"):
        BlockScaler(FEATURES, components="some").fit(customers)


@pytest.mark.parametrize(
    ("known", "chosen", "why"),
    [
        (1.0, "median_income_eur", "median_income_eur is there"),
        (0.92, "median_income_eur", "median_income_eur is there"),
        (0.5, "income_per_inhabitant_eur", "known for far fewer customers than income_per_inhabitant_eur"),
    ],
)
def test_one_income_enters_the_median_unless_it_is_known_for_far_fewer(customers, known, chosen, why):
    both = {"median_income_eur", "income_per_inhabitant_eur"}
    incomes = np.random.default_rng(1).lognormal(10, 0.2, 400)
    median = np.where(np.arange(400) < known * 400, incomes, np.nan)
    scaler = BlockScaler(FEATURES).fit(customers.assign(income_per_inhabitant_eur=incomes, median_income_eur=median))
    assert both & set(scaler.get_feature_names_out()) == {chosen}
    assert scaler.dropped_[(both - {chosen}).pop()] == why


def test_the_median_income_enters_alone_where_there_is_no_other(customers):
    scaler = BlockScaler(FEATURES).fit(customers.assign(median_income_eur=np.linspace(1e4, 3e4, 400)))
    assert "median_income_eur" in scaler.get_feature_names_out()
    assert scaler.dropped_["income_per_inhabitant_eur"] == "not in the table"


def test_companies_are_a_block_of_their_own(customers):
    rng = np.random.default_rng(2)
    companies = customers.assign(
        naf_section=rng.choice(list("CGJ"), 400), company_category=rng.choice(["PME", "ETI"], 400, p=[0.8, 0.2]),
        headcount_min=rng.choice([0, 1, 3, 10, 50], 400), company_age_years=rng.integers(0, 60, 400),
        turnover_eur=rng.lognormal(13, 2, 400), turnover_growth=rng.normal(0.05, 0.3, 400),
    )  # fmt: skip
    scaler = BlockScaler(FEATURES).fit(companies)
    assert scaler.blocks_ == ("behaviour", "place", "company")
    matrix = scaler.transform(companies)
    own = matrix[[column.name for column in scaler.columns_ if column.block == "company"]].to_numpy()
    assert own.shape[1] == 3 + 2 + 4
    assert np.linalg.svd(own, compute_uv=False)[0] / np.sqrt(len(own)) == pytest.approx(1)


def test_few_missing_categories_are_neutral_and_in_no_level(customers):
    customers.loc[customers.index[:3], "urban_class"] = None
    scaler = BlockScaler(FEATURES).fit(customers)
    own = scaler.transform(customers).filter(like="urban_class")
    assert not {"urban_class=(missing)", "urban_class=(other)"} & set(own)
    assert (own.iloc[:3] == 0).all(axis=None)
    np.testing.assert_allclose(own.mean(), 0, atol=1e-12)


def test_what_is_said_of_groups_never_names_a_rare_category(customers):
    features = (Feature("frequency", "behaviour"), Feature("answer", "declared", "categorical"))
    answers = ["yes"] * 200 + ["no"] * 150 + [f"my name is {number}" for number in range(40)] + [None] * 10
    scaler = BlockScaler(features).fit(customers.assign(answer=answers))
    raw = scaler.raw(customers.assign(answer=answers, other=1))
    assert list(raw) == ["frequency", "answer"]
    assert raw["answer"].value_counts(dropna=False).to_dict() == {"yes": 200, "no": 150, "(other)": 40, None: 10}


def test_a_lone_odd_category_does_not_stand_a_hundred_deviations_away(customers):
    features = (Feature("answer", "declared", "categorical"),)
    answers = ["yes"] * 200 + ["no"] * 199 + ["odd"]
    out = BlockScaler(features).fit_transform(customers.assign(answer=answers))
    assert list(out) == ["answer=yes", "answer=no"]
    assert (out.iloc[-1] == 0).all()
    assert np.abs(out).max(axis=None) < 2
