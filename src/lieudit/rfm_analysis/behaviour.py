"""How a customer buys: mean basket, rhythm, regularity."""

from __future__ import annotations

from typing import Final

from lieudit.rfm_analysis.amounts import UNITS_PER_CENT
from lieudit.schema import Column

BEHAVIOUR_COLUMNS: Final = (
    Column("mean_basket", "number", "currency", "Panier moyen", "Mean basket"),
    Column("order_gap_days_mean", "number", "days", "Délai moyen entre commandes", "Mean days between orders"),
    Column("order_gap_cv", "number", "", "Irrégularité des commandes", "Irregularity of orders"),
)


def behaviour_sql(scored: str, lines: str) -> tuple[str, str]:
    """Return SQL of a FROM clause that adds the columns to scored customers, and of the columns.

    Gaps are whole days between consecutive distinct days with an order. With k gaps of sum s and sum of squares q,
    all integers, the mean is s / k and the sample variance (k·q − s²) / (k·(k − 1)): one rounding, at the end, so
    the same on any number of threads. The coefficient of variation is 0 for a perfect rhythm; it needs two gaps.
    """
    source = f"""{scored} LEFT JOIN (
        SELECT customer, count(gap) AS gaps, sum(gap) AS span, sum(gap * gap) AS squares
        FROM (SELECT customer, CAST(day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS BIGINT) AS gap
              FROM (SELECT DISTINCT customer, day FROM ({lines})))
        GROUP BY customer) AS rhythm USING (customer)"""
    extra = f""", CAST(units AS DOUBLE) / ({UNITS_PER_CENT * 100} * frequency) AS mean_basket,
        CASE WHEN gaps >= 1 THEN CAST(span AS DOUBLE) / gaps END AS order_gap_days_mean,
        CASE WHEN gaps >= 2
             THEN sqrt(CAST(gaps * squares - span * span AS DOUBLE) / (gaps * (gaps - 1))) * gaps / span
        END AS order_gap_cv"""
    return source, extra
