"""Commune → indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lieudit.catalogue import Catalogue, Source
from lieudit.catalogue.indicators import holders, key_of, usable
from lieudit.schema import Column
from lieudit.tables import literal, quote

__all__ = ["KEY", "indicator_columns", "indicator_joins"]

KEY: Final = "commune_code"


def indicator_columns(catalogue: Catalogue, wanted: Sequence[str] | None) -> list[tuple[Source, Column]]:
    """Return the indicators that sources keyed by commune hold.

    First those that the schema knows, each from the first source that has it and followed by ``<name>_estimated``
    where there is one; then every column of the user's own sources, and of others that hold none that is known.

    Parameters
    ----------
    catalogue : Catalogue
    wanted : sequence of str or None
        Names of the sources to take from, the first before the next; by default all, in the catalogue's order.
    """
    chosen = catalogue.sources if wanted is None else tuple(catalogue.source(name) for name in wanted)
    there = [source for source in usable(chosen) if key_of(source) == KEY]
    known = holders(there)
    others: dict[str, tuple[Source, Column]] = {}
    for source in there:
        columns = source.manifest.tables["table"].columns
        if source.origin == "own" or not any(column.name in known for column in columns):
            for column in columns:
                if column.name != KEY and column.name not in known:
                    others.setdefault(column.name, (source, column))
    return [*known.values(), *others.values()]


def indicator_joins(columns: Sequence[tuple[Source, Column]], places: str) -> tuple[str, list[str]]:
    """Return the joins and the expressions that give a place its indicators.

    An arrondissement has its own row where the source has one, else its city's.

    Parameters
    ----------
    columns : sequence of (Source, Column)
    places : str
        SQL alias of a relation with ``commune`` and ``arrondissement``.
    """
    sources = {source.name: source for source, _ in columns}
    joins = []
    for name, source in sources.items():
        table = f"read_parquet({literal(source.path())})"
        own, city = quote(f"{name}_own"), quote(f"{name}_city")
        joins.append(f"LEFT JOIN {table} AS {own} ON {own}.{KEY} = {places}.arrondissement")
        joins.append(f"LEFT JOIN {table} AS {city} ON {city}.{KEY} = {places}.commune AND {own}.{KEY} IS NULL")
    values = [
        f"coalesce({quote(f'{source.name}_own')}.{column}, {quote(f'{source.name}_city')}.{column})"
        for source, column in ((source, quote(column.name)) for source, column in columns)
    ]
    return " ".join(joins), values
