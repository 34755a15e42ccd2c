"""Companies without a SIRET: their name and place, matched with the Sirene stock.

Names of the stock are legal names, acronyms, usual names and trade names of companies and associations. Those of
natural persons are never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb

from lieudit.companies.matching_index import BEARERS, commune, department, find_pairs, read_bearers
from lieudit.companies.matching_score import compare, rank
from lieudit.companies.names import name_macros
from lieudit.companies.stock import Stock
from lieudit.tables import literal
from lieudit.tables.connection import only

__all__ = ["CONFIDENCE", "METHODS", "NAME_NOTES", "Matched", "match_names"]

CONFIDENCE: Final = 0.95  # at which a company is given
_WORTH_A_LOOK: Final = 0.1  # under which a candidate is none
METHODS: Final = ("name_commune", "name_postcode", "name_department")
NAME_NOTES: Final = ("no_place", "closed", "several_establishments", "open_preferred")
_NAMES_AT_ONCE: Final = 40_000
_BEARERS_AT_ONCE: Final = 1_000_000
_ASKED: Final = "lieudit_asked_names"


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of names.

    Attributes
    ----------
    answers : str
        A temporary table of ``key, status, siren, siret, method, confidence, note``, one row a key. ``status`` is
        ``found``, ``ambiguous``, ``not_found`` or ``empty`` (no name). ``siret`` is given where the company has one
        open establishment at that place, or only closed ones of which there is one. ``confidence`` is that of the best
        candidate, given or not. ``note`` is one of ``NAME_NOTES`` or null: ``no_place`` (neither commune nor postcode:
        not looked for), ``closed`` (no establishment is open there), ``several_establishments`` (hence no SIRET),
        ``open_preferred`` (a closed company bears the same name there).
    candidates : str
        A temporary table of ``key, rank, siren, siret, name, commune_code, state, confidence``: the best three of each
        name that is ambiguous.
    """

    answers: str
    candidates: str


def match_names(con: duckdb.DuckDBPyConnection, names: str, stock: Stock) -> Matched:
    """Find companies by name and place.

    A company is given at a confidence of :data:`CONFIDENCE` at least; a second candidate about as good leaves neither
    that confidence. Candidates are of the commune and of the department; those elsewhere are not looked at.

    Parameters
    ----------
    con : DuckDBPyConnection
        It spills: memory does not grow with the stock.
    names : str
        A relation of ``key`` (BIGINT, once each), ``name``, ``commune_code`` (of today, Paris, Lyon and Marseille
        whole) and ``postcode`` (VARCHAR); all but the key may be null.
    stock : Stock

    Returns
    -------
    Matched
    """
    establishments = f"read_parquet({only(stock.establishments)})"
    _ask(con, names)
    read_bearers(con, f"read_parquet({only(stock.units)})", establishments, _ASKED)
    con.execute("""CREATE OR REPLACE TEMP TABLE lieudit_ranked
                   (number BIGINT, bearer BIGINT, siren VARCHAR, confidence DOUBLE, place BIGINT)""")
    for departments in _batches(con):
        con.execute(f"""CREATE OR REPLACE TEMP TABLE lieudit_asked_batch AS
            SELECT * FROM {_ASKED} WHERE department IN ({", ".join(map(literal, departments))})""")
        find_pairs(con, "lieudit_asked_batch")
        con.execute(f"INSERT INTO lieudit_ranked {rank(compare(con, 'lieudit_asked_batch'))}")
    _find_sites(con, establishments)
    return Matched(_answer(con), _candidates(con))


def _ask(con: duckdb.DuckDBPyConnection, names: str) -> None:
    """Bring the names to the spellings that are compared; customers of one name and place are asked once."""
    name_macros(con)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_asked_keys_of AS
        SELECT key, dense_rank() OVER (ORDER BY fold, commune, postcode) AS number, fold, commune, postcode
        FROM (SELECT key, name_fold(name) AS fold, {commune("commune_code")} AS commune,
                     CASE WHEN regexp_full_match(postcode, '[0-9]{{5}}') THEN postcode END AS postcode FROM {names})""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {_ASKED} AS
        SELECT *, name_core(plain) AS core FROM (
            SELECT DISTINCT number, commune, postcode, name_plain(fold) AS plain, name_form(fold) AS family,
                   {department("coalesce(commune, postcode)")} AS department
            FROM lieudit_asked_keys_of WHERE fold <> '' AND coalesce(commune, postcode) IS NOT NULL)""")


def _batches(con: duckdb.DuckDBPyConnection) -> Iterator[list[str]]:
    """Give departments together as long as neither their names nor those of the stock there are too many."""
    counts = con.execute(f"""
        SELECT department, names, bearers
        FROM (SELECT department, count(*) AS names FROM {_ASKED} GROUP BY department)
        JOIN (SELECT department, count(*) AS bearers FROM {BEARERS} GROUP BY department) USING (department)
        ORDER BY department""").fetchall()
    batch: list[str] = []
    sums = [0, 0]
    for name, *sizes in counts:
        sums = [total + size for total, size in zip(sums, sizes, strict=True)]
        if batch and (sums[0] > _NAMES_AT_ONCE or sums[1] > _BEARERS_AT_ONCE):
            yield batch
            batch, sums = [], list(sizes)
        batch.append(name)
    if batch:
        yield batch


def _find_sites(con: duckdb.DuckDBPyConnection, establishments: str) -> None:
    """Find the establishments of the companies that were ranked: at the place where their name was found.

    Of several, those of the postcode asked for; of these, the open ones; of a trade name, those that bear it.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_sites_there AS
        WITH sites AS (
            SELECT siren, siret, {commune("codeCommuneEtablissement")} AS commune, codePostalEtablissement AS postcode,
                   etatAdministratifEtablissement = 'A' AS is_open,
                   [enseigne1Etablissement, enseigne2Etablissement, enseigne3Etablissement,
                    denominationUsuelleEtablissement] AS signs
            FROM {establishments} WHERE siren IN (SELECT siren FROM lieudit_ranked)
        )
        SELECT number, bearer, siret, s.is_open,
               NOT b.own OR list_contains(signs, b.shown) AS named, coalesce(s.postcode = a.postcode, false) AS near
        FROM lieudit_ranked JOIN {BEARERS} AS b USING (bearer) JOIN {_ASKED} AS a USING (number)
        JOIN sites AS s ON s.siren = b.siren AND s.commune = b.commune
        QUALIFY rank() OVER (PARTITION BY number, bearer ORDER BY named DESC, s.is_open DESC, near DESC) = 1""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE lieudit_site AS
        SELECT number, bearer, count(DISTINCT siret) AS sites, CASE WHEN sites = 1 THEN min(siret) END AS siret,
               bool_or(is_open) AS is_open
        FROM lieudit_sites_there GROUP BY number, bearer""")


def _answer(con: duckdb.DuckDBPyConnection) -> str:
    name = "lieudit_matched"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        WITH best AS (
            SELECT r.number, r.siren, confidence, siret, sites, s.is_open, CASE
                       WHEN a.commune = b.commune THEN '{METHODS[0]}'
                       WHEN list_contains(b.postcodes, a.postcode) THEN '{METHODS[1]}'
                       ELSE '{METHODS[2]}' END AS method,
                   EXISTS (SELECT 1 FROM lieudit_ranked AS other JOIN {BEARERS} AS o USING (bearer)
                           WHERE other.number = r.number AND o.siren <> r.siren AND o.core = b.core
                             AND o.commune = b.commune AND b.is_open AND NOT o.is_open) AS preferred
            FROM lieudit_ranked AS r JOIN {BEARERS} AS b USING (bearer) JOIN {_ASKED} AS a USING (number)
            JOIN lieudit_site AS s USING (number, bearer)
            WHERE place = 1
        )
        SELECT key, CASE WHEN coalesce(fold, '') = '' THEN 'empty' WHEN confidence >= {CONFIDENCE} THEN 'found'
                         WHEN confidence >= {_WORTH_A_LOOK} THEN 'ambiguous' ELSE 'not_found' END AS status,
               CASE WHEN status = 'found' THEN siren END AS siren, CASE WHEN status = 'found' THEN siret END AS siret,
               CASE WHEN status = 'found' THEN method END AS method, round(confidence, 4) AS confidence, CASE
                   WHEN status = 'not_found' AND coalesce(commune, postcode) IS NULL THEN 'no_place'
                   WHEN status <> 'found' THEN NULL WHEN NOT is_open THEN 'closed'
                   WHEN sites > 1 THEN 'several_establishments' WHEN preferred THEN 'open_preferred' END AS note
        FROM lieudit_asked_keys_of LEFT JOIN best USING (number)""")
    return name


def _candidates(con: duckdb.DuckDBPyConnection) -> str:
    name = "lieudit_match_candidates"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT key, place AS rank, r.siren, s.siret, b.shown AS name, b.commune AS commune_code,
               CASE WHEN s.is_open THEN 'open' ELSE 'closed' END AS state, round(r.confidence, 4) AS confidence
        FROM lieudit_matched AS m JOIN lieudit_asked_keys_of USING (key) JOIN lieudit_ranked AS r USING (number)
        JOIN {BEARERS} AS b USING (bearer) JOIN lieudit_site AS s USING (number, bearer)
        WHERE m.status = 'ambiguous'""")
    return name
