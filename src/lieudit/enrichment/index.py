"""The communes of the catalogue, arranged for looking up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow.parquet as pq

from lieudit.enrichment.normalise import core, fold, key, squash
from lieudit.enrichment.postcode import departments_of

__all__ = ["CURRENT", "Index", "Name", "Place", "read_index"]

CURRENT: Final = 0
# Of two names that read the same, the one of today's commune comes first, then those still in use.
_RANKS: Final = {"current": CURRENT, "delegated": 1, "associated": 1, "routing": 1, "locality": 2, "former": 2}


class Place(NamedTuple):
    """A commune, and its arrondissement where it is known (else ``""``)."""

    commune: str
    arrondissement: str = ""


class Name(NamedTuple):
    """A name of a commune.

    ``postcode`` is ``""`` unless the name holds with that one only.
    """

    key: str
    commune: str
    department: str
    rank: int
    postcode: str
    squash: str
    core: str


@dataclass(frozen=True)
class Index:
    """Names, postcodes and CEDEX codes of the communes of today.

    Attributes
    ----------
    names : dict of str to tuple of Name
        By key.
    by_commune : dict of str to list of Name
    postcodes : dict of str to tuple of Place
        The communes that an ordinary postcode serves.
    cedex : dict of str to tuple of Place
        The communes whose companies a CEDEX code serves.
    cedex_names : dict of (department, key) to frozenset of str
        The communes behind the labels of CEDEX codes: ``("06", "SOPHIA ANTIPOLIS")``.
    postcodes_of : dict of str to tuple of str
        The other way round.
    population : dict of str to int
    arrondissements : dict of (commune, number) to str
    departments : dict of str to str
        Of each commune.
    foreign : frozenset of str
        Keys of foreign cities.
    """

    names: dict[str, tuple[Name, ...]]
    by_commune: dict[str, list[Name]]
    postcodes: dict[str, tuple[Place, ...]]
    cedex: dict[str, tuple[Place, ...]]
    cedex_names: dict[tuple[str, str], frozenset[str]]
    postcodes_of: dict[str, tuple[str, ...]]
    population: dict[str, int]
    arrondissements: dict[tuple[str, int], str]
    departments: dict[str, str]
    foreign: frozenset[str] = frozenset()
    _local: dict[str, tuple[Name, ...]] = field(default_factory=dict)
    _regional: dict[str, tuple[Name, ...]] = field(default_factory=dict)

    def communes(self, postcode: str) -> frozenset[str]:
        """Return the communes of an ordinary postcode."""
        return self._served.get(postcode, frozenset())

    @cached_property
    def _served(self) -> dict[str, frozenset[str]]:
        return {code: frozenset(place.commune for place in places) for code, places in self.postcodes.items()}

    def local_names(self, postcode: str) -> tuple[Name, ...]:
        """Return every name of the communes that a postcode serves."""
        found = self._local.get(postcode)
        if found is None:
            names = (name for commune in sorted(self.communes(postcode)) for name in self.by_commune[commune])
            found = self._local[postcode] = tuple(name for name in names if name.postcode in {"", postcode})
        return found

    def department_names(self, department: str) -> tuple[Name, ...]:
        """Return every name known in a department."""
        found = self._regional.get(department)
        if found is None:
            found = tuple(
                n for names in self.names.values() for n in names if n.department == department and not n.postcode
            )
            self._regional[department] = found
        return found

    def departments_near(self, postcode: str) -> frozenset[str]:
        """Return the departments that a postcode announces, and those of the communes that it serves."""
        return frozenset(departments_of(postcode)) | {self.departments[c] for c in self.communes(postcode)}

    def arrondissement(self, postcode: str, commune: str) -> str:
        """Return the arrondissement that a postcode or CEDEX code tells, or ``""``."""
        places = self.postcodes.get(postcode) or self.cedex.get(postcode, ())
        told = {place.arrondissement for place in places if place.commune == commune}
        return told.pop() if len(told) == 1 else ""


def read_index(folder: Path, foreign: Iterable[str] = ()) -> Index:
    """Read the index from the catalogue's folder of communes.

    Parameters
    ----------
    folder : Path
        Holds ``table``, ``postcodes``, ``names`` and ``cedex`` (``.parquet``).
    foreign : iterable of str
        Names of foreign cities.
    """
    table = _columns(folder / "table.parquet", "commune_code", "department_code", "population")
    departments = dict(zip(table[0], table[1], strict=True))
    by_key, by_commune, arrondissements = _names(folder / "names.parquet")
    postcodes = _places(folder / "postcodes.parquet", "postcode")
    postcodes_of: dict[str, list[str]] = defaultdict(list)
    for code, places in postcodes.items():
        for commune in dict.fromkeys(place.commune for place in places):
            postcodes_of[commune].append(code)
    return Index(
        names=by_key,
        by_commune=by_commune,
        postcodes=postcodes,
        cedex=_places(folder / "cedex.parquet", "cedex_code"),
        cedex_names=_cedex_names(folder / "cedex.parquet", departments),
        postcodes_of={commune: tuple(codes) for commune, codes in postcodes_of.items()},
        population={code: people or 0 for code, people in zip(table[0], table[2], strict=True)},
        arrondissements=arrondissements,
        departments=departments,
        foreign=frozenset(map(key, foreign)),
    )


def _columns(path: Path, *names: str) -> list[list[str]]:
    table = pq.read_table(path, columns=list(names))
    return [table.column(name).to_pylist() for name in names]


def _names(path: Path) -> tuple[dict[str, tuple[Name, ...]], dict[str, list[Name]], dict[tuple[str, int], str]]:
    by_key: dict[str, list[Name]] = defaultdict(list)
    by_commune: dict[str, list[Name]] = defaultdict(list)
    arrondissements: dict[tuple[str, int], str] = {}
    columns = _columns(path, "name", "kind", "own_code", "commune_code", "department_code", "postcode")
    for text, kind, own, commune, department, postcode in zip(*columns, strict=True):
        if kind == "arrondissement":
            arrondissements[commune, int(own[-2:]) if not own.startswith("6938") else int(own[-1])] = own
            continue
        name_key = key(text)
        name = Name(name_key, commune, department, _RANKS[kind], postcode or "", squash(name_key), core(name_key))
        by_key[name_key].append(name)
        by_commune[commune].append(name)
    return {name_key: tuple(names) for name_key, names in by_key.items()}, dict(by_commune), arrondissements


def _places(path: Path, code: str) -> dict[str, tuple[Place, ...]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for value, commune, arrondissement in zip(
        *_columns(path, code, "commune_code", "arrondissement_code"), strict=True
    ):
        found[value].append(Place(commune, arrondissement or ""))
    return {value: tuple(places) for value, places in found.items()}


def _cedex_names(path: Path, departments: dict[str, str]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for label, commune in zip(*_columns(path, "label", "commune_code"), strict=True):
        found[departments[commune], key(fold(label).partition(" CEDEX")[0])].add(commune)
    return {label: frozenset(communes) for label, communes in found.items()}
