"""What companies filed of their accounts: one row a SIREN, by one rule, whatever the source.

The rule, in this order:

1. accounts that say something (a turnover or a result) before confidential ones;
2. the company's own accounts, full or simplified, before the consolidated ones, which are its group's;
3. the latest year; then those that give a turnover; then the source, in the order of :data:`SOURCES`; then the latest
   closing date; then full before simplified.

All values of a row come from the accounts so chosen: a turnover never stands beside the result of another year, of
another kind or of another source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import duckdb
import pyarrow as pa

from lieudit.catalogue import Catalogue
from lieudit.tables import literal

__all__ = ["SOURCES", "answered_accounts", "read_accounts"]

# Whose figures stand where two sources have the same year, best first: what INPI holds names its kind of balance sheet
# and closing date; the look-up service (services.company_search) gives years alone.
SOURCES: Final = ("ratios_inpi_bce", "infogreffe", "recherche_entreprises")
_FILED: Final = "siren, closed_on, months, accounts_kind, turnover_eur, net_result_eur"
_ABSENT: Final = 2_147_483_647  # as in catalogue.official.by_siren: the greatest 32-bit integer stands for "none"
_YEAR: Final = (350, 380)  # days between the ends of two periods of twelve months; closings move by a few days
_FINANCES: Final = pa.schema(
    [("siren", pa.string()), ("year", pa.int32()), ("turnover_eur", pa.int64()), ("net_result_eur", pa.int64())]
)


def read_accounts(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, keys: str, answered: str | None = None
) -> str | None:
    """Give the last published accounts of companies.

    Parameters
    ----------
    con : DuckDBPyConnection
    catalogue : Catalogue
        Those of its sources that are in :data:`SOURCES` are read, in place.
    keys : str
        A relation with a column ``siren``, of nine digits; it may repeat and be null.
    answered : str, optional
        What a service said of some of them, from :func:`answered_accounts`.

    Returns
    -------
    str or None
        A temporary table of ``siren`` and the columns of ``schema.ACCOUNTS_COLUMNS``, one row for each company of
        ``keys`` that filed; None where there is no source. A company without a row has published nothing, which is
        not zero; a row with a year and no figures says that they are confidential.

    Notes
    -----
    ``net_margin`` is result over turnover, where the turnover is above zero. ``turnover_growth`` is the yearly rate
    ``(last / first) ** (1 / years) - 1`` over the years that end with ``accounts_year``, as far back as accounts of
    the same source and kind close twelve months after one another with a turnover above zero: ``years`` is in
    ``turnover_growth_years``. A longer or shorter period, a year without a turnover, or a turnover of zero or less
    ends the run; without an earlier year in it, or with a negative last turnover, there is no growth.
    """
    parts = [
        f"SELECT {_FILED}, {literal(source.name)} AS source FROM read_parquet({literal(source.path())})"
        for source in catalogue.sources
        if source.name in SOURCES and not source.by_hand
    ]
    if answered is not None:
        parts.append(f"SELECT {_FILED}, source FROM {answered}")
    if not parts:
        return None
    name = "lieudit_accounts_of_companies"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_chosen(' UNION ALL '.join(parts), keys)}")
    return name


def answered_accounts(con: duckdb.DuckDBPyConnection, finances: Mapping[str, Mapping[str, Any] | None]) -> str:
    """Make a relation of the finances that a service answered, for :func:`read_accounts`.

    Parameters
    ----------
    con : DuckDBPyConnection
    finances : mapping of str to mapping or None
        For each SIREN what Recherche d'entreprises says: ``{"2023": {"ca": 1000, "resultat_net": -50}}``. What is no
        number (``"[NON-DIFFUSIBLE]"``) is not known; a key that is no year is passed over.

    Returns
    -------
    str
        A temporary table of ``siren, closed_on, months, accounts_kind, turnover_eur, net_result_eur, source``. The
        service gives no closing date: each year is taken to end on 31 December.
    """
    rows = [
        (siren, int(year), _euros(figures.get("ca")), _euros(figures.get("resultat_net")))
        for siren, years in finances.items()
        for year, figures in (years or {}).items()
        if str(year).isdecimal() and len(str(year)) == 4 and isinstance(figures, Mapping)
    ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in _FINANCES.names)
    name = "lieudit_accounts_answered"
    con.register(f"{name}_rows", pa.table(dict(zip(_FINANCES.names, map(list, columns), strict=True)), _FINANCES))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {name} AS
            SELECT siren, make_date(year, 12, 31) AS closed_on, CAST(NULL AS INTEGER) AS months,
                   CAST(NULL AS VARCHAR) AS accounts_kind, turnover_eur, net_result_eur,
                   {literal(SOURCES[-1])} AS source
            FROM {name}_rows"""
    )
    con.unregister(f"{name}_rows")
    return name


def _euros(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return None if abs(value) == _ABSENT else round(value)


def _chosen(filed: str, keys: str) -> str:
    """Return the query of the rule."""
    rank = (
        "CASE source " + " ".join(f"WHEN {literal(name)} THEN {place}" for place, name in enumerate(SOURCES)) + " END"
    )
    kinds = "CASE accounts_kind WHEN 'full' THEN 0 WHEN 'simplified' THEN 1 WHEN 'consolidated' THEN 2 ELSE 3 END"
    return f"""
    WITH filed AS (
        SELECT * FROM ({filed}) WHERE siren IN (SELECT siren FROM {keys})
    ), chosen AS (
        SELECT * FROM filed
        QUALIFY row_number() OVER (PARTITION BY siren ORDER BY
            coalesce(turnover_eur, net_result_eur) IS NULL, accounts_kind IS NOT DISTINCT FROM 'consolidated',
            year(closed_on) DESC, turnover_eur IS NULL, {rank}, closed_on DESC, {kinds}) = 1
    ), run AS ({_run()}), growth AS (
        SELECT siren, count(*) - 1 AS years, arg_min(turnover_eur, closed_on) AS first,
               arg_max(turnover_eur, closed_on) AS last
        FROM run GROUP BY siren HAVING count(*) > 1 AND last >= 0
    )
    SELECT c.siren, c.turnover_eur, c.net_result_eur, CAST(year(c.closed_on) AS INTEGER) AS accounts_year,
           c.accounts_kind, c.source AS accounts_source,
           round(pow(g.last / g.first, 1 / g.years) - 1, 4) + 0.0 AS turnover_growth,  -- no -0.0
           CAST(g.years AS INTEGER) AS turnover_growth_years,
           CASE WHEN c.turnover_eur > 0 THEN round(c.net_result_eur / c.turnover_eur, 4) + 0.0 END AS net_margin
    FROM chosen AS c LEFT JOIN growth AS g USING (siren)
    """


def _run() -> str:
    """Return the query of the years before the chosen one that it can be compared with, and of itself."""
    series = "PARTITION BY siren ORDER BY closed_on DESC"
    return f"""
        SELECT siren, closed_on, turnover_eur FROM (
            SELECT *, sum(CAST(ends AS INTEGER)) OVER ({series} ROWS UNBOUNDED PRECEDING) AS ended FROM (
                SELECT f.siren, f.closed_on, f.turnover_eur,
                       f.turnover_eur IS NULL OR coalesce(f.months, 12) <> 12
                       OR (f.closed_on < c.closed_on AND (f.turnover_eur <= 0 OR
                           lag(f.closed_on) OVER (PARTITION BY f.siren ORDER BY f.closed_on DESC) - f.closed_on
                           NOT BETWEEN {_YEAR[0]} AND {_YEAR[1]})) AS ends
                FROM filed AS f JOIN chosen AS c ON f.siren = c.siren AND f.source = c.source
                     AND f.accounts_kind IS NOT DISTINCT FROM c.accounts_kind AND f.closed_on <= c.closed_on))
        WHERE ended = 0"""
