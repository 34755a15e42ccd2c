"""The geocoder against a server that misbehaves: nothing is lost, nothing is asked twice, nobody waits for ever."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from lieudit.services import Address, Geocoder, Journal, Spot
from lieudit.services.client import AGENT, Client
from lieudit.services.terms import Limits

from . import server as manners
from .conftest import Time
from .server import Server

LIMITS = Limits(per_second=10, connect=2, silence=0.5, whole=2)


@pytest.fixture
def geocoder(server: Server, time: Time, tmp_path: Path) -> Iterator[Geocoder]:
    journal = Journal(tmp_path / "journal.db", now=lambda: time.seconds)
    client = Client(server.base, LIMITS, clock=time.clock())
    yield Geocoder(client, journal, chunk=10)
    client.close()
    journal.close()


def _addresses(n: int) -> list[Address]:
    return [Address(f'{number} rue de l\'Étang; bât. "B"', "35000", "Rennes") for number in range(n)]


def test_addresses_are_found_and_sent_in_chunks_with_the_four_fields_only(geocoder: Geocoder, server: Server) -> None:
    located = geocoder.locate(_addresses(25))
    assert set(located.spots.values()) == {Spot("35238", "35000", "housenumber", 0.95)}
    assert (located.asked, located.remembered, located.deferred) == (25, 0, 0)
    assert [len(request.rows) for request in server.requests] == [10, 10, 5]
    assert {name for request in server.requests for row in request.rows for name in row} == {
        "row", "street", "postcode", "city",
    }  # fmt: skip
    form = server.requests[0].form
    assert [value for name, value in form if name == "columns"] == ["street", "postcode", "city"]
    assert [value for name, value in form if name == "postcode"] == ["postcode"]
    assert "result_citycode" in [value for name, value in form if name == "result_columns"]
    assert server.requests[0].headers["User-Agent"] == AGENT


def test_what_was_answered_is_not_asked_again(geocoder: Geocoder, server: Server) -> None:
    server.answers[_addresses(1)[0].street] = ("", 0)
    first = geocoder.locate(_addresses(15))
    again = geocoder.locate([Address(a.street.upper(), a.postcode, "RENNES") for a in _addresses(15)])
    assert again.spots == first.spots
    assert (again.asked, again.remembered) == (0, 15)
    assert len(server.requests) == 2


def test_nothing_is_forgotten_earlier_than_something(geocoder: Geocoder, server: Server, time: Time) -> None:
    absent, known = _addresses(2)
    server.answers[absent.street] = ("", 0)
    geocoder.locate([absent, known])
    time.seconds += 40 * 86_400
    geocoder.locate([absent, known])
    assert server.asked() == [absent.street, known.street, absent.street]
    time.seconds += 400 * 86_400
    geocoder.locate([known])
    assert server.asked()[-1] == known.street


def test_a_low_score_is_no_answer(geocoder: Geocoder, server: Server) -> None:
    low, high = _addresses(2)
    server.answers |= {low.street: ("35238", 0.69), high.street: ("35238", 0.7)}
    assert [spot and spot.score for spot in geocoder.locate([low, high]).spots.values()] == [None, 0.7]


def test_requests_keep_to_the_rate(geocoder: Geocoder, time: Time) -> None:
    geocoder.locate(_addresses(50))
    assert time.slept == pytest.approx([0.1] * 4)


@pytest.mark.parametrize(
    ("manner", "wait"),
    [
        (manners.status(429, Retry_After="7"), 7),
        (manners.status(429, Retry_After=format_datetime(datetime.fromtimestamp(1_000_030, UTC), usegmt=True)), 30),
        (manners.status(429), 5),
        (manners.status(500), 1),
        (manners.status(503, Retry_After="9"), 9),
        (manners.broken_off, 1),
        (manners.html, 1),
        (manners.hang(threading.Event()), 1),
    ],
    ids=["429 seconds", "429 date", "429", "500", "503", "broken off", "html", "hang"],
)  # fmt: skip
def test_a_failure_that_passes_is_waited_out(
    manner: manners.Manner, wait: float, geocoder: Geocoder, server: Server, time: Time
) -> None:
    server.manners = [manner]
    located = geocoder.locate(_addresses(15))
    assert (located.asked, located.deferred) == (15, 0)
    assert time.slept[0] == pytest.approx(wait)
    assert [len(request.rows) for request in server.requests] == [10, 10, 5]


@pytest.mark.parametrize("manner", [manners.status(429), manners.status(500), manners.html, manners.broken_off])
def test_three_failures_in_a_row_defer_the_rest(manner: manners.Manner, geocoder: Geocoder, server: Server) -> None:
    server.manners = [manners.well, manner, manner, manner]
    located = geocoder.locate(_addresses(35))
    assert (located.asked, located.deferred) == (10, 25)
    assert "3 times in a row" in located.reason
    assert len(server.requests) == 4
    assert geocoder.locate(_addresses(35)).deferred == 25  # left alone for the rest of the run
    assert len(server.requests) == 4


def test_failures_between_successes_stop_nothing(geocoder: Geocoder, server: Server) -> None:
    server.manners = [manners.html, manners.status(500), manners.well] * 3
    assert geocoder.locate(_addresses(40)).deferred == 0


def test_a_wait_of_an_hour_is_not_waited(geocoder: Geocoder, server: Server, time: Time) -> None:
    server.manners = [manners.status(429, Retry_After="3600")]
    located = geocoder.locate(_addresses(15))
    assert (located.deferred, time.slept) == (15, [])
    assert "3600 s" in located.reason


def test_a_refusal_is_not_repeated(geocoder: Geocoder, server: Server) -> None:
    server.manners = [manners.status(400)]
    located = geocoder.locate(_addresses(15))
    assert (located.deferred, len(server.requests)) == (15, 1)
    assert "status 400" in located.reason


def test_nothing_is_sent_where_a_redirection_leads(geocoder: Geocoder, server: Server) -> None:
    server.manners = [manners.status(307, Location=f"{server.base}/elsewhere")]
    assert geocoder.locate(_addresses(5)).deferred == 5
    assert len(server.requests) == 1


def test_no_server_defers_all(time: Time, tmp_path: Path) -> None:
    with manners.serving() as server:
        base = server.base
    journal, client = Journal(tmp_path / "journal.db"), Client(base, LIMITS, clock=time.clock())
    located = Geocoder(client, journal).locate(_addresses(3))
    assert (located.deferred, located.reason.endswith("no connection.")) == (3, True)
    journal.close()


def test_a_reply_cut_after_half_the_rows_is_asked_for_the_rest(geocoder: Geocoder, server: Server) -> None:
    server.manners = [manners.half, manners.half]
    located = geocoder.locate(_addresses(10))
    assert (located.asked, located.deferred) == (10, 0)
    sizes = [len(request.rows) for request in server.requests]
    assert sizes[0] == 10 > sizes[1] > sizes[2] > 0
    first, second = ({row["row"] for row in request.rows} for request in server.requests[:2])
    assert second < first


def test_rows_out_of_order_find_their_address(geocoder: Geocoder, server: Server) -> None:
    streets = [address.street for address in _addresses(10)]
    server.answers = {street: (f"35{number:03d}", 0.9) for number, street in enumerate(streets)}
    server.manners = [manners.shuffled]
    located = geocoder.locate(_addresses(10))
    assert {key: spot and spot.code for key, spot in located.spots.items()} == {
        address.key: server.answers[address.street][0] for address in _addresses(10)
    }


def test_an_answer_to_another_address_is_not_taken(geocoder: Geocoder, server: Server) -> None:
    def displaced(exchange: manners.Exchange) -> None:
        numbers = [row["row"] for row in exchange.rows]
        moved = [row | {"row": number} for row, number in zip(exchange.rows, numbers[1:] + numbers[:1], strict=True)]
        exchange.send(200, manners.as_csv(moved).encode())

    server.manners = [displaced] * 3
    assert geocoder.locate(_addresses(10)).spots == {}


def test_a_row_that_never_comes_back_is_deferred_alone(geocoder: Geocoder, server: Server) -> None:
    def without_first(exchange: manners.Exchange) -> None:
        text = manners.as_csv(exchange.rows)
        exchange.send(
            200, "".join(line for line in text.splitlines(keepends=True) if not line.startswith("0,")).encode()
        )

    server.manners = [without_first] * 6  # a slow machine asks again
    located = geocoder.locate(_addresses(15))
    assert (located.asked, located.deferred) == (14, 1)
    assert "left rows out" in located.reason


def test_the_dialect_of_addok_is_read(geocoder: Geocoder, server: Server) -> None:
    low, high = _addresses(2)
    server.answers |= {low.street: ("35238", 0.4), high.street: ("2A004", 0.9)}
    server.manners = [manners.addok]
    assert [spot and spot.code for spot in geocoder.locate([low, high]).spots.values()] == [None, "2A004"]


def test_a_reply_that_never_ends_is_left(server: Server, time: Time, tmp_path: Path) -> None:
    server.manners = [lambda exchange: exchange.send(200, b"x" * 100_000)] * 3
    client = Client(server.base, Limits(per_second=10, largest=10_000), clock=time.clock())
    journal = Journal(tmp_path / "journal.db")
    assert "over 10,000 bytes" in Geocoder(client, journal).locate(_addresses(3)).reason
    client.close()
    journal.close()


def test_logs_and_the_journal_hold_no_address(
    geocoder: Geocoder, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.manners = [manners.html, manners.half, manners.status(500), manners.well, manners.status(400)]
    geocoder.locate([Address(f"{n} impasse Zzyzx", "35000", "Rennes-Zzyzx") for n in range(30)])
    assert "zzyzx" not in caplog.text.lower()
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"zzyzx" in path.read_bytes().lower()] == []
