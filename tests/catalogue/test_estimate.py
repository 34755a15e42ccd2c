"""What is withheld is estimated on request only, from what surrounds it, as well as the documentation says."""

import numpy as np
import pandas as pd
import pytest

from lieudit import tables
from lieudit.catalogue import open_catalogue
from lieudit.catalogue.estimate import HELPER, Surroundings, estimate, read_surroundings, without_itself
from lieudit.catalogue.official.fetch import fetch
from lieudit.config import EnrichConfig
from lieudit.enrichment import enrich_table

SIZE = 20


@pytest.fixture
def grid() -> Surroundings:
    """Four hundred communes of ten kilometres, each touching the four beside it, in sixteen EPCIs."""
    row, column = np.divmod(np.arange(SIZE * SIZE), SIZE)
    pairs = [
        (here, here + step)
        for here in range(SIZE * SIZE)
        for step, inside in ((1, here % SIZE < SIZE - 1), (SIZE, here < SIZE * (SIZE - 1)))
        if inside
    ]
    touching = np.array([*pairs, *((second, first) for first, second in pairs)]).T
    codes = pd.Index([f"{number:05d}" for number in range(SIZE * SIZE)])
    at = np.column_stack([row * 10.0, column * 10.0, np.zeros(SIZE * SIZE)])
    return Surroundings(codes, at, touching, row // 5 * 4 + column // 5)


@pytest.fixture
def smooth(grid) -> pd.Series:
    """A surface, rising from one corner to the other."""
    return pd.Series(20_000 + grid.at.sum(axis=1) * 10, index=grid.codes)


def test_a_smooth_surface_is_found_again(grid, smooth):
    withheld = smooth.mask(pd.Series(np.arange(SIZE * SIZE) % 7 == 3, index=smooth.index))
    found = estimate(withheld, grid, None)
    assert set(found.index) <= set(withheld.index[withheld.isna()])
    assert len(found) > 50
    assert (found - smooth[found.index]).abs().median() < 60  # the mean is off by 950
    assert found.between(withheld.min(), withheld.max()).all()


def test_another_indicator_helps(grid, smooth):
    rng = np.random.default_rng(0)
    helper = pd.Series(rng.lognormal(9.5, 0.2, len(smooth)), index=smooth.index)
    values = smooth + 5_000 * np.log(helper)
    alone, helped = (without_itself(values, grid, other) for other in (None, helper))
    errors = [(each["estimate"] - each["actual"]).abs().median() for each in (alone, helped)]
    assert errors[1] < errors[0] / 3


def test_nothing_is_estimated_far_from_what_is_known(grid, smooth):
    west = smooth.where(pd.Series(grid.at[:, 1] < 100, index=smooth.index))
    found = estimate(west, grid, None)
    assert found.empty  # the first of the east touch one known commune, of four
    assert estimate(smooth * np.nan, grid, None).empty
    assert estimate(smooth, grid, None).empty


def test_the_order_of_communes_does_not_matter(grid, smooth):
    withheld = smooth.mask(pd.Series(np.arange(SIZE * SIZE) % 5 == 0, index=smooth.index))
    shuffled = withheld.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(estimate(shuffled, grid, None), estimate(withheld, grid, None))


def test_a_commune_never_takes_part_in_its_own_estimate(grid, smooth):
    other = smooth.copy()
    other.iloc[210] += 1e6
    before, after = (without_itself(values, grid, None)["estimate"] for values in (smooth, other))
    fold = np.arange(len(smooth)) % 5
    own = after.iloc[210] - before.iloc[210]
    near = after.iloc[211] - before.iloc[211]
    assert fold[210] != fold[211]
    # By its neighbours' own means alone, from which the weights are learnt.
    assert abs(own) < abs(near) / 10
    assert abs(near) > 1_000


def test_the_error_is_that_of_the_documentation(official, data):
    fetch("filosofi_2021", given=official / "cc_filosofi_2021_COM.csv")
    catalogue = open_catalogue()
    read = [
        pd.read_parquet(catalogue.source(name).path()).set_index("commune_code") for name in ("filosofi_2021", "income")
    ]
    around = read_surroundings(catalogue)
    tested = without_itself(read[0]["median_income_eur"], around, read[1][HELPER])
    errors = [(tested[name] - tested["actual"]).abs().median() for name in ("estimate", "baseline")]
    assert len(tested) > 30_900
    assert errors[0] <= 740
    assert errors[1] >= 1_770
    _check_enriched(catalogue)


def _check_enriched(catalogue) -> None:
    frame = pd.DataFrame({"cp": ["35000", "01110", "97110"], "ville": ["Rennes", "Armix", "Pointe-à-Pitre"]})
    roles = {"postcode": "cp", "city": "ville"}
    rows = {}
    for asked in (False, True):
        with tables.connect() as con:
            table = tables.open_table(con, frame, name="customers")
            found = enrich_table(con, table, roles, catalogue, settings=EnrichConfig(estimate=asked))
            names = "median_income_eur, median_income_eur_estimated, income_per_inhabitant_eur_estimated"
            rows[asked] = con.execute(f'SELECT {names} FROM "{found.name}"').fetchall()
            assert len(found.columns) == len(set(found.columns))
            assert found.sources()["columns"]["median_income_eur_estimated"]["source"] == "filosofi_2021"
    assert rows[False] == [(22_770, False, False), (None, None, False), (None, None, False)]
    assert rows[True][0] == (22_770, False, False)
    assert rows[True][1][1:] == (True, False)
    assert 15_000 < rows[True][1][0] < 25_000  # Armix, 25 inhabitants
    assert rows[True][2] == (None, None, False)  # nothing is published of Guadeloupe
