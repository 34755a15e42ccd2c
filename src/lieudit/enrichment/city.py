"""What a city column holds: a name, and often more than that."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from lieudit.enrichment.collector import emptied_at_exit
from lieudit.enrichment.encoding import repair, without_pictures
from lieudit.enrichment.normalise import fold, key, words_of
from lieudit.enrichment.postcode import BLANKS, is_blank

__all__ = ["MORE_THAN_A_NAME", "City", "read_city"]

_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŸ'’ .\-]+")
_SUSPECT = frozenset("ÃÂâ")  # letters that begin most misreadings
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_POST_BOX = re.compile(r"\b(?:BP|CS|TSA|CIDEX|B P|C S)\s*\d+\b")
_CEDEX = re.compile(r"\bCE?DE?X\b(?: \d{1,2}\b)?")
_POSTCODE = re.compile(r"\b(?:FR? )?(\d{5}|\d{2} \d{3})\b")
_NUMBERED = re.compile(
    r"\b(\d{1,2}) ?(?:ER|ERE|E|EME|IEME|ND|NDE|D)?(?: (?:ARR|ARRDT|ARDT|ARRT|ARRONDISSEMENT|ARRONDISSMENT))?\b"
)
_ROMAN_NUMERALS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX"
_ROMAN: Final = {name: number for number, name in enumerate(_ROMAN_NUMERALS.split(), start=1)}
_DIVIDED: Final = frozenset({"PARIS", "LYON", "MARSEILLE"})
MORE_THAN_A_NAME = re.compile(r"\bCE?DE?X\b|\b(?:PARIS|LYON|MARSEILLE) | FRANCE$")
_DEPARTMENT = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|97[1-8]|98[678]|2[AB])")
_COUNTRY_WORDS: Final = frozenset({"FRANCE", "FR"})


class City(NamedTuple):
    """A city as read.

    Attributes
    ----------
    keys : tuple of str
        Spellings to look up (see :mod:`lieudit.enrichment.normalise`), the likeliest first; none for a blank.
    number : int
        Of an arrondissement of Paris, Lyon or Marseille, or 0.
    cedex : bool
        It is a post office for large receivers.
    postcode, department : str
        Typed with the name, or ``""``.
    folded : str
        All of the text, folded.
    """

    keys: tuple[str, ...] = ()
    number: int = 0
    cedex: bool = False
    postcode: str = ""
    department: str = ""
    folded: str = ""


@emptied_at_exit
@functools.lru_cache(maxsize=1 << 16)
def read_city(text: str) -> City:
    """Read the text of a city column.

    Examples
    --------
    >>> read_city("HAVRE (LE)").keys, read_city("35000 Rennes").postcode, read_city("Rennes (35)").department
    (('LE HAVRE',), '35000', '35')
    >>> city = read_city("Lyon 3ème arrondissement")
    >>> city.keys, city.number
    (('LYON',), 3)
    >>> read_city("NANTES CEDEX 1").cedex
    True
    """
    if _PLAIN.fullmatch(text) and (text.isascii() or _SUSPECT.isdisjoint(text)):
        folded = fold(text)
        if folded not in BLANKS and not MORE_THAN_A_NAME.search(folded):
            return City((words_of(folded),), 0, False, "", "", folded)
    text = without_pictures(text)
    if is_blank(text):
        return City()
    readings = [_read(reading) for reading in repair(text)]
    first = readings[0]
    keys = tuple(dict.fromkeys(name for reading in readings for name in reading.keys))
    return City(keys, first.number, first.cedex, first.postcode, first.department, first.folded)


def _read(text: str) -> City:
    inside = [found.strip() for found in _BRACKETS.findall(text)]
    text = re.sub(r"\((\d{5})\)", r" \1 ", text)
    inside = [found for found in inside if not re.fullmatch(r"\d{5}", found)]
    department = next((found.upper() for found in inside if _DEPARTMENT.fullmatch(found.upper())), "")
    articles = " ".join(found for found in inside if fold(found) in {"LE", "LA", "LES", "L"})
    whole = key(f"{_BRACKETS.sub(' ', text)} {articles}") if inside else key(text)
    name, number, cedex, postcode, typed = _strip(whole)
    others = [key(found) for found in inside if len(found) > 3 and not any(c.isdecimal() for c in found)]
    if others:
        others = [f"{name} {' '.join(others)}", name, *others]  # ``Castillon (Canton de Lembeye)`` is a commune
    keys = tuple(other for other in dict.fromkeys((*others, name)) if other and other not in _COUNTRY_WORDS)
    return City(keys, number, cedex, postcode, department or typed, fold(text))


def _strip(name: str) -> tuple[str, int, bool, str, str]:
    """Take from a key what is no name: returns name, arrondissement, CEDEX, postcode, department."""
    name = _POST_BOX.sub(" ", name)
    postcode = _POSTCODE.search(name)
    if postcode:
        name = name[: postcode.start()] + " " + name[postcode.end() :]
    name, cedex = _CEDEX.subn(" ", name)
    words = name.split()
    if len(words) > 1 and words[-1] == "FRANCE" and words[-2] not in {"DE", "EN"}:
        words.pop()
    number, department = 0, ""
    if words and words[0] in _DIVIDED:
        number, words = _arrondissement(words)
    elif len(words) > 1 and _DEPARTMENT.fullmatch(words[-1]) and not cedex:
        department = words.pop()
    kept = [word for word in words if not word[0].isdecimal()]
    code = postcode[1].replace(" ", "") if postcode else ""
    return words_of(" ".join(kept)), number, bool(cedex), code, department


def _arrondissement(words: list[str]) -> tuple[int, list[str]]:
    tail = " ".join(words[1:])
    if found := _NUMBERED.match(tail):
        number = int(found[1])
        return (number if number <= 20 else 0), [words[0], *tail[found.end() :].split()]
    if len(words) > 1 and words[1] in _ROMAN:
        return _ROMAN[words[1]], [words[0], *(word for word in words[2:] if not word.startswith("ARR"))]
    return 0, words
