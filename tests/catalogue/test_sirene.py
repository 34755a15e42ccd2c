"""The Sirene stock comes into the catalogue as files that are asked where they stand."""

import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.official import template
from lieudit.catalogue.official.fetch import fetch
from lieudit.cli import main
from lieudit.companies import open_stock, read_stock
from lieudit.errors import CatalogueError
from lieudit.tables import connect

UNITS, ESTABLISHMENTS, SUCCESSIONS = (part["file"] for part in template("sirene")["tables"].values())


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A fictional stock as INSEE publishes one."""
    from lieudit.demo.stock import write_stock

    return write_stock(tmp_path_factory.mktemp("written"), 60, seed=3)


@pytest.fixture
def folder(written, tmp_path) -> Path:
    """A copy of it that the test may damage."""
    return Path(shutil.copytree(written, tmp_path / "stock"))


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


def rewrite(path: Path, change) -> None:
    """Write a file again, changed, with its own metadata."""
    table = pq.read_table(path)
    pq.write_table(change(table), path)


def test_the_files_stay_where_they_are(folder, data):
    source = fetch("sirene", given=folder).sources[0]
    assert source.origin == "fetched"
    assert not list(data.rglob("*.parquet"))
    assert {name: source.path(name).name for name in source.manifest.tables} == {
        "units": UNITS, "establishments": ESTABLISHMENTS, "successions": SUCCESSIONS
    }  # fmt: skip
    stock = open_stock(open_catalogue())
    assert stock.establishments == folder / ESTABLISHMENTS
    assert stock.establishments.is_absolute()
    assert stock.day.isoformat() == "2026-06-30"
    assert source.manifest.tables["establishments"].rows == 60


def test_a_relative_folder_is_remembered_as_absolute(folder, data, monkeypatch):
    monkeypatch.chdir(folder.parent)
    fetch("sirene", given=Path("stock"))
    monkeypatch.chdir("/")
    assert open_stock(open_catalogue()).units == folder / UNITS


def test_made_up_files_are_not_said_to_be_insees(folder, data):
    source = fetch("sirene", given=folder).sources[0]
    assert source.attribution.startswith("Données fictives produites par lieudit")
    assert source.manifest.vintage == "fictif, répertoire au 30 juin 2026"
    for name in (UNITS, ESTABLISHMENTS, SUCCESSIONS):
        rewrite(folder / name, lambda table: table.replace_schema_metadata(None))
    source = fetch("sirene", given=folder).sources[0]
    assert source.attribution == (
        "Source : Insee, base Sirene des entreprises et de leurs établissements (SIREN, SIRET) "
        "(mise à jour du 30 juin 2026)."
    )
    assert source.manifest.vintage == "répertoire au 30 juin 2026"
    assert source.attribution in (source.folder / "NOTICE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "names",
    [
        ("StockUniteLegale.parquet", "StockEtablissement.parquet", "StockEtablissementLiensSuccession.parquet"),
        ("stock-stockunitelegale-parquet.parquet", "stock-stocketablissement-parquet.parquet",
         "stock-stocketablissementlienssuccession-parquet.parquet"),
        ("STOCKUNITELEGALE_UTF8.PARQUET", "StockEtablissement_2026-07.parquet", "x.parquet"),
    ],
)  # fmt: skip
def test_names_of_the_files(folder, data, names):
    for old, new in zip((UNITS, ESTABLISHMENTS, SUCCESSIONS), names, strict=True):
        (folder / old).rename(folder / new)
    shutil.copy(folder / names[1], folder / "StockEtablissementHistorique_utf8.parquet")
    stock = open_stock(open_catalogue() if fetch("sirene", given=folder) else None)
    assert (stock.units.name, stock.establishments.name) == names[:2]
    assert (stock.successions is None) == (names[2] == "x.parquet")


def test_a_column_written_as_categories_is_text(folder, data):
    rewrite(folder / UNITS, lambda table: table.set_column(0, "siren", table["siren"].dictionary_encode()))
    stock = open_stock(open_catalogue() if fetch("sirene", given=folder) else None)
    with connect() as con:
        units = f"read_parquet('{stock.units}')"
        con.execute(f"CREATE TABLE keys AS SELECT NULL::VARCHAR AS siret, siren FROM {units} LIMIT 20")
        assert con.table(read_stock(con, stock, "keys")).filter("company_note = 'not_in_stock'").fetchall() == []


def no_column(table: pa.Table) -> pa.Table:
    return table.drop_columns(["etablissementSiege", "codeCommuneEtablissement"])


def numbers(table: pa.Table) -> pa.Table:
    column = table.column("siret").cast(pa.int64())
    return table.set_column(table.column_names.index("siret"), "siret", column)


def no_day(table: pa.Table) -> pa.Table:
    for name in [each for each in table.column_names if each.startswith("dateDernierTraitement")]:
        table = table.set_column(table.column_names.index(name), name, pa.nulls(len(table), pa.timestamp("us")))
    return table


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / UNITS).unlink(), f"has no {UNITS}: it holds LISEZMOI.txt, {SUCCESSIONS}, {ESTABLISHMENTS}"),
        (lambda f: [shutil.copy(f / UNITS, f / f"StockUniteLegale{n}.parquet") for n in "12"] and (f / UNITS).unlink(),
         "expected one of them"),
        (lambda f: (f / UNITS).write_bytes(b""), f"{UNITS} is not readable Parquet"),
        (lambda f: (f / UNITS).write_text("siren;denomination\n"), f"{UNITS} is not readable Parquet"),
        (lambda f: (f / ESTABLISHMENTS).write_bytes((f / ESTABLISHMENTS).read_bytes()[:-50]),
         f"{ESTABLISHMENTS} is not readable Parquet"),
        (lambda f: rewrite(f / ESTABLISHMENTS, no_column),
         f"{ESTABLISHMENTS} has no column etablissementSiege, codeCommuneEtablissement: it holds siren, nic, siret"),
        (lambda f: rewrite(f / ESTABLISHMENTS, numbers), f"{ESTABLISHMENTS} holds siret as int64"),
        (lambda f: rewrite(f / UNITS, lambda table: table.slice(0, 0)), f"{UNITS} holds no rows"),
        (lambda f: [rewrite(f / name, no_day) for name in (UNITS, ESTABLISHMENTS)], "No row has a date"),
        (shutil.rmtree, "is not there"),
    ],
)  # fmt: skip
def test_what_is_not_the_stock_is_refused(folder, data, damage, said):
    damage(folder)
    with pytest.raises(CatalogueError) as told:
        fetch("sirene", given=folder)
    assert said in str(told.value).replace("Expected: ", "expected ")
    assert told.value.fix
    assert not data.exists()


def test_a_file_instead_of_the_folder(folder, data, run):
    code, _, err = run("fetch", "sirene", "--from", str(folder / UNITS), "--quiet")
    assert code == 2
    assert f"{UNITS} is a file. Expected: a folder with {UNITS} and {ESTABLISHMENTS}." in err
    assert err.count("\n") == 1


def test_no_links_of_succession_are_no_error(folder, data):
    rewrite(folder / SUCCESSIONS, lambda table: table.slice(0, 0))
    assert fetch("sirene", given=folder).sources[0].manifest.tables["successions"].rows == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.rename(path.with_name("moved.parquet")), "cannot be read: No such file or directory"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "was changed"),
        (lambda path: os.utime(path, (0, 0)), "was changed"),
    ],
)
def test_a_file_that_moved_or_changed_is_told_once_with_the_remedy(folder, data, run, change, said):
    fetch("sirene", given=folder)
    change(folder / UNITS)
    with pytest.raises(CatalogueError) as told:
        open_stock(open_catalogue())
    assert f"{folder / UNITS}, of the source sirene, {said}" in str(told.value)
    assert told.value.fix.startswith("lieudit sources fetch sirene --from FOLDER")
    code, _, err = run("check", "--quiet")
    assert code == 2
    assert err.count(str(folder / UNITS)) == 1


def test_check_sees_what_size_and_time_hide(folder, data, run):
    fetch("sirene", given=folder)
    assert run("check")[0] == 0
    path = folder / ESTABLISHMENTS
    state, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    open_stock(open_catalogue())
    code, _, err = run("check", "--quiet")
    assert code == 2
    assert f"the checksum of {path} is not the manifest's" in err


def test_the_commands_show_it(folder, data, run, tmp_path):
    code, out, _ = run("fetch", "sirene", "--from", str(folder))
    assert code == 0
    assert "sirene: 48 units, 60 establishments" in out
    assert f"asked where it is: {folder / UNITS}" in out
    code, out, _ = run("list", "--out", str(tmp_path / "list.json"))
    assert code == 0
    assert "sirene is of companies, asked where its files are: it has no share of communes." in out
    listed = {each["name"]: each for each in json.loads((tmp_path / "list.json").read_text(encoding="utf-8"))}
    assert listed["sirene"]["coverage"] == {}
    assert listed["sirene"]["tables"]["units"]["in_place"]["path"] == str(folder / UNITS)
    code, out, _ = run("show", "sirene")
    assert code == 0
    assert f"{ESTABLISHMENTS}: 60 rows, key siret" in out
    assert "Main activity" in out


def test_it_is_downloaded_into_the_data_folder_and_kept_there(written, data, server):
    server.answers = [server.sends((written / name).read_bytes()) for name in (UNITS, ESTABLISHMENTS)]
    source = fetch("sirene", address=server.address("stock/")).sources[0]
    assert source.path("establishments") == data / "files" / "sirene" / ESTABLISHMENTS
    assert source.path("establishments").read_bytes() == (written / ESTABLISHMENTS).read_bytes()
    assert "successions" not in source.manifest.tables
    assert not list((data / "downloads").rglob("*.parquet"))


def test_a_download_that_was_cut_goes_on(written, data, server, monkeypatch):
    monkeypatch.setattr("lieudit.catalogue.official.download.time.sleep", lambda _: None)
    units, establishments = ((written / name).read_bytes() for name in (UNITS, ESTABLISHMENTS))
    server.answers = [server.sends(units), *[server.says(404)]]
    with pytest.raises(CatalogueError, match="answers 404"):
        fetch("sirene", address=server.address("stock"))
    assert not (data / "catalogue").exists()
    asked = len(server.requests)
    server.answers = [*server.answers[:asked], server.sends(establishments)]
    assert fetch("sirene", address=server.address("stock")).sources[0].path("units").read_bytes() == units
    assert len(server.requests) == asked + 1  # the file that was there is not asked for again


def test_what_is_downloaded_and_is_not_the_stock_leaves_the_old_one(folder, written, data, server):
    server.answers = [server.sends((written / name).read_bytes()) for name in (UNITS, ESTABLISHMENTS)]
    fetch("sirene", address=server.address("stock"))
    rewrite(folder / ESTABLISHMENTS, no_column)
    server.requests.clear()
    server.answers = [server.sends((folder / name).read_bytes()) for name in (UNITS, ESTABLISHMENTS)]
    with pytest.raises(CatalogueError, match="has no column"):
        fetch("sirene", address=server.address("stock"))
    assert open_stock(open_catalogue()).establishments.read_bytes() == (written / ESTABLISHMENTS).read_bytes()
    server.requests.clear()
    server.answers = [server.sends((written / name).read_bytes()) for name in (UNITS, ESTABLISHMENTS)]
    fetch("sirene", address=server.address("stock"))  # the bad file is not kept for the next time
