"""Companies without an identifier, found by their name and place in the stock on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb

from lieudit.companies import Stock
from lieudit.companies.matching import match_names
from lieudit.config import EnrichConfig
from lieudit.enrichment.identifiers import COMPANIES, COMPANY_ROWS
from lieudit.tables import Table, quote
from lieudit.tables.headers import words

__all__ = ["CANDIDATES", "find_by_name", "keep_candidates", "wants_names"]

_ASKED: Final = "lieudit_company_names"
CANDIDATES: Final = ("row", "given_name", "rank", "siren", "siret", "name", "commune_code", "state", "confidence")
# Words of a header that say that the names are companies'; "nom" and "name" may be people's.
_OF_COMPANIES: Final = frozenset({"raison", "denomination", "company", "entreprise", "societe", "enseigne", "firm"})
_ENOUGH: Final = 0.1  # share of the names that tell a legal form, where nothing else says that they are companies'
_FORMS: Final = r"(?i)\b(S[.]?A[.]?R[.]?L|S[.]?A[.]?S[.]?U?|E[.]?U[.]?R[.]?L|S[.]?C[.]?I|SNC|GAEC|EARL|SCEA|SCOP|GIE)\b"


def wants_names(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], settings: EnrichConfig
) -> bool:
    """Tell whether the column of names is one of companies: people must not be looked up among them.

    Unless the settings tell, it is where the table identifies companies as well, where its header says so, or where
    one name in ten tells a legal form.
    """
    if "name" not in columns:
        return False
    if settings.match_names is not None:
        return settings.match_names
    if columns.keys() & {"siret", "siren"} or _OF_COMPANIES.intersection(words(columns["name"])):
        return True
    name = f"CAST({table.ref(columns['name'])} AS VARCHAR)"
    sql = f"SELECT avg(CAST(regexp_matches({name}, ?) AS INTEGER)) FROM {table.sql} WHERE {name} IS NOT NULL"
    ((share,),) = con.execute(sql, [_FORMS]).fetchall()
    return bool(share and share >= _ENOUGH)


def find_by_name(con: duckdb.DuckDBPyConnection, stock: Stock) -> str | None:
    """Give :data:`COMPANIES` the identifiers that their names lead to.

    Its new columns are ``by_name`` (``found``, ``ambiguous``, …), ``name_confidence`` and ``name_note``.

    Returns
    -------
    str or None
        The relation of the candidates of names that stay ambiguous, by ``key``, the number of the company; None, and
        no new columns, where no name was to be looked for.
    """
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_ASKED} AS
            SELECT number AS key, name, commune_code, postcode FROM {COMPANIES} WHERE name IS NOT NULL"""
    )
    if not con.execute(f"SELECT count(*) FROM {_ASKED}").fetchall()[0][0]:
        return None
    matched = match_names(con, _ASKED, stock)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {COMPANIES} AS
            SELECT c.* REPLACE (coalesce(c.siret, m.siret) AS siret, coalesce(c.siren, m.siren) AS siren),
                   m.status AS by_name, m.confidence AS name_confidence, m.note AS name_note
            FROM {COMPANIES} AS c LEFT JOIN {matched.answers} AS m ON m.key = c.number"""
    )
    return matched.candidates


def keep_candidates(con: duckdb.DuckDBPyConnection, table: Table, candidates: str) -> str | None:
    """Make a table of :data:`CANDIDATES`, a line for each row of the input and candidate; None where there are none.

    ``row`` counts the rows of the input from 1.
    """
    name = f"{table.name}_candidates"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {quote(name)} AS
            SELECT r.row, c.name AS given_name, k.rank, k.siren, k.siret, k.name, k.commune_code, k.state, k.confidence
            FROM {candidates} AS k JOIN {COMPANIES} AS c ON c.number = k.key JOIN {COMPANY_ROWS} AS r USING (number)
            ORDER BY r.row, k.rank"""
    )
    ((lines,),) = con.execute(f"SELECT count(*) FROM {quote(name)}").fetchall()
    return quote(name) if lines else None
