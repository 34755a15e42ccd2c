"""NAF rev. 2 codes, labelled: one row for each distinct cell."""

from __future__ import annotations

import hashlib

import duckdb

from lieudit.catalogue import Catalogue
from lieudit.tables import literal, quote

__all__ = ["label_naf"]

# "62.01 z", "6201Z - Programmation", "APE : 0111Z": division, rest of the class, letter, then anything.
# Four digits are asked for: "721Z" is a code of NAF rev. 1, and not 07.21Z with its zero lost.
_CODE = (
    r"^[^0-9A-Z]*(?:(?:NAF|APE|CODE)[^0-9A-Z]*)*"
    r"([0-9]{2})[. ]?([0-9]{2})[. -]?([A-Z]?)(?:[^0-9A-Z].*)?$"
)


def label_naf(con: duckdb.DuckDBPyConnection, view: str, column: str, catalogue: Catalogue) -> str:
    """Give the label and section of every distinct cell of a NAF (APE) column.

    A sub-class may be written ``62.01Z``, ``6201Z``, ``62.01 z``, with its label behind it, or without its
    letter where the class has only one sub-class.

    Parameters
    ----------
    con : DuckDBPyConnection
    view, column : str
        A table or view of the connection, and one of its columns.
    catalogue : Catalogue
        Its source ``naf`` holds ``code, label, section, section_label``.

    Returns
    -------
    str
        The name of a temporary table with ``raw, naf, naf_label, naf_section`` (all text), one row for each
        distinct ``CAST(column AS VARCHAR)``, null included. A code that is not in NAF rev. 2 has no label, and
        is not repeated in ``naf``.
    """
    name = f"naf_{hashlib.sha256(repr((view, column)).encode()).hexdigest()[:12]}"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        WITH sub_classes AS (
            SELECT code, replace(code, '.', '') AS bare, label, section
            FROM read_parquet({literal(catalogue.source("naf").path())})
            WHERE regexp_full_match(code, '[0-9]{{2}}[.][0-9]{{2}}[A-Z]')
        ), classes AS (
            SELECT left(bare, 4) AS bare, any_value(code) AS code, any_value(label) AS label,
                   any_value(section) AS section
            FROM sub_classes GROUP BY ALL HAVING count(*) = 1
        ), known AS (
            SELECT bare, code, label, section FROM sub_classes UNION ALL BY NAME SELECT * FROM classes
        ), cells AS (
            SELECT DISTINCT CAST({quote(column)} AS VARCHAR) AS raw FROM {quote(view)}
        ), split AS (
            SELECT raw, regexp_extract(upper(raw), {literal(_CODE)}, ['division', 'rest', 'letter']) AS part
            FROM cells
        )
        SELECT raw, code AS naf, label AS naf_label, section AS naf_section
        FROM split LEFT JOIN known ON bare = part.division || part.rest || part.letter
    """)
    return name
