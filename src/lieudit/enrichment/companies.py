"""What is known of the companies of a table: identifiers, register, accounts; and where their establishments are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue, Source
from lieudit.companies import open_stock
from lieudit.companies.accounts import SOURCES as ACCOUNTS
from lieudit.companies.accounts import answered_accounts, read_accounts
from lieudit.companies.stock import SIRENE
from lieudit.config import EnrichConfig
from lieudit.enrichment.asked import Asked, Services
from lieudit.enrichment.dimension import Dimension, read_dimension
from lieudit.enrichment.establishments import read_todays_communes
from lieudit.enrichment.identifiers import COMPANIES, COMPANY_ROWS, read_companies
from lieudit.enrichment.index import Index
from lieudit.enrichment.indicators import Indicators
from lieudit.enrichment.names import find_by_name, keep_candidates, wants_names
from lieudit.enrichment.outcome import LOOKED_UP, settle
from lieudit.enrichment.places import find_named
from lieudit.enrichment.registers import ESTABLISHMENT_UNKNOWN, Registered, look_up
from lieudit.enrichment.resolve import Resolver
from lieudit.schema import (
    ACCOUNTS_COLUMNS,
    COMPANY_COLUMNS,
    COMPANY_OUTCOME_COLUMNS,
    SIRET_COLUMNS,
    Column,
)
from lieudit.tables import Table, quote

__all__ = ["Companies", "read_company_columns"]

_KEYS: Final = "lieudit_company_keys"
_ADDED: Final = "lieudit_company_added"
_PLACES: Final = "lieudit_company_places"

# Nomenclatures by which the codes of a register become what is given.
_READ_BY: Final = {
    "naf_label": "naf", "naf_section": "naf", "legal_form_label": "legal_forms", "headcount_min": "headcount_bands",
    "headcount_max": "headcount_bands",
}  # fmt: skip

# A column, and the sources that fill it, the first before the next; none where it is worked out from the input.
Filled = tuple[Column, tuple[Source, ...]]


@dataclass(frozen=True)
class Companies:
    """What the companies of a table gave.

    Attributes
    ----------
    dimension : Dimension or None
        Their columns; None where the table has none to start from.
    establishments : str or None
        A relation for :func:`lieudit.enrichment.establishments.move_to_establishments`.
    asked : Asked or None
        What was asked of a directory.
    also : mapping of str to tuple of Source
        By column, the sources that it is from beside the one that the dimension names.
    candidates : str or None
        A relation of :data:`lieudit.enrichment.names.CANDIDATES`, of names that several companies bear.
    """

    dimension: Dimension | None = None
    establishments: str | None = None
    asked: Asked | None = None
    also: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    candidates: str | None = None


def read_company_columns(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    indicators: Indicators,
    settings: EnrichConfig,
    services: Services,
    *,
    index: Index | None = None,
) -> Companies:
    """Read the company columns that there are, and look the companies up.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        Those of ``siret``, ``siren`` and ``naf`` are read, and ``name`` where a stock is at hand.
    catalogue : Catalogue
    indicators : Indicators
        Of which those keyed by SIREN or NAF follow the columns that give the key.
    settings : EnrichConfig
    services : Services
    index : Index, optional
        In which the rows were located; by their places companies without an identifier may be found.

    Raises
    ------
    TableError
        A column of identifiers holds something else.
    """
    chosen = _chosen(catalogue, settings)
    stock = open_stock(catalogue) if any(source.name == SIRENE for source in chosen.sources) else None
    names = stock is not None and index is not None and wants_names(con, table, columns, settings)
    if names and index is not None:
        find_named(con, Resolver(index))
    given = read_companies(con, table, columns, catalogue, names=names, force=settings.force)
    if not given:
        return Companies()
    candidates = find_by_name(con, stock) if names and stock is not None else None
    registered = None
    if "siren" in given:
        keys = f"SELECT DISTINCT siret, siren FROM {COMPANIES} WHERE siren IS NOT NULL"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {_KEYS} AS {keys}")
        registered = look_up(con, _KEYS, catalogue, stock, services)
    settle(con, given, registered.columns if registered else (), named=candidates is not None)
    filled = _filled(given, registered, catalogue)
    joins, values = [], [f"r.{column.name}" for column, _ in filled]
    if "siren" in given and (filed := _read_accounts(con, chosen, registered)) is not None:
        accounts, sources = filed
        joins.append(f"LEFT JOIN {accounts} AS a ON a.siren = r.siren")
        values += [f"a.{column.name}" for column in ACCOUNTS_COLUMNS]
        filled += [(column, sources) for column in ACCOUNTS_COLUMNS]
    for key in ("siren", "naf"):
        if key in [column.name for column, _ in filled]:
            join, own = indicators.company_joins(key, "r")
            joins.append(join)
            values += own
            filled += [(column, (source,)) for source, column in indicators.of(key)]
    dimension = _read(con, filled, values, joins)
    also = {column.name: others for column, sources in filled if (others := _others(column, sources, catalogue))}
    if candidates is not None and stock is not None:
        also |= dict.fromkeys(("siret", "siren"), (stock.source,))  # of rows that were found by name
    if registered is not None:
        also["commune_code"] = registered.columns["naf"]  # of rows without an address
    establishments = _establishments(con, catalogue) if registered else None
    kept = keep_candidates(con, table, candidates) if candidates is not None else None
    return Companies(dimension, establishments, registered.asked if registered else None, also, kept)


def _others(column: Column, sources: tuple[Source, ...], catalogue: Catalogue) -> tuple[Source, ...]:
    """Return the sources of a column behind the first, and the nomenclature that it is read by."""
    nomenclature = _READ_BY.get(column.name)
    if nomenclature is None or not sources or nomenclature in {source.name for source in sources}:
        return sources[1:]
    return (*sources[1:], catalogue.source(nomenclature))


def _chosen(catalogue: Catalogue, settings: EnrichConfig) -> Catalogue:
    """Keep to the sources that the user names, where some are named."""
    if settings.sources is None:
        return catalogue
    return replace(catalogue, sources=tuple(catalogue.source(name) for name in settings.sources))


def _filled(given: Collection[str], registered: Registered | None, catalogue: Catalogue) -> list[Filled]:
    """Return the columns of :data:`LOOKED_UP` that are added, and who fills them."""
    found: list[Filled] = [(column, ()) for column in SIRET_COLUMNS if column.name in given]
    if registered is not None:
        found += [(column, ()) for column in COMPANY_OUTCOME_COLUMNS]
    for column in COMPANY_COLUMNS:
        sources = registered.columns.get(column.name, ()) if registered is not None else ()
        if column.name in given:
            sources = (*sources, catalogue.source("naf"))
        if sources:
            found.append((column, sources))
    return found


def _read_accounts(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, registered: Registered | None
) -> tuple[str, tuple[Source, ...]] | None:
    """Return the relation of the accounts, and who gave them; None where nobody does."""
    sources = [source for name in ACCOUNTS for source in catalogue.sources if source.name == name]
    answered = None
    if registered is not None and registered.finances:
        answered = answered_accounts(con, registered.finances)
        sources.append(registered.columns["naf"][-1])
    relation = read_accounts(con, catalogue, LOOKED_UP, answered)
    return None if relation is None else (relation, tuple(sources))


def _read(
    con: duckdb.DuckDBPyConnection, filled: Sequence[Filled], values: Sequence[str], joins: list[str]
) -> Dimension:
    """Join what was found to the companies, and take it out of the connection."""
    named = ", ".join(f"{value} AS {quote(column.name)}" for value, (column, _) in zip(values, filled, strict=True))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ADDED} AS SELECT r.number, {named} FROM {LOOKED_UP} AS r {' '.join(joins)}"
    )
    pairs = tuple((sources[0] if sources else None, column) for column, sources in filled)
    return read_dimension(con, _ADDED, f"SELECT row, number FROM {COMPANY_ROWS}", pairs)


def _establishments(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> str:
    """Make the relation of the communes of establishments, one row for each row of the input that has one."""
    today = read_todays_communes(con, LOOKED_UP, catalogue)
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW {_PLACES} AS
            SELECT r.row, t.commune, t.arrondissement, l.company_confidence AS confidence,
                   CASE WHEN l.siret IS NULL OR l.company_note = '{ESTABLISHMENT_UNKNOWN}' THEN 'siren'
                        ELSE 'siret' END AS kind
            FROM {COMPANY_ROWS} AS r JOIN {LOOKED_UP} AS l USING (number)
            JOIN {today} AS t ON t.code = l.commune_code"""
    )
    return _PLACES
