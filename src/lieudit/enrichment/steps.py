"""The cascade from a postcode and a city to a commune, one function a step.

Each step answers, refuses because two answers stand, or gives None: the next one is asked. A wrong commune is worse
than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rapidfuzz.distance import OSA

from lieudit.enrichment.answer import Answer, refuse
from lieudit.enrichment.countries import foreign_ending
from lieudit.enrichment.elsewhere import is_commune, is_elsewhere, is_site, is_spot, shares, town_ahead
from lieudit.enrichment.index import CURRENT, SPOKEN_OF, Index
from lieudit.enrichment.near import Name, is_common, near_local, nearest
from lieudit.enrichment.query import SEVERAL, Query, answer_with, of_names, of_near

__all__ = ["STEPS", "Step"]

_CONTRADICTION: Final = "name_or_postcode"
_ISLANDS: Final = frozenset({"975", "986", "987", "988"})  # where people write the village: ``98600 MATA UTU``
_MONACO: Final = frozenset({"MONACO", "MONTE CARLO", "PRINCIPAUTE DE MONACO"})


Step = Callable[[Index, Query], Answer | None]


def in_postcode(index: Index, query: Query) -> Answer | None:
    """Look for the name among those of the communes that the postcode serves."""
    code = query.code
    for key in query.city.keys:
        if known := index.names.get(key):
            served = index.communes(code)
            names = [name for name in known if name.commune in served and (not name.postcode or name.postcode == code)]
            if names:
                return of_names(index, query, names, "postcode_name")
    return None


def cedex(index: Index, query: Query) -> Answer | None:
    """Look the code up among the CEDEX codes.

    Of several communes the one that is named is meant. A CEDEX label is the name of the post office, so that a code
    that serves one commune only is that one's, even where the label is the name of another.
    """
    places = index.cedex.get(query.code)
    if not places or (index.communes(query.code) and not query.city.cedex):
        return None
    communes, keys = {place.commune for place in places}, query.city.keys
    named = {n.commune for key in keys for n in index.names.get(key, ()) if n.department in query.departments}
    meant = communes & named or (communes if not keys or index.cedex_labels[query.code] in keys else set())
    if not meant:
        return None
    return answer_with(index, query, meant.pop(), "cedex") if len(meant) == 1 else refuse("ambiguous", SEVERAL)


def insee_code(index: Index, query: Query) -> Answer | None:
    """Take the postcode for an INSEE code, if the commune that is named has it, or if it can be nothing else."""
    own = index.own_codes.get(query.code)
    if own is None or query.city.cedex:
        return None
    named = any(name.commune == own.commune for key in query.city.keys for name in index.names.get(key, ()))
    if not named and not query.code.startswith(("2A", "2B")):
        return None
    answer = answer_with(index, query, own.commune, "insee_code")
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
        return refuse("ambiguous", SEVERAL)
    commune = min(here | mistyped)
    if here:
        against = _outshines(index, commune, query.code)
        return refuse("ambiguous", _CONTRADICTION) if against else answer_with(index, query, commune, "department_name")
    if _is_no_slip(index, query, commune):
        return refuse("ambiguous", _CONTRADICTION)
    return answer_with(index, query, commune, "postcode_typo", "postcode_corrected")


def _is_no_slip(index: Index, query: Query, commune: str) -> bool:
    """Tell whether a postcode can hardly be the slip of one of a commune's: both are towns', or the name is a spot's.

    57000 is Metz's own, not a slip of Nancy's 54000; ``La Croix Blanche`` is a commune, and a spot in many others.
    """
    served = index.communes(query.code)
    if _has_town(index, {commune}):
        return _has_town(index, served)
    return bool(served) and any(is_site(key) for key in query.city.keys)


def _outshines(index: Index, town: str, code: str) -> bool:
    """Tell whether people may have named a town for the suburb whose postcode they gave: ``69100 Lyon``.

    Not where the postcode is the one that stands for its whole department: ``62000 Calais``.
    """
    served = index.communes(code)
    if not served or code.endswith("000") or not _has_town(index, {town}):
        return False
    return index.population[town] > max(index.population[commune] for commune in served)


def _has_town(index: Index, communes: Iterable[str]) -> bool:
    return any(index.population[commune] > SPOKEN_OF for commune in communes)


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
    if len(current) == 1 and index.population[min(current)] > SPOKEN_OF:
        communes = current
    if len(communes) > 1:
        return refuse("ambiguous", SEVERAL)
    return answer_with(index, query, communes.pop(), "name_only")


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
    if 2 * len(communes) < len(places):
        return refuse("ambiguous", _CONTRADICTION)  # ``PARIS LA DEFENSE`` is in the Hauts-de-Seine, but for an office
    served = index.communes(query.code)
    meant = communes & served if served else communes
    if not meant:
        return None
    if len(communes) > 1 and query.code.endswith("000"):
        return refuse("ambiguous", SEVERAL)  # 92000 stands for the department as well as for Nanterre
    return answer_with(index, query, meant.pop(), "cedex") if len(meant) == 1 else refuse("ambiguous", SEVERAL)


def near_in_postcode(index: Index, query: Query) -> Answer | None:
    """Look for a name spelt otherwise, among those of the postcode."""
    if query.postcode.padded and not index.foreign.isdisjoint(query.city.keys):
        return None  # four digits and a Belgian or Swiss city
    names = index.local_names(query.code)
    for key in query.city.keys:
        if found := near_local(key, names, slips=not is_commune(index, key)):
            if found.how == "part" and foreign_ending(query.city.folded):
                return None  # ``LILLE BELGIQUE``
            return of_near(index, query, found)
    return None


def cedex_head(index: Index, query: Query) -> Answer | None:
    """Know a locality by the words that its CEDEX label begins with, rather than a city abroad: ``06560 SOPHIA``."""
    for key in query.city.keys:
        if key not in index.foreign or key in index.names:
            continue
        communes = {
            commune
            for places in index.cedex_begins(key)
            for department, commune in places
            if department in query.departments
        }
        if communes:
            meant = communes & index.communes(query.code)
            if len(meant) != 1:
                return refuse("ambiguous", _CONTRADICTION)
            return answer_with(index, query, meant.pop(), "cedex", "part")
    return None


def foreign_name(index: Index, query: Query) -> Answer | None:
    """Refuse the name of a foreign city; not one that France has, too, be it Vienne or Valence.

    With four digits, which Belgium and Switzerland write, only a French town of 5,000 is thought of: Fribourg is none.
    """
    if foreign_ending(query.city.folded):
        return refuse("foreign", "country")
    for key in query.city.keys:
        if key in index.foreign:
            french = [name.commune for name in index.names.get(key, ()) if name.rank == CURRENT]
            if not any(index.population[commune] > SPOKEN_OF or not query.postcode.padded for commune in french):
                return refuse("foreign", "foreign_name")
    return None


def near_in_department(index: Index, query: Query) -> Answer | None:
    """Allow fewer slips in a whole department, and one only where the postcode is a good one of another commune."""
    strict = bool(index.communes(query.code))
    for key in query.city.keys:
        if is_commune(index, key):
            continue
        if found := nearest(key, index.department_names(query.departments), margin=2, strict=strict):
            return of_near(index, query, found)
    return None


def town_of_department(index: Index, query: Query) -> Answer | None:
    """Know a town of the department by the words that the text begins with: ``33000 MERIGNAC AEROPORT``."""
    for key in query.city.keys:
        if town := town_ahead(index, key, query.departments):
            return answer_with(index, query, town, "department_name", "part")
    return None


def contradiction(index: Index, query: Query) -> Answer | None:
    """Refuse the name of another place than those of the postcode."""
    for key in query.city.keys:
        if is_commune(index, key) or (index.communes(query.code) and is_elsewhere(index, key, query.departments)):
            return refuse("ambiguous", _CONTRADICTION)
    return None


def postcode_alone(index: Index, query: Query) -> Answer | None:
    """Answer with the postcode's only commune, where nothing else is said than perhaps a lieu-dit."""
    communes, keys = index.communes(query.code), query.city.keys
    if not keys and not communes:  # Paris is all of its department
        communes = frozenset(index.department_names(query.departments).communes)
        return answer_with(index, query, min(communes), "postcode_only") if len(communes) == 1 else None
    if not communes or (keys and query.postcode.padded):
        return None
    if len(communes) > 1:
        return refuse("ambiguous", SEVERAL)
    commune = min(communes)
    if keys and not _may_hold(index, query, commune):
        return None
    return answer_with(index, query, commune, "postcode_only", "unknown_locality" if keys else "")


def _may_hold(index: Index, query: Query, commune: str) -> bool:
    """Tell whether an unknown name can be believed to be of the postcode's only commune.

    It can where nothing else is near (Paris, Saint-Martin), and where it reads like a lieu-dit or holds a word of the
    commune's name. Else it may be a locality of the next commune: 34280 is La Grande-Motte's, Carnon is Mauguio's.
    """
    department = index.departments[commune]
    if department in _ISLANDS or {*index.department_names(frozenset({department})).communes} == {commune}:
        return True
    names = index.local_names(query.code).keys
    return any(is_spot(key) or shares(key, names) for key in query.city.keys)


STEPS: Final[tuple[Step, ...]] = (
    in_postcode, insee_code, cedex, same_name, beyond, cedex_label, near_in_postcode, cedex_head, foreign_name,
    near_in_department, town_of_department, contradiction, postcode_alone,
)  # fmt: skip
