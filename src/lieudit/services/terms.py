"""The terms on which a service is asked, what it answers, and what can go wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lieudit.errors import LieuditError

__all__ = ["Clock", "Limits", "MalformedError", "RefusedError", "Reply", "ServiceError", "StoppedError"]


class ServiceError(LieuditError):
    """A public service could not be asked, or did not give what was asked for."""


class StoppedError(ServiceError):
    """The service failed too often in a row, or asks to wait too long: it is left alone for this run."""


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


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered.

    Attributes
    ----------
    content : bytes
    media : str
        Its type, without parameters, in small letters: ``text/csv``.
    """

    content: bytes
    media: str
