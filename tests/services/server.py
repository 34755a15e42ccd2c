"""A service on 127.0.0.1 that answers as told, rightly or not, and writes down what it got: by itself a geocoder."""

from __future__ import annotations

import csv
import io
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Row = dict[str, str]
Manner = Callable[["Exchange"], None]


@dataclass
class Request:
    """What came in."""

    headers: dict[str, str]
    form: list[tuple[str, str]]
    rows: list[Row]
    body: bytes
    path: str = ""

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.path).query, keep_blank_values=True)


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    handler: BaseHTTPRequestHandler
    request: Request
    rows: list[Row]

    def send(self, status: int, content: bytes = b"", media: str = "text/csv", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", media)
        self.handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(content)


@dataclass
class Server:
    """The server's address, how it behaves request by request (then well), and what it got."""

    base: str = ""
    manners: list[Manner] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, tuple[str, float]] = field(default_factory=dict)
    answered: list[tuple[str, str, str]] = field(default_factory=list)
    get: Manner = field(default_factory=lambda: echo)
    post: Manner = field(default_factory=lambda: well)

    def asked(self) -> list[str]:
        """Every street that was ever sent, in order."""
        return [row["street"] for request in self.requests for row in request.rows]

    def answer(self, row: Row) -> Row:
        code, score = self.answers.get(row["street"], ("35238", 0.95))
        return row | {"result_citycode": code, "result_postcode": row["postcode"],
                      "result_score": str(score) if code else "", "result_type": "housenumber" if code else "",
                      "result_status": "ok" if code else "not-found"}  # fmt: skip


def as_csv(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def well(exchange: Exchange) -> None:
    exchange.send(200, as_csv(exchange.rows).encode())


def echo(exchange: Exchange) -> None:
    """Give back what was asked."""
    exchange.send(200, exchange.request.path.encode(), "Text/Plain; charset=utf-8")


def status(code: int, **headers: str) -> Manner:
    return lambda exchange: exchange.send(code, b"no", "text/plain", **headers)


def half(exchange: Exchange) -> None:
    """Cut in the middle of a row, with a length that fits the cut."""
    text = as_csv(exchange.rows)
    exchange.send(200, text[: text.index("\n", len(text) // 2) + 12].encode())


def broken_off(exchange: Exchange) -> None:
    """Promise more than comes."""
    content = as_csv(exchange.rows).encode()
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Length", str(len(content)))
    exchange.handler.end_headers()
    exchange.handler.wfile.write(content[: len(content) // 2])


def shuffled(exchange: Exchange) -> None:
    exchange.send(200, as_csv(exchange.rows[::-1]).encode())


def html(exchange: Exchange) -> None:
    exchange.send(200, b"<!doctype html><html><body>Maintenance</body></html>", "text/html")


def addok(exchange: Exchange) -> None:
    """Addok's dialect: byte-order mark, no status, other columns, nothing under 0.5."""
    rows = []
    for row in exchange.rows:
        low = float(row["result_score"] or 0) < 0.5
        kept = {name: "" if low and name.startswith("result") else value for name, value in row.items()}
        del kept["result_status"]
        rows.append(kept | {"latitude": "", "result_label": "" if low else "quelque part", "result_context": ""})
    exchange.send(200, as_csv(rows).encode("utf-8-sig"))


def hang(event: threading.Event) -> Manner:
    """Say nothing until told."""

    def wait(exchange: Exchange) -> None:
        event.wait(30)
        exchange.handler.close_connection = True

    return wait


def _read(handler: BaseHTTPRequestHandler) -> Request:
    body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    if not handler.headers.get("Content-Type", "").startswith("multipart/"):
        return Request(dict(handler.headers), parse_qsl(body.decode()), [], body, handler.path)
    head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
    form: list[tuple[str, str]] = []
    rows: list[Row] = []
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if name == "data":
            rows = list(csv.DictReader(io.StringIO(payload.decode(), newline="")))
        else:
            form.append((name, payload.decode()))
    return Request(dict(handler.headers), form, rows, body, handler.path)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server for a block."""
    server, lock = Server(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._answer(server.post)

        def do_GET(self) -> None:
            self._answer(server.get)

        def _answer(self, usual: Manner) -> None:
            request = _read(self)
            with lock:
                server.requests.append(request)
                manner = server.manners.pop(0) if server.manners else usual
            exchange = Exchange(self, request, [server.answer(row) for row in request.rows])
            if manner is broken_off:
                self.close_connection = True
            manner(exchange)
            if manner is well:
                server.answered += [(row["street"], row["postcode"], row["city"]) for row in request.rows]

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of a client that hung up: tests kill it."""

    http = Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.base = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
