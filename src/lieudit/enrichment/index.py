"""The communes of the catalogue, arranged for looking up."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lieudit.catalogue import Catalogue
from lieudit.enrichment.collector import collector_off, emptied_at_exit
from lieudit.enrichment.near import Name, Names, is_common
from lieudit.enrichment.normalise import core, key, keys, squash
from lieudit.enrichment.postcode import departments_of
from lieudit.tables.arrays import texts

__all__ = ["CURRENT", "SPOKEN_OF", "Index", "Place", "read_index"]

CURRENT: Final = 0
SPOKEN_OF: Final = 5_000  # inhabitants; a town of this size is what its name means, whatever hamlet shares it
# Of two names that read the same, the one of today's commune comes first, then those still in use.
_RANKS: Final = {"current": CURRENT, "delegated": 1, "associated": 1, "routing": 2, "former": 3}
_ARRANGED: Final = (
    "by_commune", "postcodes_of", "foreign", "_cedex_text", "own_codes", "by_department", "town_heads",
)  # fmt: skip


class Place(NamedTuple):
    """A commune, and its arrondissement where it is known (else ``""``)."""

    commune: str
    arrondissement: str = ""


@dataclass(frozen=True)
class Index:
    """Names, postcodes and CEDEX codes of the communes of today.

    Attributes
    ----------
    names : dict of str to list of Name
        By key.
    postcodes : dict of str to list of Place
        The communes that an ordinary postcode serves.
    cedex : dict of str to list of Place
        The communes whose companies a CEDEX code serves.
    cedex_labels : dict of str to str
        The key of a CEDEX code's label, less the word CEDEX.
    population : dict of str to int
    departments : dict of str to str
        Of each commune.
    arrondissements : dict of (commune, number) to str
    spelt : Table
        The names for SQL: ``key``, ``kind``, ``commune``, and ``postcode`` where they hold with that one only.
    communes_table, postcodes_table, foreign_table : Path
        Of the catalogue; the last holds the names of foreign cities, and is read when they are needed.
    """

    names: dict[str, list[Name]]
    postcodes: dict[str, list[Place]]
    cedex: dict[str, list[Place]]
    cedex_labels: dict[str, str]
    population: dict[str, int]
    departments: dict[str, str]
    arrondissements: dict[tuple[str, int], str]
    spelt: pa.Table
    communes_table: Path
    postcodes_table: Path
    foreign_table: Path
    _local: dict[str, Names] = field(default_factory=dict)
    _regional: dict[frozenset[str], Names] = field(default_factory=dict)
    _served: dict[str, frozenset[str]] = field(default_factory=dict)
    _near: dict[str, frozenset[str]] = field(default_factory=dict)

    def communes(self, postcode: str) -> frozenset[str]:
        """Return the communes of an ordinary postcode."""
        found = self._served.get(postcode)
        if found is None:
            found = frozenset(place.commune for place in self.postcodes.get(postcode, ()))
            self._served[postcode] = found
        return found

    def arrange(self, enough: Callable[[], bool]) -> None:
        """Make what names that are spelt otherwise are looked for in, until it is enough: for who waits anyway.

        Without, each is made when it is first asked for.
        """
        for name in _ARRANGED:
            if enough():
                return
            getattr(self, name)
        for postcode in self.postcodes:
            if enough():
                return
            self.local_names(postcode)
            self.department_names(self.departments_near(postcode))

    @cached_property
    def by_commune(self) -> dict[str, list[Name]]:
        """The names of each commune."""
        found: dict[str, list[Name]] = defaultdict(list)
        for names in self.names.values():
            for name in names:
                found[name.commune].append(name)
        return found

    @cached_property
    def by_department(self) -> dict[str, list[Name]]:
        """The names known in each department."""
        found: dict[str, list[Name]] = defaultdict(list)
        for names in self.names.values():
            for name in names:
                found[name.department].append(name)
        return found

    @cached_property
    def postcodes_of(self) -> dict[str, list[str]]:
        """The ordinary postcodes of each commune."""
        found: dict[str, list[str]] = defaultdict(list)
        for code in self.postcodes:
            for commune in self.communes(code):
                found[commune].append(code)
        return found

    @cached_property
    def cedex_names(self) -> dict[str, set[tuple[str, str]]]:
        """The departments and communes behind the label of a CEDEX code, by its key: ``SOPHIA ANTIPOLIS``."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for code, label in self.cedex_labels.items():
            found[label].update((self.departments[place.commune], place.commune) for place in self.cedex[code])
        return dict(found)

    def cedex_words(self, words: str) -> list[set[tuple[str, str]]]:
        """Return what stands behind the CEDEX labels that hold some words: ``LA DEFENSE`` of Paris la Défense."""
        if f" {words} " not in self._cedex_text:
            return []
        return [places for label, places in self.cedex_names.items() if f" {words} " in f" {label} "]

    def cedex_begins(self, words: str) -> list[set[tuple[str, str]]]:
        """Return what stands behind the CEDEX labels that begin with some words, and go on."""
        if f"\n {words} " not in self._cedex_text:
            return []
        return [places for label, places in self.cedex_names.items() if label.startswith(f"{words} ")]

    @cached_property
    def _cedex_text(self) -> str:
        """All CEDEX labels, to be searched at once."""
        return "\n".join(("", *(f" {label} " for label in self.cedex_names)))

    @cached_property
    def town_heads(self) -> frozenset[str]:
        """What the names of the towns of 5,000 begin with, whole words: ``CHALONS`` of Châlons-en-Champagne."""
        heads: set[str] = set()
        for town in (commune for commune, people in self.population.items() if people > SPOKEN_OF):
            for name in self.by_commune.get(town, ()):
                words = name.key.split()
                heads.update(" ".join(words[:end]) for end in range(1, len(words) + 1))
        return frozenset(head for head in heads if len(head) > 3 and not is_common(head))

    @cached_property
    def own_codes(self) -> dict[str, Place]:
        """Every commune and arrondissement by its own code."""
        found = {commune: Place(commune) for commune in self.departments}
        return found | {own: Place(commune, own) for (commune, _), own in self.arrondissements.items()}

    @cached_property
    def territories(self) -> dict[str, frozenset[str]]:
        """The departments of each department and region, by the key of its name, with its article and without."""
        found: dict[str, set[str]] = defaultdict(set)
        codes, *names = _columns(self.communes_table, "department_code", "department_name", "region_name")
        for code, *written in set(zip(codes, *names, strict=True)):
            for name in map(key, filter(None, written)):
                found[name].add(code)
                found[name.removeprefix("LA ")].add(code)
        return {name: frozenset(departments) for name, departments in found.items()}

    @cached_property
    def divided(self) -> frozenset[str]:
        """The communes that have arrondissements."""
        return frozenset(commune for commune, _ in self.arrondissements)

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Keys of foreign cities."""
        (names,) = _columns(self.foreign_table, "name")
        return frozenset(keys(names))

    def local_names(self, postcode: str) -> Names:
        """Return every name of the communes that a postcode serves."""
        found = self._local.get(postcode)
        if found is None:
            names = [name for commune in sorted(self.communes(postcode)) for name in self.by_commune[commune]]
            found = Names([name for name in names if not name.postcode or name.postcode == postcode])
            self._local[postcode] = found
        return found

    def department_names(self, departments: frozenset[str]) -> Names:
        """Return every name known in some departments."""
        found = self._regional.get(departments)
        if found is None:
            names = [name for department in sorted(departments) for name in self.by_department[department]]
            found = self._regional[departments] = Names([name for name in names if not name.postcode])
        return found

    def departments_near(self, code: str) -> frozenset[str]:
        """Return the departments that a postcode announces, and those of the communes that it serves."""
        found = self._near.get(code)
        if found is None:
            served = self.communes(code) or {place.commune for place in self.cedex.get(code, ())}
            found = frozenset(departments_of(code)) | {self.departments[commune] for commune in served}
            self._near[code] = found
        return found

    def arrondissement(self, code: str, commune: str) -> str:
        """Return the arrondissement that a postcode or CEDEX code tells, or ``""``.

        A postcode bears the number of its arrondissement, though some streets of the next one may have it: 13016 is
        the 16th of Marseille.
        """
        if commune not in self.divided:
            return ""
        places = self.postcodes.get(code) or self.cedex.get(code, [])
        told = {place.arrondissement for place in places if place.commune == commune}
        if len(told) > 1 and code in self.postcodes:
            told &= {self.arrondissements.get((commune, int(code[-2:])), "")}
        return told.pop() if len(told) == 1 else ""


def read_index(catalogue: Catalogue) -> Index:
    """Read the index from the sources ``communes`` and ``foreign_places``, once for each content of them."""
    sources = [catalogue.source(name) for name in ("communes", "foreign_places")]
    sums = [table.sha256 for source in sources for _, table in sorted(source.manifest.tables.items())]
    with collector_off():
        return _read_index(*(source.folder for source in sources), "".join(sums))


@emptied_at_exit
@functools.lru_cache(maxsize=2)
def _read_index(communes: Path, foreign: Path, _checksums: str) -> Index:
    codes, departments, people = _columns(communes / "table.parquet", "commune_code", "department_code", "population")
    names, arrondissements, spelt = _names(communes / "names.parquet")
    cedex_codes, labels = _columns(communes / "cedex.parquet", "cedex_code", "label")
    label_keys = {label: key(label.partition(" CEDEX")[0]) for label in set(labels)}
    return Index(
        names=names,
        postcodes=_places(communes / "postcodes.parquet", "postcode"),
        cedex=_places(communes / "cedex.parquet", "cedex_code"),
        cedex_labels={code: label_keys[label] for code, label in zip(cedex_codes, labels, strict=True)},
        population={code: int(count or 0) for code, count in zip(codes, people, strict=True)},
        departments=dict(zip(codes, departments, strict=True)),
        arrondissements=arrondissements,
        spelt=spelt,
        communes_table=communes / "table.parquet",
        postcodes_table=communes / "postcodes.parquet",
        foreign_table=foreign / "table.parquet",
    )


def _columns(path: Path, *names: str) -> list[list[Any]]:
    with pq.ParquetFile(path) as file:  # ``read_table`` would import all of Arrow's datasets: a quarter of a second
        table = file.read(columns=list(names), use_threads=False)
    return [table.column(name).to_pylist() for name in names]


def _names(path: Path) -> tuple[dict[str, list[Name]], dict[tuple[str, int], str], pa.Table]:
    names: dict[str, list[Name]] = defaultdict(list)
    arrondissements: dict[tuple[str, int], str] = {}
    written, *columns = _columns(path, "name", "kind", "own_code", "commune_code", "department_code", "postcode")
    name_keys = keys(written)
    for name_key, kind, own, commune, department, postcode in zip(name_keys, *columns, strict=True):
        if kind == "arrondissement":  # 75116, 13208, 69383
            arrondissements[commune, int(own[-1] if commune == "69123" else own[-2:])] = own
        else:
            spellings = name_key, squash(name_key), core(name_key)
            names[name_key].append(Name(*spellings, commune, department, _RANKS[kind], postcode or ""))
    kinds, _, communes, _, postcodes = columns
    spelt = list(map(texts, [name_keys, kinds, communes, postcodes]))
    return dict(names), arrondissements, pa.Table.from_arrays(spelt, ["key", "kind", "commune", "postcode"])


def _places(path: Path, code: str) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for value, commune, arrondissement in zip(
        *_columns(path, code, "commune_code", "arrondissement_code"), strict=True
    ):
        found[value].append(Place(commune, arrondissement or ""))
    return dict(found)
