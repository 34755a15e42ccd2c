"""What companies say of themselves: their home pages, read where the user asks for it.

What is sent: a request for ``robots.txt`` and one for the page, with a user agent that says who asks; the address comes
from the user's file. One request a second a host, several hosts at once. A site that forbids reading is not read; one
that leads into a private network is not asked (:mod:`lieudit.services.site`), nor followed there by a redirection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from threading import Lock
from typing import Final, TypeVar

from lieudit.services.client import Client
from lieudit.services.journal import Journal
from lieudit.services.page import read_page
from lieudit.services.pinned import PinnedAdapter
from lieudit.services.robots import Robots, read_robots
from lieudit.services.site import Site, read_site
from lieudit.services.terms import (
    AddressError,
    Clock,
    Limits,
    MovedError,
    Pace,
    RefusedError,
    Reply,
    StoppedError,
    UnresolvedError,
    UnwantedError,
)
from lieudit.services.website import Visited, Website, from_memory, website_of

__all__ = ["READ_FOR", "UNREAD_FOR", "Websites"]

_log = logging.getLogger(__name__)

_DAY: Final = 86_400
READ_FOR: Final = 90 * _DAY  # seconds: home pages change a few times a year
UNREAD_FOR: Final = 7 * _DAY  # a site that is down today may be up next week
# One attempt: a site that is down is no service that others depend on, and the next run asks it again.
LIMITS: Final = Limits(per_second=1, connect=5, silence=10, whole=20, failures=1, attempts=1, longest_wait=0,
                       largest=2 << 20)  # fmt: skip
WORKERS: Final = 8
_HOPS: Final = 5  # redirections
_HEARD: Final = 50
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_AGENT: Final = "lieudit"  # as robots.txt names it
_LATER: Final = frozenset({408, 425, 429, 503})
_HEADERS: Final = {
    "Accept": "text/html, application/xhtml+xml",
    "Accept-Language": "fr, en;q=0.5",
    "Connection": "close",
}

T = TypeVar("T")


@dataclass
class _Host:
    """A host: how fast it is asked, one request at a time, and what it lets be read, asked once."""

    pace: Pace
    lock: Lock = field(default_factory=Lock)
    asking: Lock = field(default_factory=Lock)
    robots: dict[str, Robots] = field(default_factory=dict)
    shut: dict[str, _ShutError] = field(default_factory=dict)


class _ShutError(Exception):
    """A site is not to be read: ``status`` says why, ``silent`` that nobody answered at all."""

    def __init__(self, status: str, *, silent: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.silent = silent


class Websites:
    """Reads home pages, and remembers.

    Parameters
    ----------
    journal : Journal
    allow_private : bool, optional
        Addresses of one's own network may be asked.
    limits : Limits, optional
    clock : Clock, optional
    heard : callable, optional
        Hears now and then how many websites were dealt with, of how many.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        allow_private: bool = False,
        limits: Limits = LIMITS,
        clock: Clock | None = None,
        heard: Callable[[int, int], None] | None = None,
    ) -> None:
        self._journal = journal
        self._allow_private = allow_private
        self._limits = limits
        self._clock = clock or Clock()
        self._heard = heard or (lambda _done, _of: None)
        self._service = "websites, private ones too" if allow_private else "websites"
        self._hosts: dict[str, _Host] = {}
        self._lock = Lock()
        self._reading = Lock()

    def read(self, cells: Iterable[str]) -> Visited:
        """Read the home pages that cells name: from the journal, else by asking.

        Parameters
        ----------
        cells : iterable of str
            As they stand in a file.
        """
        visited = Visited()
        sites: dict[str, Site] = {}
        named: dict[str, list[str]] = {}
        for cell in dict.fromkeys(cells):
            try:
                site = read_site(cell, allow_private=self._allow_private)
            except AddressError:
                visited.websites[cell] = Website("refused_address")
                continue
            named.setdefault(site.url, []).append(cell)
            sites.setdefault(site.url, site)
        known = self._recall(list(sites))
        visited.remembered = len(known)
        new = self._visit_all([site for url, site in sites.items() if url not in known])
        for url, website in (*known.items(), *new):
            visited.websites |= dict.fromkeys(named[url], website)
            visited.deferred += website.website_status == "deferred"
        visited.asked = len(sites) - visited.remembered - visited.deferred
        _log.info("websites: %d asked, %d remembered, %d deferred", visited.asked, visited.remembered, visited.deferred)
        return visited

    def _recall(self, urls: Sequence[str]) -> dict[str, Website]:
        kept = self._journal.recall(self._service, urls, found_for=READ_FOR)
        kept |= self._journal.recall(f"{self._service}, unread", urls, found_for=UNREAD_FOR)
        return {url: from_memory(answer) for url, answer in kept.items()}

    def _visit_all(self, sites: list[Site]) -> Iterator[tuple[str, Website]]:
        """Visit several hosts at once; each answer is in the journal before the next one is taken."""
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="websites")
        try:
            visits = {pool.submit(self._visit, site): site.url for site in _spread(sites)}
            for number, done in enumerate(as_completed(visits)):
                if number % _HEARD == 0:
                    self._heard(number, len(sites))
                url, website = visits[done], done.result()
                if website.website_status != "deferred":
                    read = website.website_status in {"read", "empty"}
                    service = self._service if read else f"{self._service}, unread"
                    self._journal.record(service, {url: asdict(website)})
                yield url, website
        finally:
            pool.shutdown(cancel_futures=True)

    def _visit(self, site: Site) -> Website:
        """Read a home page, over http where nobody answers over https and the file does not say which."""
        try:
            try:
                reply = self._fetch(site)
            except _ShutError as shut:
                if not (site.guessed and shut.silent):
                    raise
                reply = self._fetch(site._replace(scheme="http", port=80 if site.port == 443 else site.port))
        except _ShutError as shut:
            return Website(shut.status)
        with self._reading:  # what recognises languages is one for all
            page = read_page(reply.content, reply.charset)
        return website_of(page)

    def _fetch(self, site: Site) -> Reply:
        """Fetch a page.

        Raises
        ------
        _ShutError
            There is none to be had.
        """
        for _ in range(_HOPS + 1):
            if not self._robots(site).allows(site.target):
                raise _ShutError("robots")
            try:
                return self._ask(site, lambda reply: reply, media=_HTML)
            except MovedError as moved:
                site = self._follow(site, moved)
            except UnwantedError as unwanted:
                raise _ShutError("not_html" if unwanted.what == "media" else "too_large") from None
            except RefusedError:
                break
        raise _ShutError("unreachable")

    def _robots(self, site: Site) -> Robots:
        """Return what a site lets be read; its rules are asked for once.

        Without rules all may be read; where they are too long to be taken in, nothing. A server that fails to say them
        is not asked for more (RFC 9309, 2.3.1).
        """
        host = self._host(site)
        with host.asking:
            if site.origin not in host.robots:
                host.robots[site.origin] = self._ask_robots(site._replace(target="/robots.txt"))
        return host.robots[site.origin]

    def _ask_robots(self, at: Site) -> Robots:
        for _ in range(_HOPS + 1):
            try:
                return self._ask(at, lambda reply: read_robots(reply.content.decode("utf-8", "replace"), _AGENT))
            except MovedError as moved:
                at = self._follow(at, moved)
            except UnwantedError:
                return Robots((("/", False),))
            except RefusedError:
                break
        return Robots()

    def _follow(self, site: Site, moved: MovedError) -> Site:
        try:
            return site.follow(moved.location, allow_private=self._allow_private)
        except AddressError:
            raise _ShutError("refused_address") from None

    def _ask(self, site: Site, read: Callable[[Reply], T], *, media: frozenset[str] | None = None) -> T:
        """Send one request, when it is the host's turn; a host that fails is left alone for the run."""
        host = self._host(site)
        adapter = PinnedAdapter(allow_private=self._allow_private)
        client = Client(site.origin, self._limits, headers=_HEADERS, clock=self._clock, adapter=adapter, pace=host.pace)
        with host.lock, closing(client):
            if site.origin in host.shut:
                raise host.shut[site.origin].with_traceback(None)
            try:
                return client.get(site.target, read, media=media)
            except AddressError:
                shut = _ShutError("refused_address")
            except UnresolvedError:
                shut = _ShutError("deferred")
            except StoppedError as error:
                shut = _ShutError("deferred" if error.status in _LATER else "unreachable", silent=error.status == 0)
            host.shut[site.origin] = shut
            raise shut

    def _host(self, site: Site) -> _Host:
        with self._lock:
            return self._hosts.setdefault(site.host, _Host(Pace(self._limits.per_second, self._clock)))


def _spread(sites: Iterable[Site]) -> Iterator[Site]:
    """Take sites in turn from each host, so that those that wait for one host do not keep the others waiting."""
    hosts: dict[str, list[Site]] = {}
    for site in sites:
        hosts.setdefault(site.host, []).append(site)
    return (site for turn in zip_longest(*hosts.values()) for site in turn if site is not None)
