"""`online: true` from end to end: what is sent, what is kept, and what a killed run leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import lieudit
from lieudit.catalogue import Catalogue, open_catalogue
from lieudit.enrichment.index import Index, read_index
from lieudit.enrichment.online import codes_of, question_of, weigh
from lieudit.errors import TableError
from lieudit.services import Journal, Spot, forget

from . import server as manners
from .server import Server

CANARY = "Zzyzx"
# 38250 serves several communes; the name is none of theirs: the row stays open.
OPEN = {"cp": "38250", "ville": "Les Bois Perdus"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return open_catalogue()


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> Index:
    return read_index(catalogue)


def _shop() -> pd.DataFrame:
    """Return a row that is resolved, one to ask, a foreign one, an empty one, and one that bears no postcode."""
    rows = [
        {"adresse": "1 rue du Lac", "cp": "35000", "ville": "Rennes"},
        {"adresse": "2 rue du Lac", **OPEN},
        {"adresse": "3 Main Street", "cp": "SW1A 1AA", "ville": "London"},
        {"adresse": "", "cp": "", "ville": ""},
        {"adresse": "5 rue du Lac", "cp": "", "ville": "Saint-Denis"},
    ]
    people = {
        "identifiant": [f"{CANARY}-{number}" for number in range(len(rows))], "nom": f"Mme {CANARY}",
        "email": f"{CANARY}@example.org", "telephone": "06 12 34 56 78", "fiscal": "73282932000074",
    }  # fmt: skip
    return pd.DataFrame(people | {name: [row[name] for row in rows] for name in rows[0]})


def test_only_what_is_open_is_sent_and_its_answer_kept(server: Server, index: Index) -> None:
    commune = min(index.communes("38250"))
    server.answers["2 rue du Lac"] = (commune, 0.93)
    found = lieudit.enrich(_shop(), online=True, geocoder=server.base)
    assert server.asked() == ["2 rue du Lac"]
    row = found.iloc[1]
    assert row[["commune_code", "commune_status", "commune_method"]].tolist() == [commune, "matched", "geocoder"]
    assert row["commune_confidence"] == 0.9
    assert row["population"] > 0
    offline = lieudit.enrich(_shop())
    pd.testing.assert_frame_equal(found.drop(index=1), offline.drop(index=1), check_dtype=False)
    assert found.attrs["sources"]["services"]["geocoder"]["kept"] == 1
    assert any("Base Adresse Nationale" in line for line in found.attrs["sources"]["attributions"])


def test_nothing_but_the_four_fields_leaves_the_machine(server: Server) -> None:
    shop = _shop()
    shop["adresse"] += f" {CANARY}@example.org 06.12.34.56.78"
    lieudit.enrich(shop, online=True, geocoder=server.base)
    sent = b"".join(request.body for request in server.requests)
    assert sent
    heads = str([request.headers for request in server.requests])
    assert [word for word in (CANARY, "Mme", "example", "12.34", "12 34", "73282932") if word.encode() in sent] == []
    assert CANARY not in heads
    assert {name for request in server.requests for row in request.rows for name in row} == {
        "row", "street", "postcode", "city",
    }  # fmt: skip


def test_offline_contacts_nothing(server: Server, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was used"))
    lieudit.enrich(_shop())
    assert server.requests == []
    assert not data.exists()


def test_what_could_not_be_asked_says_so(server: Server) -> None:
    server.manners = [manners.status(400)]
    found = lieudit.enrich(_shop(), online=True, geocoder=server.base)
    assert found["commune_note"].eq("deferred").tolist() == [False, True, False, False, False]
    assert found["commune_status"][1] in {"ambiguous", "not_found"}
    assert "1 addresses are deferred" in found.attrs["warnings"][0]
    again = lieudit.enrich(_shop(), online=True, geocoder=server.base)
    assert not again["commune_note"].eq("deferred").any()


@pytest.mark.parametrize(
    ("code", "kind", "score", "note", "kept"),
    [
        ("38250", "housenumber", 0.7, "several_communes", 0.7),
        ("38250", "street", 0.97, "several_communes", 0.9),
        ("38250", "municipality", 0.8, "several_communes", None),
        ("38250", "municipality", 0.86, "unknown_name", 0.86),
        ("38250", "housenumber", 0.8, "name_or_postcode", None),
        ("38999", "housenumber", 0.84, "unknown_name", None),
        ("38999", "housenumber", 0.95, "unknown_name", 0.8),
        ("69003", "housenumber", 0.99, "unknown_name", None),
    ],
)
def test_an_answer_is_weighed_against_the_postcode(
    code: str, kind: str, score: float, note: str, kept: float | None, index: Index
) -> None:
    commune = min(index.communes("38250"))
    found = weigh(Spot(commune, "38250", kind, score), code, note, index.own_codes, index)
    assert (found and found.confidence) == kept


def test_old_codes_and_arrondissements_lead_to_communes_of_today(catalogue: Catalogue, index: Index) -> None:
    lyon = weigh(Spot("69383", "69003", "street", 0.9), "69003", "", index.own_codes, index)
    assert lyon is not None
    assert lyon[:2] == ("69123", "69383")
    own_codes = codes_of(catalogue, index)
    merged = weigh(Spot("01091", "01200", "street", 0.9), "01200", "", own_codes, index)
    assert merged is not None
    assert merged.commune == "01033"
    assert weigh(Spot("99999", "01200", "street", 0.9), "01200", "", own_codes, index) is None


def test_cedex_and_unknown_postcodes_stay_here(index: Index) -> None:
    question = question_of("1 rue du Lac", "31021", "Toulousee Cedex 2", index)
    assert question is not None
    assert (question.address.postcode, question.address.city, question.code) == ("", "TOULOUSEE", "31021")


def _run(folder: Path, base: str) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("lieudit")
    arguments = ["enrich", "shop.csv", "-o", "out.csv", "--online", "--geocoder", base]
    return subprocess.Popen([program, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_killed_run_goes_on_where_it_was(server: Server, tmp_path: Path, data: Path) -> None:
    streets = [f"{number} rue du Lac" for number in range(5000)]
    pd.DataFrame([{"adresse": street, **OPEN} for street in streets]).to_csv(tmp_path / "shop.csv", index=False)
    released = threading.Event()
    server.manners = [manners.half, manners.well, manners.hang(released)]
    first = _run(tmp_path, server.base)
    until = time.monotonic() + 60
    while len(server.requests) < 3 and first.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    released.set()
    assert len(server.requests) == 3
    assert not (tmp_path / "out.csv").exists()
    answered = {row["street"] for request in server.requests[:2] for row in request.rows}
    assert len(answered) == 2000  # by the reply that was cut and the one that completed it

    before = len(server.asked())
    second = _run(tmp_path, server.base)
    output = second.communicate(timeout=60)[0].decode()
    assert second.returncode == 0, output
    asked = server.asked()[before:]
    assert sorted(asked) == sorted(set(streets) - answered)
    assert "3,000 addresses asked, 2,000 known already, 0 deferred" in output
    program = Path(sys.executable).with_name("lieudit")
    forgotten = subprocess.run([program, "sources", "forget"], capture_output=True, text=True, check=True)
    assert forgotten.stdout == "5,000 answers of services erased.\n"
    assert forget() == 0
    assert {path.name for path in data.iterdir()} <= {"journal.db", "journal.db-wal", "journal.db-shm"}


def _write(path: Path, name: str) -> None:
    code = (
        "import sys; from pathlib import Path; from lieudit.services import Journal; j = Journal(Path(sys.argv[1]))\n"
        "for n in range(40): j.record('s', {f'{sys.argv[2]}-{n}-{k}': [k] for k in range(5)})"
    )
    subprocess.run([sys.executable, "-c", code, str(path), name], check=True, capture_output=True)


def test_processes_share_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    threads = [threading.Thread(target=_write, args=(path, name)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal = Journal(path)
    asked = [f"{name}-{n}-{k}" for name in "abc" for n in range(40) for k in range(5)]
    assert len(journal.recall("s", asked)) == 600
    assert journal.recall("another", asked) == {}
    journal.close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_journal_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_text("no database at all" * 100, encoding="utf-8")
    with pytest.raises(TableError, match=r"journal.*not a database"):
        Journal(tmp_path / "journal.db")
