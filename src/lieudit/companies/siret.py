"""SIRET and SIREN columns, cleaned: one row for each distinct cell.

Public names: :func:`identify`, :func:`identify_pair`, :func:`clean_siret`, :class:`SiretResult`.
"""

from __future__ import annotations

import hashlib

import duckdb
import pyarrow as pa

from lieudit.companies.siret_digits import SiretResult
from lieudit.companies.siret_sql import plain_identifiers
from lieudit.companies.siret_text import clean_siret
from lieudit.tables import quote

__all__ = ["SiretResult", "clean_siret", "identify", "identify_pair"]

_FRENCH_VAT = r"(?i)\bFR[ .-]*[0-9A-Z]{2}[ .-]*[0-9]"


def identify(con: duckdb.DuckDBPyConnection, view: str, column: str) -> str:
    """Read every distinct cell of a column of SIRETs or SIRENs.

    Parameters
    ----------
    con : DuckDBPyConnection
    view, column : str
        A table or view of the connection, and one of its columns, of any type: a number is read as DuckDB
        writes it (``73282932000074.0``).

    Returns
    -------
    str
        The name of a temporary table with ``raw, siret, siren, siret_status`` (all text), one row for each
        distinct ``CAST(column AS VARCHAR)``, null included: join with ``IS NOT DISTINCT FROM``.
        ``siren`` is also given for a wrong SIRET that starts with a right SIREN.

    Examples
    --------
    >>> con = duckdb.connect()
    >>> _ = con.execute("CREATE TABLE companies AS SELECT '732 829 320 00074' AS id")
    >>> con.table(identify(con, "companies", "id")).fetchall()
    [('732 829 320 00074', '73282932000074', '732829320', 'valid_siret')]
    """
    name = _name("siret", view, column)
    values = f"(SELECT DISTINCT CAST({quote(column)} AS VARCHAR) AS raw FROM {quote(view)})"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_plain AS {plain_identifiers(values)}")
    odd = con.execute(f"SELECT raw FROM {name}_plain WHERE siret_status IS NULL").fetchall()
    con.register(f"{name}_odd", _read_one_by_one([raw for (raw,) in odd]))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_plain WHERE siret_status IS NOT NULL "
        f"UNION ALL SELECT * FROM {name}_odd"
    )
    con.unregister(f"{name}_odd")
    con.execute(f"DROP TABLE {name}_plain")
    return name


def identify_pair(con: duckdb.DuckDBPyConnection, view: str, siret: str, siren: str) -> str:
    """Read a SIRET and a SIREN column together.

    Where they agree, or only one says anything, the more precise one stands. Where both are right and speak
    of different companies the status is ``multiple`` and no identifier is given: which one is meant cannot
    be known. A wrong SIRET that starts with another SIREN than that of the SIREN column yields to the latter. A right
    one stands before a VAT number of another company, which may be that of a VAT group (CGI, art. 256 C).

    Parameters
    ----------
    con : DuckDBPyConnection
    view : str
    siret, siren : str
        The two columns.

    Returns
    -------
    str
        The name of a temporary table with ``raw, raw_siren, siret, siren, siret_status``, one row for each
        distinct pair, nulls included.
    """
    left, right = identify(con, view, siret), identify(con, view, siren)
    name = _name("siret_pair", view, siret, siren)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        WITH pairs AS (
            SELECT DISTINCT CAST({quote(siret)} AS VARCHAR) AS raw,
                            CAST({quote(siren)} AS VARCHAR) AS raw_siren
            FROM {quote(view)}
        ), judged AS (
            SELECT pairs.*, CASE
                WHEN a.siret_status = 'empty' THEN b
                WHEN b.siren IS NULL THEN a
                WHEN a.siren IS NULL THEN b
                WHEN a.siren = b.siren AND a.siret IS NULL AND b.siret IS NOT NULL THEN b
                WHEN a.siren = b.siren THEN a
                WHEN a.siret_status LIKE 'invalid%' THEN b
                WHEN b.siret_status LIKE 'invalid%' OR regexp_matches(raw_siren, '{_FRENCH_VAT}') THEN a
            END AS judged
            FROM pairs
            JOIN {left} AS a ON a.raw IS NOT DISTINCT FROM pairs.raw
            JOIN {right} AS b ON b.raw IS NOT DISTINCT FROM pairs.raw_siren
        )
        SELECT raw, raw_siren, judged.siret, judged.siren,
               coalesce(judged.siret_status, 'multiple') AS siret_status
        FROM judged
    """)
    return name


def _name(*parts: str) -> str:
    """Return a table name that is the same for the same columns, and needs no quotes."""
    return f"{parts[0]}_{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def _read_one_by_one(cells: list[str]) -> pa.Table:
    results = [clean_siret(cell) for cell in cells]
    return pa.table(
        {
            "raw": pa.array(cells, pa.string()),
            "siret": pa.array([result.siret for result in results], pa.string()),
            "siren": pa.array([result.siren for result in results], pa.string()),
            "siret_status": pa.array([result.status for result in results], pa.string()),
        }
    )
