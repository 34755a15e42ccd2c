"""Which source gives each indicator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lieudit.catalogue.own import KEYS
from lieudit.catalogue.source import Source
from lieudit.schema import INDICATORS, OFFICIAL_INDICATORS, Column

__all__ = ["holders", "key_of", "usable"]

_REFERENCE: Final = "communes"
# Columns that say something of an indicator: they come from the source that the indicator comes from.
_COMPANIONS: Final = {"urban_class_source": "urban_class"}


def key_of(source: Source) -> str | None:
    """Return what the main table of a source is keyed by, None where it is not to be joined to customers."""
    table = source.manifest.tables.get("table")
    if table is None or len(table.key) != 1 or any(column.dtype == "geometry" for column in table.columns):
        return None
    return table.key[0] if table.key[0] in KEYS else None


def usable(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the sources that may be joined to customers, without those that another one excludes."""
    there = tuple(sources)
    excluded = {name for source in there for name in source.manifest.excludes}
    return tuple(source for source in there if key_of(source) is not None and source.name not in excluded)


def holders(sources: Iterable[Source]) -> dict[str, tuple[Source, Column]]:
    """Return the source of each indicator and of its companions, and the column there.

    Parameters
    ----------
    sources : iterable of Source
        In the order in which they are used: an indicator comes from the first that has it, whole; from the list of
        communes only if no other has it.

    Returns
    -------
    dict of str to (Source, Column)
        In the order of ``schema.INDICATORS``, then ``schema.OFFICIAL_INDICATORS``; ``<indicator>_estimated`` follows
        its indicator.
    """
    # The list of communes has no row for an arrondissement: its population would stand beside a part's density.
    there = sorted(usable(sources), key=lambda source: source.name == _REFERENCE)
    found: dict[str, tuple[Source, Column]] = {}
    for indicator in (*INDICATORS, *OFFICIAL_INDICATORS):
        of = _COMPANIONS.get(indicator.name)
        among = there if of is None else (found[of][0],) if of in found else ()
        for source in among:
            columns = {column.name: column for column in source.manifest.tables["table"].columns}
            if indicator.name in columns:
                names = (indicator.name, f"{indicator.name}_estimated")
                found |= {name: (source, columns[name]) for name in names if name in columns}
                break
    return found
