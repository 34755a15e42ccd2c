"""What is known of how new customers buy: from their orders, from their file, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from lieudit.bundle.bundle import Bundle
from lieudit.enrichment.added import Enriched, final_names
from lieudit.errors import BundleError, TableError
from lieudit.rfm_analysis import Rfm, compute, score_values
from lieudit.schema import RFM_COLUMNS, TRANSACTION_ROLES
from lieudit.tables import Table, columns_of, fetch_one, quote, recognise
from lieudit.tables.table import sql_names

if TYPE_CHECKING:
    import duckdb

__all__ = ["known_roles", "rfm_of_file", "rfm_of_orders"]

_VALUES: Final = ("recency_days", "frequency", "monetary")
_SCORES: Final = ("r", "f", "m", "rfm_score", "rfm_segment", "rfm_label")
_SQL_TYPES: Final = {"text": "VARCHAR", "category": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE"}


def known_roles(table: Table, trained: Mapping[str, str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the roles of columns: those that are given, and those of the training's names that the table has."""
    known = {role: column for role, column in trained.items() if _has(table, role, column)}
    return known | dict(given or {})


def rfm_of_orders(
    con: duckdb.DuckDBPyConnection,
    orders: Table,
    bundle: Bundle,
    as_of: date | None,
    given: Mapping[str, str] | None = None,
) -> Rfm:
    """Measure orders, and score them by the training's frozen edges.

    The day of reference is by default the training's, so that those who were trained on find their recency again;
    or the day after the last order if that is later.

    Raises
    ------
    BundleError
        The training had no orders: there are no edges to score by.
    TableError
        The orders cannot be read.
    """
    if bundle.thresholds is None:
        raise BundleError(f"{bundle.folder} was trained without transactions: it has no scale for orders.",
                          expected="customers alone",
                          fix="Leave the transactions out, or train with transactions.")  # fmt: skip
    roles = recognise(orders, TRANSACTION_ROLES, known_roles(orders, bundle.columns["transactions"], given))
    return compute(con, orders, roles, config=bundle.rfm, as_of=as_of, not_before=bundle.as_of,
                   thresholds=bundle.thresholds, behaviour=True, lang=bundle.lang)  # fmt: skip


def rfm_of_file(con: duckdb.DuckDBPyConnection, customers: Enriched, bundle: Bundle) -> Enriched:
    """Add the columns of RFM to customers without orders: scores of the file's own values, or nothing.

    Parameters
    ----------
    con : DuckDBPyConnection
    customers : Enriched
    bundle : Bundle

    Returns
    -------
    Enriched
        With the scores and rule segments that ``recency_days``, ``frequency`` and ``monetary`` of the file give, if
        all three are there; otherwise with every column of RFM, empty.

    Raises
    ------
    TableError
        One of the values is no number.
    """
    places = dict(zip(customers.columns, customers.sql_columns, strict=True))
    if bundle.thresholds is None or not set(_VALUES) <= places.keys():
        empty = {
            column.name: f"CAST(NULL AS {_SQL_TYPES[column.dtype]})"
            for column in RFM_COLUMNS
            if column.name != "customer_id" and column.name not in places
        }
        return _with(con, customers, f"SELECT * FROM {quote(customers.name)}", empty)
    rows = "lieudit_numbered"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {rows} AS
        SELECT row_number() OVER () AS lieudit_row, * FROM {quote(customers.name)}"""
    )
    values = ", ".join(f"{_number(con, rows, name, places[name])} AS {name}" for name in _VALUES)
    con.execute(f"CREATE OR REPLACE TEMP VIEW lieudit_given AS SELECT lieudit_row, {values} FROM {rows}")
    score_values(con, "lieudit_given", bundle.thresholds, name="lieudit_given_scored", lang=bundle.lang)
    joined = f"""SELECT t.* EXCLUDE (lieudit_row), {", ".join(f"s.{name} AS lieudit_{name}" for name in _SCORES)}
        FROM {rows} AS t JOIN lieudit_given_scored AS s USING (lieudit_row) ORDER BY lieudit_row"""
    return _with(con, customers, joined, {name: f"lieudit_{name}" for name in _SCORES})


def _with(con: duckdb.DuckDBPyConnection, customers: Enriched, source: str, added: Mapping[str, str]) -> Enriched:
    """Add columns, given as SQL over a query whose first columns are the customers'."""
    columns = (*customers.columns, *final_names(customers.columns, list(added)))
    names = sql_names(columns)
    own = ", ".join(map(quote, customers.sql_columns))
    name = f"{customers.name}_rfm"
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW {quote(name)}({", ".join(map(quote, names))}) AS
        SELECT {", ".join([own, *added.values()])} FROM ({source})"""
    )
    return replace(customers, name=name, columns=columns, sql_columns=names)


def _number(con: duckdb.DuckDBPyConnection, relation: str, name: str, column: str) -> str:
    """Return SQL of a column as numbers, once all that is there is known to be one."""
    sql = f"TRY_CAST({quote(column)} AS DOUBLE)"
    wrong = f"{quote(column)} IS NOT NULL AND ({sql} IS NULL OR NOT isfinite({sql}))"
    (count,) = fetch_one(con, f"SELECT count(*) FROM {relation} WHERE {wrong}")
    if count:
        raise TableError(f"{count:,} values of the column '{name}' are no numbers.", expected="numbers, such as 12.5",
                         fix="Correct them, or give the orders instead.")  # fmt: skip
    return sql


def _has(table: Table, role: str, column: str) -> bool:
    if column in table.columns or role != "amount":
        return column in table.columns
    try:
        return bool(columns_of(column, table))
    except TableError:
        return False
