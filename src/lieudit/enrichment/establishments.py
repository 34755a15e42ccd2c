"""The communes of establishments, where addresses lead nowhere; what they say against addresses, where both are."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from lieudit.catalogue import Catalogue
from lieudit.catalogue.cog import read_passage
from lieudit.enrichment.places import ANSWERS, ROWS

__all__ = ["CLASH", "move_to_establishments", "read_todays_communes"]

CLASH: Final = "siret_clash"  # a commune_note
# An establishment is where its register says; the head office of a SIREN need not be the place that is meant.
_SURE: Final = {"siret": 0.97, "siren": 0.9}
_TODAY: Final = "lieudit_todays_communes"
_COLUMNS: Final = pa.schema([(name, pa.string()) for name in ("code", "commune", "arrondissement")])


def read_todays_communes(con: duckdb.DuckDBPyConnection, relation: str, catalogue: Catalogue) -> str:
    """Bring the codes of a column ``commune_code`` to the communes of today.

    Returns
    -------
    str
        A table of ``code, commune, arrondissement``, one row for each distinct code that leads to a commune.
    """
    known = f"SELECT DISTINCT commune_code FROM {relation} WHERE commune_code IS NOT NULL ORDER BY 1"
    passage = read_passage(catalogue)
    found = [(code, passage.present(code)) for (code,) in con.execute(known).fetchall()]
    kept = [(code, today, code if code in passage.arrondissements else None) for code, today in found if today]
    rows = [dict(zip(_COLUMNS.names, row, strict=True)) for row in kept]
    con.register("lieudit_found", pa.Table.from_pylist(rows, _COLUMNS))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_TODAY} AS SELECT * FROM lieudit_found")
    con.unregister("lieudit_found")
    return _TODAY


def move_to_establishments(con: duckdb.DuckDBPyConnection, establishments: str) -> None:
    """Move rows without a commune to that of their establishment; note on the others that it is another one.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.places.locate_rows` made.
    establishments : str
        A relation of ``row``, ``commune``, ``arrondissement``, ``kind`` (``siret``, ``siren``) and ``confidence``:
        that it is the right company. The commune of a mere SIREN is no argument against an address.
    """
    sure = " ".join(f"WHEN '{kind}' THEN {value}" for kind, value in _SURE.items())
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_moves AS
            WITH told AS (
                SELECT r.row, r.place, e.commune, e.arrondissement, e.kind, e.confidence,
                       a.status IN ('ambiguous', 'not_found', 'empty') AS open,
                       e.kind = 'siret' AND a.status = 'matched' AND a.commune <> e.commune AS clash
                FROM {ROWS} AS r JOIN {ANSWERS} AS a USING (place) JOIN {establishments} AS e USING (row)
                WHERE e.commune IS NOT NULL
            ), moves AS (
                SELECT row, place, open, CASE WHEN open THEN commune END AS commune,
                       CASE WHEN open THEN arrondissement END AS arrondissement, CASE WHEN open THEN kind END AS kind,
                       CASE WHEN open THEN confidence END AS confidence
                FROM told WHERE open OR clash
            )
            SELECT *, dense_rank() OVER (ORDER BY place, open, commune, arrondissement, kind, confidence)
                      + (SELECT max(place) FROM {ANSWERS}) AS new_place FROM moves"""
    )
    con.execute(
        f"""INSERT INTO {ANSWERS} BY NAME
            SELECT a.* REPLACE (
                m.new_place AS place,
                CASE WHEN open THEN m.commune ELSE a.commune END AS commune,
                CASE WHEN open THEN m.arrondissement ELSE a.arrondissement END AS arrondissement,
                'matched' AS status,
                CASE WHEN open THEN m.kind ELSE a.method END AS method,
                CASE WHEN open THEN round(m.confidence * CASE m.kind {sure} END, 4) ELSE a.confidence END AS confidence,
                CASE WHEN NOT open THEN concat_ws(' ', a.note, '{CLASH}') END AS note)
            FROM (SELECT DISTINCT * EXCLUDE (row) FROM lieudit_moves) AS m JOIN {ANSWERS} AS a USING (place)"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {ROWS} AS
            SELECT r.* REPLACE (coalesce(m.new_place, r.place) AS place)
            FROM {ROWS} AS r LEFT JOIN lieudit_moves AS m USING (row) ORDER BY r.row"""
    )
