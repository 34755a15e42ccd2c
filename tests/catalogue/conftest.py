"""A data folder of the test's own, and a server that can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from lieudit.catalogue import open_catalogue

OFFICIAL = Path(__file__).parents[2].parent / "shared" / "opendata"

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    monkeypatch.setenv("LIEUDIT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="session")
def official() -> Path:
    """Copies of what INSEE publishes."""
    if not OFFICIAL.is_dir():
        pytest.skip("the official files of shared/opendata are not here")
    return OFFICIAL


@pytest.fixture(scope="session")
def codes() -> list[str]:
    """The communes of the hundred departments, as a file of INSEE's lists them."""
    table = pd.read_parquet(open_catalogue().source("communes").path(), columns=["commune_code"])["commune_code"]
    return table[~table.str.match("97[578]|98")].tolist()


class Server:
    """Answers each request with the next of its answers, the last one for ever, and remembers the requests."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[dict[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(dict(self.headers))
                number = min(len(server.requests), len(server.answers)) - 1
                server.answers[number](self)

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/{name}"

    @staticmethod
    def sends(content: bytes, *, cut: int | None = None, resumes: bool = True, **headers: str) -> Answer:
        """Send a file, or the part of it that was asked for; with `cut`, close after so many bytes of the answer."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            asked = handler.headers.get("Range")
            mark = headers.get("ETag")
            same = handler.headers.get("If-Range") in (None, mark)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and resumes and same else 0
            body = content[start:]
            handler.send_response(206 if start else 200)
            if start:
                handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            handler.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body[:cut])
            handler.close_connection = True

        return answer

    @staticmethod
    def says(status: int, body: bytes = b"", **headers: str) -> Answer:
        """Answer with a status."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        return answer

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()
