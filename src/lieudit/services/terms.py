"""The terms on which a service is asked, what it answers, and what can go wrong.

::

    LieuditError
    └── ServiceError
        ├── StoppedError        it failed too often in a row, and is left alone
        ├── GaveUpError         one request failed too often; others may be made
        ├── UnresolvedError     its name could not be looked up for now
        └── RefusedError        it understood and said no, or is not to be asked
            ├── MovedError      it sends elsewhere
            ├── UnwantedError   its reply is too large, or of another type than asked for
            └── AddressError    its address is not one that may be asked
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lieudit.errors import LieuditError

__all__ = [
    "AddressError",
    "Clock",
    "GaveUpError",
    "Limits",
    "MalformedError",
    "MovedError",
    "Pace",
    "RefusedError",
    "Reply",
    "ServiceError",
    "StoppedError",
    "UnresolvedError",
    "UnwantedError",
]


class ServiceError(LieuditError):
    """A public service could not be asked, or did not give what was asked for."""


class StoppedError(ServiceError):
    """The service failed too often in a row, or asks to wait too long: it is left alone for this run.

    Attributes
    ----------
    status : int
        Of HTTP, at last; 0 where nothing came.
    """

    def __init__(self, found: str, status: int = 0) -> None:
        super().__init__(found)
        self.status = status


class GaveUpError(ServiceError):
    """A request failed as often as one may; the service is not given up, and may be asked for something else."""


class UnresolvedError(ServiceError):
    """The name of a server could not be looked up: not that it does not exist, but that nobody says for now."""


class RefusedError(ServiceError):
    """The service understood and said no: asking again would not help.

    Attributes
    ----------
    status : int
        Of HTTP.
    """

    def __init__(self, found: str, status: int) -> None:
        super().__init__(found)
        self.status = status


class MovedError(RefusedError):
    """The service sends elsewhere, and it is for the caller to follow or not.

    Attributes
    ----------
    location : str
        As it stands in the reply: it may be relative, and nobody has checked it.
    """

    def __init__(self, found: str, status: int, location: str) -> None:
        super().__init__(found, status)
        self.location = location


class UnwantedError(RefusedError):
    """A reply was not taken in.

    Attributes
    ----------
    what : {"media", "size"}
        It is of another type than those asked for, or larger than allowed.
    """

    def __init__(self, found: str, status: int, what: Literal["media", "size"]) -> None:
        super().__init__(found, status)
        self.what = what


class AddressError(RefusedError):
    """An address that may not be asked: nothing was sent."""

    def __init__(self, found: str) -> None:
        super().__init__(found, 0)


class MalformedError(Exception):
    """A reply is not what the service gives; raised by what reads it, and counted as a failure."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How a service is asked.

    Attributes
    ----------
    per_second : float
        Requests.
    connect, silence, whole : float
        Seconds to connect, between two pieces of a reply, and for all of it.
    failures : int
        In a row, after which the service is left alone.
    attempts : int
        Of one request, after which it is given up: one that always fails must not keep others from being made.
    quota_wait : float
        Seconds after a 429 that does not say how long, then twice as many: the Géoplateforme shuts for five.
    longest_wait : float
        Seconds; where ``Retry-After`` asks for more, the service is left alone.
    largest : int
        Bytes of a reply, once decompressed.
    """

    per_second: float
    connect: float = 10.0
    silence: float = 60.0
    whole: float = 300.0
    failures: int = 3
    attempts: int = 3
    quota_wait: float = 5.0
    longest_wait: float = 120.0
    largest: int = 1 << 26


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and how to let it pass; tests have their own.

    Attributes
    ----------
    monotonic, now : callable
        Seconds that only grow, and seconds since 1970.
    sleep : callable
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class Pace:
    """Lets pass one request at a time, no more than so many a second.

    Parameters
    ----------
    per_second : float
    clock : Clock
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._gap = 1 / per_second
        self._clock = clock
        self._earliest = 0.0

    def wait(self) -> None:
        """Wait for the turn."""
        pause = self._earliest - self._clock.monotonic()
        if pause > 0:
            self._clock.sleep(pause)
        self._earliest = self._clock.monotonic() + self._gap

    def hold(self, seconds: float) -> None:
        """Let nothing pass for a while."""
        self._earliest = max(self._earliest, self._clock.monotonic() + seconds)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered.

    Attributes
    ----------
    content : bytes
    media : str
        Its type, without parameters, in small letters: ``text/csv``.
    charset : str
        What the service says of its encoding, in small letters, else empty.
    """

    content: bytes
    media: str
    charset: str = field(default="", compare=False)
