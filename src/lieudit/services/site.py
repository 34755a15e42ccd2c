"""Addresses of websites as people write them, and which of them may be asked.

A customer file must not be able to make the program call what only its own network reaches: the machine itself, a
router, a cloud's metadata service. So the address is taken apart and put together again from what was checked, its
host must be a public name, and every address that the name leads to must be public.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna
import requests

from lieudit.services.terms import AddressError, UnresolvedError

__all__ = ["Site", "is_private", "is_public", "public_address", "read_site"]

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2_000  # characters of an address
# Names that mean something inside a network only (RFC 6761, RFC 6762, RFC 8375, and what is used so).
_INSIDE: Final = frozenset({
    "local", "localhost", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "test",
    "invalid", "onion",
})  # fmt: skip
_GLOBAL6: Final = IPv6Network("2000::/3")  # all that was ever given out; the rest is special
_NAT64: Final = IPv6Network("64:ff9b::/96")  # an IPv4 address inside; some networks reach IPv4 only so
# Where clouds keep what is secret to a machine, besides link-local addresses: Azure, Oracle, Alibaba, Amazon.
_METADATA: Final = frozenset(
    map(ip_address, ("168.63.129.16", "192.0.0.192", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"))
)


class Site(NamedTuple):
    """Where a website is.

    Attributes
    ----------
    scheme : str
        ``http`` or ``https``.
    host : str
        A name in ASCII, or an address where those are allowed.
    port : int
    target : str
        Path and query.
    guessed : bool
        The scheme was not written: if nobody answers over https, http may be tried.
    """

    scheme: str
    host: str
    port: int
    target: str
    guessed: bool = False

    @property
    def origin(self) -> str:
        """All up to the path."""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}{port}"

    @property
    def url(self) -> str:
        """All of it."""
        return self.origin + self.target

    def follow(self, location: str, *, allow_private: bool) -> Site:
        """Return where a redirection leads, checked like any other address."""
        try:
            return read_site(urljoin(self.url, location.strip()), allow_private=allow_private)
        except ValueError:
            raise AddressError("A redirection leads to no address.") from None


def read_site(cell: str, *, allow_private: bool = False) -> Site:
    """Read the address of a website.

    Parameters
    ----------
    cell : str
        ``https://www.exemple.fr/``, ``exemple.fr``, ``//exemple.fr``; of several the first.
    allow_private : bool, optional
        Addresses, names without a dot and other ports may be asked as well.

    Raises
    ------
    AddressError
        It is none, or not one that may be asked. The message does not repeat it.

    Examples
    --------
    >>> read_site(" WWW.Exemple.fr/a b ; autre.fr")
    Site(scheme='https', host='www.exemple.fr', port=443, target='/a', guessed=True)
    >>> read_site("http://éxemple.fr?x=1#y").origin
    'http://xn--xemple-9ua.fr'
    """
    words = re.split(r"[\s;,|]+", cell.strip(), maxsplit=1)
    text = words[0]
    if not text or len(text) > _LONGEST or not text.isprintable() or "\\" in text:
        raise AddressError("That is no address of a website.")
    guessed = "://" not in text
    if guessed:
        if re.match(r"[A-Za-z][\w+.-]*:(?!\d)", text):
            raise AddressError("Only http and https are asked.")
        text = f"https://{text.lstrip('/')}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressError("That is no address of a website.") from None
    if parts.scheme not in _PORTS:
        raise AddressError("Only http and https are asked.")
    if "@" in parts.netloc:
        raise AddressError("An address with a name or a password in it is not asked.")
    if port not in {None, _PORTS[parts.scheme]} and not allow_private:
        raise AddressError("Only the ports of http and https are asked.")
    host = _host(parts, allow_private)
    return Site(parts.scheme, host, port or _PORTS[parts.scheme], _target(parts), guessed)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else path


def _host(parts: SplitResult, allow_private: bool) -> str:
    """Return the host as it is looked up; with names in other scripts, full-width dots and the like made plain."""
    written = parts.hostname or ""
    if ":" in written or (allow_private and _is_address(written)):
        if allow_private and _is_address(written):
            return written
        raise AddressError("A number is no name of a website.")
    try:
        host = idna.encode(written.rstrip("."), uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise AddressError("That is no name of a website.") from None
    *others, last = host.split(".")
    # 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to a resolver: a name ends in letters.
    if re.fullmatch(r"\d+|0x[0-9a-f]*", last):
        raise AddressError("A number is no name of a website.")
    if not allow_private and (not others or last in _INSIDE):
        raise AddressError("That is a name of one's own network.")
    return host


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of the public Internet.

    Examples
    --------
    >>> [is_public(ip_address(text)) for text in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:8.8.8.8")]
    [True, False, False, False]
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        wrapped = address.sixtofour or address.teredo
        return address in _GLOBAL6 and address.is_global and not wrapped
    return address.is_global and not address.is_multicast and not address.is_reserved and address not in _METADATA


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one at which a network of one's own has websites.

    Those of the machine itself are among them; link-local ones and those of a cloud's metadata services are not, for no
    company has its website there.

    Examples
    --------
    >>> [is_private(ip_address(text)) for text in ("10.0.0.1", "::1", "169.254.169.254", "::ffff:169.254.169.254")]
    [True, True, False, False]
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return is_private(address.ipv4_mapped)
    special = address.is_link_local or address.is_multicast or address.is_unspecified
    return address.is_private and not special and address not in _METADATA


def public_address(host: str, port: int, *, allow_private: bool = False) -> str:
    """Look a name up, and return the address to connect to: IPv4 where there is one.

    Raises
    ------
    AddressError
        One of its addresses is not public, nor, where those are allowed, private.
    UnresolvedError
        Nobody says for now.
    requests.ConnectionError
        There is no such name.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise requests.ConnectionError("no such name") from None
        raise UnresolvedError(f"{host} cannot be looked up for now.") from None
    except UnicodeError:
        raise AddressError("That is no name of a website.") from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not all(is_public(address) or (allow_private and is_private(address)) for address in addresses):
        raise AddressError(f"{host} leads into a network of its own.")
    return str(min(addresses, key=lambda address: address.version))
