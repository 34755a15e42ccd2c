"""Home pages: what is read of them, and what a file of addresses cannot make the program do."""

from __future__ import annotations

import socket
import sys
import time as clock
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import urllib3

from lieudit.errors import ConfigError
from lieudit.schema import WEBSITE_COLUMNS, WEBSITE_STATUSES
from lieudit.services import Journal, Website, Websites, forget, open_websites, pinned
from lieudit.services import websites as module
from lieudit.services.client import AGENT

from . import pages
from . import server as manners
from .conftest import Time
from .pages import Sites
from .server import Exchange, Server

QUICK = replace(module.LIMITS, per_second=1_000, silence=5, whole=5)
HOME = "http://shop.example/"


@dataclass
class Internet:
    """Names and where they lead, however often they are looked up; whatever is dialled ends at the test's server."""

    server: Server
    names: dict[str, list[str] | Callable[[], list[str]]] = field(default_factory=dict)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    def getaddrinfo(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        known = self.names.get(host)
        if known is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        if known == ["later"]:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        addresses = known() if callable(known) else known
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


@pytest.fixture
def internet(server: Server, monkeypatch: pytest.MonkeyPatch) -> Internet:
    internet = Internet(server, {"shop.example": ["93.184.215.14"], "www.shop.example": ["93.184.215.15"]})
    port = int(server.base.rpartition(":")[2])

    def dial(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        internet.dialled.append(address)
        if address[1] != 80:
            raise ConnectionRefusedError
        dialled = socket.socket()
        dialled.settimeout(QUICK.silence)
        dialled.connect(("127.0.0.1", port))
        return dialled

    monkeypatch.setattr(socket, "getaddrinfo", internet.getaddrinfo)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", dial)
    return internet


@pytest.fixture
def journal(tmp_path: Path, time: Time) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "journal.db", now=lambda: time.seconds)) as journal:
        yield journal


@pytest.fixture
def websites(internet: Internet, journal: Journal) -> Websites:
    internet.server.get = Sites(**{"": pages.html(pages.PLUMBER)})
    return Websites(journal, limits=QUICK)


def _put(internet: Internet, **content: manners.Manner) -> Sites:
    internet.server.get = sites = Sites(
        **{name.replace("robots", "robots.txt"): page for name, page in content.items()}
    )
    return sites


def _status(websites: Websites, cell: str = HOME) -> str:
    return websites.read([cell]).websites[cell].website_status


def _paths(internet: Internet) -> list[str]:
    return [request.path for request in internet.server.requests]


def test_a_home_page_is_read(websites: Websites, internet: Internet, tmp_path: Path) -> None:
    visited = websites.read([HOME])
    site = visited.websites[HOME]
    assert site == Website(
        website_status="read", website_title="Plomberie Kervella – Dépannage à Rennes",
        website_description="Plombier chauffagiste depuis 1982. Écrivez à ou au.", website_language="fr",
        website_themes=site.website_themes,
        website_sector_words=("F:plombier", "F:plomberie", "F:chauffagiste"),
        website_social=("https://www.facebook.com/plomberiekervella", "https://www.linkedin.com/company/kervella"),
        website_ecommerce=False,
    )  # fmt: skip
    assert set(site.website_themes[:4]) == {"plombier", "plomberie", "rennes", "dépannage"}
    assert "chaudières" in site.website_themes
    assert not {"contact", "motdescript", "anne", "zzyzx", "mentions"} & set(site.website_themes)
    assert (visited.asked, visited.remembered, visited.deferred) == (1, 0, 0)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).lower()
    for word in ("zzyzx", "02 99", "06 12", "contact@", "shop.example"):
        assert word not in repr(site).lower()
        assert word.encode() not in kept


def test_fields_are_the_columns_and_statuses_those_of_the_schema() -> None:
    assert list(Website.__dataclass_fields__) == [column.name for column in WEBSITE_COLUMNS]
    assert set(WEBSITE_STATUSES) == {
        "read", "empty", "robots", "refused_address", "unreachable", "not_html", "too_large", "deferred",
    }  # fmt: skip


def test_the_rules_are_asked_for_first_and_who_asks_is_said(websites: Websites, internet: Internet) -> None:
    websites.read([f"{HOME}?x=é#part"])
    assert _paths(internet) == ["/robots.txt", "/?x=%C3%A9"]
    for request in internet.server.requests:
        assert request.headers["User-Agent"] == AGENT
        assert request.headers["Host"] == "shop.example"
        assert not {"Cookie", "Authorization", "Referer"} & set(request.headers)
    assert internet.dialled == [("93.184.215.14", 80)] * 2


def test_proxies_of_the_environment_are_not_used(
    websites: Websites, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    monkeypatch.delenv("NO_PROXY")
    assert _status(websites) == "read"
    assert {address for address, _ in internet.dialled} == {"93.184.215.14"}


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("User-agent: *\nDisallow: /", "robots"),
        ("User-agent: *\nDisallow: /*", "robots"),
        ("User-agent: *\r\nDisallow: /$\r\n", "robots"),
        ("User-agent: *\nDisallow:\n\nUser-agent: Lieudit\nDisallow: /", "robots"),
        ("\ufeffUser-agent: other\nUser-agent: *\nDisallow: /", "robots"),
        ("User-agent: *\nDisallow: /\nAllow: /$", "read"),
        ("User-agent: *\nDisallow: /\n\nUser-agent: lieudit\nDisallow: /private", "read"),
        ("User-agent: *\nDisallow: /admin\nDisallow: /*?", "read"),
        ("<html>no rules</html>", "read"),
        ("", "read"),
    ],
)
def test_robots_are_obeyed(rules: str, status: str, websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": pages.html(pages.PLUMBER), "robots": pages.html(rules, "text/plain")})
    assert _status(websites) == status
    assert ("/" in _paths(internet)) is (status == "read")


@pytest.mark.parametrize(
    ("robots", "status"),
    [
        pytest.param(manners.status(500), "unreachable", id="500"),
        pytest.param(manners.status(503), "deferred", id="503"),
        pytest.param(manners.status(403), "read", id="403"),
        pytest.param(pages.html("x" * (3 << 20), "text/plain"), "robots", id="huge"),
        pytest.param(pages.moved("http://10.0.0.1/robots.txt"), "refused_address", id="inside"),
        pytest.param(pages.moved("/robots.txt"), "read", id="loop"),
    ],
)
def test_rules_that_cannot_be_had(robots: manners.Manner, status: str, websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": pages.html(pages.PLUMBER), "robots": robots})
    assert _status(websites) == status
    assert ("/" in _paths(internet)) is (status == "read")


def test_the_host_that_a_redirection_leads_to_has_rules_too(websites: Websites, internet: Internet) -> None:
    def robots(exchange: Exchange) -> None:
        forbids = exchange.request.headers["Host"] == "www.shop.example"
        exchange.send(200, b"User-agent: *\nDisallow: /" if forbids else b"", "text/plain")

    _put(internet, **{"": pages.moved("http://www.shop.example/fr/"), "robots": robots})
    assert _status(websites) == "robots"
    assert _paths(internet) == ["/robots.txt", "/", "/robots.txt"]


def test_a_redirection_is_followed_to_a_public_host(websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": pages.moved("//www.shop.example/fr"), "fr": pages.html(pages.PLUMBER)})
    assert _status(websites) == "read"
    assert [request.headers["Host"] for request in internet.server.requests] == ["shop.example"] * 2 + [
        "www.shop.example"
    ] * 2


PRIVATE = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://0/",
    "http://localhost/", "http://intranet/", "http://nas.local/", "http://127。0。0。1/", "http://①②⑦.0.0.1/",
    "http://user:word@shop.example/", "http://shop.example@10.0.0.1/", "http://shop.example:22/",
    "http://shop.example:8080/", "https://shop.example:80/", "file:///etc/passwd", "ftp://shop.example/",
    "gopher://shop.example/", "javascript:alert(1)", "mailto:anne@shop.example",
    "http://shop.example\\@10.0.0.1/", "http://8.8.8.8/", "data:text/html,x", "http://metadata.google.internal/",
]  # fmt: skip


@pytest.mark.parametrize(
    "cell", [*PRIVATE, "", " ", "néant", "http://", "http:///", "http://-.fr/", "http://a..fr/", "http://x\x00.fr/"]
)
def test_addresses_that_are_not_asked(cell: str, websites: Websites, internet: Internet) -> None:
    assert _status(websites, cell) == "refused_address"
    assert internet.dialled == []


@pytest.mark.parametrize("location", [*PRIVATE, "http://inside.example/", "http://[broken/"])
def test_a_redirection_does_not_lead_inside(location: str, websites: Websites, internet: Internet) -> None:
    internet.names["inside.example"] = ["10.0.0.1"]
    _put(internet, **{"": pages.moved(location.encode().decode("latin-1"))})  # headers take nothing else
    assert _status(websites) == "refused_address"
    assert {address for address, _ in internet.dialled} == {"93.184.215.14"}


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.1.2.3"], ["172.16.0.1"], ["192.168.1.1"], ["127.0.0.1"], ["169.254.169.254"], ["100.100.100.200"],
        ["0.0.0.1"], ["224.0.0.1"], ["240.0.0.1"], ["255.255.255.255"], ["192.0.0.192"], ["168.63.129.16"],
        ["198.18.0.1"], ["::1"], ["::"], ["fe80::1%eth0"], ["fec0::1"], ["fd00:ec2::254"], ["::ffff:127.0.0.1"],
        ["::127.0.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["2001:0:7f00:1::"], ["ff02::1"],
        ["93.184.215.14", "10.0.0.1"],
    ],
)  # fmt: skip
def test_names_that_lead_inside(addresses: list[str], websites: Websites, internet: Internet) -> None:
    internet.names["shop.example"] = addresses
    assert _status(websites) == "refused_address"
    assert internet.dialled == []


@pytest.mark.parametrize("address", ["2606:4700::1", "64:ff9b::5db8:d70e"])
def test_names_that_lead_to_public_addresses_of_version_6(address: str, websites: Websites, internet: Internet) -> None:
    internet.names["shop.example"] = [address]
    assert _status(websites) == "read"
    assert internet.dialled == [(address, 80)] * 2


def test_a_name_that_changes_its_mind_leads_nowhere_else(websites: Websites, internet: Internet) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    internet.names["shop.example"] = lambda: next(answers)
    assert _status(websites) == "refused_address"  # the page; its rules had been read
    assert internet.dialled == [("93.184.215.14", 80)]


def test_private_addresses_where_they_are_allowed(server: Server, journal: Journal) -> None:
    server.get = Sites(**{"": pages.html(pages.PLUMBER)})
    allowed = Websites(journal, limits=QUICK, allow_private=True)
    assert _status(allowed, server.base) == "read"
    assert _status(Websites(journal, limits=QUICK), server.base) == "refused_address"


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::1", "::ffff:169.254.169.254"]
)
def test_what_is_secret_to_a_machine_is_not_asked_even_where_private_addresses_are(
    address: str, internet: Internet, journal: Journal
) -> None:
    internet.names["shop.example"] = [address]
    assert _status(Websites(journal, limits=QUICK, allow_private=True)) == "refused_address"
    assert internet.dialled == []


@pytest.mark.parametrize("to", ["/", "http://shop.example/", "http://www.shop.example/"])
def test_redirections_without_end(to: str, websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": pages.moved(to)})
    assert _status(websites) == "unreachable"
    assert _paths(internet).count("/") == 6


@pytest.mark.parametrize(
    ("page", "status"),
    [
        pytest.param(manners.status(404), "unreachable", id="404"),
        pytest.param(manners.status(500), "unreachable", id="500"),
        pytest.param(manners.status(429, Retry_After="5"), "deferred", id="429"),
        pytest.param(manners.status(503), "deferred", id="503"),
        pytest.param(manners.broken_off, "unreachable", id="broken off"),
        pytest.param(pages.html("%PDF-1.7", "application/pdf"), "not_html", id="pdf"),
        pytest.param(pages.html("<p>un deux trois quatre cinq</p>", ""), "not_html", id="no type"),
        pytest.param(pages.html("<p>x</p>" * 400_000), "too_large", id="huge"),
        pytest.param(pages.endless, "too_large", id="endless"),
        pytest.param(pages.gzipped(30 << 20), "too_large", id="packed"),
        pytest.param(pages.html(pages.SHELL), "empty", id="shell"),
        pytest.param(pages.html(""), "empty", id="nothing"),
        pytest.param(pages.html("\0\0<"), "empty", id="nulls"),
    ],
)
def test_what_becomes_of_a_page(page: manners.Manner, status: str, websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": page})
    assert _status(websites) == status


def test_a_little_that_becomes_a_lot_is_not_unpacked(websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": pages.gzipped(100 << 20)})
    tracemalloc.start()
    assert _status(websites) == "too_large"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_page_that_trickles_is_left_in_time(
    part: str, internet: Internet, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinned._Timed, "seconds", 0.7)
    _put(internet, **{"": pages.trickle(part)})
    began = clock.monotonic()
    assert _status(Websites(journal, limits=replace(QUICK, whole=0.7))) == "unreachable"
    assert clock.monotonic() - began < 5


@pytest.mark.parametrize(
    ("media", "text", "encoding"),
    [
        ("text/html; charset=ISO-8859-1", "<title>Épicerie fine d’été</title>", "cp1252"),
        ("text/html", '<meta charset="windows-1252"><title>Épicerie fine d’été</title>', "cp1252"),
        ("text/html", "<title>Épicerie fine d’été</title>", "cp1252"),
        ("text/html", "<title>Épicerie fine d’été</title>", "utf-8"),
        ("text/html; charset=utf-8", '<meta charset="iso-8859-1"><title>Épicerie fine d’été</title>', "utf-8"),
        ("text/html; charset=ISO-8859-1", "<title>Épicerie fine d’été</title>", "utf-16"),
        ("text/html; charset=idna", "<title>Épicerie fine d’été</title>", "utf-8"),
        ("text/html; charset=nonsense", "<title>Épicerie fine d’été</title>", "utf-8"),
        ("application/xhtml+xml", "<?xml version='1.0' encoding='utf-8'?><title>Épicerie fine d’été</title>", "utf-8"),
    ],
)
def test_encodings(media: str, text: str, encoding: str, websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": pages.html(text, media, encoding)})
    assert websites.read([HOME]).websites[HOME].website_title == "Épicerie fine d’été"


def test_without_a_scheme_https_comes_first_and_http_only_where_nobody_answers(
    websites: Websites, internet: Internet
) -> None:
    assert _status(websites, "shop.example") == "read"
    assert internet.dialled == [("93.184.215.14", 443), ("93.184.215.14", 80), ("93.184.215.14", 80)]
    assert _status(websites, "https://www.shop.example") == "unreachable"


@pytest.mark.parametrize(("leads", "status"), [(None, "unreachable"), (["later"], "deferred")])
def test_names_that_cannot_be_looked_up(
    leads: list[str] | None, status: str, websites: Websites, internet: Internet
) -> None:
    if leads:
        internet.names["gone.example"] = leads
    assert _status(websites, "http://gone.example") == status


def test_nothing_is_asked_twice_until_it_is_old(websites: Websites, internet: Internet, time: Time) -> None:
    cells = [HOME, "http://SHOP.example", "http://www.shop.example/gone"]
    first = websites.read(cells)
    assert (first.asked, first.remembered) == (2, 0)
    again = Websites(websites._journal, limits=QUICK)
    asked = len(internet.server.requests)
    assert again.read(cells).websites == first.websites
    assert again.read(cells).remembered == 2
    assert len(internet.server.requests) == asked
    time.seconds += module.UNREAD_FOR
    assert (again.read(cells).asked, again.read(cells).asked) == (1, 0)
    time.seconds += module.READ_FOR
    assert Websites(websites._journal, limits=QUICK).read(cells).asked == 2


def test_what_is_deferred_is_asked_again(websites: Websites, internet: Internet) -> None:
    _put(internet, **{"": manners.status(503)})
    assert websites.read([HOME]).deferred == 1
    _put(internet, **{"": pages.html(pages.SHOP)})
    assert _status(websites) == "deferred"  # in the same run the host is left alone
    assert len(_paths(internet)) == 2
    site = Websites(websites._journal, limits=QUICK).read([HOME]).websites[HOME]
    assert (site.website_status, site.website_title, site.website_ecommerce) == ("read", "Savons & Cie", True)


def test_one_request_a_second_a_host(internet: Internet, journal: Journal, time: Time) -> None:
    assert module.LIMITS.per_second == 1
    sites = _put(internet, **{f"p{number}": pages.html(pages.SHOP) for number in range(6)})
    at: list[float] = []

    def noted(exchange: Exchange) -> None:
        at.append(time.seconds)
        sites(exchange)

    internet.server.get = noted
    visited = Websites(journal, clock=time.clock()).read([f"{HOME}p{number}" for number in range(6)])
    assert {site.website_status for site in visited.websites.values()} == {"read"}
    assert len(at) == 7  # the rules once
    assert min(late - early for early, late in pairwise(at)) >= 1


def test_several_hosts_are_asked_at_once(websites: Websites, internet: Internet) -> None:
    both = Barrier(2, timeout=20)  # broken, and the page cut off, unless two are there

    def together(exchange: Exchange) -> None:
        both.wait()
        exchange.send(200, pages.SHOP.encode(), "text/html")

    _put(internet, **{"": together})
    visited = websites.read([HOME, "http://www.shop.example"])
    assert {site.website_status for site in visited.websites.values()} == {"read"}


def test_progress_is_heard(internet: Internet, journal: Journal) -> None:
    heard: list[tuple[int, int]] = []
    Websites(journal, limits=QUICK, heard=lambda *said: heard.append(said)).read([HOME, "http://www.shop.example"])
    assert heard == [(0, 2)]


@pytest.mark.parametrize("name", ["trafilatura", "lxml.html", "py3langid", "justext"])
def test_without_the_extra_it_is_named(name: str, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r"pip install 'lieudit\[web\]'"), open_websites():
        pass
    assert not data.exists()


def test_forgetting_erases_what_was_read(server: Server, data: Path) -> None:
    server.get = Sites(**{"": pages.html(pages.SHOP)})
    with open_websites(allow_private=True) as websites:
        assert _status(websites, server.base) == "read"
    assert forget() == 1
    assert b"Savons" not in (data / "journal.db").read_bytes()
