"""An address on one line (or several), taken apart from its end: postcode, then city."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lieudit.enrichment.countries import FRANCE, country_code
from lieudit.enrichment.postcode import is_blank

__all__ = ["Lines", "Tail", "read_lines"]

_SEPARATOR = re.compile(r"\s*(?:[,;|\n\r\t]|\s[-–—]\s)\s*")
# Not a post box's number (``CS 20001``) nor a part of a longer one.
_POSTCODE = re.compile(
    r"(?<![\dA-Za-z])(?:(?:F|FR)\s?[-–]\s?)?(\d{5}|\d{2}\s\d{3}(?=\s+[A-Za-zÀ-ÿ]))(?![\dA-Za-z])", re.IGNORECASE
)
_POST_BOX_BEFORE = re.compile(
    r"(?:\b(?:BP|B\.P\.|CS|C\.S\.|TSA|CIDEX|SP|BOITE POSTALE|BOÎTE POSTALE)|N°|#)\s*$", re.IGNORECASE
)
_SHORT_POSTCODE = re.compile(r"^(\d{4})\s+(\D+)$")
_FOREIGN_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|\d{4} [A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|[A-Z]{2} \d{5}(?:-\d{4})?)\b"
)


class Tail(NamedTuple):
    """A postcode and a city found in an address; the postcode may be ``""``."""

    postcode: str
    city: str


class Lines(NamedTuple):
    """An address as read.

    Attributes
    ----------
    tails : tuple of Tail
        The likeliest first, which is the last in the text.
    segments : tuple of str
        Its parts between commas and line ends, in order.
    foreign : bool
        It ends with the name of another country, or has another country's postcode.
    """

    tails: tuple[Tail, ...] = ()
    segments: tuple[str, ...] = ()
    foreign: bool = False


def read_lines(text: str) -> Lines:
    """Take an address apart.

    Examples
    --------
    >>> read_lines("5 rue de Lyon 75012 Paris").tails
    (Tail(postcode='75012', city='Paris'),)
    >>> read_lines("3 place de l'Hôtel de Ville, CS 20001, 76600 LE HAVRE, FRANCE").tails
    (Tail(postcode='76600', city='LE HAVRE'),)
    >>> read_lines("Rue de la Loi 16, 1000 Bruxelles, Belgique").foreign
    True
    """
    segments = [part for part in _SEPARATOR.split(text.strip()) if part and not is_blank(part)]
    while segments and country_code(segments[-1]) == FRANCE and len(segments[-1]) > 2:
        segments.pop()
    if not segments:
        return Lines()
    foreign = len(segments) > 1 and len(segments[-1]) > 3 and country_code(segments[-1]) not in {"", FRANCE}
    tails = [tail for place in reversed(range(len(segments))) for tail in _tails_of(segments, place)]
    foreign = foreign or (not tails and _FOREIGN_POSTCODE.search(text) is not None)
    if not tails:
        short = _SHORT_POSTCODE.match(segments[-1])
        tails.append(Tail(short[1], short[2]) if short else Tail("", segments[-1]))
    return Lines(tuple(tails), tuple(segments), foreign)


def _tails_of(segments: list[str], place: int) -> list[Tail]:
    """Find postcodes in a segment; the city stands behind, else in the next segment, else before."""
    segment = segments[place]
    found = []
    for match in reversed(list(_POSTCODE.finditer(segment))):
        before, after = segment[: match.start()], segment[match.end() :].strip(" .:-")
        if _POST_BOX_BEFORE.search(before):
            continue
        following = segments[place + 1] if place + 1 < len(segments) else ""
        previous = segments[place - 1] if place else ""
        city = after or following or before.strip(" (.:-") or previous
        found.append(Tail(match[1].replace(" ", ""), _without_country(city)))
    return found


_LAST_COUNTRY: Final = re.compile(r"^(.+?)[\s(]+FRANCE\)?$", re.IGNORECASE)


def _without_country(city: str) -> str:
    """Take FRANCE from the end, but for Fort-de-France and those *en France*."""
    found = _LAST_COUNTRY.match(city)
    return found[1] if found and not re.search(r"\b(?:en|de)$", found[1], re.IGNORECASE) else city
