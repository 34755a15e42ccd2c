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
from lieudit.rfm_analysis.thresholds import Thresholds, score_values
from lieudit.schema import RFM_COLUMNS
from lieudit.tables import Table, fetch_one, quote

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BEHAVIOUR_COLUMNS", "Counts", "Rfm", "compute"]

logger = logging.getLogger(__name__)

_VALUES = "lieudit_rfm_values"
_SCORED = "lieudit_rfm_scored"


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
    if rejects is not None:
        write_rejects(con, lines, rejects)
    day = as_of or found.last_day + timedelta(days=1)
    kept = _measure(con, lines, found, day, config)
    counts = Counts(
        lines=found.lines,
        rejected=found.rejected,
        after_as_of=found.after_as_of,
        outside_window=found.lines - sum(found.rejected.values()) - found.after_as_of - kept,
        kept=kept,
    )
    if not kept:
        raise _none_left(table, day, config, counts)
    edges = thresholds or _thresholds(con)
    score_values(con, _VALUES, edges, name=_SCORED, lang=lang)
    _finish(con, lines, day, config, name, behaviour=behaviour)
    (customers,) = fetch_one(con, f"SELECT count(*) FROM {quote(name)}")
    counts = replace(counts, customers=customers)
    logger.info("%s: %s", table.origin, counts)
    return Rfm(name, edges, day, counts, con)


def usable(lines: Lines, as_of: date, config: RfmConfig) -> str:
    """Return SQL of the lines to count: ``customer``, ``day``, ``purchase`` (the order) and ``units`` of money."""
    window = f"AND day > DATE '{as_of - timedelta(days=config.window_days)}'" if config.window_days else ""
    order = lines.order.key if lines.order else "NULL"
    return f"""SELECT customer, day, purchase, units
        FROM (SELECT {lines.customer.key} AS customer, {lines.dates.day} AS day, {order} AS purchase,
                     {lines.amounts.units} AS units FROM {lines.table.sql})
        WHERE customer IS NOT NULL AND units IS NOT NULL AND day <= DATE '{as_of}' {window}"""


def _measure(con: duckdb.DuckDBPyConnection, lines: Lines, found: Survey, as_of: date, config: RfmConfig) -> int:
    """Make the table of values, and return the number of lines that went into it."""
    # Counting distinct values is most of the work: do it once where one kind is enough.
    days = "count(DISTINCT day) FILTER (purchase IS NULL)"
    frequency = "count(DISTINCT day)" if lines.order is None else "count(DISTINCT purchase)"
    if lines.order is not None and found.without_order:
        frequency = f"count(DISTINCT purchase) + {days}"
    divisor = f"{UNITS_PER_CENT}" if config.monetary == "total" else f"({UNITS_PER_CENT} * frequency)"
    cents = f"CAST(sign(units) * ((2 * abs(units) + {divisor}) // (2 * {divisor})) AS BIGINT)"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_VALUES} AS
        SELECT *, CAST(DATE '{as_of}' - last_order AS INTEGER) AS recency_days,
               CAST(DATE '{as_of}' - first_order AS INTEGER) AS tenure_days,
               {cents} AS cents, CAST({cents} AS DOUBLE) / 100 AS monetary
        FROM (SELECT customer, min(day) AS first_order, max(day) AS last_order, {frequency} AS frequency,
                     sum(units) AS units, count(*) AS lines
              FROM ({usable(lines, as_of, config)}) GROUP BY customer)"""
    )
    return int(fetch_one(con, f"SELECT coalesce(sum(lines), 0) FROM {_VALUES}")[0])


def _thresholds(con: duckdb.DuckDBPyConnection) -> Thresholds:
    values = con.execute(f"SELECT recency_days, frequency, cents FROM {_VALUES}").fetchnumpy()
    recency, frequency, cents = (np.asarray(values[name], np.int64) for name in ("recency_days", "frequency", "cents"))
    return Thresholds.of(recency, frequency, cents)


def _finish(
    con: duckdb.DuckDBPyConnection, lines: Lines, as_of: date, config: RfmConfig, name: str, *, behaviour: bool
) -> None:
    """Write customers out in the order of their identifiers, with the promised columns."""
    text = lines.customer.text_of("customer")
    columns = ", ".join(column.name for column in RFM_COLUMNS if column.name != "customer_id")
    source, extra = _SCORED, ""
    if behaviour:
        source, extra = behaviour_sql(_SCORED, usable(lines, as_of, config))
    con.execute(
        f"""CREATE OR REPLACE TABLE {quote(name)} AS
        SELECT {text} AS customer_id, {columns}{extra} FROM {source} ORDER BY customer_id"""
    )
    for temporary in (_VALUES, _SCORED):
        con.execute(f"DROP TABLE {temporary}")


def _none_left(table: Table, as_of: date, config: RfmConfig, counts: Counts) -> TableError:
    window = f" or {config.window_days} days before it or more" if config.window_days else ""
    return TableError(
        f"{table.origin}: all {counts.after_as_of + counts.outside_window} usable lines are after {as_of}{window}.",
        expected="orders up to the day of the analysis",
        fix="Choose another --as-of, or a longer window.",
    )
