"""Lines of orders: which can be used, which are set aside, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from lieudit.errors import TableError
from lieudit.rfm_analysis.amounts import Amounts, read_amounts
from lieudit.rfm_analysis.dates import Dates, read_dates
from lieudit.rfm_analysis.shapes import first
from lieudit.tables import Identifier, Table, header_names, identifier, write_table

_REASONS = ("no_customer", "no_date", "invalid_date", "no_amount")


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the lines of a transaction file.

    ``lines`` is the sum of ``rejected``, ``after_as_of``, ``outside_window`` and ``kept``.

    Attributes
    ----------
    lines : int
        Read.
    rejected : dict of str to int
        Set aside, by reason: ``no_customer``, ``no_date``, ``invalid_date`` (not in the calendar), ``no_amount``.
    after_as_of : int
        Left out because later than the day of the analysis.
    outside_window : int
        Left out because older than the window.
    kept : int
        Used.
    customers : int
        With at least one line kept.
    """

    lines: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    after_as_of: int = 0
    outside_window: int = 0
    kept: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Lines:
    """How to read the lines of a transaction file in SQL.

    Attributes
    ----------
    customer, order : Identifier
        ``order`` is None where no column tells orders apart: then each day is one.
    dates : Dates
    amounts : Amounts
    """

    table: Table
    customer: Identifier
    dates: Dates
    amounts: Amounts
    order: Identifier | None

    @property
    def reason(self) -> str:
        """SQL of why a line cannot be used; NULL if it can."""
        day = self.dates.day
        return f"""CASE WHEN {self.customer.key} IS NULL THEN 'no_customer' WHEN {self.dates.absent} THEN 'no_date'
            WHEN {day} IS NULL OR NOT isfinite({day}) THEN 'invalid_date'
            WHEN {self.amounts.absent} THEN 'no_amount' END"""


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over the lines found.

    Attributes
    ----------
    lines : int
    rejected : dict of str to int
    last_day : date
        Of the lines that can be used.
    after_as_of : int
        0 without a day of the analysis.
    without_order : int
        Lines that can be used but name no order.
    """

    lines: int
    rejected: dict[str, int]
    last_day: date
    after_as_of: int
    without_order: int


def read_lines(con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str]) -> Lines:
    """Find how to read a transaction file.

    Raises
    ------
    TableError
        A role has no column, or a column does not hold what its role asks for.
    """
    for role in ("customer", "date", "amount"):
        if role not in columns:
            raise _no_role(table, role)
    order = identifier(con, table, columns["order"]) if "order" in columns else None
    return Lines(
        table=table,
        customer=identifier(con, table, columns["customer"]),
        dates=read_dates(con, table, columns["date"]),
        amounts=read_amounts(con, table, columns["amount"]),
        order=order,
    )


def survey(con: duckdb.DuckDBPyConnection, lines: Lines, as_of: date | None) -> Survey:
    """Count the lines that can be used, those that cannot, and find the last day.

    Raises
    ------
    TableError
        An amount is too large, or no line can be used.
    """
    day, table = lines.dates.day, lines.table
    after = f"count(*) FILTER ({day} > DATE '{as_of}')" if as_of else "0"
    orderless = f"count(*) FILTER ({lines.order.key} IS NULL)" if lines.order else "0"
    rows = con.execute(
        f"""SELECT {lines.reason} AS reason, count(*), max({day}), {after}, {orderless},
                   count(*) FILTER ({lines.amounts.units} IS NULL)
        FROM {table.sql} GROUP BY 1"""
    ).fetchall()
    found = {reason: numbers for reason, *numbers in rows}
    rejected = {reason: found[reason][0] for reason in _REASONS if reason in found}
    if None not in found:
        raise _nothing(table, rejected)
    usable, last_day, late, without_order, unfit = found[None]
    if unfit:
        condition = f"{lines.reason} IS NULL AND {lines.amounts.units} IS NULL"
        example = first(con, table, f"CAST({lines.dates.day} AS VARCHAR)", condition)
        raise TableError(
            f"{table.origin}: {unfit} amounts are infinite or too large, such as that of {example}.",
            expected="amounts below 10¹²", fix="Correct them.",
        )  # fmt: skip
    return Survey(usable + sum(rejected.values()), rejected, last_day, late, without_order)


def write_rejects(con: duckdb.DuckDBPyConnection, lines: Lines, out: Path) -> None:
    """Write the lines that cannot be used, with their reason and their place in the file, in its order."""
    table = lines.table
    sql = f"""SELECT * FROM (
        SELECT row_number() OVER () - 1 + {table.first_line} AS lieudit_line, {lines.reason} AS lieudit_reason, *
        FROM {table.sql})
    WHERE lieudit_reason IS NOT NULL ORDER BY lieudit_line"""
    write_table(con, sql, out, names=header_names(["line", "reason", *table.columns]))


def _no_role(table: Table, role: str) -> TableError:
    columns = ", ".join(f"'{column}'" for column in table.columns)
    fix = f"Name it: --{role} (rfm), --column {role}=… (score), or {role}: in the configuration."
    if role == "amount":
        fix = f'{fix} It may be computed: "Quantity * Price".'
    return TableError(
        f"{table.origin} has no column that looks like the {role}.", expected=f"one of {columns}", fix=fix
    )


def _nothing(table: Table, rejected: Mapping[str, int]) -> TableError:
    reasons = ", ".join(f"{count} {reason}" for reason, count in rejected.items())
    return TableError(
        f"{table.origin}: none of its lines can be used ({reasons}).",
        expected="lines with a customer, a date and an amount",
        fix="Check which columns were recognised, or name them.",
    )
