"""What came of looking companies up: a status and a reason for each, and what the registers say."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import duckdb

from lieudit.enrichment.identifiers import COMPANIES
from lieudit.enrichment.registers import REGISTERED
from lieudit.schema import NAF_COLUMNS, SIRET_COLUMNS

__all__ = ["LOOKED_UP", "settle"]

LOOKED_UP: Final = "lieudit_looked_up"  # number, the columns of the schema, register, commune_code
# A SIREN that was read off a SIRET that is wrong, or that no register has, or that was given zeros: its own key is
# right, which one number in ten has by chance.
_SIREN_OF_A_SIRET: Final = 0.9

# How a company was found; a register answers for itself, but for the stock, where it matters what was asked for.
_METHOD: Final = """CASE WHEN register IS NULL OR register = 'deferred' THEN NULL
                         WHEN by_name = 'found' THEN 'name_match'
                         WHEN register <> 'stock' THEN register
                         WHEN siret IS NULL OR note = 'establishment_unknown' THEN 'siren_stock'
                         ELSE 'siret_stock' END"""
_STATUS: Final = """CASE WHEN register = 'deferred' THEN 'deferred' WHEN register IS NOT NULL THEN 'found'
                         WHEN by_name = 'ambiguous' THEN 'ambiguous' WHEN siren IS NOT NULL THEN 'not_found'
                         WHEN siret_status <> 'empty' THEN 'invalid' WHEN by_name IS NULL THEN 'empty'
                         WHEN by_name = 'empty' THEN 'empty' ELSE 'not_found' END"""
_CONFIDENCE: Final = f"""CASE WHEN register IS NULL OR register = 'deferred' THEN NULL
                              WHEN by_name = 'found' THEN name_confidence
                              WHEN siret_status LIKE 'invalid%' OR siret_status = 'siren_only_repadded'
                                   OR note = 'establishment_unknown'
                              THEN {_SIREN_OF_A_SIRET} ELSE 1.0 END"""
_NOTE: Final = """CASE WHEN note IS NOT NULL THEN note WHEN by_name = 'found' THEN name_note
                       WHEN by_name = 'ambiguous' THEN 'several_candidates'
                       WHEN siret_status LIKE 'invalid%' THEN siret_status WHEN register IS NOT NULL THEN NULL
                       WHEN siren IS NOT NULL THEN 'not_in_register' WHEN siret_status <> 'empty' THEN siret_status
                       WHEN by_name = 'not_found' THEN coalesce(name_note, 'name_not_in_register') END"""


def settle(con: duckdb.DuckDBPyConnection, given: Collection[str], registered: Collection[str], *, named: bool) -> None:
    """Make :data:`LOOKED_UP`.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.identifiers.read_companies` made, and :data:`REGISTERED` where there is a
        register.
    given : collection of str
        The columns of :data:`COMPANIES`.
    registered : collection of str
        The company columns of :data:`REGISTERED`; empty without a register, and then there is no outcome.
    named : bool
        Whether companies were looked for by name.
    """
    own = [column.name for column in (*SIRET_COLUMNS, *NAF_COLUMNS) if column.name in given]
    if not registered:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {LOOKED_UP} AS SELECT number, {', '.join(own)} FROM {COMPANIES}")
        return
    kept = [f"c.{name}" for name in own if name not in registered]
    naf = {column.name for column in NAF_COLUMNS if column.name in given}
    # The activity that the file gives stands where the register gives none, label and section with it.
    said = [
        f"CASE WHEN g.naf IS NULL THEN c.{name} ELSE g.{name} END AS {name}" if name in naf else f"g.{name}"
        for name in registered
    ]
    by_name = [f"c.{name}" if named else f"NULL AS {name}" for name in ("by_name", "name_confidence", "name_note")]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {LOOKED_UP} AS
            SELECT *, {_STATUS} AS company_status, {_METHOD} AS company_method, {_CONFIDENCE} AS company_confidence,
                   {_NOTE} AS company_note
            FROM (SELECT c.number, {", ".join([*kept, *said, *by_name])}, g.register, g.note, g.commune_code
                  FROM {COMPANIES} AS c
                  LEFT JOIN {REGISTERED} AS g ON g.siren = c.siren AND g.siret IS NOT DISTINCT FROM c.siret)"""
    )
