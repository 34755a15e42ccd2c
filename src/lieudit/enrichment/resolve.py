"""From the cells of a row to its commune."""

from __future__ import annotations

from collections.abc import Iterable

from lieudit.enrichment.answer import Answer, refuse
from lieudit.enrichment.city import City, read_city
from lieudit.enrichment.countries import FRANCE, country_code
from lieudit.enrichment.index import Index
from lieudit.enrichment.one_line import Lines, read_lines
from lieudit.enrichment.postcode import Postcode, is_blank, read_postcode
from lieudit.enrichment.query import Query, of_names
from lieudit.enrichment.steps import STEPS
from lieudit.enrichment.territory import split_territory

__all__ = ["Resolver"]


class Resolver:
    """Finds communes in an index; the same cells always get the same answer.

    Parameters
    ----------
    index : Index

    Examples
    --------
    >>> from lieudit.catalogue import open_catalogue
    >>> from lieudit.enrichment.index import read_index
    >>> resolver = Resolver(read_index(open_catalogue()))
    >>> resolver.resolve("83120", "STE MAXIME")[:5]
    ('83115', '', 'matched', 'postcode_name', 0.99)
    >>> resolver.resolve("", "Saint-Denis").note
    'several_communes'
    """

    def __init__(self, index: Index) -> None:
        self.index = index

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
        if country and country_code(country) not in {"", FRANCE}:
            return refuse("foreign", "country")
        if read.country == "foreign" and not read.code:
            return refuse("foreign", "postcode")
        if not (read.code or read.digits) and town.postcode:
            read = read_postcode(town.postcode)
        if not (read.code or read.digits or read.department or town.keys or town.department):
            return refuse("empty", "")
        answer = self._find(read, town)
        if answer.status != "matched" and town.postcode not in {"", read.code}:
            second = self._find(read_postcode(town.postcode), town)
            return second if second.status == "matched" else answer
        if answer.status in {"ambiguous", "not_found"} and not (read.code or read.digits):
            return self._within_territory(city) or answer
        return answer

    def _within_territory(self, city: str) -> Answer | None:
        """Find the only commune of a name in the department or the region that is written behind it."""
        name, departments = split_territory(city, self.index.territories)
        return self._named(read_city(name), departments)

    def _named(self, town: City, departments: Iterable[str]) -> Answer | None:
        """Find the only commune of a name in some departments."""
        answers = (self._find(Postcode(), town._replace(department=department)) for department in sorted(departments))
        found = {answer.commune: answer for answer in answers if answer.method == "department_name"}
        if len(found) > 1:
            return refuse("ambiguous", "several_communes")
        return next(iter(found.values()), None)

    def named_commune(self, postcode: str, city: str) -> str:
        """Return the only commune that the city names in the department of the postcode, ``""`` where there is none.

        It may be another than the postcode's, and is no answer: it tells where to look for something else.

        Examples
        --------
        >>> from lieudit.catalogue import open_catalogue
        >>> from lieudit.enrichment.index import read_index
        >>> resolver = Resolver(read_index(open_catalogue()))
        >>> resolver.resolve("69100", "LYON").status, resolver.named_commune("69100", "LYON")
        ('ambiguous', '69123')
        """
        read, town = read_postcode(postcode), read_city(city)
        answer = self._named(town, Query(self.index, read, town).departments)
        return answer.commune if answer is not None else ""

    def resolve_all(self, postcodes: Iterable[str], cities: Iterable[str], countries: Iterable[str]) -> list[Answer]:
        """Find the communes of many places."""
        return [self.resolve(*cells) for cells in zip(postcodes, cities, countries, strict=True)]

    def _find(self, read: Postcode, town: City) -> Answer:
        index, query = self.index, Query(self.index, read, town)
        for step in STEPS:
            answer = step(index, query)
            if answer is not None:
                return answer
        return refuse("not_found", "unknown_name" if town.keys else "unknown_postcode")

    def resolve_address(
        self, address: str, postcode: str = "", city: str = "", country: str = "", *, first: Answer | None = None
    ) -> Answer:
        """Find the commune of a row: by postcode and city, and by the address line where they leave it open.

        Parameters
        ----------
        address, postcode, city, country : str
            As they stand in the file; ``""`` for what is not there.
        first : Answer, optional
            What :meth:`resolve` says of the postcode and the city, where it is known.
        """
        first = first or self.resolve(postcode, city, country)
        if first.status in {"matched", "foreign"} or is_blank(address):
            return first
        lines = read_lines(address)
        if lines.foreign and first.status == "empty":
            return refuse("foreign", "country")
        return self._of_tails(lines, postcode, city, country) or self._of_segments(lines, postcode) or first

    def _of_tails(self, lines: Lines, postcode: str, city: str, country: str) -> Answer | None:
        """Resolve the postcode and the city that an address ends with, where they agree with those of their own."""
        no_code, no_city = is_blank(postcode), is_blank(city)
        refusal = None
        for tail in lines.tails:
            same_code = no_code or read_postcode(postcode).code == tail.postcode
            same_city = no_city or not {*read_city(city).keys}.isdisjoint(read_city(tail.city).keys)
            if not (same_code or same_city) or (not tail.postcode and not (no_code and no_city)):
                continue
            answer = self.resolve(tail.postcode, tail.city if same_city else city, country)
            if answer.status == "matched":
                return answer._replace(note=answer.note or "address")
            refusal = refusal or answer
        return refusal if no_code and no_city else None

    def _of_segments(self, lines: Lines, postcode: str) -> Answer | None:
        """Look in the address for the name of one of the communes that the postcode leaves open."""
        read = read_postcode(postcode)
        places = self.index.postcodes.get(read.code) or self.index.cedex.get(read.code, [])
        communes = {place.commune for place in places}
        for segment in reversed(lines.segments):
            keys = read_city(segment).keys
            names = [name for key in keys for name in self.index.names.get(key, ()) if name.commune in communes]
            if names:
                answer = of_names(self.index, Query(self.index, read, City()), names, "postcode_name")
                return answer._replace(note=answer.note or "address")
        return None
