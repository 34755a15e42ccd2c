"""The client by itself: what any service will share."""

from __future__ import annotations

import time

import pytest

from lieudit.services.client import Client
from lieudit.services.terms import Limits, RefusedError, Reply, StoppedError

from . import server as manners
from .server import Server

QUICK = Limits(per_second=1_000, connect=1, silence=1, whole=0.3, failures=1)


def _reply(reply: Reply) -> Reply:
    return reply


def test_get_sends_parameters_and_headers(server: Server) -> None:
    client = Client(f"{server.base}/api/", QUICK, headers={"X-Key": "secret"})
    reply = client.get("/search", _reply, params={"q": "a b"})
    assert reply == Reply(b"/api/search?q=a+b", "text/plain")
    assert server.requests[0].headers["X-Key"] == "secret"
    client.close()


def test_a_refusal_bears_its_status_and_stops_nothing(server: Server) -> None:
    server.manners = [manners.status(404)]
    client = Client(server.base, QUICK)
    with pytest.raises(RefusedError, match="status 404") as refused:
        client.get("/x", _reply)
    assert refused.value.status == 404
    assert client.get("/x", _reply).content == b"/x"
    client.close()


def test_a_reply_that_trickles_is_left_in_time(server: Server) -> None:
    def trickle(exchange: manners.Exchange) -> None:
        exchange.handler.send_response(200)
        exchange.handler.send_header("Content-Length", "1000")
        exchange.handler.end_headers()
        for _ in range(50):
            exchange.handler.wfile.write(b"x")
            time.sleep(0.05)

    server.manners = [trickle]
    client, began = Client(server.base, QUICK), time.monotonic()
    with pytest.raises(StoppedError, match="no answer in time"):
        client.get("/x", _reply)
    assert time.monotonic() - began < 2
    client.close()


def test_what_is_stopped_stays_so(server: Server) -> None:
    server.manners = [manners.status(503)]
    client = Client(server.base, QUICK)
    for _ in range(2):
        with pytest.raises(StoppedError, match="status 503"):
            client.get("/x", _reply)
    assert len(server.requests) == 1
    client.close()


def test_names_and_passwords_of_an_address_are_not_told() -> None:
    assert Client("https://me:word@geo.example/x", QUICK).name == "geo.example"
