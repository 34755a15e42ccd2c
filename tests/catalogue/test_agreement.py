"""What is derived agrees with what INSEE publishes, as far as docs/sources.md says."""

from pathlib import Path

import pandas as pd
import pytest

from lieudit.catalogue import open_catalogue

OFFICIAL = Path(__file__).parents[2].parent / "shared" / "opendata"
pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files of shared/opendata are not here")


@pytest.fixture(scope="module")
def profile():
    table = pd.read_parquet(open_catalogue().source("profile").path()).set_index("commune_code")
    return table.loc[~table.index.str.match("751|132|6938")]  # communes only


def _agreement(ours: pd.Series, theirs: pd.Series, population: pd.Series) -> tuple[float, float]:
    same = ours == theirs
    return same.mean(), population[same].sum() / population.sum()


def test_density_class(profile):
    grid = pd.read_csv(OFFICIAL / "grille_densite_7_niveaux_2024.csv", dtype=str).set_index("CODGEO")["DENS"]
    levels = grid.map({"1": 1, "2": 2, "3": 2, "4": 2, "5": 3, "6": 3, "7": 3})
    both = profile.join(levels.rename("official"), how="inner")
    communes, people = _agreement(both["density_class"], both["official"], both["population"])
    assert communes >= 0.944
    assert people >= 0.880


def test_urban_class(profile):
    areas = pd.read_csv(OFFICIAL / "zonages_communes_2025.csv", dtype=str).set_index("DEPCOM")["CATEAAV2020"]
    kinds = areas.map({"11": "urban", "12": "urban", "13": "urban", "20": "periurban", "30": "rural"})
    both = profile.join(kinds.rename("official"), how="inner")
    communes, people = _agreement(both["urban_class"], both["official"], both["population"])
    assert communes >= 0.780
    assert people >= 0.849


def test_income_ranks_communes_as_filosofi_does(profile):
    income = pd.read_parquet(open_catalogue().source("income").path()).set_index("commune_code")
    official = pd.read_csv(OFFICIAL / "cc_filosofi_2021_COM.csv", sep=";", dtype=str).set_index("CODGEO")["MED21"]
    median = pd.to_numeric(official.str.replace(",", "."), errors="coerce").rename("median")
    both = profile.join(income).join(median).dropna(subset=["median", "income_per_inhabitant_eur"])
    large = both[both["population"] >= 5_000]
    assert both["median"].corr(both["income_per_inhabitant_eur"], method="spearman") >= 0.81
    assert large["median"].corr(large["income_per_inhabitant_eur"], method="spearman") >= 0.92
