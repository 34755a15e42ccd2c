"""Traits against numbers computed by hand from the formulas of catdes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from lieudit.features import FEATURES
from lieudit.segment.describe import Trait, foremost, traits, v_test

INCOME = next(feature for feature in FEATURES if feature.name == "income_per_inhabitant_eur")
CLASS = next(feature for feature in FEATURES if feature.name == "urban_class")


def test_v_test_of_a_number_by_hand() -> None:
    # All: 2 4 4 4 5 5 7 9, mean 5, population variance 4. Cluster: 5 7 9, mean 7.
    # (7 - 5) / sqrt(4 / 3 × (8 - 3) / (8 - 1)) = 2 / sqrt(20 / 21)
    frame = pd.DataFrame({INCOME.name: [2.0, 4, 4, 4, 5, 5, 7, 9]})
    labels = np.array([1, 1, 1, 1, 1, 0, 0, 0])
    found = traits(frame, (INCOME,), labels)
    (trait,) = found[0]
    assert (trait.feature, trait.block, trait.value, trait.overall) == (INCOME.name, "place", 7.0, 5.0)
    assert trait.v_test == pytest.approx(2 / math.sqrt(20 / 21))
    assert trait.effect == pytest.approx(2 / 2)
    # The rest: mean 3.8 of five: (3.8 - 5) / sqrt(4 / 5 × 3 / 7)
    assert found[1][0].v_test == pytest.approx(-1.2 / math.sqrt(12 / 35))


def test_v_test_of_a_category_by_hand() -> None:
    # 4 of 10 are rural, 3 of the 4 in the cluster: mean of a hypergeometric law 1.6, variance 4 × .4 × .6 × 6 / 9.
    frame = pd.DataFrame({"urban_class": ["rural"] * 3 + ["urban"] * 4 + ["rural"] + ["periurban"] * 2})
    labels = np.array([0] * 4 + [1] * 6)
    own = {trait.feature: trait for trait in traits(frame, (CLASS,), labels)[0]}
    rural = own["urban_class=rural"]
    assert (rural.value, rural.overall) == (0.75, 0.4)
    assert rural.v_test == pytest.approx((3 - 1.6) / math.sqrt(0.64))
    assert rural.effect == pytest.approx(0.35 / math.sqrt(0.24))
    assert own["urban_class=periurban"].v_test == pytest.approx((0 - 0.8) / math.sqrt(4 * 0.2 * 0.8 * 6 / 9))


def test_v_test_of_a_category_is_the_standard_score_of_the_law_of_catdes() -> None:
    rng = np.random.default_rng(0)
    flags = (rng.random(300) < 0.3).astype(float)
    law = hypergeom(300, int(flags.sum()), 80)
    assert v_test(flags[:80], flags) == pytest.approx((flags[:80].sum() - law.mean()) / law.std())


def test_missing_values_are_left_out() -> None:
    frame = pd.DataFrame({INCOME.name: [2.0, 4, 4, 4, 5, 5, 7, 9, None, None], "urban_class": ["rural", None] * 5})
    labels = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 1])
    found = {trait.feature: trait for trait in traits(frame, (INCOME, CLASS), labels)[0]}
    assert found[INCOME.name].v_test == pytest.approx(2 / math.sqrt(20 / 21))
    assert "urban_class=rural" not in found  # everyone known is rural: nothing to tell


def test_the_strongest_comes_first_and_noise_has_no_traits() -> None:
    frame = pd.DataFrame({INCOME.name: [1.0, 2, 3, 4, 5, 6], "density_per_km2": [6.0, 6, 6, 1, 1, 1]})
    found = traits(frame, FEATURES, np.array([0, 0, 0, 1, 1, -1]))
    assert set(found) == {0, 1}
    assert [trait.feature for trait in found[0]] == ["density_per_km2", INCOME.name]
    assert abs(found[0][0].v_test) > abs(found[0][1].v_test)


def test_everybody_is_no_different_from_everybody() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert v_test(values, values) == 0.0
    assert v_test(np.array([3.0]), np.full(5, 3.0)) == 0.0


def test_a_weaker_block_is_told_beside_a_stronger_one() -> None:
    places = [Trait(f"share_{n}", "place", 0, 0, 30.0 - n, 1) for n in range(9)]
    behaviours = [Trait(name, "behaviour", 0, 0, v, 0.3) for name, v in (("frequency", -4.0), ("monetary", 3.0))]
    told = foremost([*places, *behaviours], 8)
    assert [trait.feature for trait in told] == [*(f"share_{n}" for n in range(6)), "frequency", "monetary"]
    assert foremost(places, 8) == places[:8]
    assert foremost([*places, *behaviours], 3) == [places[0], places[1], *behaviours]
