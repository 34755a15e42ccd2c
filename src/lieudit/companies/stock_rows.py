"""Rows of the Sirene stock, of the companies that are asked for: read once, in INSEE's words."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from lieudit.tables.connection import only, quote

__all__ = ["choose_establishments", "read_establishments", "read_units"]

_log = logging.getLogger(__name__)


def _text(column: str) -> str:
    """Take a text as it is, but for what stands in place of a value that is withheld: ``[ND]`` and its like."""
    return f"CASE WHEN NOT starts_with({column}, '[') THEN nullif(trim({column}), '') END"


def _day(column: str) -> str:
    """1 January 1900 stands for a day that is not known."""
    return f"nullif(TRY_CAST({column} AS DATE), DATE '1900-01-01')"


def _yes(column: str) -> str:
    """O and N, the French for yes and no."""
    return f"CASE {column} WHEN 'O' THEN true WHEN 'N' THEN false END"


def _rev2(column: str, nomenclature: str) -> str:
    """Take a code of NAF rev. 2 only: those who ceased long ago have an older one; 00.00Z is not yet known."""
    return f"CASE WHEN {nomenclature} = 'NAFRev2' THEN nullif({_text(column)}, '00.00Z') END"


def _naf25(given: str, column: str, nomenclature: str) -> str:
    return f"coalesce({_text(given)}, CASE WHEN {nomenclature} IN ('NAF2025', 'NAF25') THEN {_text(column)} END)"


_UNIT: Final = {
    "status": "statutDiffusionUniteLegale",
    "founded": _day("dateCreationUniteLegale"),
    "band": "trancheEffectifsUniteLegale",
    "category": _text("categorieEntreprise"),
    "legal_form": "lpad(CAST(categorieJuridiqueUniteLegale AS VARCHAR), 4, '0')",
    "naf": _rev2("activitePrincipaleUniteLegale", "nomenclatureActivitePrincipaleUniteLegale"),
    "naf_2025": _naf25("activitePrincipaleNAF25UniteLegale", "activitePrincipaleUniteLegale",
                       "nomenclatureActivitePrincipaleUniteLegale"),
    "head": "siren || nicSiegeUniteLegale",
    "employer": _yes("caractereEmployeurUniteLegale"),
    "state": "etatAdministratifUniteLegale",
    "since": _day("dateDebut"),
}  # fmt: skip
_ESTABLISHMENT: Final = {
    "siret": "siren || nic",  # a tenth faster to read than siret itself, whose values are all different
    "status": "statutDiffusionEtablissement",
    "head": "CAST(etablissementSiege AS BOOLEAN)",
    "commune_code": _text("codeCommuneEtablissement"),
    "naf": _rev2("activitePrincipaleEtablissement", "nomenclatureActivitePrincipaleEtablissement"),
    "naf_2025": _naf25("activitePrincipaleNAF25Etablissement", "activitePrincipaleEtablissement",
                       "nomenclatureActivitePrincipaleEtablissement"),
    "employer": _yes("caractereEmployeurEtablissement"),
    "state": "etatAdministratifEtablissement",
    "since": _day("dateDebut"),
}  # fmt: skip
# Columns that came or went over the years: where one is missing, nothing is known.
_OPTIONAL: Final = (
    "caractereEmployeurUniteLegale", "activitePrincipaleNAF25UniteLegale",
    "caractereEmployeurEtablissement", "activitePrincipaleNAF25Etablissement",
)  # fmt: skip


def read_units(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Make ``{name}_units``: one row for each company of ``{name}_keys`` that is in the stock."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_units AS
        SELECT siren, {_selected(_UNIT)}
        FROM {_opened(con, path)} SEMI JOIN (SELECT company FROM {name}_keys) ON siren = company""")
    _keep_one(con, f"{name}_units", "siren")


def read_establishments(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Make ``{name}_establishments``: all establishments of the companies asked for, and of their successors'."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_establishments AS
        SELECT siren, {_selected(_ESTABLISHMENT)}
        FROM {_opened(con, path)}
        SEMI JOIN (SELECT company FROM {name}_keys UNION SELECT left(siret, 9) FROM {name}_paths) ON siren = company""")
    _keep_one(con, f"{name}_establishments", "siret")


def _keep_one(con: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    """Of rows that the file gives more than once keep that of the latest period: they must not be counted twice."""
    ((more,),) = con.execute(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}").fetchall()
    if not more:
        return
    _log.warning("The stock gives %d rows of the companies asked for more than once: fetch it again.", more)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {table} AS SELECT t.* FROM {table} AS t
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY since DESC NULLS LAST, t) = 1""")


def choose_establishments(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make ``{name}_companies``, what establishments say of their company, and ``{name}_chosen``.

    The latter holds the establishment of each key, by its number: that of the SIRET, or the head office.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_companies AS
        SELECT siren, count_if(state = 'A') AS open, bool_or(employer) FILTER (state = 'A') AS employer
        FROM {name}_establishments GROUP BY siren""")
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW {name}_chosen AS
        WITH wanted AS (
            SELECT number, siret FROM {name}_keys WHERE siret IS NOT NULL
            UNION ALL
            SELECT k.number, coalesce(named.siret, marked.siret)
            FROM {name}_keys AS k
            LEFT JOIN {name}_units AS u ON u.siren = k.company
            LEFT JOIN {name}_establishments AS named ON named.siret = u.head
            LEFT JOIN (SELECT siren, max(siret) AS siret FROM {name}_establishments WHERE head GROUP BY siren) AS marked
              ON marked.siren = k.company
            WHERE k.siret IS NULL
        )
        SELECT number, e.* EXCLUDE (siren) FROM wanted JOIN {name}_establishments AS e USING (siret)""")


def _selected(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {column}" for column, value in columns.items())


def _opened(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Name the file for SQL, with the columns that it lacks as nulls."""
    there = {row[0] for row in con.execute(f"DESCRIBE FROM read_parquet({only(path)})").fetchall()}
    missing = ", ".join(f"CAST(NULL AS VARCHAR) AS {quote(column)}" for column in _OPTIONAL if column not in there)
    return f"(SELECT *{', ' * bool(missing)}{missing} FROM read_parquet({only(path)}))"
