"""INSEE's Sirene API: what is asked and read, and where the key goes."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lieudit.errors import ConfigError
from lieudit.services import Company, Journal, SireneApi, Spot, forget, open_sirene_api
from lieudit.services.client import Client
from lieudit.services.insee import CHUNK, KEY_HEADER, KEY_VARIABLE, LIMITS, SIRENE_API
from lieudit.services.sirene_reply import establishment_of

from . import server as manners
from .conftest import Time
from .directory import SPECIFICATION
from .server import Exchange, Server

KEY = "0123-zzyzx-key"
SIREN, SIRET, MOVED = "732829320", "73282932000074", "73282932000082"


def _period(state: str, since: str, until: str | None = None, **values: Any) -> dict[str, Any]:
    return {"dateFin": until, "dateDebut": since, "etatAdministratifEtablissement": state,
            "activitePrincipaleEtablissement": "47.11B",
            "nomenclatureActivitePrincipaleEtablissement": "NAFRev2"} | values  # fmt: skip


UNIT = {
    "statutDiffusionUniteLegale": "O", "dateCreationUniteLegale": "2001-02-03", "categorieEntreprise": "PME",
    "trancheEffectifsUniteLegale": "12", "nomUniteLegale": "ZZYZX",
}  # fmt: skip
STATE = {
    "etatAdministratifUniteLegale": "A", "categorieJuridiqueUniteLegale": "5710", "nicSiegeUniteLegale": "00074",
    "activitePrincipaleUniteLegale": "70.10Z", "nomenclatureActivitePrincipaleUniteLegale": "NAFRev2",
    "caractereEmployeurUniteLegale": "O",
}  # fmt: skip


def _establishment(siret: str, *periods: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {
        "siren": siret[:9], "siret": siret, "statutDiffusionEtablissement": "O", "etablissementSiege": True,
        "activitePrincipaleNAF25Etablissement": "47.11Y", "uniteLegale": UNIT | STATE,
        "adresseEtablissement": {"codeCommuneEtablissement": "35238", "libelleVoieEtablissement": "ZZYZX"},
        "periodesEtablissement": list(periods) or [_period("A", "2010-01-01")],
    } | values  # fmt: skip


def _company(siren: str, *periods: dict[str, Any]) -> dict[str, Any]:
    return {"siren": siren} | UNIT | {"periodesUniteLegale": list(periods) or [STATE | {"dateDebut": "2008-01-01"}]}


class Register:
    """Answers multi-criteria questions by POST, and those for successors, as the API does."""

    def __init__(self) -> None:
        self.establishments = {SIRET: _establishment(SIRET)}
        self.companies = {SIREN: _company(SIREN)}
        self.links: list[dict[str, Any]] = []

    def __call__(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.headers.get(KEY_HEADER) != KEY:
            exchange.send(401, b"{}", "application/json")
            return
        asked = dict(request.form or request.query)
        identifiers = re.findall(r":(\d+)", asked["q"])
        links = [link for link in self.links if link["siretEtablissementPredecesseur"] in identifiers]
        name, rows = {
            "/siret": ("etablissements", [self.establishments[i] for i in identifiers if i in self.establishments]),
            "/siren": ("unitesLegales", [self.companies[i] for i in identifiers if i in self.companies]),
            "/siret/liensSuccession": ("liensSuccession", links),
        }[request.path.partition("?")[0]]  # fmt: skip
        content = {"header": {"statut": 200, "total": len(rows), "nombre": len(rows)}, name: rows}
        assert len(identifiers) <= int(asked["nombre"]) <= 1000
        exchange.send(200 if rows else 404, json.dumps(content).encode(), "application/json")


@pytest.fixture
def register(server: Server, monkeypatch: pytest.MonkeyPatch) -> Register:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    server.get = server.post = register = Register()
    return register


@pytest.fixture
def api(server: Server, register: Register, time: Time, tmp_path: Path) -> Iterator[SireneApi]:
    journal = Journal(tmp_path / "journal.db", now=lambda: time.seconds)
    client = Client(server.base, LIMITS, clock=time.clock(), headers={KEY_HEADER: KEY})
    yield SireneApi(client, journal)
    client.close()
    journal.close()


def test_an_establishment_and_its_company(api: SireneApi) -> None:
    assert api.look_up([SIRET]).companies[SIRET] == Company(
        siren=SIREN, siret=SIRET, naf="47.11B", naf_2025="47.11Y", legal_form="5710", company_category="PME",
        headcount_min=20, headcount_max=49, employer=True, founded="2001-02-03", head_office=True,
        company_state="open", diffusible=True, commune="35238",
    )  # fmt: skip


def test_a_company_at_its_head_office(api: SireneApi, server: Server, register: Register) -> None:
    closed = STATE | {"etatAdministratifUniteLegale": "C", "dateDebut": "2020-05-06"}
    register.companies[SIREN] = _company(SIREN, STATE | {"dateDebut": "2008-01-01"}, closed)
    found = api.look_up([SIREN]).companies[SIREN]
    assert found is not None
    assert (found.siret, found.naf, found.company_state, found.closed_on, found.commune) == (
        None, "70.10Z", "closed", "2020-05-06", "35238",
    )  # fmt: skip
    assert [request.path for request in server.requests] == ["/siren", "/siret"]


def test_many_are_asked_for_at_once_and_none_twice(api: SireneApi, server: Server, register: Register) -> None:
    sirets = [f"{100_000_000 + number}00011" for number in range(CHUNK + 20)]
    register.establishments |= {siret: _establishment(siret) for siret in sirets}
    looked = api.look_up([*sirets, sirets[0]])
    assert (looked.asked, looked.deferred) == (CHUNK + 20, 0)
    assert [request.path for request in server.requests] == ["/siret", "/siret"]
    assert dict(server.requests[1].form) == {
        "q": " OR ".join(f"siret:{siret}" for siret in sirets[CHUNK:]), "nombre": "20", "curseur": "*",
    }  # fmt: skip
    assert api.look_up(sirets).remembered == CHUNK + 20
    assert len(server.requests) == 2


def test_what_is_not_in_the_register(api: SireneApi, server: Server, time: Time) -> None:
    assert api.look_up(["55210055400013", "552100554"]).companies == {"55210055400013": None, "552100554": None}
    asked = len(server.requests)
    assert api.look_up(["55210055400013", "552100554"]).remembered == 2
    assert len(server.requests) == asked


def test_an_unknown_establishment_of_a_known_company(api: SireneApi) -> None:
    found = api.look_up([MOVED]).companies[MOVED]
    assert found is not None
    assert (found.siret, found.naf, found.note) == (None, "70.10Z", "unlisted_establishment")


def test_a_closed_establishment_leads_to_its_successor(api: SireneApi, register: Register) -> None:
    periods = [_period("F", "2021-01-01"), _period("F", "2020-05-06", "2020-12-31"), _period("A", "2010-01-01")]
    register.establishments[SIRET] = _establishment(SIRET, *periods[::-1])

    def link(after: str, on: str, moved: bool) -> dict[str, Any]:
        return {"siretEtablissementPredecesseur": SIRET, "siretEtablissementSuccesseur": after,
                "dateLienSuccession": on, "transfertSiege": moved}  # fmt: skip

    register.links = [link(MOVED, "2020-05-06", True), link("73282932000090", "2020-05-06", False),
                      link("73282932000108", "2015-01-01", True), link(SIRET, "2022-01-01", True)]  # fmt: skip
    found = api.look_up([SIRET]).companies[SIRET]
    assert found is not None
    assert (found.company_state, found.closed_on, found.successor_siret) == ("closed", "2020-05-06", MOVED)
    again = api.look_up([SIRET])
    assert (again.companies[SIRET], again.remembered) == (found, 1)


def test_an_activity_in_an_older_nomenclature_gives_way_to_the_company_s(api: SireneApi, register: Register) -> None:
    old = _period("A", "2001-01-01", nomenclatureActivitePrincipaleEtablissement="NAF1993")
    register.establishments[SIRET] = _establishment(SIRET, old)
    found = api.look_up([SIRET]).companies[SIRET]
    assert found is not None
    assert found.naf == "70.10Z"


def test_an_establishment_of_a_company_that_ceased_is_closed(api: SireneApi, register: Register) -> None:
    ceased = UNIT | STATE | {"etatAdministratifUniteLegale": "C"}
    register.establishments[SIRET] = _establishment(SIRET, uniteLegale=ceased)
    found = api.look_up([SIRET]).companies[SIRET]
    assert found is not None
    assert (found.company_state, found.employer) == ("closed", False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_one_clear_error_without_the_key(
    status: int, api: SireneApi, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.manners = [manners.status(status)]
    with pytest.raises(ConfigError, match=f"refuses the key in {KEY_VARIABLE} \\(status {status}\\)") as error:
        api.look_up([SIRET])
    assert len(server.requests) == 1
    assert KEY not in f"{error.value} {error.value.__cause__} {error.value.__dict__} {caplog.text}"


def test_the_key_goes_into_the_header_and_nowhere_else(
    server: Server, register: Register, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with open_sirene_api(server.base) as api:
        assert api.look_up([SIRET]).asked == 1
        assert KEY not in f"{api!r} {vars(api)} {api._client!r} {api.name}"
    (request,) = server.requests
    assert request.headers[KEY_HEADER] == KEY
    assert KEY not in request.path + request.body.decode()
    assert KEY not in caplog.text
    for word in (KEY, "ZZYZX", SIREN):
        assert [path for path in data.rglob("*") if path.is_file() and word.encode() in path.read_bytes()] == []
    assert forget() == 1


def test_a_redirection_does_not_take_the_key_along(api: SireneApi, server: Server) -> None:
    server.manners = [manners.status(307, Location=f"{server.base}/elsewhere")]
    looked = api.look_up([SIRET])
    assert (looked.deferred, len(server.requests)) == (1, 1)


@pytest.mark.parametrize(("key", "message"), [(None, "is not set"), (" ", "is not set"), ("a\nbbbbbbbbb", "look like")])
def test_without_a_key_nothing_is_opened(
    key: str | None, message: str, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    if key is not None:
        monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(ConfigError, match=message) as error, open_sirene_api():
        pass
    assert key is None or key.strip() not in str(error.value) or not key.strip()
    assert not data.exists()


def test_the_key_does_not_travel_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SIRENE_API.startswith("https://")
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    with pytest.raises(ConfigError, match="not asked over https"), open_sirene_api("http://api.exemple.fr"):
        pass


def test_a_used_up_quota_defers_the_rest(api: SireneApi, server: Server, time: Time) -> None:
    server.manners = [manners.status(429)] * 3
    looked = api.look_up([SIRET, SIREN])
    assert (looked.companies, looked.deferred) == ({}, 2)
    assert "status 429" in looked.reason
    assert sum(time.slept) >= 60  # by then a minute has passed, and with it the quota


def test_no_more_than_thirty_requests_a_minute(api: SireneApi, register: Register, time: Time, server: Server) -> None:
    at: list[float] = []

    def noted(exchange: Exchange) -> None:
        at.append(time.seconds)
        register(exchange)

    server.get = server.post = noted
    for number in range(40):
        api.look_up([f"{100_000_000 + number}00011"])
    assert len(at) == 80
    assert min(late - early for early, late in zip(at, at[30:], strict=False)) >= 60


def _fewer(exchange: Exchange) -> None:
    content = {"header": {"total": 2}, "etablissements": [_establishment(SIRET)]}
    exchange.send(200, json.dumps(content).encode(), "application/json")


def _others(exchange: Exchange) -> None:
    content = {"header": {"total": 1}, "etablissements": [_establishment("99999999900019")]}
    exchange.send(200, json.dumps(content).encode(), "application/json")


@pytest.mark.parametrize(
    "manner",
    [manners.status(503), manners.html, manners.broken_off, _fewer, _others],
    ids=["503", "html", "broken off", "fewer", "others"],
)
def test_a_failure_that_passes_is_tried_again(manner: manners.Manner, api: SireneApi, server: Server) -> None:
    server.manners = [manner]
    looked = api.look_up([SIRET])
    assert (looked.asked, len(server.requests)) == (1, 2)
    found = looked.companies[SIRET]
    assert found is not None
    assert found.siret == SIRET


@pytest.mark.parametrize("name", ["etablissement_api_v3_shape_redacted.json", "etablissement_non_diffusable.json"])
def test_published_shapes_are_read(name: str) -> None:
    path = SPECIFICATION.with_name(name)
    if not path.is_file():
        pytest.skip("the published shapes are not there")
    row = json.loads(path.read_text(encoding="utf-8"))
    withheld = establishment_of(row["siret"], row)
    assert withheld == Company(row["siren"], row["siret"], diffusible=False)
    partly = {"statutDiffusionUniteLegale": "P"}
    given = establishment_of(
        row["siret"],
        row | {"statutDiffusionEtablissement": "P", "uniteLegale": row.get("uniteLegale", {}) | partly},
    )
    assert "REDACTED" not in repr(given)
    assert given.diffusible is False
    if "periodesEtablissement" in row:
        assert (given.naf, given.company_state, given.closed_on, given.commune, given.employer, given.legal_form) == (
            "70.10Z", "closed", "2008-01-11", "33367", False, "1000",
        )  # fmt: skip


def test_kinds_of_services_do_not_mix(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.record("sirene x", {SIRET: None})
    journal.record("geocoder x", {"a": Spot("35238", "35000", "street", 0.9)})
    assert journal.recall("company search x", [SIRET, "a"]) == {}
    assert journal.erase() == 2
    journal.close()
