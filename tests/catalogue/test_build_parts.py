"""The parts of a build, on geographies small enough to check by hand."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lieudit.catalogue.build import contours, dgcl, names
from lieudit.catalogue.build.cog import Cog
from lieudit.catalogue.build.communes import read_cedex
from lieudit.catalogue.build.density import Place, density_class, neighbours, patches, urban_class


def _commune(code: str, name: str = "", **more: object) -> dict[str, object]:
    return {"code": code, "nom": name or code, "type": "commune-actuelle", "departement": code[:2], **more}


@pytest.fixture
def cog() -> Cog:
    """01001 took in 01002, which had taken in 01003; 01005 left 01004 again; Lyon has two arrondissements."""
    communes = [
        _commune("01001", "Grand-Bourg", anciensCodes=["01003"]),
        _commune("01004", "Reste"),
        _commune("01005", "Partie"),
        _commune("69123", "Lyon"),
    ]
    wards = [{"code": f"6938{n}", "nom": f"Lyon {n}e", "commune": "69123", "departement": "69"} for n in (1, 2)]
    older = [
        _commune("01002", "Petit-Bourg"),
        _commune("01004", "Tout"),
        {"code": "01005", "nom": "Partie", "type": "commune-deleguee", "chefLieu": "01004"},
    ]
    parts = [{"code": "01002", "nom": "Petit-Bourg", "type": "commune-deleguee", "chefLieu": "01001"}]
    return Cog(
        communes={row["code"]: row for row in communes},
        parts=parts,
        arrondissements={row["code"]: row for row in wards},
        older=older,
    )


def test_codes_follow_their_mergers(cog):
    assert [cog.present(code) for code in ("01001", "01002", "01003", "69382", "99100")] == [
        "01001", "01001", "01001", "69123", None,
    ]  # fmt: skip
    assert cog.splits == {"01005": "01004"}


def test_old_codes_that_lead_in_a_circle_lead_nowhere(cog):
    circle = [{"code": "01008", "chefLieu": "01009"}, {"code": "01009", "chefLieu": "01008"}]
    assert Cog(cog.communes, circle, {}, []).present("01008") is None


def test_names_of_the_past_follow_the_commune_that_took_them_in(cog, tmp_path):
    history = """[
      {"id": "COM-01006@1943", "code": "01006", "nom": "Hameau", "type": "COM", "dateFin": "1965-01-01",
       "successeur": "COMP-01006@1965"},
      {"id": "COMP-01006@1965", "code": "01006", "nom": "Hameau", "type": "COMP", "pole": "COM-01002@1943"},
      {"id": "COM-01002@1943", "code": "01002", "nom": "Petit-Bourg", "type": "COM"},
      {"id": "COM-01004@1970", "code": "01004", "nom": "Tout-Ensemble", "type": "COM", "dateFin": "1980-01-01"},
      {"id": "COM-02007@1943", "code": "02007", "nom": "Ailleurs", "type": "COM", "dateFin": "2016-01-01",
       "successeur": "COM-01001@2016"},
      {"id": "COM-01001@2016", "code": "01001", "nom": "Grand-Bourg", "type": "COM"}
    ]"""
    labels = """[
      {"codePostal": "01100", "codeCommune": "01001", "nomCommune": "Grand-Bourg", "libelleAcheminement": "LA PLAGE"},
      {"codePostal": "01200", "codeCommune": "01004", "nomCommune": "Reste", "libelleAcheminement": "GRAND BOURG"},
      {"codePostal": "69001", "codeCommune": "69381", "nomCommune": "Lyon 1er", "libelleAcheminement": "LYON 01"}
    ]"""
    (tmp_path / "historique-communes.json").write_text(history, encoding="utf-8")
    (tmp_path / "codes-postaux.json").write_text(labels, encoding="utf-8")
    (tmp_path / "codes-postaux-full.json").write_text("[]", encoding="utf-8")
    frame = names.read_names(cog, tmp_path, tmp_path)
    rows = {(r.name, r.kind, r.commune_code, r.department_code) for r in frame.fillna("").itertuples(index=False)}
    assert ("Hameau", "former", "01001", "01") in rows
    assert ("Petit-Bourg", "delegated", "01001", "01") in rows
    assert {("Ailleurs", "former", "01001", "01"), ("Ailleurs", "former", "01001", "02")} <= rows
    assert ("LA PLAGE", "routing", "01001", "01") in rows
    # The group that was dissolved, the commune that was split, the neighbour's name: all ambiguous.
    assert not {"Tout-Ensemble", "Tout", "GRAND BOURG"} & set(frame["name"])
    lyon = frame[frame["name"] == "LYON 01"].iloc[0]
    assert (lyon["commune_code"], lyon["arrondissement_code"], lyon["postcode"]) == ("69123", "69381", "69001")


def test_cedex_arrondissement_needs_evidence(cog, tmp_path):
    content = [
        {"cedex": 69301, "libelle": "LYON CEDEX 01", "insee": 69381},
        {"cedex": 69301, "libelle": "LYON CEDEX 01", "insee": 69382},
        {"cedex": 69310, "libelle": "LYON CEDEX 20", "insee": 69381},
        {"cedex": 69310, "libelle": "LYON CEDEX 20", "insee": 69382},
        {"cedex": 69311, "libelle": "LYON CEDEX", "insee": 69382},
        {"cedex": 1001, "libelle": "PETIT BOURG CEDEX", "insee": 1002},
        {"cedex": 98000, "libelle": "MONACO CEDEX", "insee": "99138"},
    ]
    (tmp_path / "cedex.py").write_text(f"CEDEX = {content!r}\nraise SystemExit('is never run')\n", encoding="utf-8")
    frame = read_cedex(cog, tmp_path).set_index("cedex_code")
    assert frame["commune_code"].to_dict() == {"01001": "01001", "69301": "69123", "69310": "69123", "69311": "69123"}
    known = frame["arrondissement_code"].dropna().to_dict()
    assert known == {"69301": "69381", "69311": "69382"}


def _grants(rows: list[tuple[str, int, float, float]], cog: Cog) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["own_code", "year", "population", "income"])
    frame["commune_code"] = frame["own_code"].map(cog.present)
    return frame


def test_income_is_weighted_by_population_and_withheld_values_stay_empty(cog):
    rows = [
        ("01001", 2020, 100, 1_000_000), ("01002", 2020, 300, 6_000_000),  # before the merger
        ("01001", 2021, 400, 7_000_000), ("01001", 2022, 400, np.nan),
        ("69123", 2020, 10, np.nan),
        ("01004", 2020, 50, 500_000),
    ]  # fmt: skip
    frame = dgcl.read_income(cog, _grants(rows, cog)).set_index("commune_code")
    assert frame["income_per_inhabitant_eur"].to_dict() == pytest.approx(
        {"01001": 14_000_000 / 800, "01004": 10_000, "01005": 10_000, "69123": np.nan}, nan_ok=True
    )
    assert frame["income_years"].to_dict() == {"01001": 2, "01004": 1, "01005": 1, "69123": 0}
    assert frame["income_per_inhabitant_eur_estimated"].dropna().to_dict() == {
        "01001": True, "01004": True, "01005": True,
    }  # fmt: skip


SQUARES = [shapely.box(x, 45, x + 0.1, 45.1) for x in (0.0, 0.1, 0.2, 0.4)]  # three in a row, one apart


def test_neighbours_touch():
    pairs = {(int(a), int(b)) for a, b in neighbours(np.array(SQUARES)).T if a != b}
    assert pairs == {(0, 1), (1, 0), (1, 2), (2, 1)}


def test_density_classes_need_a_patch_and_not_only_density():
    pairs = neighbours(np.array(SQUARES))
    population = np.array([30_000.0, 21_000.0, 4_000.0, 4_000.0])
    assert density_class(np.array([950.0, 900.0, 220.0, 2_000.0]), population, pairs).tolist() == [1, 1, 2, 3]


def test_urban_class():
    pairs = neighbours(np.array(SQUARES))
    lon = np.array([0.05, 0.15, 0.25, 2.0])
    place = Place(np.array([950.0, 60.0, 30.0, 20.0]), np.array([8_000.0, 500.0, 200.0, 100.0]),
                  np.full(4, 45.05), lon, pairs)  # fmt: skip
    assert urban_class(place).tolist() == ["urban", "periurban", "rural", "rural"]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1000)), min_size=1, max_size=12), st.randoms())
def test_patches_do_not_depend_on_the_order_of_communes(cells, random):
    size = len(cells)
    row = np.array([(a, b) for a in range(size) for b in range(size) if abs(a - b) <= 1]).T
    inside, people = np.array([c[0] for c in cells]), np.array([float(c[1]) for c in cells])
    order = list(range(size))
    random.shuffle(order)
    place = np.argsort(order)
    found = patches(inside, people, row)
    moved = patches(inside[order], people[order], place[row])
    np.testing.assert_array_equal(moved, found[order])
    assert (found[~inside] == 0).all()
    assert (found[inside] >= people[inside]).all()


def test_a_hole_goes_to_the_neighbour_that_lacks_as_much():
    ring = shapely.box(0, 45, 0.3, 45.3) - shapely.box(0.1, 45.1, 0.2, 45.2)
    half = shapely.box(0, 45, 0.15, 45.3)
    frame = pd.DataFrame({"geometry": [ring & half, ring - half]}, index=["a", "b"])
    whole = contours.area_km2(np.array([shapely.box(0.1, 45.1, 0.2, 45.2)]))[0]
    area = pd.Series(contours.area_km2(frame["geometry"].to_numpy()), frame.index)
    filled = contours.fill_holes(frame, area.add([0, whole]))
    assert filled["geometry"]["a"].equals(frame["geometry"]["a"])
    assert contours.area_km2(filled["geometry"].to_numpy())[1] == pytest.approx(area["b"] + whole, rel=1e-6)
    assert contours.fill_holes(frame, area)["geometry"].tolist() == frame["geometry"].tolist()


def test_a_commune_gets_the_parts_that_its_drawing_lacks(cog):
    outlines = pd.DataFrame(
        {
            "code": ["01001", "01004", "01002"],
            "kind": ["COM", "COM", "COMD"],
            "geometry": [SQUARES[0], SQUARES[3], SQUARES[1]],
            "hall": [shapely.Point(0.05, 45.05), None, None],
        }
    )
    frame = contours.communes_outlines(cog, outlines)
    assert frame["geometry"]["01001"].equals(shapely.union(SQUARES[0], SQUARES[1]))
    assert frame["shared_with"].dropna().to_dict() == {"01004": "01005"}
    table = contours.communes_table(frame)
    assert table["town_hall"].tolist() == [True, False]
    assert table["lat"].between(45, 45.1).all()
