"""What customers spend in a period, from the same lines, read in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from lieudit.rfm_analysis.amounts import UNITS_PER_CENT
from lieudit.rfm_analysis.lines import read_lines
from lieudit.tables import Table

__all__ = ["spend_between"]


def spend_between(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], *, after: date, until: date
) -> pd.Series[float]:
    """Sum what each customer spent, refunds deducted.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
        One row a line of an order.
    columns : mapping of role to column
        As :func:`lieudit.rfm_analysis.compute` takes them.
    after, until : date
        Lines of later days than `after`, up to `until`.

    Returns
    -------
    Series of float
        Money, to the cent, by customer id as text, in its order; customers without such lines are not in it.
    """
    lines = read_lines(con, table, columns)
    found = con.execute(
        f"""SELECT {lines.customer.text_of("customer")} AS customer_id,
                   CAST(round(sum(units) / {UNITS_PER_CENT}) AS BIGINT) AS cents
        FROM (SELECT {lines.customer.key} AS customer, {lines.amounts.units} AS units FROM {table.sql}
              WHERE {lines.reason} IS NULL AND {lines.dates.day} > ? AND {lines.dates.day} <= ?)
        GROUP BY customer ORDER BY customer_id""",
        [after, until],
    ).df()
    cents = found["cents"].to_numpy(dtype=np.float64)
    return pd.Series(cents / 100, index=pd.Index(found["customer_id"], name=None), name="spend")
