"""Which countries there are, by code and by their French and English names (Unicode CLDR)."""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import Final

from lieudit.enrichment.normalise import fold

__all__ = ["FRANCE", "country_code", "foreign_ending"]

FRANCE: Final = "FR"
# Overseas France has ISO codes of its own.
_FRENCH: Final = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF"})


@functools.cache
def _codes() -> dict[str, str]:
    """Map folded names and codes to ISO codes, ``FR`` for all of France."""
    found: dict[str, str] = {}
    text = resources.files(__package__).joinpath("countries.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter=";"):
        code = FRANCE if row["iso2"] in _FRENCH else row["iso2"]
        for name in (row["iso2"], row["iso3"], *row["names"].split("|")):
            found.setdefault(fold(name), code)
    return found


@functools.lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """Return the ISO code of a country, ``FR`` for all of France, ``""`` where the text names none.

    Examples
    --------
    >>> country_code("Belgique"), country_code("FRANCE"), country_code("La Réunion"), country_code("??")
    ('BE', 'FR', 'FR', '')
    """
    return _codes().get(fold(text), "")


def foreign_ending(folded: str) -> str:
    """Return the code of the foreign country whose full name ends a folded text, after another word.

    Examples
    --------
    >>> foreign_ending("BRUXELLES BELGIQUE"), foreign_ending("GRENADE"), foreign_ending("LONDON UNITED KINGDOM")
    ('BE', '', 'GB')
    """
    words = folded.split()
    for start in range(max(1, len(words) - 4), len(words)):
        ending = " ".join(words[start:])
        code = _codes().get(ending, "")
        if len(ending) > 3 and code not in {"", FRANCE}:
            return code
    return ""
