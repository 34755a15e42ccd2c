"""How often customers order of late, beside how often they used to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import duckdb

from lieudit.rfm_analysis.lines import read_lines
from lieudit.tables import Table, quote

__all__ = ["count_paces"]


def count_paces(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    *,
    as_of: date,
    window_days: int,
    name: str = "paces",
) -> str:
    """Count each customer's orders in the last days, and before.

    An order is what it is for the frequency: an order id, or a day where a line names none; its day is its first.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
        One row a line of an order.
    columns : mapping of role to column
        As :func:`lieudit.rfm_analysis.compute` takes them.
    as_of : date
        The day of the analysis; later lines are left out.
    window_days : int
        Orders of the `window_days` days up to `as_of` are recent.
    name : str
        Of the table to make; one of that name is replaced.

    Returns
    -------
    str
        `name`: a table of ``customer_id``, ``recent`` (orders in the window), ``earlier`` (orders before it) and
        ``earlier_days`` (from the first order to the window, NULL without earlier orders).
    """
    lines = read_lines(con, table, columns)
    start = as_of - timedelta(days=window_days)
    order = lines.order.key if lines.order else "NULL"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {quote(name)} AS
        SELECT {lines.customer.text_of("customer")} AS customer_id,
               count(*) FILTER (day > DATE '{start}') AS recent, count(*) FILTER (day <= DATE '{start}') AS earlier,
               CASE WHEN min(day) <= DATE '{start}' THEN CAST(DATE '{start}' - min(day) AS INTEGER) END AS earlier_days
        FROM (SELECT customer, min(day) AS day
              FROM (SELECT {lines.customer.key} AS customer, {lines.dates.day} AS day, {order} AS purchase
                    FROM {table.sql} WHERE {lines.reason} IS NULL AND {lines.dates.day} <= DATE '{as_of}')
              GROUP BY customer, purchase, CASE WHEN purchase IS NULL THEN day END)
        GROUP BY customer"""
    )
    return name
