"""The door: transactions in, one row a customer out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb
import numpy as np

from lieudit.config import RfmConfig
from lieudit.errors import TableError
from lieudit.rfm_analysis.amounts import UNITS_PER_CENT
from lieudit.rfm_analysis.behaviour import BEHAVIOUR_COLUMNS, behaviour_sql
from lieudit.rfm_analysis.lines import Counts, Lines, Survey, read_lines, survey, write_rejects
from lieudit.rfm_analysis.thresholds import Thresholds, scored
from lieudit.schema import RFM_COLUMNS
from lieudit.tables import Table, fetch_one, quote

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BEHAVIOUR_COLUMNS", "Counts", "Rfm", "compute"]

logger = logging.getLogger(__name__)

_VALUES = "lieudit_rfm_values"


@dataclass(frozen=True, slots=True)
class Rfm:
    """Customers with their values, scores and rule segments.

    Attributes
    ----------
    name : str
        A table of the connection with the columns of ``schema.RFM_COLUMNS`` (and of ``BEHAVIOUR_COLUMNS`` if asked
        for), sorted by ``customer_id`` as text.
    thresholds : Thresholds
        Those that made the scores.
    as_of : date
        The day of the analysis.
    counts : Counts
        What became of the lines.
    con : DuckDBPyConnection
        Where the table is.
    """

    name: str
    thresholds: Thresholds
    as_of: date
    counts: Counts
    con: duckdb.DuckDBPyConnection

    def df(self) -> pd.DataFrame:
        """Return the table as a DataFrame, one row a customer."""
        frame: pd.DataFrame = self.con.sql(f"FROM {quote(self.name)}").df()
        return frame


def compute(  # noqa: PLR0913 - the door: what is asked for, one option a keyword
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    *,
    config: RfmConfig,
    as_of: date | None = None,
    not_before: date | None = None,
    rejects: Path | None = None,
    thresholds: Thresholds | None = None,
    behaviour: bool = False,
    lang: Literal["fr", "en"] = "fr",
    name: str = "rfm",
) -> Rfm:
    """Measure and score the customers of a transaction file.

    Recency is the number of whole days from the last order to ``as_of``; frequency, the number of distinct orders
    (of distinct days, for lines that name no order); monetary value, the sum of amounts, refunds deducted, to the
    cent, or that sum divided by the frequency. The definitions and what they imply are in docs/rfm.md.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
        One row a line of an order.
    columns : mapping of role to column
        From :func:`lieudit.tables.recognise`: ``customer``, ``date``, ``amount`` and, if there is one, ``order``.
    config : RfmConfig
        Window and kind of monetary value.
    as_of : date, optional
        The day of the analysis; that of the last usable line, plus one, by default. Later lines are left out.
    not_before : date, optional
        The earliest day of the analysis that is taken by default: that of a training, when some of its customers are
        scored again.
    rejects : Path, optional
        Where lines with no customer, date or amount are written; always made, even if there is none.
    thresholds : Thresholds, optional
        Frozen edges to score by; found from these customers by default.
    behaviour : bool, default False
        Add ``BEHAVIOUR_COLUMNS``.
    lang : {"fr", "en"}
        The language of ``rfm_label``.
    name : str, default "rfm"
        Of the table to make; one of that name is replaced.

    Returns
    -------
    Rfm

    Raises
    ------
    TableError
        A column is missing or does not hold what it should, or no line is left.
    """
    lines = read_lines(con, table, columns)
    found = survey(con, lines, as_of)
    day = as_of or max(found.last_day + timedelta(days=1), not_before or date.min)
    orders = _usable(lines, found, day, config)
    counts = _count(con, found, orders, config)
    if not counts.kept:
        raise _none_left(table, day, config, counts)
    _measure(con, lines, found, orders, day, config)
    edges = thresholds or _thresholds(con)
    source, extra = behaviour_sql(_VALUES, orders) if behaviour else (_VALUES, "")
    promised = ", ".join(column.name for column in RFM_COLUMNS)
    con.execute(
        f"""CREATE OR REPLACE TABLE {quote(name)} AS
        SELECT {promised}{extra} FROM ({scored(source, edges, lang)}) ORDER BY customer_id"""
    )
    (customers,) = fetch_one(con, f"SELECT count(*) FROM {_VALUES}")
    con.execute(f"DROP TABLE {_VALUES}")
    if rejects is not None:  # last: input that is refused leaves nothing behind
        write_rejects(con, lines, rejects)
    counts = replace(counts, customers=customers)
    logger.info("%s: %s", table.origin, counts)
    return Rfm(name, edges, day, counts, con)


def _usable(lines: Lines, found: Survey, as_of: date, config: RfmConfig) -> str:
    """Return SQL of the lines to count: ``customer``, ``day``, ``purchase`` (the order) and ``units`` of money."""
    conditions = [f"{lines.reason} IS NULL"] if found.rejected else []
    if found.after_as_of:
        conditions.append(f"{lines.dates.day} <= DATE '{as_of}'")
    if config.window_days:
        conditions.append(f"{lines.dates.day} > DATE '{as_of - timedelta(days=config.window_days)}'")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = lines.order.key if lines.order else "NULL"
    return f"""SELECT {lines.customer.key} AS customer, {lines.dates.day} AS day, {order} AS purchase,
        {lines.amounts.units} AS units FROM {lines.table.sql} {where}"""


def _count(con: duckdb.DuckDBPyConnection, found: Survey, orders: str, config: RfmConfig) -> Counts:
    timely = found.lines - sum(found.rejected.values()) - found.after_as_of
    kept = fetch_one(con, f"SELECT count(*) FROM ({orders})")[0] if config.window_days else timely
    return Counts(found.lines, found.rejected, found.after_as_of, timely - kept, kept)


def _measure(
    con: duckdb.DuckDBPyConnection, lines: Lines, found: Survey, orders: str, as_of: date, config: RfmConfig
) -> None:
    """Make the table of values, one row a customer.

    Orders first, then customers: a quarter less work than ``count(DISTINCT …)``, which keeps the orders apart as well.
    """
    order = "day" if lines.order is None else "purchase"
    if lines.order is not None and found.without_order:
        order = "purchase, CASE WHEN purchase IS NULL THEN day END"
    divisor = f"{UNITS_PER_CENT}" if config.monetary == "total" else f"({UNITS_PER_CENT} * frequency)"
    cents = f"CAST(sign(units) * ((2 * abs(units) + {divisor}) // (2 * {divisor})) AS BIGINT)"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_VALUES} AS
        SELECT *, {lines.customer.text_of("customer")} AS customer_id, {cents} AS cents,
               CAST({cents} AS DOUBLE) / 100 AS monetary,
               CAST(DATE '{as_of}' - last_order AS INTEGER) AS recency_days,
               CAST(DATE '{as_of}' - first_order AS INTEGER) AS tenure_days
        FROM (SELECT customer, min(first_day) AS first_order, max(last_day) AS last_order, count(*) AS frequency,
                     sum(order_units) AS units
              FROM (SELECT customer, min(day) AS first_day, max(day) AS last_day, sum(units) AS order_units
                    FROM ({orders}) GROUP BY customer, {order})
              GROUP BY customer)"""
    )


def _thresholds(con: duckdb.DuckDBPyConnection) -> Thresholds:
    values = con.execute(f"SELECT recency_days, frequency, cents FROM {_VALUES}").fetchnumpy()
    recency, frequency, cents = (np.asarray(values[name], np.int64) for name in ("recency_days", "frequency", "cents"))
    return Thresholds.of(recency, frequency, cents)


def _none_left(table: Table, as_of: date, config: RfmConfig, counts: Counts) -> TableError:
    window = f" or {config.window_days} days before it or more" if config.window_days else ""
    return TableError(
        f"{table.origin}: all {counts.after_as_of + counts.outside_window} usable lines are after {as_of}{window}.",
        expected="orders up to the day of the analysis",
        fix="Choose another --as-of, or a longer window.",
    )
