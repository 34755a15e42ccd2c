"""A company file with ``online: true``: what is sent, what is kept, and what a killed run leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from stdnum import luhn

import lieudit
from lieudit.demo.company_sources import write_register
from lieudit.errors import ConfigError
from lieudit.services import Journal
from lieudit.services.insee import KEY_HEADER, KEY_VARIABLE

from . import server as manners
from .directory import MASK, Directory, company, place, prepare
from .server import Server

SIREN, SIRET = "732829320", "73282932000074"


@pytest.fixture
def directory(server: Server) -> Directory:
    prepare()
    server.get = directory = Directory({SIREN: company(SIREN, matching_etablissements=[place(SIRET)])})
    return directory


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalogue = tmp_path_factory.mktemp("register")
    write_register(catalogue, 500, 3)
    return catalogue


def _asked(server: Server) -> list[str]:
    return [dict(request.query)["q"] for request in server.requests]


def _sirets(n: int) -> list[str]:
    """Return right SIRETs of as many companies."""
    stems = [f"{10_000_000 + 7 * number}" for number in range(n)]
    sirens = [stem + luhn.calc_check_digit(stem) for stem in stems]
    return [(siren + "0001") + luhn.calc_check_digit(siren + "0001") for siren in sirens]


def test_what_the_service_says_stands_in_the_columns(server: Server, directory: Directory) -> None:
    file = pd.DataFrame({"nom": "ZZYZX", "siret": [SIRET, "732 829 320 00074", SIREN, "55203253400646", "bonjour", ""]})
    found = lieudit.enrich(file, online=True, company_search=server.base)
    assert sorted(_asked(server)) == ["55203253400646", SIREN, SIRET]
    assert found["company_status"].tolist() == ["found"] * 3 + ["not_found", "invalid", "empty"]
    assert found["company_method"].dropna().unique().tolist() == ["company_search"]
    row = found.iloc[0]
    said = {"naf": "47.11B", "naf_section": "G", "legal_form": "5710", "company_category": "PME", "headcount_min": 20,
            "company_state": "open", "commune_code": "35238", "commune_method": "siret", "turnover_eur": 1000,
            "accounts_year": 2023, "accounts_source": "recherche_entreprises"}  # fmt: skip
    assert row[list(said)].to_dict() == said
    assert pd.isna(row["net_result_eur"])  # 2147483647 is no result
    assert row["founded"] == pd.Timestamp("2001-02-03")
    assert row["company_age_years"] >= 24
    assert found["commune_code"][2] == "75056"  # a SIREN's place is its head office's
    told = found.attrs["sources"]
    assert told["services"]["company_search"]["kept"] == 3
    assert told["columns"]["naf"]["source"] == "company_search"
    assert any("Annuaire des entreprises" in line for line in told["attributions"])
    assert b"ZZYZX" not in b"".join(request.body + request.path.encode() for request in server.requests)


def test_the_register_on_disk_comes_first(server: Server, directory: Directory, register: Path) -> None:
    known = pd.read_parquet(register / "sirene" / "StockEtablissement_utf8.parquet", columns=["siret"])["siret"]
    file = pd.DataFrame({"siret": [*known[:50], SIRET]})
    found = lieudit.enrich(file, catalogue=register, online=True, company_search=server.base)
    assert _asked(server) == [SIRET]
    assert found["company_method"].tolist() == ["siret_stock"] * 50 + ["company_search"]
    assert found.attrs["sources"]["columns"]["legal_form"]["source"] == "sirene"
    assert found.attrs["sources"]["columns"]["legal_form"]["also"] == ["company_search"]
    offline = lieudit.enrich(file, catalogue=register)
    assert offline["company_status"].tolist() == ["found"] * 50 + ["not_found"]
    shared = [name for name in offline.columns if not name.startswith("company_")]
    pd.testing.assert_frame_equal(found[shared][:50], offline[shared][:50], check_dtype=False)


def test_an_establishment_newer_than_the_register_is_asked_for(
    server: Server, directory: Directory, register: Path
) -> None:
    siren = pd.read_parquet(register / "sirene" / "StockUniteLegale_utf8.parquet", columns=["siren"])["siren"][4]
    new = siren + "7777" + luhn.calc_check_digit(siren + "7777")
    offline = lieudit.enrich(pd.DataFrame({"siret": [new]}), catalogue=register)
    assert offline["company_note"][0] == "establishment_unknown"
    directory.companies[siren] = company(siren, matching_etablissements=[place(new)])
    found = lieudit.enrich(
        pd.DataFrame({"siret": [new]}), catalogue=register, online=True, company_search=server.base
    ).iloc[0]
    assert (found["company_method"], found["commune_code"]) == ("company_search", "35238")
    del directory.companies[siren]
    other = siren + "8888" + luhn.calc_check_digit(siren + "8888")
    unlisted = lieudit.enrich(
        pd.DataFrame({"siret": [other]}), catalogue=register, online=True, company_search=server.base
    ).iloc[0]
    assert (unlisted["company_method"], unlisted["company_note"]) == ("siren_stock", "establishment_unknown")


def test_offline_asks_nobody(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was used"))
    found = lieudit.enrich(pd.DataFrame({"siret": [SIRET]}))
    assert "company_status" not in found.columns
    with pytest.raises(ConfigError, match="--company-search is given, and nothing may be asked online"):
        lieudit.enrich(pd.DataFrame({"siret": [SIRET]}), company_search=server.base)


def test_what_could_not_be_asked_says_so(server: Server, directory: Directory) -> None:
    server.manners = [manners.status(403)]
    file = pd.DataFrame({"siret": [SIRET, SIRET, "", "bonjour", "55203253400646"]})
    found = lieudit.enrich(file, online=True, company_search=server.base)
    assert found["company_status"].tolist() == ["deferred", "deferred", "empty", "invalid", "deferred"]
    assert found["company_note"].tolist()[0] == "company_search"
    assert found[["company_method", "company_confidence", "legal_form"]].isna().all(axis=None)
    assert "2 companies are deferred" in found.attrs["warnings"][0]
    again = lieudit.enrich(file, online=True, company_search=server.base)
    assert again["company_status"].tolist() == ["found", "found", "empty", "invalid", "not_found"]
    assert again.attrs["warnings"] == []


def test_masks_stay_out_and_those_who_object_are_left_out(server: Server, directory: Directory) -> None:
    masked = company(SIREN, statut_diffusion="P", nom_complet=MASK, nom_raison_sociale=MASK)
    masked["siege"] |= {"adresse": MASK}
    directory.companies[SIREN] = masked | {"matching_etablissements": []}
    other = _sirets(1)[0]
    directory.companies[other[:9]] = company(other[:9], matching_etablissements=[place(other)])
    file = pd.DataFrame({"siret": [SIREN, other, ""]})
    found = lieudit.enrich(file, online=True, company_search=server.base)
    assert found["diffusible"].tolist() == [False, True, pd.NA]
    assert not found.astype("str").apply(lambda column: column.str.contains("DIFFUSIBLE]", regex=False)).any(axis=None)
    kept = lieudit.enrich(file, online=True, company_search=server.base, purpose="prospecting")
    assert kept.index.tolist() == [1, 2]
    assert "1 rows of companies that object" in kept.attrs["warnings"][0]
    assert "1 rows stay of which it is not known" in kept.attrs["warnings"][1]


def test_insee_is_asked_where_its_key_is_set(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "0123-zzyzx-key")
    pd.DataFrame({"siret": [SIRET]}).to_csv(tmp_path / "firms.csv", index=False)
    server.get = server.post = manners.status(401)
    run = _run(tmp_path, "--sirene-api", server.base, "--verbose")
    output = run.communicate(timeout=60)[0].decode()
    assert run.returncode == 2
    assert KEY_VARIABLE in output
    assert "zzyzx" not in output
    assert not (tmp_path / "out.csv").exists()
    assert server.requests[0].headers[KEY_HEADER] == "0123-zzyzx-key"


def _run(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("lieudit")
    command = [program, "enrich", "firms.csv", "-o", "out.csv", "--online", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_killed_run_goes_on_where_it_was(server: Server, directory: Directory, tmp_path: Path) -> None:
    sirets = _sirets(12)
    directory.companies |= {siret[:9]: company(siret[:9], matching_etablissements=[place(siret)]) for siret in sirets}
    pd.DataFrame({"siret": sirets}).to_csv(tmp_path / "firms.csv", index=False)
    first = _run(tmp_path, "--company-search", server.base)
    until = time.monotonic() + 60
    while len(server.requests) < 5 and first.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    assert not (tmp_path / "out.csv").exists()
    journal = Journal()
    known = journal.recall(f"company search {server.base}", sirets)
    journal.close()
    assert 4 <= len(known) < 12

    before = len(server.requests)
    second = _run(tmp_path, "--company-search", server.base)
    output = second.communicate(timeout=60)[0].decode()
    assert second.returncode == 0, output
    assert sorted(_asked(server)[before:]) == sorted(set(sirets) - known.keys())
    assert f"{12 - len(known)} companies asked, {len(known)} known already, 0 deferred; 12 of 12 rows found" in output
    out = pd.read_csv(tmp_path / "out.csv", dtype=str)
    assert out["siret"].tolist() == sirets
    assert out["company_status"].eq("found").all()
