"""What every public service is asked through: slowly enough, not for ever, and no more once it fails.

- never faster than a stated rate; timeouts on connection, silence and the whole reply; a bound on its size;
- a failure that may pass (429, 408, 5xx, no connection, a reply that cannot be read) is tried again after the wait that
  ``Retry-After`` asks for, else after one that doubles;
- three failures in a row and the service is left alone for the rest of the run: retry storms get addresses blocked;
- one request that fails does not stop the others: it is given up after so many attempts, and the next one may be made;
- a redirection is not followed: what is sent goes where the user agreed that it goes, or nowhere;
- logs say which service answered what, never what was sent or received.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

from lieudit.services.terms import (
    Clock,
    GaveUpError,
    Limits,
    MalformedError,
    MovedError,
    Pace,
    RefusedError,
    Reply,
    StoppedError,
    UnwantedError,
)

__all__ = ["AGENT", "Client"]

_log = logging.getLogger(__name__)

AGENT: Final = "lieudit (open data for customer files)"
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_BLOCK: Final = 1 << 16
_BACKOFF: Final = 1.0  # seconds after the first failure, then 2, 4, …

T = TypeVar("T")


class _FailedError(Exception):
    """A failure that may pass; ``wait`` is how many seconds the service asks for."""

    def __init__(self, reason: str, wait: float | None = None, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.status = status


class _Session(requests.Session):
    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[Any]:
        """Follow none, nor take their addresses apart: requests does so even if it is not to follow, and fails."""
        return iter(())


class Client:
    """Asks one service.

    Parameters
    ----------
    base : str
        Its address, ``http://`` or ``https://``.
    limits : Limits
    headers : mapping of str to str, optional
        Sent with each request, such as a key; never logged.
    clock : Clock, optional
    adapter : BaseAdapter, optional
        Makes the connections, and then nothing is read from the environment: no proxy, no password.
    pace : Pace, optional
        Shared by clients that must take turns.
    """

    def __init__(
        self,
        base: str,
        limits: Limits,
        *,
        headers: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        adapter: BaseAdapter | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self.name = urlsplit(self.base).netloc.rpartition("@")[2]
        self.limits = limits
        self.clock = clock or Clock()
        self._session = _Session()
        self._session.headers.update({"User-Agent": AGENT, **(headers or {})})
        if adapter is not None:
            self._session.trust_env = False
            self._session.mount("http://", adapter)
            self._session.mount("https://", adapter)
        self._pace = pace or Pace(limits.per_second, self.clock)
        self._failures = 0
        self._stopped: StoppedError | None = None

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(
        self,
        path: str,
        read: Callable[[Reply], T],
        *,
        params: Mapping[str, str] | None = None,
        media: frozenset[str] | None = None,
    ) -> T:
        """Ask with GET; see :meth:`post`.

        Parameters
        ----------
        path : str
        read : callable
        params : mapping of str to str, optional
        media : frozenset of str, optional
            Types that are wanted; a reply of another one is refused before its content comes in.
        """
        return self._ask("GET", path, read, media, params=params)

    def post(
        self,
        path: str,
        read: Callable[[Reply], T],
        *,
        data: Sequence[tuple[str, str]] = (),
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> T:
        """Ask with POST.

        Parameters
        ----------
        path : str
            Behind the base address.
        read : callable
            Takes the reply apart; raises :class:`MalformedError` where it is not what the service gives.
        data : sequence of (name, value)
            Fields of the form; a name may stand several times.
        files : mapping of name to (file name, content, media type), optional

        Returns
        -------
        T
            What ``read`` made of the reply.

        Raises
        ------
        StoppedError
            The service failed too often in a row, now or before.
        GaveUpError
            This request failed too often.
        RefusedError
            It says no.
        """
        return self._ask("POST", path, read, None, data=list(data), files=files)

    def _ask(
        self, method: str, path: str, read: Callable[[Reply], T], media: frozenset[str] | None, **content: Any
    ) -> T:
        failure = _FailedError("")
        for _ in range(self.limits.attempts):
            if self._stopped:
                break
            self._pace.wait()
            try:
                result = read(self._exchange(method, path, media, content))
            except _FailedError as error:
                failure = error
            except MalformedError as error:
                failure = _FailedError(f"a reply that cannot be read ({error})")
            else:
                self._failures = 0
                return result
            self._failed(failure)
        if self._stopped:
            raise self._stopped.with_traceback(None)
        raise GaveUpError(f"{self.name} failed with {failure.reason}.")

    def _failed(self, failure: _FailedError) -> None:
        """Count a failure; say when to ask next, or that nothing is asked any more."""
        self._failures += 1
        wait = _BACKOFF * 2 ** (self._failures - 1) if failure.wait is None else failure.wait
        _log.info("%s: %s (%d in a row)", self.name, failure.reason, self._failures)
        if wait > self.limits.longest_wait:
            self._stopped = StoppedError(f"{self.name} asks to wait {wait:.0f} s.", failure.status)
        elif self._failures >= self.limits.failures:
            told = f"{self.name} failed {self._failures} times in a row, at last with {failure.reason}."
            self._stopped = StoppedError(told, failure.status)
        self._pace.hold(wait)

    def _exchange(self, method: str, path: str, media: frozenset[str] | None, content: Mapping[str, Any]) -> Reply:
        """Send one request and take the reply in."""
        timeout = (self.limits.connect, self.limits.silence)
        began = self.clock.monotonic()
        try:
            with self._session.request(
                method, self.base + path, timeout=timeout, stream=True, allow_redirects=False, **content
            ) as response:
                self._check_status(response)
                kind, charset = _media(response)
                if media is not None and kind not in media:
                    raise UnwantedError(f"{self.name} gives {kind or 'no type'}.", response.status_code, "media")
                return Reply(self._take(response, began), kind, charset)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise _FailedError("no answer in time") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            raise _FailedError("no connection") from None
        except (requests.exceptions.ContentDecodingError, urllib3.exceptions.HTTPError):
            raise _FailedError("a reply that was cut") from None
        except requests.RequestException as error:
            # Its message may quote the request, and with it an address.
            raise RefusedError(f"{self.name} cannot be asked ({type(error).__name__}).", 0) from None

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status in _PASSING:
            wait = _retry_after(response.headers.get("Retry-After", ""), self.clock.now())
            if wait is None and status == 429:
                wait = self.limits.quota_wait * 2**self._failures
            raise _FailedError(f"status {status}", wait, status)
        if response.is_redirect:
            self._failures = 0
            raise MovedError(f"{self.name} sends elsewhere (status {status}).", status, response.headers["Location"])
        if not 200 <= status < 300:
            self._failures = 0  # it is there, and says no
            raise RefusedError(f"{self.name} answers with status {status}.", status)

    def _take(self, response: requests.Response, began: float) -> bytes:
        """Read the reply as it comes in, no longer and no more than is allowed."""
        pieces, size = [], 0
        while piece := response.raw.read1(_BLOCK, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self.limits.largest:
                told = f"{self.name} gives over {self.limits.largest:,} bytes."
                raise UnwantedError(told, response.status_code, "size")
            if self.clock.monotonic() - began > self.limits.whole:
                raise _FailedError("no answer in time")
        if self.clock.monotonic() - began > self.limits.whole:
            raise _FailedError("no answer in time")  # hung up on, it looks as if it were whole
        return b"".join(pieces)


def _media(response: requests.Response) -> tuple[str, str]:
    """Return the type of a reply and its encoding, both in small letters."""
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind, header.get_content_charset("")


def _retry_after(header: str, now: float) -> float | None:
    """Read ``Retry-After``, which gives seconds or a date; None where it gives neither.

    Examples
    --------
    >>> _retry_after("7", 0.0), _retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20.0), _retry_after("soon", 0.0)
    (7.0, 40.0, None)
    """
    if re.fullmatch(r"\s*\d{1,9}(\.\d+)?\s*", header):
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(until.timestamp() - now, 0.0)
