"""Download a file whole: what was cut is resumed, by the same command or by a later one."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import requests

from lieudit.errors import CatalogueError

__all__ = ["Downloaded", "Heard", "download"]

_log = logging.getLogger(__name__)

Heard = Callable[[int, int | None], None]
"""Hears how many bytes are there, and how many there will be where the server says so."""

_TRIES: Final = 4  # in a row without a byte
_TIMEOUT: Final = (10, 60)  # seconds to connect, and between two blocks
_BLOCK: Final = 1 << 16
_LONGEST_WAIT: Final = 60.0
_WHOLE: Final = 200
_PARTIAL: Final = 206
_NO_SUCH_RANGE: Final = 416
_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
_AGENT: Final = "lieudit (open-data catalogue)"


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that was downloaded.

    Attributes
    ----------
    path : Path
    updated : date or None
        When the server last changed it, where it says so.
    """

    path: Path
    updated: dt.date | None


@dataclass
class _Part:
    """What is there of a file, and which file it is: its size and the server's mark of it."""

    path: Path
    address: str

    @property
    def _state(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def resumable(self) -> tuple[int, dict[str, str]]:
        """Return how many bytes are there, and what was said of the file; 0 where it may be another one."""
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            there = self.path.stat().st_size
        except (OSError, ValueError):
            return 0, {}
        return (there, state) if there and state.get("address") == self.address else (0, {})

    def note(self, response: requests.Response, total: int | None) -> None:
        known = {name: response.headers[name] for name in ("ETag", "Last-Modified") if name in response.headers}
        state = {"address": self.address, "total": "" if total is None else str(total), **known}
        self._state.write_text(json.dumps(state), encoding="utf-8")

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)


def download(address: str, folder: Path, heard: Heard | None = None, *, wait: float = 1.0) -> Downloaded:
    """Download a file into a folder.

    Parameters
    ----------
    address : str
    folder : Path
        Where it goes, under the last part of the address; what is cut stays there for the next time.
    heard : callable, optional
        Hears of the progress.
    wait : float
        Seconds before the second try; twice as long before each later one.

    Raises
    ------
    CatalogueError
        There is no network, the server refuses, it sends a page instead of a file, the download was cut too
        often, or the disk is full.
    """
    made = not folder.exists()
    name = PurePosixPath(unquote(urlsplit(address).path)).name or "download"
    part = _Part(folder / (name + ".part"), address)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _try_again(part, folder / name, heard or (lambda *_: None), wait)
    except requests.RequestException as error:
        raise CatalogueError(f"{address} cannot be reached: {_reason(error)}.",
                             fix="Check the network, or give a copy on disk with --from.") from error  # fmt: skip
    except OSError as error:
        part.forget()  # on a full disk, what was begun is in the way
        raise CatalogueError(f"{folder} cannot be written: {error.strerror or error}.",
                             fix="Check the disk and the permissions.") from error  # fmt: skip
    finally:
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _try_again(part: _Part, out: Path, heard: Heard, wait: float) -> Downloaded:
    failed = 0
    while True:
        before, _ = part.resumable()
        try:
            updated = _take(part, heard)
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
            _PassingError,
        ) as error:
            gained = part.resumable()[0] > before
            failed = 1 if gained else failed + 1
            if failed >= _TRIES:
                if isinstance(error, _PassingError):
                    raise error.told from None
                raise
            pause = min(max(wait * 2 ** (failed - 1), getattr(error, "after", 0.0)), _LONGEST_WAIT)
            _log.info("%s; trying again in %.0f s", error, pause)
            time.sleep(pause)
        else:
            part.path.replace(out)
            part.forget()
            return Downloaded(out, updated)


class _PassingError(Exception):
    """A refusal that may pass."""

    def __init__(self, told: CatalogueError, after: float) -> None:
        super().__init__(str(told))
        self.told = told
        self.after = after


def _take(part: _Part, heard: Heard) -> dt.date | None:
    """Ask for what lacks, and append it."""
    there, state = part.resumable()
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
        if mark := state.get("ETag") or state.get("Last-Modified"):
            headers["If-Range"] = mark
    with requests.get(part.address, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        if not (there and response.status_code == _NO_SUCH_RANGE):
            _refuse(response, part.address)
        if there and not _continues(response, there, state):
            part.forget()
            if response.status_code != _WHOLE:  # the rest of another file: from the start
                return _take(part, heard)
            there = 0
        length = response.headers.get("Content-Length")
        total = there + int(length) if length is not None and length.isdigit() else None
        part.note(response, total)
        response.raw.enforce_content_length = False  # urllib3 would throw away the last bytes before a cut
        with part.path.open("ab" if there else "wb") as file:
            heard(there, total)
            for block in response.iter_content(_BLOCK):
                file.write(block)
                there += len(block)
                heard(there, total)
    if total is not None and there != total:
        raise requests.ConnectionError(f"cut after {there} of {total} bytes")
    return _day(response.headers.get("Last-Modified"))


def _continues(response: requests.Response, there: int, state: dict[str, str]) -> bool:
    """Tell whether an answer is the rest of the same file: it begins where we stopped, and the whole is as long."""
    said = response.headers.get("Content-Range", "").removeprefix("bytes ")
    span, _, whole = said.partition("/")
    same = not state["total"] or whole == state["total"]
    return response.status_code == _PARTIAL and span.partition("-")[0] == str(there) and same


def _refuse(response: requests.Response, address: str) -> None:
    status = response.status_code
    if status in _PASSING:
        told = CatalogueError(f"{address} answers {status} {response.reason}.", expected="the file",
                              fix="Try again later, or give a copy on disk with --from.")  # fmt: skip
        after = response.headers.get("Retry-After", "")
        raise _PassingError(told, float(after) if after.isdigit() else 0.0)
    moved = "It may have moved: find it on the publisher's site, and give it with --from."
    if not 200 <= status < 300:
        raise CatalogueError(f"{address} answers {status} {response.reason}.", expected="the file", fix=moved)
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise CatalogueError(f"{address} answers with a web page.", expected="CSV, .xlsx or .zip", fix=moved)


def _day(header: str | None) -> dt.date | None:
    try:
        return parsedate_to_datetime(header or "").date()
    except ValueError:
        return None


def _reason(error: requests.RequestException) -> str:
    """Say what a person can use of a message that is a chain of class names."""
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    text = str(error)
    if "cut after" in text:
        return text + "; the same command goes on from there"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return text.partition("(")[0].strip() or type(error).__name__
