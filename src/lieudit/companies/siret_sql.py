"""Plain SIRETs and SIRENs checked by DuckDB, a million in well under a second.

Most cells of a real file are 9 or 14 digits, perhaps with spaces, dashes, a float's ``.0`` or zeros lost on
the way. One query reads these as :func:`~lieudit.companies.siret_text.clean_siret` does (a test holds the
two together) and leaves everything else to it.
"""

from __future__ import annotations

from lieudit.companies.siret_digits import LA_POSTE

__all__ = ["plain_identifiers"]

# Space, no-break, narrow no-break and thin space, apostrophe, dash: what may stand between digits.
_BETWEEN = " \u00a0\u202f\u2009'-"


def _digit(number: str, place: int) -> str:
    """Return the SQL of the digit at a place, counted from the right, from 0."""
    return f"(({number} // {10**place}) % 10)"


def _luhn(number: str, length: int) -> str:
    """Return the SQL of Luhn's test of an integer of at most `length` digits."""
    plain = [_digit(number, place) for place in range(0, length, 2)]
    doubled = [_digit(number, place) for place in range(1, length, 2)]
    terms = plain + [f"({digit} * 2 - 9 * CAST({digit} > 4 AS INTEGER))" for digit in doubled]
    return f"(({' + '.join(terms)}) % 10 = 0)"


def plain_identifiers(values: str) -> str:
    """Return the SQL that reads plain identifiers.

    Parameters
    ----------
    values : str
        SQL of a table or subquery with a text column ``raw``.

    Returns
    -------
    str
        A query with ``raw, siret, siren, siret_status``; the status is null where a closer look is due.
    """
    between = _BETWEEN.replace("'", "''")
    digit_sum = " + ".join(_digit("n", place) for place in range(14))
    return f"""
    WITH read AS (
        SELECT raw, CASE
            WHEN regexp_full_match(raw, '[0-9]+') THEN raw
            WHEN regexp_full_match(raw, '[0-9{between}]+') THEN translate(raw, '{between}', '')
            WHEN regexp_full_match(raw, '[0-9]{{5,14}}[.,]00?') THEN regexp_extract(raw, '[0-9]+')
            WHEN regexp_full_match(raw, '([0-9]{{3}}[.]){{3}}[0-9]{{5}}') THEN replace(raw, '.', '')
            WHEN regexp_full_match(raw, '(?i)(n° ?)?sire[nt] ?(n° ?)?:? ?[0-9{between}]+')
                THEN regexp_replace(raw, '[^0-9]', '', 'g')
        END AS digits FROM {values}
    ), sized AS (
        SELECT raw, digits, length(digits) AS size,
               CASE WHEN length(digits) BETWEEN 7 AND 14 THEN CAST(digits AS BIGINT) END AS n FROM read
    ), halved AS (
        SELECT *, CASE WHEN size > 9 THEN n // 100000 ELSE n END AS base FROM sized
    ), checked AS (
        SELECT *, base > 0 AND {_luhn("base", 9)} AS siren_ok,
               {_luhn("n", 14)} OR (base = {LA_POSTE} AND ({digit_sum}) % 5 = 0) AS siret_ok,
               digits = repeat(left(digits, 1), size) AS same FROM halved
    ), told AS (
        SELECT raw, digits, siren_ok, base, CASE
            WHEN raw IS NULL THEN 'empty'
            WHEN n IS NULL THEN NULL
            WHEN same THEN 'invalid_placeholder'
            WHEN size = 14 AND siren_ok AND siret_ok THEN 'valid_siret'
            WHEN size = 9 AND siren_ok THEN 'siren_only'
            WHEN size IN (9, 14) THEN 'invalid_checksum'
            WHEN NOT starts_with(raw, digits) THEN NULL  -- zeros are put back where digits are grouped as numbers are
            WHEN size IN (12, 13) AND siren_ok AND siret_ok THEN 'valid_siret_repadded'
            WHEN size IN (7, 8) AND siren_ok THEN 'siren_only_repadded'
        END AS siret_status FROM checked
    )
    SELECT raw,
           CASE WHEN siret_status LIKE 'valid%' THEN lpad(digits, 14, '0') END AS siret,
           CASE WHEN siren_ok AND siret_status IS NOT NULL AND siret_status <> 'invalid_placeholder'
                THEN lpad(CAST(base AS VARCHAR), 9, '0') END AS siren,
           siret_status
    FROM told
    """
