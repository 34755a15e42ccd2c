"""Facts that anyone may look up stand in the shipped tables."""

import duckdb
import pandas as pd
import pytest
import shapely

from lieudit.catalogue import open_catalogue
from lieudit.schema import INDICATORS


@pytest.fixture(scope="module")
def read():
    catalogue = open_catalogue()
    return lambda source, table="table": pd.read_parquet(catalogue.source(source).path(table))


@pytest.fixture(scope="module")
def communes(read):
    return read("communes").set_index("commune_code")


@pytest.fixture(scope="module")
def profile(read):
    return read("profile").set_index("commune_code")


def test_communes_of_2026(communes):
    assert len(communes) == 34_969
    paris = communes.loc["75056"]
    assert paris["commune_name"] == "Paris"
    assert 2.0e6 < paris["population"] < 2.2e6
    assert paris["region_name"] == "Île-de-France"
    assert len(paris["postcodes"]) == 21  # twenty, and 75116
    assert communes.loc["2A004", "department_code"] == "2A"
    assert list(communes.loc["97701", "postcodes"]) == ["97133"]


def test_every_commune_is_reached_by_its_postcodes(read, communes):
    pairs = read("communes", "postcodes")
    assert set(pairs["commune_code"]) <= set(communes.index)
    stated = {(code, each) for code, found in communes["postcodes"].items() for each in found}
    assert stated <= set(zip(pairs["commune_code"], pairs["postcode"], strict=True))
    marseille = pairs[pairs["postcode"] == "13001"]
    assert marseille["commune_code"].tolist() == ["13055"]
    assert marseille["arrondissement_code"].tolist() == ["13201"]
    assert (pairs["postcode"] == "51300").sum() >= 46


@pytest.mark.parametrize(
    ("name", "kind", "own", "commune"),
    [
        ("Château-d'Olonne", "former", "85060", "85194"),
        ("Pierrefitte-sur-Seine", "delegated", "93059", "93066"),
        ("Lomme", "associated", "59355", "59350"),
        ("Celles", "current", "15031", "15031"),
        ("Cherbourg-Octeville", "delegated", "50129", "50129"),
        ("Paris 16e Arrondissement", "arrondissement", "75116", "75056"),
    ],
)
def test_names_lead_to_the_commune_of_today(read, name, kind, own, commune):
    names = read("communes", "names")
    found = names[(names["name"] == name) & (names["own_code"] == own)]
    assert set(found["commune_code"]) == {commune}
    assert set(found["kind"]) == {kind}


def test_names_keep_the_department_of_before_a_merger(read):
    names = read("communes", "names")
    freigne = names[names["name"] == "Freigné"]  # Maine-et-Loire, until it joined Vallons-de-l'Erdre
    assert set(freigne["department_code"]) == {"44", "49"}
    assert set(freigne["commune_code"]) == {"44180"}


def test_a_name_whose_commune_was_split_is_left_out(read):
    names = read("communes", "names")
    assert not (names["name"] == "Neussargues en Pinatelle").any()


def test_names_point_at_communes_of_today(read, communes):
    names = read("communes", "names")
    assert set(names["commune_code"]) <= set(communes.index)
    assert set(names[names["kind"] == "current"]["commune_code"]) == set(communes.index)
    assert names[names["kind"] != "routing"]["postcode"].isna().all()
    assert names[names["kind"] == "routing"]["postcode"].notna().all()
    juan = names[names["name"] == "JUAN LES PINS"]
    assert juan[["commune_code", "postcode"]].to_numpy().tolist() == [["06004", "06160"]]


@pytest.mark.parametrize(
    ("code", "label", "communes", "arrondissement"),
    [
        ("75755", "PARIS CEDEX 15", {"75056"}, "75115"),
        ("13233", "MARSEILLE CEDEX 20", {"13055"}, None),
        ("92974", "PARIS LA DEFENSE CEDEX", {"92026", "92050", "92062"}, None),
        ("20188", "AJACCIO CEDEX 1", {"2A004"}, None),
    ],
)
def test_cedex_codes(read, code, label, communes, arrondissement):
    cedex = read("communes", "cedex")
    found = cedex[(cedex["cedex_code"] == code) & (cedex["label"] == label)]
    assert set(found["commune_code"]) == communes
    assert set(found["arrondissement_code"].dropna()) == ({arrondissement} if arrondissement else set())


def test_income_is_plausible_and_withheld_where_it_is(read):
    income = read("income").set_index("commune_code")
    value = income["income_per_inhabitant_eur"]
    assert value["92051"] > 60_000  # Neuilly-sur-Seine
    assert 25_000 < value["75056"] < 35_000
    assert 12_000 < value["13055"] < 16_000
    assert value["97608"] < 5_000  # Mamoudzou
    assert (value.dropna() > 0).all()
    assert pd.isna(value["06139"])
    assert income.loc["06139", "income_years"] == 0
    estimated = income["income_per_inhabitant_eur_estimated"]
    assert estimated[value.isna()].isna().all()
    assert not estimated["75056"]
    assert estimated["93066"]  # with Pierrefitte since 2025
    assert estimated["15031"]  # left Neussargues
    assert value["15031"] == value["15141"]


def test_coverage_does_not_fall():
    coverage = {each.indicator: each for each in open_catalogue().coverage()}
    assert set(coverage) == {indicator.name for indicator in INDICATORS}
    assert coverage["income_per_inhabitant_eur"].communes >= 0.996
    assert coverage["income_per_inhabitant_eur"].population >= 0.9999
    for each in coverage.values():
        assert each.communes >= 0.996
        assert each.population >= 0.996


@pytest.mark.parametrize(
    ("code", "density", "urban"),
    [("75056", 1, "urban"), ("75101", 1, "urban"), ("69123", 1, "urban"), ("48095", 2, "urban"), ("48152", 3, "rural")],
)
def test_density_and_urban_class(profile, code, density, urban):
    assert profile.loc[code, "density_class"] == density
    assert profile.loc[code, "urban_class"] == urban


def test_shares_are_shares_and_arrondissements_have_theirs(profile):
    shares = profile.filter(like="share_")
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    assert profile.loc["75116", "share_65_plus"] > profile.loc["75119", "share_65_plus"]
    assert profile.loc["73227", "share_second_homes"] > 0.7  # Courchevel
    assert profile.loc["73227", "mountain"]
    assert not profile.loc["75056", "mountain"]
    assert profile.loc["93066", "share_qpv"] > 0.4


def test_contours_hold_their_points(read):
    table = read("contours")
    geometry = shapely.from_wkb(table["geometry"])
    inside = shapely.covers(geometry, shapely.points(table["lon"], table["lat"]))
    assert shapely.is_valid(geometry).all()
    assert inside.mean() >= 0.999
    assert table["town_hall"].mean() > 0.94
    assert table.dropna(subset="shared_with")["commune_code"].tolist() == ["15141"]


def test_contours_say_which_commune_a_place_is_in(read):
    table = read("contours")
    tree = shapely.STRtree(shapely.from_wkb(table["geometry"]))
    for lat, lon, code in ((48.8584, 2.2945, "75056"), (43.2951, 5.3740, "13055"), (48.9636, 2.3613, "93066")):
        (found,) = tree.query(shapely.Point(lon, lat), predicate="within")
        assert table["commune_code"][found] == code


def test_departments_are_whole(read):
    table = read("contours", "departments")
    geometry = shapely.from_wkb(table["geometry"])
    assert len(table) == 101
    assert shapely.is_valid(geometry).all()
    lozere = geometry[table["department_code"].tolist().index("48")]
    assert lozere.covers(shapely.Point(3.5, 44.52))


def test_activities_and_bands(read):
    naf = read("naf").set_index("code")
    assert len(naf) == 732
    assert naf.loc["62.01Z", "label"] == "Programmation informatique"
    assert naf.loc["62.01Z", "section"] == "J"
    levels = read("naf", "levels")
    assert levels["level"].value_counts().to_dict() == {
        "subclass": 732, "class": 615, "group": 272, "division": 88, "section": 21,
    }  # fmt: skip
    assert set(levels["parent_code"].dropna()) <= set(levels["code"])
    bands = read("headcount_bands").set_index("band")
    assert bands.loc["22"].tolist() == ["100 à 199 salariés", 100, 199]


def test_tables_are_read_by_duckdb_alone():
    path = open_catalogue().source("communes").path()
    with duckdb.connect() as con:
        row = con.execute("SELECT sum(population) FROM read_parquet(?)", [str(path)]).fetchone()
    assert row is not None
    assert 68e6 < row[0] < 70e6


def test_notices_claim_no_more_than_was_done():
    notices = {each.name: (each.folder / "NOTICE.md").read_text(encoding="utf-8") for each in open_catalogue().sources}
    brought = {name for name, text in notices.items() if "brought these facts to the communes" in text}
    assert brought & {"headcount_bands", "legal_forms", "naf"} == set()
    assert {"communes", "contours", "income", "profile"} <= brought
    assert not [name for name, text in notices.items() if "taken from: \n" in text]
