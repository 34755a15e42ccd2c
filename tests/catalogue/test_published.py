"""Official files are read as they are published, by their columns; what is none of them is told."""

import datetime as dt
import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official import commuting, density_grid, filosofi, frr, zoning
from lieudit.catalogue.official.published import Published
from lieudit.errors import CatalogueError

PASSAGE = Passage({"01001": 1.0, "75056": 1.0}, {"75101": "75056", "75102": "75056"}, {"01002": "01001"})
LONG = (
    '"FILOSOFI_MEASURE";"GEO";"GEO_OBJECT";"UNIT_MEASURE";"CONF_STATUS";"OBS_STATUS";"UNIT_MULT";"TIME_PERIOD";"OBS_VALUE"\n'
    '"MED_SL";"01001";"COM";"EUR_YR";"F";"A";"0";"2023";"25500"\n'
    '"PR_MD60";"01001";"COM";"PT";"C";"A";"0";"2023";""\n'
    '"MED_SL";"75101";"ARM";"EUR_YR";"F";"A";"0";"2023";"38000"\n'
    '"PR_MD60";"75101";"ARM";"PT";"F";"A";"0";"2023";"16.2"\n'
    '"MED_SL";"01";"DEP";"EUR_YR";"F";"A";"0";"2023";"24000"\n'
    '"MED_SL";"01001";"COM";"EUR_YR";"F";"A";"0";"2021";"23000"\n'
)


def _file(path, content) -> Published:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return Published(path, path.name)


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(2026, 5, 15, 8, 0, 0)), content)
    return out.getvalue()


def _workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _grid(header: list[str]) -> bytes:
    title = [["Grille de densité à 7 niveaux"], ["Insee"], [], ["Code", "Nom"]]
    rows = [[f"0100{level}", "Nom", level, min(level, 3)] for level in range(1, 8)]
    return _workbook({"Documentation": [["Lisez-moi"]], "Maille communale": [*title, header, *rows]})


def test_the_wide_form_of_filosofi(tmp_path):
    names = "CODGEO;NBMENFISC21;NBPERSMENFISC21;MED21;PIMP21;TP6021;PPSOC21;D121;D921;RD21\n"
    text = (
        names
        + "01001;346;895;25820;50,0;s;s;s;s;s\n75101;900;1;35030;s;16,5;2,25;13000;70000;5,4\n"
        + "01002;nd;nd;nd;nd;nd;nd;nd;nd;nd\n"
    )
    found = filosofi.read_2021(_file(tmp_path / "f.csv", text), PASSAGE).set_index("commune_code")
    assert found["median_income_eur"].tolist()[:2] == [25_820.0, 35_030.0]
    assert found.loc["75101", ["share_in_poverty", "share_social_benefits", "income_d9_d1_ratio"]].tolist() == [
        0.165,
        0.0225,
        5.4,
    ]
    assert found.loc["01001"].isna().tolist() == [False, True, True, True, True, True, False]
    assert found.loc["01002"].isna().all()
    assert str(found["fiscal_households"].dtype) == "Int64"


@pytest.mark.parametrize("zipped", [False, True])
def test_the_long_form_of_filosofi(tmp_path, zipped):
    metadata = '"COD_VAR";"LIB_VAR"\n"GEO";"Code géographique"\n'
    content = _zip(
        {"DS_FILOSOFI_CC_2023_metadata.csv": metadata.encode(), "DS_FILOSOFI_CC_2023_data.csv": LONG.encode()}
    )
    published = _file(tmp_path / "FILOSOFI_CC_csv.zip", content) if zipped else _file(tmp_path / "long.csv", LONG)
    found = filosofi.read_2023(published, PASSAGE)
    assert found["commune_code"].tolist() == ["01001", "75101"]
    assert found["median_income_eur"].tolist() == [25_500.0, 38_000.0]
    assert found["share_in_poverty"].isna().tolist() == [True, False]
    assert found["share_in_poverty"][1] == 0.162
    older = filosofi.read_2021(published, PASSAGE)
    assert older["median_income_eur"].tolist() == [23_000.0]
    assert published.year() == (2023 if zipped else None)
    assert published.produced() == (dt.date(2026, 5, 15) if zipped else None)


@pytest.mark.parametrize("header", [["CODGEO", "LIBGEO", "DENS7", "DENS"], ["CODGEO", "LIBGEO", "DENS", "LIBDENS"]])
def test_the_grid_has_its_header_on_row_five(tmp_path, header):
    published = _file(tmp_path / "fichier_diffusion_2026.xlsx", _grid(header))
    found = density_grid.read(published, PASSAGE)
    assert found["density_class"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found["commune_code"].tolist() == [f"0100{level}" for level in range(1, 8)]
    assert published.year() == 2026
    assert published.produced() > dt.date(2026, 3, 1)  # when the workbook was saved: by this test


def test_a_grid_of_three_levels_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="levels 1, 2, 3"):
        density_grid.read(_file(tmp_path / "g.xlsx", _grid(["CODGEO", "LIBGEO", "x", "DENS"])), PASSAGE)


def test_zones_from_the_archive_of_attraction_areas(tmp_path):
    header = ["CODGEO", "LIBGEO", "AAV2020", "LIBAAV2020", "CATEAAV2020", "DEP", "REG"]
    rows = [["01001", "A", "524", "X", 20, "01", "84"], ["01002", "B", "000", "Hors", 30, "01", "84"]]
    areas = {
        "AAV2020": [[], ["AAV2020", "LIBAAV2020"], ["524", "X"]],
        "Composition_communale": [["Titre"], [], header, *rows],
    }
    content = _zip({"AAV2020_au_01-01-2026.xlsx": _workbook(areas)})
    published = _file(tmp_path / "AAV2020_au_01-01-2026.zip", content)
    found = zoning.read(published, PASSAGE)
    assert list(found.columns) == ["commune_code", "attraction_category", "attraction_area"]
    assert found["attraction_category"].tolist() == ["20", "30"]
    assert found["attraction_area"].isna().tolist() == [False, True]
    assert published.year() == 2026


def test_zones_outside_of_all_are_empty(tmp_path):
    header = "DEPCOM,AAV2020,CATEAAV2020,TAAV2017,UU2020,TUU2017,ZE2020\n"
    text = header + "01001,524,20,1,01000,0,8405\n97101,9A1,11,3,9A601,6,0101\n"
    found = zoning.read(_file(tmp_path / "z.csv", text), PASSAGE)
    assert found["urban_unit"].isna().tolist() == [True, False]
    assert found["urban_unit_size"].tolist() == [0, 6]
    assert found["employment_zone"].tolist() == ["8405", "0101"]


def test_an_unknown_category_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="categories 11, 112"):
        zoning.read(_file(tmp_path / "z.csv", "CODGEO,AAV2020,CATEAAV2020\n01001,1,112\n01002,1,11\n"), PASSAGE)


def test_classes_of_rural_zones(tmp_path):
    header = "\N{BYTE ORDER MARK}Code_insee;Departement;Commune;Classement FRR et FRR+ au 10 juillet 2025;\r\n"
    text = header + "01001;01;A;FRR+;\r\n01002;01;B;Non classée;\r\n"
    assert frr.read(_file(tmp_path / "f.csv", text), PASSAGE)["frr"].tolist() == ["frr_plus", "none"]
    latin = text.removeprefix("\N{BYTE ORDER MARK}").encode("cp1252")
    assert frr.read(_file(tmp_path / "latin.csv", latin), PASSAGE)["frr"].tolist() == ["frr_plus", "none"]
    with pytest.raises(CatalogueError, match="classes ZRR"):
        frr.read(_file(tmp_path / "g.csv", text.replace("FRR+;\r", "ZRR;\r")), PASSAGE)


def test_commuters_between_communes_that_have_merged_since_are_none(tmp_path):
    flows = [
        ("01001", "01001", 60), ("01001", "01002", 20), ("01002", "75101", 20),
        ("75101", "75101", 30), ("75101", "75102", 70), ("75102", "75102", 50), ("75102", "99132", 50),
    ]  # fmt: skip
    text = "CODGEO;LIBGEO;DCLT;L_DCLT;NBFLUX_C22_ACTOCC15P\n" + "".join(f"{h};n;{w};n;{n}.0\n" for h, w, n in flows)
    found = commuting.read(_file(tmp_path / "flux-2022.csv", text), PASSAGE).set_index("commune_code")
    assert found["workers"].to_dict() == {"01001": 100, "75056": 200, "75101": 100, "75102": 100}
    assert found["share_working_elsewhere"].to_dict() == {"01001": 0.2, "75056": 0.25, "75101": 0.7, "75102": 0.5}
    assert found["jobs_per_worker"].to_dict() == {"01001": 0.8, "75056": 0.85, "75101": 0.5, "75102": 1.2}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("f.csv", "CODGEO;MED23\n01001;1\n", "no column DENS7 or DENS: it holds CODGEO, MED23"),
        ("f.csv", "", "it is empty"),
        ("f.csv", "<!DOCTYPE html><html><p>Maintenance</p></html>", "a web page, not data"),
        ("f.zip", "not an archive", "not a whole archive"),
        ("f.xlsx", _grid(["CODGEO", "LIBGEO", "DENS7", "DENS"])[:-400], "not a whole archive"),
        ("f.zip", _zip({"readme.md": b"hello"}), "it holds nothing"),
        ("f.csv", bytes(range(256)) * 40, "no column CODGEO|cannot be read"),
    ],
)
def test_what_is_not_the_file_is_told(tmp_path, name, content, message):
    with pytest.raises(CatalogueError, match=message) as told:
        density_grid.read(_file(tmp_path / name, content), PASSAGE)
    assert name in str(told.value)


def test_a_damaged_member_is_told(tmp_path):
    content = bytearray(_zip({"a.csv": b"CODGEO;DENS\n" + b"".join(b"%05d;1\n" % n for n in range(5000))}))
    content[2000] ^= 0xFF
    with pytest.raises(CatalogueError, match=r"cannot be read.*Download it again"):
        density_grid.read(_file(tmp_path / "a.zip", bytes(content)), PASSAGE)


def test_a_folder_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(CatalogueError, match="is a folder"):
        Published(tmp_path, "x").check()
    with pytest.raises(CatalogueError, match="There is no file"):
        Published(tmp_path / "none.csv", "none.csv").check()


def test_blank_rows_and_other_columns_are_passed_over(tmp_path):
    frame = Published(tmp_path / "a.csv", "a.csv")
    (tmp_path / "a.csv").write_text("a|b|c\n1|2|3\n||\n4|5|6\n", encoding="utf-8")
    found = frame.table({"first": ("A",), "last": ("z", "C")})
    pd.testing.assert_frame_equal(found, pd.DataFrame({"first": ["1", "4"], "last": ["3", "6"]}, dtype="str"))
