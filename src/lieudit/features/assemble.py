"""Customers and what their orders say of them, in one table: the one way in which both are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lieudit.errors import TableError
from lieudit.tables import quote

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["Assembled", "assemble", "customer_key"]

_KEY: Final = "customer_id"
_TABLE: Final = "assembled"


@dataclass(frozen=True, slots=True)
class Assembled:
    """Customers with the columns that their orders gave.

    Attributes
    ----------
    name : str
        A table of the connection, its rows in the customers' order: ``rowid`` is a row's position, from 0.
    columns : tuple of str
        Names to show, in the table's order; they may differ from the table's own by case.
    added : tuple of str
        Those that the orders gave.
    rows : int
    with_orders : int
        Rows that have orders.
    strangers : int
        Customers of the orders who are not in the customer file.
    """

    name: str
    columns: tuple[str, ...]
    added: tuple[str, ...]
    rows: int
    with_orders: int
    strangers: int

    def df(self, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
        """Return the rows in the customers' order."""
        frame: pd.DataFrame = con.execute(f"SELECT * FROM {quote(self.name)} ORDER BY rowid").df()
        return frame.set_axis(list(self.columns), axis=1)


def customer_key(column: str) -> str:
    """Return SQL for a customer's id as text, so that the ids of two files meet.

    A spreadsheet turns ``13085`` into ``13085.0`` in one file and not in the other; zeros in front stay, since
    ``007`` and ``7`` may be two customers.

    Parameters
    ----------
    column : str
        SQL: a quoted column name.

    Examples
    --------
    >>> import duckdb
    >>> key = customer_key("x")
    >>> duckdb.sql(f"SELECT {key} FROM (VALUES (' 13085.0 '), ('007'), ('1.50'), ('')) AS t(x)").fetchall()
    [('13085',), ('007',), ('1.50',), (None,)]
    """
    return rf"nullif(regexp_replace(trim(CAST({column} AS VARCHAR)), '^([0-9]+)\.0+$', '\1'), '')"


def assemble(
    con: duckdb.DuckDBPyConnection,
    customers: str,
    columns: Sequence[str],
    id_column: str | None,
    rfm: str | None,
) -> Assembled:
    """Join what the orders say to the customers, by their ids as text.

    Parameters
    ----------
    con : DuckDBPyConnection
    customers : str
        The relation of customers, enriched or not.
    columns : sequence of str
        Its columns' names to show, in its order.
    id_column : str or None
        The one that identifies a customer; needed where there are orders.
    rfm : str or None
        The relation that :func:`lieudit.rfm_analysis.compute` made; None where there are no orders.

    Returns
    -------
    Assembled
        Every row of the customers once, in order; the columns of the orders are empty where there is none.

    Raises
    ------
    TableError
        The customers have no id, an id stands twice, or both tables have a column of the same name.
    """
    source = f"(SELECT *, row_number() OVER () AS lieudit_row FROM {quote(customers)})"
    if rfm is None:
        _create(con, f"SELECT * EXCLUDE (lieudit_row) FROM {source} ORDER BY lieudit_row")
        return Assembled(_TABLE, tuple(columns), (), _count(con, f"FROM {_TABLE}"), 0, 0)
    if id_column is None:
        raise TableError("The customer file has no id that lieudit recognises, so its orders cannot be found.",
                         expected="a column that identifies each customer",
                         fix="Name it: customers: {id: COLUMN} in the configuration.")  # fmt: skip
    names = [row[0] for row in con.execute(f"DESCRIBE {quote(customers)}").fetchall()]
    added = [row[0] for row in con.execute(f"DESCRIBE {quote(rfm)}").fetchall() if row[0] != _KEY]
    _refuse_clash(columns, added)
    key = customer_key(f"c.{quote(names[list(columns).index(id_column)])}")
    _refuse_repeated(con, customers, key, id_column)
    _create(con, f"""
        SELECT c.* EXCLUDE (lieudit_row), {", ".join(f"r.{quote(name)}" for name in added)}
        FROM {source} AS c LEFT JOIN {quote(rfm)} AS r ON {key} = {customer_key(f"r.{_KEY}")}
        ORDER BY c.lieudit_row""")  # fmt: skip
    matched = _count(con, f"FROM {_TABLE} WHERE {quote(added[0])} IS NOT NULL")
    strangers = _count(con, f"FROM {quote(rfm)}") - matched
    return Assembled(_TABLE, (*columns, *added), tuple(added), _count(con, f"FROM {_TABLE}"), matched, strangers)


def _create(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    con.execute(f"CREATE OR REPLACE TABLE {_TABLE} AS {sql}")


def _count(con: duckdb.DuckDBPyConnection, clause: str) -> int:
    return int(con.execute(f"SELECT count(*) {clause}").fetchall()[0][0])


def _refuse_clash(columns: Sequence[str], added: Sequence[str]) -> None:
    present = {name.lower(): name for name in columns}
    if clash := [present[name.lower()] for name in added if name.lower() in present]:
        raise TableError(f"The customer file already has what the orders give: {', '.join(clash)}.",
                         expected="these columns from the orders, or from the file, not both",
                         fix="Leave out the orders, or rename or remove those columns.")  # fmt: skip


def _refuse_repeated(con: duckdb.DuckDBPyConnection, customers: str, key: str, id_column: str) -> None:
    # Counted, never shown: ids end up in logs.
    counts = con.execute(f"SELECT count({key}), count(DISTINCT {key}) FROM {quote(customers)} AS c").fetchall()
    rows, distinct = counts[0]
    if distinct < rows:
        raise TableError(f"{rows:,} customers have only {distinct:,} different ids in '{id_column}'.",
                         expected="one row a customer",
                         fix="Remove the duplicates, or name the right id column.")  # fmt: skip
