"""What was read of a place, and the answers that name a commune of it."""

from __future__ import annotations

from typing import Final

from lieudit.enrichment.answer import CONFIDENCE, Answer, refuse
from lieudit.enrichment.city import City
from lieudit.enrichment.index import CURRENT, Index
from lieudit.enrichment.near import Name, Near
from lieudit.enrichment.postcode import Postcode

__all__ = ["SEVERAL", "Query", "answer_with", "of_names", "of_near"]

SEVERAL: Final = "several_communes"  # a commune_note


class Query:
    """What was read of a place.

    Parameters
    ----------
    index : Index
    postcode : Postcode
    city : City

    Attributes
    ----------
    code : str
        The postcode of five characters, or ``""``.
    """

    __slots__ = ("_departments", "_index", "city", "code", "postcode")

    def __init__(self, index: Index, postcode: Postcode, city: City) -> None:
        self.postcode = postcode
        self.city = city
        self.code = postcode.code
        self._index = index
        self._departments: frozenset[str] | None = None

    @property
    def departments(self) -> frozenset[str]:
        """Those that the postcode, or a hint beside the city, announces; worked out when first asked for."""
        if self._departments is None:
            hint = self.postcode.department or self.city.department
            self._departments = (
                self._index.departments_near(self.code) if self.code else frozenset({hint} if hint else ())
            )
        return self._departments


def of_names(index: Index, query: Query, names: list[Name], method: str) -> Answer:
    """Answer with the commune of the names that come first, if it is one."""
    if len(names) == 1:
        return answer_with(index, query, names[0].commune, method if names[0].rank == CURRENT else "former_commune")
    least = min(name.rank for name in names)
    communes = {name.commune for name in names if name.rank == least}
    if len(communes) > 1:
        return refuse("ambiguous", SEVERAL)
    return answer_with(index, query, communes.pop(), method if least == CURRENT else "former_commune")


def of_near(index: Index, query: Query, found: Near) -> Answer:
    """Answer with the commune of a name found near, if it is one."""
    if not found.commune:
        return refuse("ambiguous", SEVERAL)
    return answer_with(index, query, found.commune, "fuzzy", found.how)


def answer_with(index: Index, query: Query, commune: str, method: str, note: str = "") -> Answer:
    """Answer with a commune."""
    confidence = CONFIDENCE.get(f"{method}/{note}", CONFIDENCE[method]) if note else CONFIDENCE[method]
    arrondissement = _arrondissement(index, query, commune) if commune in index.divided else ""
    return Answer(commune, arrondissement, "matched", method, confidence, note)


def _arrondissement(index: Index, query: Query, commune: str) -> str:
    """Return the arrondissement that postcode or city tells, unless they contradict each other."""
    named = index.arrondissements.get((commune, query.city.number), "")
    if named and index.departments[commune] == str(query.city.number):
        named = ""  # ``Marseille 13`` says the department
    served = {place.arrondissement for place in index.postcodes.get(query.code, ())}
    told = named if named and named in served else index.arrondissement(query.code, commune)
    return told or named if not (told and named) or told == named else ""
