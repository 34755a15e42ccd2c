"""``lieudit sources`` lists, shows, checks and refuses."""

import json
import shutil

import pytest

from lieudit.catalogue import open_catalogue
from lieudit.cli import main


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


def test_list_gives_vintage_and_coverage(run, tmp_path):
    code, out, _ = run("list", "-o", str(tmp_path / "sources.json"))
    assert code == 0
    assert "DGF 2020 à 2022" in out
    assert "income_per_inhabitant_eur" in out
    assert "100.00 %" in out
    content = {each["name"]: each for each in json.loads((tmp_path / "sources.json").read_text(encoding="utf-8"))}
    assert content["income"]["coverage"]["income_per_inhabitant_eur"]["communes"] > 0.996


def test_show_gives_licence_attribution_and_columns(run):
    code, out, _ = run("show", "income")
    assert code == 0
    assert open_catalogue().source("income").attribution in out
    assert "Licence Ouverte 2.0" in out
    assert "income_per_inhabitant_eur" in out
    assert "before redistribution" in out


def test_show_writes_json(run, tmp_path):
    assert run("show", "naf", "--quiet", "-o", str(tmp_path / "naf.json"))[:2] == (0, "")
    content = json.loads((tmp_path / "naf.json").read_text(encoding="utf-8"))
    assert content["tables"]["table"]["rows"] == 732


def test_an_unknown_source_is_the_users_mistake(run):
    code, _, err = run("show", "incme")
    assert code == 2
    assert "Did you mean 'income'?" in err


def test_check_passes_and_fails(run, tmp_path):
    code, out, _ = run("check")
    assert code == 0
    assert out.endswith("tables: all is well.\n")
    shutil.copytree(open_catalogue().folder / "naf", tmp_path / "naf")
    (tmp_path / "naf" / "NOTICE.md").unlink()
    code, _, err = run("check", "--catalogue", str(tmp_path))
    assert code == 2
    assert "naf: NOTICE.md is missing." in err


def test_build_wants_the_archives_that_it_is_told_of(run, tmp_path):
    arguments = ("build", "--from", str(tmp_path), "-o", str(tmp_path / "out"), "--cache", str(tmp_path / "cache"))
    code, _, err = run(*arguments)
    assert code == 2
    assert "There is no etalab-decoupage-administratif-6.0.0.tgz" in err
    assert not (tmp_path / "out").exists()
