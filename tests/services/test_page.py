"""What is taken from a page, and from an address of one, whatever they are."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from lieudit.services.page import read_page
from lieudit.services.page_words import sector_words, without_people
from lieudit.services.pinned import PinnedAdapter
from lieudit.services.robots import Robots, read_robots
from lieudit.services.site import is_public, read_site
from lieudit.services.terms import AddressError

from . import server as manners
from .server import serving

ADDRESSES = st.text("htps:/@[]()#?.%-_\\ 0123456789abcxyzéß。１Ａ\t\n\u200b\u202e", max_size=30)


PIECES = [
    "<html>", "<head>", "<title>", "</title>", "<body>", "<p>", "</p>", "<a href='", "'>", "</a>", "<svg>", "<nav>",
    "<script type='application/ld+json'>", "</script>", '{"@type": ', '"Product"}', "[", "<!--", "-->", "<![CDATA[",
    "&#0;", "&#xFFFF;", "&#xD800", "&#99999999;", "&#XB", "\ufffe", "\ud7ff", "<?xml version='1.0' encoding='utf-16'?>",
    "<meta charset=utf-16>", "un deux trois ", "http://[x", "Jean Dupont ", "<form>", "<table>", "<frameset>", "\0",
    "<noscript>", "<template>", "<base href=x>", "<!DOCTYPE x [", "<a:b c:d=e>", "<textarea>", "<math><mi>",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["", "http://", "https://", "//", "http:", "http://a@"]), ADDRESSES)
def test_an_address_means_the_same_to_all_that_read_it(start: str, rest: str) -> None:
    try:
        site = read_site(start + rest)
    except AddressError:
        return
    prepared = requests.Request("GET", site.url).prepare().url
    assert prepared is not None
    for url in (site.url, prepared):
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname, parts.port, parts.username) == (site.scheme, site.host, None, None)
    assert site.host.isascii()
    assert "." in site.host
    with pytest.raises(ValueError, match="does not appear"):
        ip_address(site.host)


@given(st.ip_addresses(v=4))
def test_addresses_of_version_4_inside_those_of_version_6_are_judged_alike(address: object) -> None:
    text = str(address)
    assert not is_public(ip_address(f"::ffff:{text}"))
    assert is_public(ip_address(f"64:ff9b::{text}")) == is_public(ip_address(text))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", "utf-8", "utf-16", "idna", "latin-1"]))
def test_whatever_a_page_is_it_can_be_read(parts: list[str], charset: str) -> None:
    page = read_page("".join(parts).encode(), charset)
    for text in (page.title, page.description) if page else ():
        assert text is None or (text.isprintable() and 0 < len(text) <= 500 and text[0] not in "=+-@")
        assert "Dupont" not in (text or "")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_can_be_read(content: bytes) -> None:
    read_page(content)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Écrivez à jean.dupont@exemple.fr ou rdv (at) exemple.fr", "Écrivez à ou"),
        ("Tél. : 06.12.34.56.78 / +33 (0)2 99 00 00 00 / 0033299000000", "Tél. : / /"),
        ("Maître Anne-Sophie Le Gall, avocate", ", avocate"),
        ("M. et Mme Martin vous accueillent", "M. et vous accueillent"),
        ("DUPONT Jean, artisan", ", artisan"),
        ("Boulangerie Saint-Martin, 12 rue de la Paix", "Boulangerie Saint-Martin, 12 rue de la Paix"),
        ("Nos 25 000 clients depuis 1998", "Nos 25 000 clients depuis 1998"),
    ],
)
def test_people_are_taken_out(text: str, left: str) -> None:
    assert without_people(text) == left


@pytest.mark.parametrize(
    ("body", "sells"),
    [
        ('<a href="/panier">x</a>', True),
        ('<form action="https://shop.example/cart/add">x</form>', True),
        ("<button><span>Ajouter au panier</span></button>", True),
        ('<script src="https://cdn.shopify.com/s/x.js"></script>', True),
        ('<meta name="generator" content="WooCommerce 9">', True),
        ('<script type="application/ld+json">[{"offers": {"@type": "Offer"}}]</script>', True),
        ('<script type="application/ld+json">{"@type": "LocalBusiness"}</script>', False),
        ('<a href="/carte">La carte du restaurant</a><p>Un panier de basket</p>', False),
        ('<a href="/panier-garni-histoire">x</a>', False),
    ],
)
def test_who_sells_online(body: str, sells: bool) -> None:
    page = read_page(f"<html><body>{body}<p>un deux trois quatre cinq</p></body></html>".encode())
    assert page is not None
    assert page.ecommerce is sells


def test_languages_and_sectors() -> None:
    text = "We are a family firm of plumbers and heating engineers. Our plumber repairs boilers, pipes and taps. " * 3
    page = read_page(f"<html lang=fr><title>Plumber in Leeds</title><p>{text}".encode())
    assert page is not None
    assert (page.language, page.sector_words[0]) == ("en", "F:plumber")
    short = read_page(b'<html lang="fr-FR"><title>Plombier</title><p>un deux trois quatre cinq</p>')
    assert short is not None
    assert short.language == "fr"
    assert sector_words("restaurant", "") == ()  # said once
    assert sector_words("Boulangerie artisanale : boulangerie, pâtisseries", "Boulangerie") == ("C:boulangerie",)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/", "/a", True), ("/a", "/", False), ("/a*c", "/abcd", True), ("/a*c$", "/abcd", False),
        ("/a*c$", "/abcc", True), ("*", "/x", True), ("/a$", "/a", True), ("/a$", "/ab", False),
        ("/*$", "/", True), ("/a**b", "/axb", True),
        ("/*a*a*a*a*a*a*a*a*a*a*b", "/" + "a" * 2_000, False),
    ],
)  # fmt: skip
def test_patterns_of_rules(pattern: str, path: str, fits: bool) -> None:
    assert Robots(((pattern, False),)).allows(path) is not fits


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nAllow: /page\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nAllow: /page", True),
        ("User-agent: *\nAllow: /\nDisallow: /page", False),
        ("User-agent: *\nDisallow: /page\nAllow: /page", True),
        ("User-agent: *\nDisallow: /p%61ge", False),
        ("User-agent: lieudit\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: lieudit\n\nUser-agent: *\nDisallow: /", False),
        ("User-agent: lieudit\nDisallow: /a\nUser-agent: lieudit\nDisallow: /page", False),
        ("USER-AGENT : LIEUDIT/1.0 (x)\nDISALLOW : /page", False),
        ("Disallow: /", True),
    ],
)
def test_the_most_specific_rule_stands(text: str, allowed: bool) -> None:
    assert read_robots(text, "lieudit").allows("/page") is allowed


def _certificate(name: str, folder: Path) -> Path:
    """Make a certificate that signs itself, and its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    encoding, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, nothing)
    path.write_bytes(private + made.public_bytes(encoding))
    return path


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path, list[str | None]]]:
    """A server that speaks TLS as ``shop.example``, and every name leading to it."""
    certificate = _certificate("shop.example", tmp_path)
    context, heard = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: heard.append(name)
    monkeypatch.setattr("lieudit.services.pinned.public_address", lambda *_, **__: "127.0.0.1")
    with serving(tls=context) as server:
        server.get = manners.echo
        yield server.base.rpartition(":")[2], certificate, heard


def test_the_certificate_must_be_of_the_name_not_of_the_address(
    secure: tuple[str, Path, list[str | None]],
) -> None:
    port, certificate, heard = secure
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", PinnedAdapter())
        reply = session.get(f"https://shop.example:{port}/x", verify=str(certificate), timeout=5)
        assert reply.text == "/x"
        assert heard == ["shop.example"]
        with pytest.raises(requests.exceptions.SSLError, match="Hostname mismatch"):
            session.get(f"https://other.example:{port}/x", verify=str(certificate), timeout=5)
        assert heard == ["shop.example", "other.example"]


@pytest.mark.parametrize("title", ['=HYPERLINK("http://x")', "+33", "@SUM(1)", "- =1+1", "\t=1"])
def test_a_title_is_no_formula_of_a_sheet(title: str) -> None:
    page = read_page(f"<title>{title} plombier</title><p>un deux trois quatre cinq".encode())
    assert page is not None
    assert page.title is not None
    assert page.title[0] not in "=+-@\t"
    assert page.title.endswith("plombier")
