"""Sources of the user's own: used before all others, whatever they are keyed by; what is wrong with one is told."""

import re
import textwrap
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lieudit import tables
from lieudit.bundle.parts import portable_config
from lieudit.catalogue import open_catalogue
from lieudit.cli import main
from lieudit.config import EnrichConfig, load
from lieudit.enrichment import enrich_table
from lieudit.errors import CatalogueError
from lieudit.pipeline.score import score

DOCS = Path(__file__).parents[2] / "docs" / "sources.md"
MANIFEST = {
    "title": "Zones de chalandise", "publisher": "Boutique Dupont", "licence": "usage interne", "vintage": "2026",
    "updated": "2026-01-15", "file": "table.csv", "key": "commune_code",
    "columns": [{"name": "commune_code", "type": "text"}, {"name": "zone", "type": "category", "label": "Zone"}],
}  # fmt: skip
CUSTOMERS = pd.DataFrame({
    "cp": ["35000", "1000", "75007", "13001", "48000"],
    "ville": ["Rennes", "Bourg-en-Bresse", "Paris", "Marseille", "Mende"],
    "siren": ["356000000", "732829320", None, "356 000 000", "x"],
    "ape": ["62.01Z", "6201z", "47.11F", None, "62.01Z"],
})  # fmt: skip
ROLES = {"postcode": "cp", "city": "ville", "siren": "siren", "naf": "ape"}


def _source(folder: Path, name: str, csv: str, **changes: object) -> Path:
    home = folder / name
    home.mkdir(parents=True)
    content = {key: value for key, value in (MANIFEST | changes).items() if value is not None}
    text = yaml.safe_dump(content, allow_unicode=True).replace("'2026-01-15'", "2026-01-15")
    (home / "source.yaml").write_text(text, encoding="utf-8")
    (home / "table.csv").write_text(textwrap.dedent(csv), encoding="utf-8")
    return folder


def _enrich(own: Path, **more: object) -> tuple[pd.DataFrame, dict]:
    with tables.connect() as con:
        table = tables.open_table(con, CUSTOMERS, name="customers")
        found = enrich_table(con, table, ROLES, open_catalogue(own=own), settings=EnrichConfig(**more))
        return con.execute(f'SELECT * FROM "{found.name}"').df().set_axis(list(found.columns), axis=1), found.sources()


def test_a_source_by_commune(tmp_path):
    own = _source(tmp_path, "zones", "commune_code;zone\n1053;A\n35238;B\n75107;C\n75056;D\n")
    found, told = _enrich(own)
    assert found["zone"].fillna("").tolist() == ["B", "A", "C", "", ""]  # Paris 7e has its own, before its city's
    entry = told["columns"]["zone"]
    assert (entry["source"], entry["licence"], entry["coverage"]) == ("zones", "usage interne", 0.6)
    assert entry["attribution"] == "Source : Boutique Dupont, 2026."
    assert entry["attribution"] in told["attributions"]


@pytest.mark.parametrize(
    ("key", "csv", "expected"),
    [
        ("postcode", "postcode;zone\n35000;A\n1000;B\n75007;C\n13001;D\n", ["A", "B", "C", "D", ""]),
        ("epci_code", "epci_code;zone\n243500139;A\n200054781;B\n", ["A", "", "B", "", ""]),
        ("siren", "siren;zone\n356000000;A\n732829320;B\n", ["A", "B", "", "A", ""]),
        ("naf", "naf;zone\n62.01Z;A\n4711F;B\n", ["A", "A", "B", "", "A"]),
    ],
)
def test_a_source_by_another_key(tmp_path, key, csv, expected):
    columns = [{"name": key, "type": "text"}, {"name": "zone", "type": "category"}]
    found, told = _enrich(_source(tmp_path, "zones", csv, key=key, columns=columns))
    assert found["zone"].fillna("").tolist() == expected
    assert told["columns"]["zone"]["source"] == "zones"


def test_a_postcode_that_is_none_of_the_commune_is_not_believed(tmp_path):
    csv = "postcode;zone\n35238;A\n35400;B\n01000;C\n"
    columns = [{"name": "postcode", "type": "text"}, {"name": "zone", "type": "category"}]
    own = _source(tmp_path, "zones", csv, key="postcode", columns=columns)
    frame = pd.DataFrame({"cp": ["35238", "01009", ""], "ville": ["Rennes", "Bourg-en-Bresse", "Saint-Malo (35)"]})
    with tables.connect() as con:
        table = tables.open_table(con, frame, name="customers")
        found = enrich_table(con, table, {"postcode": "cp", "city": "ville"}, open_catalogue(own=own))
        rows = con.execute(f'SELECT commune_code, zone FROM "{found.name}"').fetchall()
    # An INSEE code in the postcode's column, a CEDEX, none: the commune's only postcode, where it has one.
    assert rows == [("35238", None), ("01053", "C"), ("35288", "B")]


def test_types_decimal_commas_and_french_booleans(tmp_path):
    columns = [
        {"name": "commune_code", "type": "text"}, {"name": "rent_eur", "type": "number", "unit": "eur"},
        {"name": "shops", "type": "integer"}, {"name": "served", "type": "boolean"}, {"name": "opened", "type": "date"},
    ]  # fmt: skip
    csv = "commune_code;rent_eur;shops;served;opened\n35238;12,5;1 200;oui;2020-03-01\n01053;;3.0;NON;\n"
    found, told = _enrich(_source(tmp_path, "shops", csv, columns=columns))
    assert found["rent_eur"].tolist()[:1] == [12.5]
    assert found["shops"].tolist()[:2] == [1_200, 3]
    assert found["served"].tolist()[:2] == [True, False]
    assert str(found["opened"][0]).startswith("2020-03-01")
    assert told["columns"]["rent_eur"]["unit"] == "eur"


def test_an_own_indicator_stands_before_the_others_and_brings_its_own_companions(tmp_path):
    columns = [{"name": "commune_code", "type": "text"}, {"name": "urban_class", "type": "category"}]
    found, told = _enrich(_source(tmp_path, "mine", "commune_code;urban_class\n35238;centre\n", columns=columns))
    assert found["urban_class"].fillna("").tolist() == ["centre", "", "", "", ""]
    assert told["columns"]["urban_class"]["source"] == "mine"
    assert "urban_class_source" not in found


def test_codes_of_another_year_are_brought_to_today(tmp_path):
    columns = [
        {"name": "commune_code", "type": "text"}, {"name": "clients", "type": "integer", "unit": "people"},
        {"name": "basket_eur", "type": "number", "unit": "eur"},
    ]  # fmt: skip
    csv = "commune_code;clients;basket_eur\n93066;30;20\n93059;10;40\n35238;5;7\n"
    own = _source(tmp_path, "shop", csv, columns=columns, geography=2024, weight="clients")
    frame = pd.DataFrame({"cp": ["93200", "93380", "35000"], "ville": ["Saint-Denis", "Pierrefitte", "Rennes"]})
    with tables.connect() as con:
        table = tables.open_table(con, frame, name="customers")
        found = enrich_table(con, table, {"postcode": "cp", "city": "ville"}, open_catalogue(own=own))
        names = "commune_code, clients, clients_estimated, basket_eur, basket_eur_estimated"
        rows = con.execute(f'SELECT {names} FROM "{found.name}"').fetchall()
    assert rows == [("93066", 40, False, 25.0, True)] * 2 + [("35238", 5, False, 7.0, False)]


def test_what_it_is_joined_to_is_checked(tmp_path):
    own = _source(tmp_path, "zones", "commune_code;zone\n35238;A\n93059;B\n")
    (problem,) = open_catalogue(own=own).check()
    assert str(problem).startswith("zones: 1 codes are of no commune of 2026, such as 93059")


TEXT = {"name": "commune_code", "type": "text"}
BAD = {
    "no licence": ({"licence": None}, "commune_code;zone\n1;A\n", ["zones/source.yaml has no licence", "licence:"]),
    "no date": ({"updated": None}, "commune_code;zone\n1;A\n", ["has no updated"]),
    "unknown key": ({"key": "iris"}, "commune_code;zone\n1;A\n", ["The key of zones/source.yaml is 'iris'", "siren"]),
    "unknown type": ({"columns": [TEXT, {"name": "zone", "type": "float"}]}, "commune_code;zone\n1;A\n",
                     ["float", "number"]),
    "a name of ours": ({"columns": [TEXT, {"name": "commune_name", "type": "text"}]}, "", ["a column commune_name"]),
    "a year to come": ({"geography": 2031}, "commune_code;zone\n1;A\n", ["geography 2031"]),
    "missing column": ({}, "commune_code;area\n1;A\n", ["no column zone: it holds commune_code, area"]),
    "not a number": ({"columns": [TEXT, {"name": "zone", "type": "number"}]}, "commune_code;zone\n1;A\n2;3\n",
                     ["1 values of zone that are no number, such as 'A'"]),
    "repeated key": ({}, "commune_code;zone\n01001;A\n1001;B\n", ["1 repeated values of its key commune_code"]),
    "empty key": ({}, "commune_code;zone\n01001;A\n;B\n", ["1 empty values of its key"]),
    "no rows": ({}, "commune_code;zone\n", ["no rows"]),
    "no file": ({"file": "other.csv"}, "commune_code;zone\n1;A\n", ["zones/other.csv cannot be read"]),
    "wrong checksum": ({"sha256": "0" * 64}, "commune_code;zone\n1;A\n", ["checksum of zones/table.csv", "0" * 64]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_in_one_message_and_nothing_is_written(tmp_path, monkeypatch, capsys, name):
    changes, csv, expected = BAD[name]
    _source(tmp_path / "own", "zones", csv, **changes)
    (tmp_path / "customers.csv").write_text("cp,ville\n35000,Rennes\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = ["lieudit", "enrich", "customers.csv", "--catalogue", "own", "-o", "out.csv", "--quiet"]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    message = capsys.readouterr().err
    assert ended.value.code == 2, message
    assert message.count("\n") == 1
    assert [part for part in expected if part not in message] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["customers.csv", "own"]


@pytest.mark.parametrize("what", ["none", "empty", "customers.csv"])
def test_a_catalogue_that_is_none_is_told(tmp_path, what):
    (tmp_path / "empty").mkdir()
    (tmp_path / "customers.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"is not there|holds no source|is not a folder"):
        open_catalogue(own=tmp_path / what)


def test_the_example_of_the_documentation_works(tmp_path, monkeypatch):
    page = DOCS.read_text(encoding="utf-8").split("## A source of your own")[1]
    manifest, table = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("yaml", "csv"))
    command = re.search(r"```sh\n(.*?)```", page, re.DOTALL)[1].split()
    home = tmp_path / "my-sources" / "drive_times"
    home.mkdir(parents=True)
    (home / "source.yaml").write_text(manifest, encoding="utf-8")
    (home / "table.csv").write_text(table, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("cp,ville\n35000,Rennes\n35400,Saint-Malo\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [*command, "--quiet"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    found = pd.read_parquet(tmp_path / "enriched.parquet")
    assert found["drive_minutes"].tolist() == [12.5, 48.0]
    assert found["sales_area"].tolist() == ["centre", "coast"]


def test_a_configuration_names_the_folder_beside_itself_and_a_bundle_keeps_no_path(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text("customers: {path: c.csv}\nenrich: {catalogue: mine, estimate: true}\n", encoding="utf-8")
    config = load(path)
    assert config.enrich.catalogue == tmp_path / "mine"
    assert config.enrich.estimate
    kept = portable_config(config)["enrich"]
    assert "catalogue" not in kept
    assert kept["estimate"]


def test_scoring_takes_own_sources(tmp_path, trained):
    own = _source(tmp_path, "zones", "commune_code;zone\n35238;B\n")
    frame = pd.DataFrame({"code postal": ["35000", "48000"], "ville": ["Rennes", "Mende"]})
    scored = score(frame, trained.bundle, catalogue=own)
    assert scored["zone"].fillna("").tolist() == ["B", ""]
    assert "zone" not in score(frame, trained.bundle)
