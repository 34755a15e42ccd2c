"""Recherche d'entreprises against its specification, and against a service that misbehaves."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time as clock
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit.errors import InternalError
from lieudit.services import Company, CompanySearch, Journal, forget, open_company_search
from lieudit.services import company as reading
from lieudit.services.client import AGENT, Client
from lieudit.services.company_search import LIMITS, _company

from . import server as manners
from .conftest import Time
from .directory import MASK, Directory, company, place, prepare
from .server import Exchange, Server

SIREN = "732829320"
SIRET = "73282932000074"
CANARY = "ZZYZX"


@pytest.fixture
def directory(server: Server) -> Directory:
    prepare()
    server.get = directory = Directory({SIREN: company(SIREN, matching_etablissements=[place(SIRET)])})
    return directory


@pytest.fixture
def search(server: Server, directory: Directory, time: Time, tmp_path: Path) -> Iterator[CompanySearch]:
    journal = Journal(tmp_path / "journal.db", now=lambda: time.seconds)
    client = Client(server.base, LIMITS, clock=time.clock())
    yield CompanySearch(client, journal)
    client.close()
    journal.close()


def _sirens(n: int, directory: Directory) -> list[str]:
    sirens = [f"{100_000_000 + number}" for number in range(n)]
    directory.companies |= {siren: company(siren) for siren in sirens}
    return sirens


def test_a_siret_is_read_from_its_establishment_not_from_the_head_office(search: CompanySearch) -> None:
    assert search.look_up([SIRET]).companies[SIRET] == Company(
        siren=SIREN, siret=SIRET, naf="47.11B", naf_2025="47.11Y", legal_form="5710", company_category="PME",
        headcount_min=20, headcount_max=49, employer=True, founded="2001-02-03", head_office=False,
        open_establishments=2, company_state="open", closed_on=None, diffusible=True, commune="35238",
        finances={"2022": {"ca": 900, "resultat_net": -50}, "2023": {"ca": 1000, "resultat_net": None}},
    )  # fmt: skip


def test_a_siren_is_the_company_at_its_head_office(search: CompanySearch) -> None:
    found = search.look_up([SIREN]).companies[SIREN]
    assert found is not None
    assert (found.siret, found.naf, found.commune, found.head_office, found.note) == (
        None, "70.10Z", "75115", None, "",
    )  # fmt: skip


def test_closed_establishment_of_an_open_company(search: CompanySearch, directory: Directory) -> None:
    shut = place(SIRET, etat_administratif="F", date_fermeture="2020-05-06")
    directory.companies[SIREN] = company(SIREN, matching_etablissements=[shut])
    found = search.look_up([SIRET, SIREN]).companies
    assert [(each.company_state, each.closed_on) for each in found.values() if each] == [
        ("closed", "2020-05-06"), ("open", None),
    ]  # fmt: skip


def test_a_siret_that_its_company_does_not_list(search: CompanySearch, directory: Directory) -> None:
    directory.companies[SIREN] = company(SIREN, matching_etablissements=[])
    found = search.look_up([SIRET]).companies[SIRET]
    assert found is not None
    assert (found.siret, found.naf, found.commune, found.note) == (None, "70.10Z", "75115", "unlisted_establishment")


def test_another_establishment_of_the_company_is_not_taken_for_the_one_asked_for(
    search: CompanySearch, server: Server
) -> None:
    other = {"results": [company(SIREN, matching_etablissements=[place(f"{SIREN}00082")])]}
    server.manners = [_json(json.dumps(other).encode())]
    found = search.look_up([SIRET]).companies[SIRET]
    assert found is not None
    assert (found.siret, found.naf, found.note) == (None, "70.10Z", "unlisted_establishment")


def test_the_identifier_and_nothing_else_is_sent(search: CompanySearch, server: Server) -> None:
    search.look_up([SIRET])
    (request,) = server.requests
    assert request.query == [
        ("q", SIRET), ("minimal", "true"), ("include", "siege,finances,complements,matching_etablissements"),
    ]  # fmt: skip
    assert request.headers["User-Agent"] == AGENT
    assert request.body == b""


@pytest.mark.parametrize("other", ["", "7328293200007", "la poste", "732829320 ", "٧٣٢٨٢٩٣٢٠", f"{SIREN}\n"])
def test_what_is_no_identifier_is_not_sent(other: str, search: CompanySearch, server: Server) -> None:
    with pytest.raises(InternalError) as error:
        search.look_up([SIREN, other])
    assert server.requests == []
    assert not other.strip() or other.strip() not in str(error.value)


def test_nothing_is_asked_twice_until_it_is_old(search: CompanySearch, server: Server, time: Time) -> None:
    first = search.look_up([SIRET, "552100554", SIRET])
    assert (first.asked, first.remembered, first.deferred) == (2, 0, 0)
    assert first.companies["552100554"] is None
    again = search.look_up([SIRET, "552100554"])
    assert again.companies == first.companies
    assert (again.asked, again.remembered, len(server.requests)) == (0, 2, 2)
    time.seconds += reading.NO_COMPANY_FOR
    assert search.look_up([SIRET, "552100554"]).asked == 1
    time.seconds += reading.COMPANY_FOR
    assert search.look_up([SIRET, "552100554"]).asked == 2


def _wrong(exchange: Exchange) -> None:
    content = {"results": [company("999999999")], "total_results": 1}
    exchange.send(200, json.dumps(content).encode(), "application/json")


def _cut(exchange: Exchange) -> None:
    content = json.dumps({"results": [company(SIREN)]}).encode()
    exchange.send(200, content[: len(content) // 2], "application/json")


def _json(content: bytes) -> manners.Manner:
    return lambda exchange: exchange.send(200, content, "application/json")


ONCE: dict[str, manners.Manner] = {
    "500": manners.status(500), "429": manners.status(429), "429 with a wait": manners.status(429, Retry_After="7"),
    "another company": _wrong, "cut": _cut, "broken off": manners.broken_off, "html": manners.html,
    "list": _json(b"[]"), "no results": _json(b"{}"), "odd results": _json(b'{"results": [3]}'),
    "deep": _json(b"[" * 200_000), "long number": _json(b'{"results": ' + b"9" * 5_000 + b"}"),
    "not text": _json(b"\xff\xfe"),
}  # fmt: skip


@pytest.mark.parametrize("manner", ONCE.values(), ids=ONCE)
def test_a_failure_that_passes_is_tried_again(manner: manners.Manner, search: CompanySearch, server: Server) -> None:
    server.manners = [manner]
    looked = search.look_up([SIREN])
    found = looked.companies[SIREN]
    assert found is not None
    assert (found.siren, found.naf, looked.asked, len(server.requests)) == (SIREN, "70.10Z", 1, 2)


def test_a_service_that_says_nothing_is_not_waited_for(server: Server, time: Time, tmp_path: Path) -> None:
    released = threading.Event()
    server.manners = [manners.hang(released)] * 3
    began = clock.monotonic()
    impatient = replace(LIMITS, silence=0.2)
    with (
        closing(Journal(tmp_path / "j.db")) as journal,
        closing(Client(server.base, impatient, clock=time.clock())) as client,
    ):
        looked = CompanySearch(client, journal).look_up([SIREN, SIRET])
    released.set()
    assert (looked.companies, looked.deferred) == ({}, 2)
    assert "no answer in time" in looked.reason
    assert clock.monotonic() - began < 10


@pytest.mark.parametrize("manner", [manners.status(500), manners.html, _wrong], ids=["500", "html", "another company"])
def test_three_failures_in_a_row_stop_it(
    manner: manners.Manner, search: CompanySearch, server: Server, directory: Directory
) -> None:
    sirens = _sirens(10, directory)
    server.manners = [directory, directory, manner, manner, manner]
    looked = search.look_up(sirens)
    assert (looked.asked, looked.deferred, len(server.requests)) == (2, 8, 5)
    assert "3 times in a row" in looked.reason
    assert search.look_up(sirens).deferred == 8
    assert len(server.requests) == 5


def test_a_company_that_always_fails_keeps_no_other_from_being_asked(
    search: CompanySearch, server: Server, directory: Directory
) -> None:
    sirens = _sirens(6, directory)

    def but_one(exchange: Exchange) -> None:
        bad = dict(exchange.request.query)["q"] == sirens[1]
        (manners.status(500) if bad else directory)(exchange)

    server.get = but_one
    looked = search.look_up(sirens)
    assert set(looked.companies) == {*sirens} - {sirens[1]}
    assert (looked.asked, looked.deferred) == (5, 1)
    assert "status 500" in looked.reason


def test_a_refusal_is_not_repeated(search: CompanySearch, server: Server, directory: Directory) -> None:
    server.manners = [manners.status(403)]
    looked = search.look_up(_sirens(3, directory))
    assert (looked.deferred, len(server.requests)) == (3, 1)
    assert "status 403" in looked.reason


@pytest.mark.parametrize("said", ["7", "date"])
def test_the_service_says_how_long_to_wait(said: str, search: CompanySearch, server: Server, time: Time) -> None:
    until = format_datetime(datetime.fromtimestamp(time.seconds + 7, UTC), usegmt=True)
    server.manners = [manners.status(429, Retry_After=until if said == "date" else said)]
    search.look_up([SIREN])
    assert max(time.slept) == pytest.approx(7, abs=0.01)


def test_a_wait_that_is_too_long_is_for_another_run(search: CompanySearch, server: Server) -> None:
    server.manners = [manners.status(429, Retry_After="86400")]
    looked = search.look_up([SIREN])
    assert (looked.deferred, len(server.requests)) == (1, 1)
    assert "86400 s" in looked.reason


def test_no_more_than_seven_requests_a_second(
    search: CompanySearch, server: Server, directory: Directory, time: Time
) -> None:
    assert LIMITS.per_second <= 7
    at: list[float] = []

    def noted(exchange: Exchange) -> None:
        at.append(time.seconds)
        directory(exchange)

    server.get = noted
    search.look_up(_sirens(40, directory))
    assert len(at) == 40
    assert min(late - early for early, late in zip(at, at[7:], strict=False)) >= 1


def test_masks_and_odd_values_do_not_pass(search: CompanySearch, directory: Directory) -> None:
    masked = company(SIREN, statut_diffusion="P", activite_principale=MASK, categorie_entreprise=MASK,
                     nature_juridique=MASK, tranche_effectif_salarie=MASK, caractere_employeur=MASK, date_creation=MASK,
                     etat_administratif=MASK, date_fermeture=MASK, activite_principale_naf25=MASK,
                     finances={"2023": {"ca": 2147483647, "resultat_net": 2147483647}},
                     nombre_etablissements_ouverts=-1,
                     matching_etablissements=[place(SIRET, commune=MASK, adresse=MASK, activite_principale=MASK,
                                                    activite_principale_naf25=MASK, etat_administratif=MASK,
                                                    statut_diffusion_etablissement="P")])  # fmt: skip
    directory.companies[SIREN] = masked
    found = search.look_up([SIRET]).companies[SIRET]
    assert found == Company(siren=SIREN, siret=SIRET, head_office=False, diffusible=False)


@pytest.mark.parametrize(("unit", "own"), [("P", "O"), ("O", "P"), ("P", "P")])
def test_an_objection_of_either_counts(unit: str, own: str, search: CompanySearch, directory: Directory) -> None:
    own_place = place(SIRET, statut_diffusion_etablissement=own)
    directory.companies[SIREN] = company(SIREN, statut_diffusion=unit, matching_etablissements=[own_place])
    found = search.look_up([SIRET]).companies[SIRET]
    assert found is not None
    assert found.diffusible is False


@pytest.mark.parametrize(("unit", "own"), [("N", "O"), ("O", "N")])
def test_of_what_is_not_given_out_no_more_is_kept(
    unit: str, own: str, search: CompanySearch, directory: Directory
) -> None:
    own_place = place(SIRET, statut_diffusion_etablissement=own)
    directory.companies[SIREN] = company(SIREN, statut_diffusion=unit, matching_etablissements=[own_place])
    assert search.look_up([SIRET]).companies[SIRET] == Company(SIREN, SIRET, diffusible=False)


def test_names_are_neither_kept_nor_journalled_nor_logged(
    search: CompanySearch, server: Server, directory: Directory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "lieudit")
    people = [{"nom": CANARY, "prenoms": "Anne", "type_dirigeant": "personne physique"}]
    elected = {"collectivite_territoriale": {"elus": [{"nom": CANARY}], "code": "35"}}
    directory.companies[SIREN] = company(SIREN, nom_complet=f"ANNE {CANARY}", dirigeants=people, complements=elected,
                                         matching_etablissements=[place(SIRET, adresse=f"1 RUE {CANARY}",
                                                                        nom_commercial=f"CHEZ {CANARY}")])  # fmt: skip
    server.manners = [manners.status(500), directory]
    looked = search.look_up([SIRET, "552100554"])
    assert CANARY.encode() in json.dumps(directory.answer({"q": SIRET})).encode()
    assert CANARY not in repr(looked)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    for word in (CANARY, SIRET, SIREN, "552100554"):
        assert [path for path in kept if word.encode() in path.read_bytes()] == []
        assert word not in caplog.text


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(
        [MASK, "A", "F", "O", "P", "12", "35238", "47.11B", "2020-02-30", SIREN, SIRET, 2147483647]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["siret", "commune", "2023", "ca", "resultat_net", "etat_administratif"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
FIELDS = sorted({*company(SIREN), *place(SIRET)} - {"siren"})


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=12), st.sampled_from([SIREN, SIRET]))
def test_whatever_stands_in_a_result_only_values_of_their_form_come_out(values: dict[str, Any], asked: str) -> None:
    found = _company(asked, values)
    assert reading.from_memory(asked, json.loads(json.dumps(reading.to_memory(found)))) == found
    assert found.naf is None or reading.NAF.fullmatch(found.naf)
    assert found.commune is None or reading.COMMUNE.fullmatch(found.commune)
    assert found.company_state in {None, "open", "closed"}
    assert MASK not in repr(found)
    amounts = [amount for year in found.finances.values() for amount in year.values()]
    assert all(amount is None or (type(amount) is int and amount != 2147483647) for amount in amounts)


SCRIPT = """
import sys
from lieudit.services import open_company_search
with open_company_search(sys.argv[1]) as search:
    looked = search.look_up(sys.argv[2].split(","))
print(looked.asked, looked.remembered, looked.deferred)
"""


def test_a_killed_run_goes_on_where_it_was(server: Server, directory: Directory, data: Path) -> None:
    sirens, released = _sirens(8, directory), threading.Event()
    server.manners = [directory, directory, manners.hang(released)]
    command = [sys.executable, "-c", SCRIPT, server.base, ",".join(sirens)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE)
    until = clock.monotonic() + 60
    while len(server.requests) < 3 and first.poll() is None and clock.monotonic() < until:
        clock.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    released.set()
    asked = len(server.requests)
    assert asked == 3
    second = subprocess.run(command, capture_output=True, text=True, check=True)
    assert second.stdout == "6 2 0\n"
    assert [dict(request.query)["q"] for request in server.requests[asked:]] == sirens[2:]
    assert forget() == 8
    with open_company_search(server.base) as search:
        assert search.look_up(sirens[:1]).asked == 1
