"""Official files come into the user's catalogue, and stand before what comes along; what fails leaves it as it was."""

import errno
from pathlib import Path

import pandas as pd
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.official import OFFICIAL, URBAN, template
from lieudit.catalogue.official.fetch import fetch
from lieudit.catalogue.official.urban_class import urban_class
from lieudit.cli import main
from lieudit.enrichment.indicators import indicator_columns
from lieudit.errors import CatalogueError

FILES = {
    "cog_movements": "mvtcommunes_1943_2025.csv",
    "filosofi_2021": "cc_filosofi_2021_COM.csv",
    "zoning": "zonages_communes_2025.csv",
    "density_grid": "grille_densite_7_niveaux_2024.csv",
}


@pytest.fixture(scope="module")
def fetched(official, tmp_path_factory):
    """A data folder with all the official files that we have copies of."""
    folder = tmp_path_factory.mktemp("fetched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIEUDIT_DATA", str(folder))
        written = {
            name: [each.name for each in fetch(name, given=official / file).sources] for name, file in FILES.items()
        }
        # The urban class is made with the zoning, and again with the grid.
        assert written["zoning"] == ["zoning", URBAN]
        assert written["density_grid"] == ["density_grid", URBAN]
        assert written["filosofi_2021"] == ["filosofi_2021"]
        yield open_catalogue()


def _read(catalogue, name: str) -> pd.DataFrame:
    return pd.read_parquet(catalogue.source(name).path()).set_index("commune_code")


def test_what_was_fetched_is_whole(fetched):
    assert {source.name for source in fetched.sources if source.origin == "fetched"} == {*FILES, URBAN}
    assert [str(problem) for problem in fetched.check()] == []
    for name, file in FILES.items():
        manifest = fetched.source(name).manifest
        assert file in manifest.packages[0]
        assert "{" not in manifest.attribution + manifest.vintage


def test_vintages_are_those_of_the_files(fetched):
    assert fetched.source("density_grid").manifest.vintage == "grille de densité, géographie 2024"
    assert fetched.source("zoning").manifest.vintage == "zonages de 2020, géographie 2025"
    assert fetched.source("filosofi_2021").manifest.vintage == "revenus 2021"


def test_filosofi_says_what_insee_says(fetched, official):
    table = _read(fetched, "filosofi_2021")
    assert table.loc["75056", "median_income_eur"] == 29_730
    assert table.loc["75116", "median_income_eur"] > table.loc["75119", "median_income_eur"]
    assert table.loc["01004", ["share_in_poverty", "income_d1_eur", "share_social_benefits"]].tolist() == [
        0.17,
        11_890,
        0.07,
    ]
    withheld = ["share_in_poverty", "income_d9_eur", "share_in_poverty_estimated", "income_d9_eur_estimated"]
    assert table.loc["01001", withheld].isna().all()
    shares = table[["share_in_poverty", "share_social_benefits"]]
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    raw = pd.read_csv(official / FILES["filosofi_2021"], sep=";", dtype=str).set_index("CODGEO")
    same = table[table["median_income_eur_estimated"].ne(True)].index.intersection(raw.index)
    assert (
        pd.to_numeric(raw.loc[same, "MED21"], errors="coerce") - table.loc[same, "median_income_eur"]
    ).abs().max() == 0


def test_merged_and_split_communes_are_estimates(fetched, official):
    table = _read(fetched, "filosofi_2021")
    raw = pd.read_csv(official / FILES["filosofi_2021"], sep=";", dtype=str).set_index("CODGEO")
    parts = raw.loc[["93066", "93059"], ["MED21", "NBMENFISC21"]].astype("float64")
    expected = (parts["MED21"] * parts["NBMENFISC21"]).sum() / parts["NBMENFISC21"].sum()
    assert table.loc["93066", "median_income_eur"] == pytest.approx(expected, abs=1e-3)
    assert table.loc["93066", "median_income_eur_estimated"]
    assert table.loc[["15031", "15141"], "median_income_eur"].nunique() == 1
    assert table.loc[["15031", "15141"], "median_income_eur_estimated"].all()
    assert not table.loc["75056", "median_income_eur_estimated"]
    assert table["median_income_eur_estimated"].sum() < 60


def test_coverage_is_that_of_the_documentation(fetched):
    found = {each.indicator: each for each in fetched.coverage()}
    assert found["median_income_eur"].communes == pytest.approx(0.895, abs=1e-3)
    assert found["median_income_eur"].population == pytest.approx(0.983, abs=1e-3)
    assert found["share_in_poverty"].population == pytest.approx(0.725, abs=1e-3)
    for name in ("density_class", "urban_class", "attraction_category", "employment_zone"):
        assert found[name].communes == found[name].population == 1


def test_official_indicators_stand_before_the_embedded_ones(fetched):
    givers = {column.name: source.name for source, column in indicator_columns(fetched, None)}
    assert givers["density_class"] == "density_grid"
    assert givers["urban_class"] == givers["urban_class_source"] == URBAN
    assert givers["median_income_eur"] == "filosofi_2021"
    assert givers["share_houses"] == "profile"
    assert "fiscal_households" not in givers
    embedded = {column.name: source.name for source, column in indicator_columns(fetched, ["profile", "zoning"])}
    assert embedded["urban_class"] == "profile"


def test_filosofi_of_2023_excludes_2021(fetched, tmp_path, codes):
    long = "FILOSOFI_MEASURE;GEO;GEO_OBJECT;CONF_STATUS;OBS_STATUS;TIME_PERIOD;OBS_VALUE\n" + "".join(
        f"MED_SL;{code};COM;F;A;2023;{20_000 + number % 9_000}\n" for number, code in enumerate(codes)
    )
    (tmp_path / "long.csv").write_text(long, encoding="utf-8")
    try:
        source = fetch("filosofi_2023", given=tmp_path / "long.csv").sources[0]
        catalogue = open_catalogue()
        givers = {column.name: found.name for found, column in indicator_columns(catalogue, None)}
        assert givers["median_income_eur"] == givers["share_in_poverty"] == "filosofi_2023"
        assert "filosofi_2021" not in givers.values()  # nor its deciles, of another method, beside this median
        asked = {column.name: found.name for found, column in indicator_columns(catalogue, ["filosofi_2021"])}
        assert asked["median_income_eur"] == asked["income_d1_eur"] == "filosofi_2021"
        assert source.manifest.attribution.startswith("Source : Insee")
    finally:
        for path in sorted(source.folder.iterdir()):
            path.unlink()
        source.folder.rmdir()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("35238", "urban"), ("75056", "urban"), ("92050", "urban"),
        ("57672", "urban"),  # Thionville, in the belt of Luxembourg
        ("79049", "rural"),  # Bressuire, pole of a small area, rural by the grid
        ("01005", "periurban"), ("48152", "rural"), ("01002", "rural"),
    ],
)  # fmt: skip
def test_the_urban_class_follows_insee(fetched, code, expected):
    table = _read(fetched, URBAN)
    assert table.loc[code, "urban_class"] == expected
    assert set(table["urban_class_source"]) == {"insee_areas_and_grid"}
    # Wherever the density class is one.
    grid = _read(fetched, "density_grid")["density_class_estimated"]
    assert table["urban_class_estimated"].tolist() == grid.reindex(table.index).tolist()


def test_the_table_of_the_urban_class():
    pairs = [(category, level) for category in ("11", "12", "13", "20", "30") for level in (1, 2, 3, 4, 5, 6, 7, None)]
    codes = [f"{number:05d}" for number in range(len(pairs))]
    zoning = pd.DataFrame({"commune_code": codes, "attraction_category": [category for category, _ in pairs]})
    grid = pd.DataFrame({"commune_code": codes, "density_class": [level for _, level in pairs]}).dropna()
    found = dict(zip(pairs, urban_class(zoning, grid)["urban_class"], strict=True))
    pole, belt, outside = (["".join(found[category, level][0] for level in (1, 2, 3, 4, 5, 6, 7, None))
                            for category in group] for group in (("11", "12", "13"), ("20",), ("30",)))  # fmt: skip
    assert (pole, belt, outside) == (["uuuurrru"] * 3, ["uupppppp"], ["uurrrrrr"])
    alone = urban_class(zoning, None)
    assert set(alone["urban_class_source"]) == {"insee_areas"}
    assert alone["urban_class"].value_counts().to_dict() == {"urban": 24, "periurban": 8, "rural": 8}


def _grid_of(codes: list[str]) -> bytes:
    return ("CODGEO;DENS\n" + "".join(f"{code};{1 + number % 7}\n" for number, code in enumerate(codes))).encode()


def test_a_download_replaces_what_was_there(server, data, codes):
    server.answers = [server.sends(_grid_of(codes), Last_Modified="Fri, 15 May 2026 08:00:00 GMT")]
    address = server.address("grille_2026.csv")
    first = fetch("density_grid", address=address).sources[0]
    assert first.manifest.packages[0].startswith(address)
    assert "géographie 2026 (mise à jour du 15 mai 2026)" in first.attribution
    server.answers = [server.sends(_grid_of(codes[::-1]))]
    second = fetch("density_grid", address=address).sources[0]
    assert second.folder == first.folder
    assert second.manifest.tables["table"].sha256 != first.manifest.tables["table"].sha256
    assert "fichier obtenu le" in second.attribution
    assert [path.name for path in (data / "catalogue").iterdir()] == ["density_grid"]
    assert not list((data / "downloads").glob("*"))


def _bad(codes: list[str], how: str) -> bytes:
    good = _grid_of(codes)
    match how:
        case "cut":
            return good[:100_000]
        case "twice":
            return good + b"01001;1\n"
        case "codes":
            return good.replace(b"01001;", b"1001;")
        case "columns":
            return good.replace(b"CODGEO;DENS", b"CODE;DENSITE")
        case _:
            return b"<html>"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("cut", "rows. Expected: 30,000 at least"), ("twice", "1 communes twice"), ("codes", "such as '1001'"),
        ("columns", "no column CODGEO, DENS7 or DENS: it holds CODE, DENSITE"), ("page", "a web page"),
    ],
)  # fmt: skip
def test_a_bad_file_changes_nothing(data, tmp_path, codes, how, message):
    (tmp_path / "good.csv").write_bytes(_grid_of(codes))
    (tmp_path / "bad.csv").write_bytes(_bad(codes, how))
    fetch("density_grid", given=tmp_path / "good.csv")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    with pytest.raises(CatalogueError) as told:
        fetch("density_grid", given=tmp_path / "bad.csv")
    assert message in str(told.value)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_a_full_disk_changes_nothing(data, tmp_path, codes, monkeypatch):
    (tmp_path / "good.csv").write_bytes(_grid_of(codes))

    def full(*arguments, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lieudit.catalogue.write.pq.write_table", full)
    with pytest.raises(CatalogueError, match="density_grid cannot be written: No space left on device"):
        fetch("density_grid", given=tmp_path / "good.csv")
    assert not list(data.rglob("*.p*"))
    monkeypatch.undo()


def test_an_interruption_leaves_nothing(data, tmp_path, codes, monkeypatch):
    (tmp_path / "good.csv").write_bytes(_grid_of(codes))
    monkeypatch.setenv("LIEUDIT_DATA", str(data))

    def interrupted(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("lieudit.catalogue.folder.yaml.safe_dump", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch("density_grid", given=tmp_path / "good.csv")
    assert not [path for path in data.rglob("*") if path.is_file()]


def test_a_fetched_table_that_was_changed_is_not_used(data, tmp_path, codes):
    (tmp_path / "good.csv").write_bytes(_grid_of(codes))
    source = fetch("density_grid", given=tmp_path / "good.csv").sources[0]
    with (source.folder / "table.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(
        CatalogueError, match=r"checksum of density_grid/table.parquet.*lieudit sources fetch density_grid"
    ):
        open_catalogue().source("density_grid").path()


def test_a_source_that_is_not_fetched_says_how_to_come_by_it(data):
    for name, command in (
        ("filosofi_2021", "fetch filosofi_2021"),
        (URBAN, "fetch zoning"),
        ("density_gird", "'density_grid'"),
    ):
        with pytest.raises(CatalogueError, match=command):
            open_catalogue().source(name)


def test_a_damaged_source_stops_enrichment_and_nothing_is_written(data, tmp_path, codes, monkeypatch, capsys):
    (tmp_path / "good.csv").write_bytes(_grid_of(codes))
    source = fetch("density_grid", given=tmp_path / "good.csv").sources[0]
    (source.folder / "table.parquet").write_bytes(b"PAR1" * 1000)
    (tmp_path / "customers.csv").write_text("cp,ville\n35000,Rennes\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    monkeypatch.setattr("sys.argv", ["lieudit", "enrich", str(tmp_path / "customers.csv"), "-o", str(out), "--quiet"])
    with pytest.raises(SystemExit) as ended:
        main()
    message = capsys.readouterr().err
    assert ended.value.code == 2
    assert message.startswith("lieudit: The checksum of density_grid/table.parquet is ")
    assert message.count("\n") == 1
    assert not list(tmp_path.glob("out*"))


def test_every_official_source_is_described():
    for name in [*OFFICIAL, URBAN]:
        manifest = template(name)
        assert {"fr", "en"} == set(manifest["title"])
        assert manifest["licence"] == "Licence Ouverte 2.0"
        parts = list(manifest.get("tables", {"table": manifest}).values())
        assert name == URBAN or parts[0]["address"].startswith("https://")
        for part in parts:
            names = [column["name"] for column in part["columns"]]
            assert len(names) == len(set(names))
            assert all(column["fr"] and column["en"] for column in part["columns"])


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["lieudit", "sources", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return ended.value.code or 0, shown.out, shown.err

    return run


def test_the_command_fetches_and_lists(run, server, data, codes):
    server.answers = [server.sends(_grid_of(codes))]
    assert "lieudit sources fetch" in run("list")[1]
    code, out, err = run("fetch", "density_grid", "--address", server.address("grille_2026.csv"))
    assert (code, err) == (0, "Fetching…\n")
    assert "34,875 rows" in out
    assert str(data / "catalogue" / "density_grid") in out
    listed = run("list")[1]
    assert "fetched" in listed
    assert "géographie 2026" in listed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("densitygrid",), "Did you mean 'density_grid'?"),
        (("zoning", "--from", "."), "is a folder"),
        (("zoning", "--from", "none.zip"), "There is no file none.zip"),
    ],
)
def test_the_command_refuses(run, data, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, _, err = run("fetch", *arguments, "--quiet")
    assert code == 2
    assert err.startswith("lieudit: ")
    assert message in err
    assert err.count("\n") == 1
    assert not data.exists()


@pytest.mark.parametrize("status", [404, 500])
def test_the_command_says_what_the_server_said(run, server, data, status, monkeypatch):
    monkeypatch.setattr("lieudit.catalogue.official.download.time.sleep", lambda _: None)
    server.answers = [server.says(status)]
    code, _, err = run("fetch", "zoning", "--address", server.address("zones.zip"), "--quiet")
    assert code == 2
    assert f"answers {status}" in err
    assert not list(Path(data).rglob("*.part"))


def test_tables_brought_before_the_movements_came_are_named(run, fetched, official, monkeypatch):
    monkeypatch.setenv("LIEUDIT_DATA", str(fetched.source("zoning").folder.parents[1]))
    err = run("fetch", "cog_movements", "--from", str(official / FILES["cog_movements"]))[2]
    assert "before this: density_grid, filosofi_2021, zoning." in err
    assert "before this" not in run("fetch", "zoning", "--from", str(official / FILES["zoning"]))[2]
