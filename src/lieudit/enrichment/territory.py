"""A department or a region written behind a city: ``Trangé, Sarthe``, ``St-Denis (Réunion)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lieudit.enrichment.normalise import key

__all__ = ["split_territory"]

_BEHIND: Final = re.compile(r"(?P<city>[^,;(]+?)\s*[,;(]\s*(?P<territory>[^\d,;()]+?)\)?\s*(?:[,;]\s*france\s*)?", re.I)


def split_territory(text: str, territories: Mapping[str, frozenset[str]]) -> tuple[str, frozenset[str]]:
    """Part a city from the territory behind it.

    Parameters
    ----------
    text : str
        A cell of cities.
    territories : mapping of str to frozenset of str
        Departments of each territory, by the key of its name.

    Returns
    -------
    str, frozenset of str
        The city, and the departments that it lies in: none where no territory is written.

    Examples
    --------
    >>> split_territory("Trangé (Sarthe), France", {"SARTHE": frozenset({"72"})})
    ('Trangé', frozenset({'72'}))
    """
    found = _BEHIND.fullmatch(text.strip())
    departments = territories.get(key(found["territory"])) if found else None
    return (found["city"], departments) if found and departments else ("", frozenset())
