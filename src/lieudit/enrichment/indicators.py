"""Commune → indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lieudit.catalogue import Catalogue, Source
from lieudit.schema import INDICATORS, Column
from lieudit.tables import literal, quote

__all__ = ["KEY", "indicator_columns", "indicator_joins"]

KEY: Final = "commune_code"


def indicator_columns(catalogue: Catalogue, wanted: Sequence[str] | None) -> list[tuple[Source, Column]]:
    """Return the indicators that sources keyed by commune hold.

    These are those of ``schema.INDICATORS``, each followed by ``<name>_estimated`` where there is one, then every
    column of the sources that hold none of them. What two sources hold is taken from the first.

    Parameters
    ----------
    catalogue : Catalogue
    wanted : sequence of str or None
        Names of the sources to take from.
    """
    chosen = catalogue.sources if wanted is None else tuple(catalogue.source(name) for name in wanted)
    ours = [name for column in INDICATORS for name in (column.name, f"{column.name}_estimated")]
    found: dict[str, tuple[Source, Column]] = {}
    others: dict[str, tuple[Source, Column]] = {}
    for source in chosen:
        table = source.manifest.tables.get("table")
        if table is None or table.key != (KEY,) or source.name == "contours":
            continue
        columns = {column.name: (source, column) for column in table.columns if column.name != KEY}
        known = {name: columns[name] for name in ours if name in columns}
        for name, pair in (known or columns).items():
            (found if known else others).setdefault(name, pair)
    return [*(found[name] for name in ours if name in found), *others.values()]


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
