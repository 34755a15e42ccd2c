"""What the files of the fictional Sirene stock are drawn from: places, activities, units, establishments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lieudit.demo.stock_draws import FORMS, STOCK_DAY, choice, draw, luhn

__all__ = ["MOST", "preparations"]

MOST: Final = 50_000_000  # establishments; beyond, SIRENs would run out
_UNITS_FOR: Final = 0.8  # units for each establishment
_STEMS: Final = 89_000_000  # eight-digit stems of SIRENs, from 10,000,000 on


def preparations(tables: Mapping[str, str], establishments: int, seed: int) -> Iterator[str]:
    """Give the statements that make ``place``, ``activity``, ``unit``, ``establishment`` and ``drawn``.

    Parameters
    ----------
    tables : mapping of str to str
        ``communes``, ``names``, ``postcodes``, ``profile`` and ``naf`` of the catalogue, as relations.
    establishments, seed : int
    """
    units = max(1, round(_UNITS_FOR * establishments))
    yield _places(tables)
    yield f"""CREATE TEMP TABLE activity AS
        SELECT code, row_number() OVER (ORDER BY hash(code, {seed})) - 1 AS number
        FROM {tables["naf"]} WHERE regexp_full_match(code, '[0-9]{{2}}[.][0-9]{{2}}[A-Z]')"""
    # The establishments beyond one a unit go to the units of low numbers, whose SIRENs are spread out below.
    yield f"""CREATE TEMP TABLE membership AS
        SELECT e.number, CAST(CASE WHEN e.number < {units} THEN e.number
                              ELSE floor({units} * pow({draw("e.number", "owner", seed)}, 2)) END AS BIGINT) AS unit
        FROM range({establishments}) AS e(number)"""
    yield _units(_STEMS // units, seed)
    yield f"""CREATE TEMP TABLE establishment AS
        SELECT *, siren_number * 100_000 + nic AS siret_number FROM (
            SELECT *, rank * 10 + {luhn("(siren_number * 10_000 + rank)", 13)} AS nic FROM (
                SELECT m.number, m.unit, u.siren_number, u.establishments, u.ceased, u.person, u.status, u.founded,
                       row_number() OVER (PARTITION BY m.unit ORDER BY m.number) AS rank
                FROM membership AS m JOIN unit AS u USING (unit)))
        ORDER BY siren_number, rank"""
    yield f"""CREATE TEMP TABLE drawn AS
        SELECT e.number, p.code, p.city, p.postcode
        FROM (SELECT number, {draw("number", "place", seed)} AS at FROM establishment) AS e
        ASOF JOIN place AS p ON e.at >= p.since"""


def _units(gap: int, seed: int) -> str:
    """Units, with SIRENs that grow in an order of their own, and jump."""
    return f"""CREATE TEMP TABLE unit AS
        SELECT *, stem * 10 + {luhn("stem", 8)} AS siren_number, form = 1000 AS person,
               CASE WHEN form = 1000 AND {draw("unit", "objects", seed)} < 0.11 THEN 'P'
                    WHEN {draw("unit", "old status", seed)} < 0.002 THEN 'N' ELSE 'O' END AS status
        FROM (
            SELECT *, 10_000_000 + slot * {gap} + CAST(hash(unit, 'stem', {seed}) % {gap} AS BIGINT) AS stem FROM (
                SELECT unit, count(*) AS establishments,
                       row_number() OVER (ORDER BY hash(unit, 'slot', {seed})) - 1 AS slot,
                       {choice("unit", "form", seed, FORMS)} AS form,
                       {draw("unit", "ceased", seed)} < 0.4 AS ceased,
                       CASE WHEN {draw("unit", "unknown day", seed)} < 0.01 THEN NULL
                            WHEN {draw("unit", "old day", seed)} < 0.02 THEN DATE '1900-01-01'
                            ELSE DATE '{STOCK_DAY}' - CAST(15_000 * pow({draw("unit", "age", seed)}, 1.6) AS INTEGER)
                       END AS founded
                FROM membership GROUP BY unit))"""


def _places(tables: Mapping[str, str]) -> str:
    """Communes and arrondissements by their people, and some delegated communes under the code that they had."""
    return f"""CREATE TEMP TABLE place AS
        WITH whole AS (
            SELECT commune_code AS code, commune_name AS city, population AS weight, postcodes[1] AS postcode
            FROM {tables["communes"]} WHERE commune_code NOT IN ('75056', '69123', '13055') AND len(postcodes) > 0
            UNION ALL
            SELECT a.code, c.commune_name, p.population, a.postcode
            FROM (SELECT arrondissement_code AS code, commune_code, min(postcode) AS postcode
                  FROM {tables["postcodes"]} WHERE arrondissement_code IS NOT NULL GROUP BY ALL) AS a
            JOIN {tables["communes"]} AS c USING (commune_code)
            JOIN {tables["profile"]} AS p ON p.commune_code = a.code
            UNION ALL
            SELECT n.own_code, n.name, 150, c.postcodes[1]
            FROM {tables["names"]} AS n JOIN {tables["communes"]} AS c USING (commune_code)
            WHERE n.kind = 'delegated' AND n.own_code <> n.commune_code AND len(c.postcodes) > 0
        )
        SELECT code, replace(replace(strip_accents(upper(city)), '-', ' '), '''', ' ') AS city, postcode,
               coalesce(sum(weight) OVER (ORDER BY code ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
               / sum(weight) OVER () AS since
        FROM whole WHERE weight > 0"""
