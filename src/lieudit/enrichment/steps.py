"""The cascade from a postcode and a city to a commune, one function a step.

Each step answers, refuses because two answers stand, or gives None: the next one is asked. A wrong commune is worse
than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from lieudit.enrichment.answer import CONFIDENCE, Answer, refuse
from lieudit.enrichment.city import City
from lieudit.enrichment.countries import foreign_ending
from lieudit.enrichment.index import CURRENT, Index, Name
from lieudit.enrichment.near import Near, is_common, near_local, nearest
from lieudit.enrichment.postcode import Postcode

__all__ = ["STEPS", "Query", "Step", "of_names"]

_SEVERAL: Final = "several_communes"
_CONTRADICTION: Final = "name_or_postcode"
_SPOKEN_OF: Final = 5_000  # inhabitants; a town of this size is what its name means, whatever hamlet shares it
_MONACO: Final = frozenset({"MONACO", "MONTE CARLO", "PRINCIPAUTE DE MONACO"})


class Query(NamedTuple):
    """What was read of a place.

    ``departments`` are those that the postcode, or a hint beside the city, announces.
    """

    postcode: Postcode
    city: City
    departments: frozenset[str]

    @property
    def code(self) -> str:
        """The postcode of five characters, or ``""``."""
        return self.postcode.code


Step = Callable[[Index, Query], Answer | None]


def in_postcode(index: Index, query: Query) -> Answer | None:
    """Look for the name among those of the communes that the postcode serves."""
    served = index.communes(query.code)
    for key in query.city.keys:
        names = [n for n in index.names.get(key, ()) if n.commune in served and n.postcode in {"", query.code}]
        if names:
            return of_names(index, query, names, "postcode_name")
    return None


def cedex(index: Index, query: Query) -> Answer | None:
    """Look the code up among the CEDEX codes.

    Of several communes the one that is named is meant. A CEDEX label is the name of the post office, so that a code
    that serves one commune only is that one's, even where the label is the name of another.
    """
    communes = {place.commune for place in index.cedex.get(query.code, ())}
    if not communes or (index.communes(query.code) and not query.city.cedex):
        return None
    keys = query.city.keys
    named = {n.commune for key in keys for n in index.names.get(key, ()) if n.department in query.departments}
    meant = communes & named or (communes if not keys or index.cedex_labels[query.code] in keys else set())
    if not meant:
        return None
    return _answer(index, query, meant.pop(), "cedex") if len(meant) == 1 else refuse("ambiguous", _SEVERAL)


def insee_code(index: Index, query: Query) -> Answer | None:
    """Take the postcode for an INSEE code, if the commune that is named has it, or if it can be nothing else."""
    own = index.own_codes.get(query.code)
    if own is None or query.city.cedex:
        return None
    named = any(name.commune == own.commune for key in query.city.keys for name in index.names.get(key, ()))
    if not named and not query.code.startswith(("2A", "2B")):
        return None
    answer = _answer(index, query, own.commune, "insee_code")
    return answer._replace(arrondissement=own.arrondissement or answer.arrondissement)


def same_name(index: Index, query: Query) -> Answer | None:
    """Look for the name in the department, and where the postcode differs by one digit."""
    names = next((found for key in query.city.keys if (found := index.names.get(key))), None)
    if names is None:
        return None
    if not query.departments and not query.postcode.digits:
        return _by_name_alone(index, query, names)
    if is_common(names[0].key) and index.communes(query.code):
        return None  # ``Le Bourg`` is a commune of the Lot, and a hamlet everywhere
    here = [name for name in names if name.department in query.departments]
    least = min((name.rank for name in here), default=CURRENT)
    communes = {name.commune for name in here if name.rank == least}
    mistyped = _one_digit_off(index, query, names)
    return _weigh(index, query, communes, mistyped) if communes or mistyped else None


def _weigh(index: Index, query: Query, here: set[str], mistyped: set[str]) -> Answer:
    """Answer with the one commune of the name, if the postcode's own communes have no name that looks like it."""
    if any(near_local(key, index.local_names(query.code)) for key in query.city.keys):
        return refuse("ambiguous", _CONTRADICTION)
    if len(here | mistyped) > 1:
        return refuse("ambiguous", _SEVERAL)
    if here:
        return _answer(index, query, here.pop(), "department_name")
    return _answer(index, query, mistyped.pop(), "postcode_typo", "postcode_corrected")


def _one_digit_off(index: Index, query: Query, names: Iterable[Name]) -> set[str]:
    """Return the communes of this name one of whose postcodes is one slip away from what was typed."""
    typed = query.postcode.digits
    if len(typed) < 4 or query.city.cedex:
        return set()
    return {
        name.commune
        for name in names
        if name.rank < 2
        and any(OSA.distance(typed, code, score_cutoff=1) == 1 for code in index.postcodes_of.get(name.commune, ()))
    }


def _by_name_alone(index: Index, query: Query, names: list[Name]) -> Answer:
    """Answer without a postcode: the only commune that has or had the name, or a town that outshines the others."""
    communes = {name.commune for name in names}
    current = {name.commune for name in names if name.rank == CURRENT}
    if len(current) == 1 and index.population[min(current)] > _SPOKEN_OF:
        communes = current
    return _answer(index, query, communes.pop(), "name_only") if len(communes) == 1 else refuse("ambiguous", _SEVERAL)


def beyond(_index: Index, query: Query) -> Answer | None:
    """Refuse Monaco, field post and INSEE's codes of other countries."""
    if query.postcode.country == "monaco" or (not query.code and _MONACO.intersection(query.city.keys)):
        return refuse("foreign", "monaco")
    if query.postcode.country == "military":
        return refuse("not_found", "military")
    return refuse("foreign", "postcode") if query.postcode.country else None


def cedex_label(index: Index, query: Query) -> Answer | None:
    """Know a locality by the CEDEX label that it has in the department: ``SOPHIA ANTIPOLIS``."""
    places = [place for key in query.city.keys for place in index.cedex_names.get(key, ())]
    communes = {commune for department, commune in places if department in query.departments}
    if not communes:
        return None
    served = index.communes(query.code)
    meant = communes & served if served else communes
    if not meant:
        return None
    return _answer(index, query, meant.pop(), "cedex") if len(meant) == 1 else refuse("ambiguous", _SEVERAL)


def near_in_postcode(index: Index, query: Query) -> Answer | None:
    """Look for a name spelt otherwise, among those of the postcode."""
    if query.postcode.padded and not index.foreign.isdisjoint(query.city.keys):
        return None  # four digits and a Belgian or Swiss city
    names = index.local_names(query.code)
    return next((_of_near(index, query, found) for key in query.city.keys if (found := near_local(key, names))), None)


def foreign_name(index: Index, query: Query) -> Answer | None:
    """Refuse the name of a foreign city."""
    if foreign_ending(query.city.folded):
        return refuse("foreign", "country")
    return refuse("foreign", "foreign_name") if any(key in index.foreign for key in query.city.keys) else None


def near_in_department(index: Index, query: Query) -> Answer | None:
    """Allow fewer slips in a whole department, and one only where the postcode is a good one of another commune."""
    strict = bool(index.communes(query.code))
    for key in query.city.keys:
        if found := nearest(key, index.department_names(query.departments), margin=2, strict=strict):
            return _of_near(index, query, found)
    return None


def postcode_alone(index: Index, query: Query) -> Answer | None:
    """Answer with the postcode's only commune; the name of another commune stands against it."""
    communes, keys = index.communes(query.code), query.city.keys
    if not keys and not communes:  # Paris is all of its department
        communes = frozenset(index.department_names(query.departments).communes)
        return _answer(index, query, min(communes), "postcode_only") if len(communes) == 1 else None
    if not communes or (keys and query.postcode.padded):
        return None
    if any(name.rank == CURRENT and not is_common(key) for key in keys for name in index.names.get(key, ())):
        return refuse("ambiguous", _CONTRADICTION)
    if len(communes) > 1:
        return refuse("ambiguous", _SEVERAL)
    return _answer(index, query, min(communes), "postcode_only", "unknown_locality" if keys else "")


STEPS: Final[tuple[Step, ...]] = (
    in_postcode, insee_code, cedex, same_name, beyond, cedex_label, near_in_postcode, foreign_name, near_in_department,
    postcode_alone,
)  # fmt: skip


def of_names(index: Index, query: Query, names: list[Name], method: str) -> Answer:
    """Answer with the commune of the names that come first, if it is one."""
    if len(names) == 1:
        return _answer(index, query, names[0].commune, method if names[0].rank == CURRENT else "former_commune")
    least = min(name.rank for name in names)
    communes = {name.commune for name in names if name.rank == least}
    if len(communes) > 1:
        return refuse("ambiguous", _SEVERAL)
    return _answer(index, query, communes.pop(), method if least == CURRENT else "former_commune")


def _of_near(index: Index, query: Query, found: Near) -> Answer:
    if not found.commune:
        return refuse("ambiguous", _SEVERAL)
    return _answer(index, query, found.commune, "fuzzy", found.how)


def _answer(index: Index, query: Query, commune: str, method: str, note: str = "") -> Answer:
    """Answer with a commune."""
    confidence = CONFIDENCE.get(f"{method}/{note}", CONFIDENCE[method]) if note else CONFIDENCE[method]
    arrondissement = _arrondissement(index, query, commune) if commune in index.divided else ""
    return Answer(commune, arrondissement, "matched", method, confidence, note)


def _arrondissement(index: Index, query: Query, commune: str) -> str:
    """Return the arrondissement that postcode or city tells, unless they contradict each other."""
    told = index.arrondissement(query.code, commune)
    named = index.arrondissements.get((commune, query.city.number), "")
    if named and index.departments[commune] == str(query.city.number):
        named = ""  # ``Marseille 13`` says the department
    return told or named if not (told and named) or told == named else ""
