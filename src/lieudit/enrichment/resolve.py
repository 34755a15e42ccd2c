"""From a postcode and a city to a commune: the cascade.

Each step either answers, refuses (two answers stand), or passes on to the next. A wrong commune is worse than none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from lieudit.enrichment.answer import CONFIDENCE, Answer, refuse
from lieudit.enrichment.city import City, read_city
from lieudit.enrichment.countries import FRANCE, country_code, foreign_ending
from lieudit.enrichment.index import CURRENT, Index, Name
from lieudit.enrichment.near import Near, near_local, nearest
from lieudit.enrichment.postcode import Postcode, is_blank, read_postcode

__all__ = ["Query", "Resolver"]

_SEVERAL: Final = "several_communes"


class Query(NamedTuple):
    """What is known of a place, read.

    ``departments`` are those that the postcode, or a hint beside the city, announces.
    """

    postcode: Postcode
    code: str
    city: City
    departments: frozenset[str]


class Resolver:
    """Finds communes in an index.

    Parameters
    ----------
    index : Index
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._steps = (
            self._in_postcode,
            self._cedex,
            self._insee_code,
            self._same_name,
            self._cedex_label,
            self._foreign_name,
            self._near_in_postcode,
            self._near_in_department,
            self._postcode_alone,
        )

    def resolve(self, postcode: str, city: str, country: str = "") -> Answer:
        """Find the commune of a postcode and a city.

        Parameters
        ----------
        postcode, city, country : str
            As they stand in the file; ``""`` for what is not there.
        """
        read, town = read_postcode(postcode), read_city(city)
        if not town.keys and read.rest:
            town = read_city(read.rest)
        if not (read.code or read.digits or read.department) and town.postcode:
            read = read_postcode(town.postcode)
        where = country_code(country) if country else ""
        beyond = _beyond_france(read, town, where)
        if beyond is not None:
            return beyond
        if not (read.code or read.digits or read.department or town.keys):
            return refuse("empty", "") if is_blank(country) else refuse("not_found", "country_only")
        return self.find(self.query(read, town))

    def query(self, read: Postcode, town: City) -> Query:
        """Put together what was read."""
        hint = read.department or town.department
        departments = self.index.departments_near(read.code) if read.code else frozenset({hint} if hint else ())
        return Query(read, read.code, town, departments)

    def find(self, query: Query) -> Answer:
        """Ask each step in turn."""
        for step in self._steps:
            answer = step(query)
            if answer is not None:
                return answer
        return refuse("not_found", "unknown_name" if query.city.keys else "unknown_postcode")

    def _answer(self, query: Query, commune: str, method: str, note: str = "", confidence: float = 0.0) -> Answer:
        """Answer with a commune, and its arrondissement where postcode and city do not contradict each other."""
        told = self.index.arrondissement(query.code, commune)
        named = self.index.arrondissements.get((commune, query.city.number), "")
        arrondissement = told or named if not (told and named) or told == named else ""
        return Answer(commune, arrondissement, "matched", method, confidence or CONFIDENCE[method], note)

    # The steps, in order

    def _in_postcode(self, query: Query) -> Answer | None:
        """Look for the name among those of the communes that the postcode serves."""
        served = self.index.communes(query.code)
        for key in query.city.keys:
            names = [
                name for name in self.index.names.get(key, ())
                if name.commune in served and name.postcode in {"", query.code}
            ]  # fmt: skip
            if names:
                return self._of_names(query, names, "postcode_name")
        return None

    def _of_names(self, query: Query, names: list[Name], method: str) -> Answer:
        """Answer with the commune of the names that come first, if it is one."""
        rank = min(name.rank for name in names)
        communes = {name.commune for name in names if name.rank == rank}
        if len(communes) > 1:
            return refuse("ambiguous", _SEVERAL)
        return self._answer(query, communes.pop(), "former_commune" if rank > CURRENT else method)

    def _cedex(self, query: Query) -> Answer | None:
        """Look the code up among the CEDEX codes; of several communes, take the one that is named."""
        communes = {place.commune for place in self.index.cedex.get(query.code, ())}
        if not communes or (self.index.communes(query.code) and not query.city.cedex):
            return None
        named = {
            name.commune
            for key in query.city.keys
            for name in self.index.names.get(key, ())
            if name.department in query.departments
        }
        if both := communes & named:
            return self._answer(query, both.pop(), "cedex") if len(both) == 1 else refuse("ambiguous", _SEVERAL)
        if named:
            return None
        labelled = any(
            self.index.cedex_names.get((department, key), frozenset()) & communes
            for key in query.city.keys
            for department in query.departments
        )
        if len(communes) == 1 and (labelled or not query.city.keys):
            return self._answer(query, communes.pop(), "cedex")
        return refuse("ambiguous", _SEVERAL) if labelled else None

    def _insee_code(self, query: Query) -> Answer | None:
        """Take the postcode for an INSEE code, if it is the code of the commune that is named, or can be nothing else."""
        index, code = self.index, query.code
        if code in index.arrondissements.values():
            commune = next(commune for (commune, _), own in index.arrondissements.items() if own == code)
            arrondissement = code
        else:
            commune, arrondissement = code, ""
        if commune not in index.departments:
            return None
        named = any(name.commune == commune for key in query.city.keys for name in index.names.get(key, ()))
        if named or code.startswith(("2A", "2B")):
            answer = self._answer(query, commune, "insee_code")
            return answer._replace(arrondissement=arrondissement or answer.arrondissement)
        return None

    def _same_name(self, query: Query) -> Answer | None:
        """Look for the name in the department, and where the postcode differs by one digit."""
        names = next((found for key in query.city.keys if (found := self.index.names.get(key))), ())
        if not names:
            return None
        here = [name for name in names if name.department in query.departments]
        if not query.departments and not query.postcode.digits:
            return self._by_name_alone(query, names)
        typo = {name.commune for name in names if name.rank < 2 and self._one_digit_off(query.postcode, name.commune)}
        communes = {name.commune for name in here if name.rank == min(n.rank for n in here)}
        if (communes or typo) and self._looks_local(query):
            return refuse("ambiguous", "name_or_postcode")
        if communes:
            return refuse("ambiguous", _SEVERAL) if len(communes) > 1 or typo - communes else self._answer(
                query, communes.pop(), "department_name")  # fmt: skip
        if len(typo) == 1:
            return self._answer(query, typo.pop(), "postcode_typo", "postcode_corrected")
        return refuse("ambiguous", _SEVERAL) if typo else None

    def _looks_local(self, query: Query) -> bool:
        """Tell whether the postcode's own communes have a name that may have been meant."""
        near = (near_local(key, self.index.local_names(query.code)) for key in query.city.keys)
        return any(found is not None for found in near)

    def _one_digit_off(self, postcode: Postcode, commune: str) -> bool:
        return len(postcode.digits) >= 4 and any(
            OSA.distance(postcode.digits, code, score_cutoff=1) == 1
            for code in self.index.postcodes_of.get(commune, ())
        )

    def _by_name_alone(self, query: Query, names: tuple[Name, ...]) -> Answer:
        """Answer without a postcode: today's commune, if no other that is still spoken of has its name."""
        current = {name.commune for name in names if name.rank == CURRENT}
        spoken = {name.commune for name in names if name.rank <= 1}
        if len(current) == 1 and (spoken == current or self.index.population[min(current)] > 5_000):
            return self._answer(query, current.pop(), "name_only")
        communes = {name.commune for name in names}
        if len(communes) == 1:
            return self._answer(query, communes.pop(), "name_only", confidence=0.8)
        return refuse("ambiguous", _SEVERAL)

    def _cedex_label(self, query: Query) -> Answer | None:
        """Know a locality by the CEDEX label that it has in the department (``SOPHIA ANTIPOLIS``)."""
        communes: frozenset[str] = frozenset()
        for key in query.city.keys:
            for department in query.departments:
                communes |= self.index.cedex_names.get((department, key), frozenset())
        served = self.index.communes(query.code)
        if both := communes & served if served else communes:
            return self._answer(query, min(both), "cedex") if len(both) == 1 else refuse("ambiguous", _SEVERAL)
        return None

    def _foreign_name(self, query: Query) -> Answer | None:
        if any(key in self.index.foreign for key in query.city.keys):
            return refuse("foreign", "foreign_name")
        return refuse("foreign", "country") if foreign_ending(query.city.folded) else None

    def _near_in_postcode(self, query: Query) -> Answer | None:
        names = self.index.local_names(query.code)
        for key in query.city.keys:
            if found := near_local(key, names):
                return self._of_near(query, found)
        return None

    def _near_in_department(self, query: Query) -> Answer | None:
        """Allow fewer mistakes in a whole department, and one only where the postcode is a good one of elsewhere."""
        strict = bool(self.index.communes(query.code))
        for key in query.city.keys:
            names = [n for department in sorted(query.departments) for n in self.index.department_names(department)]
            if found := nearest(key, names, margin=2, strict=strict):
                return self._of_near(query, found)
        return None

    def _of_near(self, query: Query, found: Near) -> Answer:
        if not found.commune:
            return refuse("ambiguous", _SEVERAL)
        return self._answer(query, found.commune, "fuzzy", found.how)

    def _postcode_alone(self, query: Query) -> Answer | None:
        """Answer with the postcode's only commune, or the department's; a name that is another's stands against it."""
        communes = self.index.communes(query.code)
        if not query.city.keys:
            if not communes:
                communes = frozenset(c for d in query.departments for c in self._communes_of(d))
            if len(communes) == 1:
                return self._answer(query, min(communes), "postcode_only")
            return refuse("ambiguous", _SEVERAL) if self.index.communes(query.code) else None
        if not communes:
            return None
        if any(name.rank == CURRENT for key in query.city.keys for name in self.index.names.get(key, ())):
            return refuse("ambiguous", "name_or_postcode")
        if query.postcode.padded:
            return refuse("not_found", "unknown_name")
        if len(communes) > 1:
            return refuse("ambiguous", _SEVERAL)
        return self._answer(query, min(communes), "postcode_only", "unknown_locality", CONFIDENCE["locality"])

    def _communes_of(self, department: str) -> frozenset[str]:
        return frozenset(name.commune for name in self.index.department_names(department))


def _beyond_france(read: Postcode, town: City, country: str) -> Answer | None:
    """Refuse what is said to lie elsewhere."""
    if country not in {"", FRANCE}:
        return refuse("foreign", "country")
    if read.country == "foreign":
        return refuse("foreign", "postcode")
    if read.country == "monaco" or (not read.code and town.keys[:1] in {("MONACO",), ("MONTE CARLO",)}):
        return refuse("foreign", "monaco")
    if read.country == "military":
        return refuse("not_found", "military")
    return None
