"""What sources say of a commune, a postcode, an EPCI, a company or an activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.catalogue.indicators import holders, key_of, usable
from lieudit.enrichment.places import ANSWERS
from lieudit.schema import Column
from lieudit.tables import literal, quote

__all__ = ["KEY", "Indicators", "indicator_columns", "read_indicators"]

KEY: Final = "commune_code"
_PLACE_KEYS: Final = (KEY, "postcode", "epci_code")
Pair = tuple[Source, Column]


@dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators to add, and the relations that hold them.

    Attributes
    ----------
    pairs : tuple of (Source, Column)
        As :func:`indicator_columns` gives them.
    relations : dict of str to str
        For each source, what stands for its table in SQL.
    postcodes : str
        What stands for the catalogue's table of postcodes in SQL.
    """

    pairs: tuple[Pair, ...]
    relations: dict[str, str]
    postcodes: str

    def of_places(self) -> tuple[Pair, ...]:
        """Return those keyed by commune, postcode or EPCI."""
        return tuple(pair for pair in self.pairs if key_of(pair[0]) in _PLACE_KEYS)

    def of(self, key: str) -> tuple[Pair, ...]:
        """Return those with a key, ``siren`` or ``naf``."""
        return tuple(pair for pair in self.pairs if key_of(pair[0]) == key)

    def place_joins(self, places: str, communes: str) -> tuple[str, list[str]]:
        """Return the joins and the expressions that give a place its indicators, in the order of :meth:`of_places`.

        An arrondissement has its own row where the source has one, else its city's.

        Parameters
        ----------
        places : str
            SQL alias of a relation with ``place``, ``commune`` and ``arrondissement``.
        communes : str
            SQL alias of the place's row of the communes, with ``epci_code``.
        """
        pairs = self.of_places()
        sources = {source.name: source for source, _ in pairs}
        joins = []
        for name, source in sources.items():
            relation, own, typed = self.relations[name], quote(f"{name}_own"), quote(f"{name}_postcode")
            key = key_of(source)
            match key:
                case "postcode":
                    joins.append(f"LEFT JOIN {self._postcode()} AS {typed} ON {typed}.place = {places}.place")
                    value = f"{typed}.found"
                case "epci_code":
                    value = f"{communes}.epci_code"
                case _:
                    value = f"""CASE WHEN {places}.arrondissement IN (SELECT {key} FROM {relation})
                                THEN {places}.arrondissement ELSE {places}.commune END"""
            joins.append(f"LEFT JOIN {relation} AS {own} ON {own}.{key} = {value}")
        return " ".join(joins), [_value(source, column) for source, column in pairs]

    def company_joins(self, key: str, rows: str) -> tuple[str, list[str]]:
        """Return the joins and the expressions that give companies the indicators of :meth:`of` a key.

        Parameters
        ----------
        key : {"siren", "naf"}
        rows : str
            SQL alias of a relation with a column of that name.
        """
        pairs = self.of(key)
        value = f"replace({rows}.naf, '.', '')" if key == "naf" else f"{rows}.{key}"
        joins = [
            f"LEFT JOIN {self.relations[name]} AS {quote(f'{name}_own')} ON {quote(f'{name}_own')}.{key} = {value}"
            for name in dict.fromkeys(source.name for source, _ in pairs)
        ]
        return " ".join(joins), [_value(source, column) for source, column in pairs]

    def _postcode(self) -> str:
        """Find the postcode of each place: the one typed, if it serves the commune; else the commune's only one."""
        typed = "lpad(regexp_extract(replace(a.postcode, ' ', ''), '[0-9]{4,5}'), 5, '0')"
        return f"""(SELECT a.place, CASE WHEN bool_or(p.postcode = {typed}) THEN any_value({typed})
                                    WHEN count(DISTINCT p.postcode) = 1 THEN any_value(p.postcode) END AS found
                    FROM {ANSWERS} AS a JOIN {self.postcodes} AS p ON p.commune_code = a.commune
                         AND (a.arrondissement IS NULL OR p.arrondissement_code = a.arrondissement)
                    GROUP BY a.place)"""


def _value(source: Source, column: Column) -> str:
    return f"{quote(f'{source.name}_own')}.{quote(column.name)}"


def indicator_columns(catalogue: Catalogue, wanted: Sequence[str] | None) -> list[Pair]:
    """Return the indicators that sources hold.

    First those that the schema knows, each from the first source that has it and followed by ``<name>_estimated``
    where there is one; then every column of the user's own sources, and of others that hold none that is known.

    Parameters
    ----------
    catalogue : Catalogue
    wanted : sequence of str or None
        Names of the sources to take from, the first before the next; by default all, in the catalogue's order.
    """
    chosen = catalogue.sources if wanted is None else tuple(catalogue.source(name) for name in wanted)
    there = usable(chosen)
    known = holders(there)
    others: dict[str, Pair] = {}
    for source in there:
        columns = source.manifest.tables["table"].columns
        if source.origin == "own" or not any(column.name in known for column in columns):
            for column in columns:
                if column.name != key_of(source) and column.name not in known:
                    others.setdefault(column.name, (source, column))
    return [*known.values(), *others.values()]


def read_indicators(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, wanted: Sequence[str] | None, *, estimate: bool = False
) -> Indicators:
    """Open the tables of the indicators.

    Parameters
    ----------
    con : DuckDBPyConnection
    catalogue : Catalogue
    wanted : sequence of str or None
        As for :func:`indicator_columns`.
    estimate : bool, default False
        Estimate what is withheld of small communes, and say so in ``<indicator>_estimated``.

    Raises
    ------
    CatalogueError, TableError
        A source is not in the catalogue, or its table is damaged or not what its manifest says.
    """
    pairs = tuple(indicator_columns(catalogue, wanted))
    relations = {}
    for source in {source.name: source for source, _ in pairs}.values():
        if source.by_hand:
            from lieudit.catalogue.own_table import load  # noqa: PLC0415 - pandas takes long to import

            relations[source.name] = load(con, source, catalogue)
        else:
            relations[source.name] = f"read_parquet({literal(source.path())})"
    if estimate:
        # Contours and scipy take a second to read, and few ask for estimates.
        from lieudit.enrichment.estimates import fill_in  # noqa: PLC0415

        pairs = fill_in(con, catalogue, pairs, relations)
    postcodes = catalogue.source("communes").path("postcodes")
    return Indicators(pairs, relations, f"read_parquet({literal(postcodes)})")
