"""Companies looked up by their identifiers: in the stock on disk, and what it does not have at a service, if asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.enrichment.asked import Asked, Services, service_source
from lieudit.schema import COMPANY_COLUMNS

__all__ = ["REGISTERED", "Registered", "look_up"]

# siret (or null) and siren as looked up; register, note, commune_code; the company columns that the registers give.
REGISTERED: Final = "lieudit_registered"


@dataclass(frozen=True)
class Registered:
    """What the registers gave.

    Attributes
    ----------
    columns : mapping of str to tuple of Source
        For each company column that they have, those that fill it, the first before the next.
    finances : mapping of str to mapping
        What a service said of accounts, by SIREN.
    asked : Asked or None
        What was asked of a service; None where none was to be.
    """

    columns: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    finances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: Asked | None = None


def look_up(con: duckdb.DuckDBPyConnection, keys: str, catalogue: Catalogue, services: Services) -> Registered | None:
    """Make :data:`REGISTERED`, one row for each of the keys that a register knows, or could not be asked for.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.identifiers.read_companies` made.
    keys : str
        A relation of ``siret`` (or null) and ``siren``, each pair once.
    catalogue : Catalogue
    services : Services

    Returns
    -------
    Registered or None
        None where there is no register at all.
    """
    if services.directory is None:
        return None
    # requests takes a quarter of a second to import, and most runs need no network
    from lieudit.enrichment.directory import FILLED, ask_directory  # noqa: PLC0415

    kind, directory = services.directory
    answers, finances, asked = ask_directory(con, f"SELECT siret, siren FROM {keys}", catalogue, kind, directory)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {REGISTERED} AS SELECT * FROM {answers}")
    source = service_source(kind, directory.name)
    columns = {column.name: (source,) for column in COMPANY_COLUMNS if column.name in FILLED}
    return Registered(columns, finances, asked)
