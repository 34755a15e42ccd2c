"""Customers and what their orders say of them, in one table: the one way in which both are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lieudit.enrichment.added import Enriched, final_names
from lieudit.errors import TableError
from lieudit.features.blocks import FEATURES
from lieudit.tables import fetch_one, quote
from lieudit.tables.table import sql_names

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["Assembled", "assemble", "customer_key"]

_ID: Final = "customer_id"
_TABLE: Final = "assembled"
_FEATURES: Final = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True, slots=True)
class Assembled:
    """Customers with open data and with what their orders gave.

    Attributes
    ----------
    name : str
        A table of the connection, its rows in the customers' order: ``rowid`` is a row's position, from 0.
    columns, sql_columns : tuple of str
        Names for files, and in the table: those of the customer file, of open data, of the orders.
    places : mapping of str to str
        Where a column of :mod:`lieudit.schema` stands in the table, since a column of the customer file that has
        its name keeps it.
    rows : int
    with_orders : int
        Rows that have orders.
    strangers : int
        Customers of the orders who are not in the customer file.
    """

    name: str
    columns: tuple[str, ...]
    sql_columns: tuple[str, ...]
    places: Mapping[str, str]
    rows: int
    with_orders: int
    strangers: int

    def frame(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str] = _FEATURES,
        *,
        start: int = 0,
        stop: int | None = None,
    ) -> pd.DataFrame:
        """Return columns by the names that the schema gives them, in the customers' order.

        Parameters
        ----------
        con : DuckDBPyConnection
        names : sequence of str
            The features by default. What the table does not have is left out.
        start, stop : int, optional
            Rows from `start` on, before `stop`.

        Returns
        -------
        DataFrame
            Its index is the position of the rows.
        """
        chosen = [f"{quote(self.places[name])} AS {quote(name)}" for name in names if name in self.places]
        frame: pd.DataFrame = con.execute(
            f"SELECT {', '.join(['rowid AS position', *chosen])} FROM {quote(self.name)} "
            "WHERE rowid >= ? AND rowid < ? ORDER BY rowid",
            [start, self.rows if stop is None else stop],
        ).df()
        return frame.set_index("position")


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


def assemble(con: duckdb.DuckDBPyConnection, enriched: Enriched, id_column: str | None, rfm: str | None) -> Assembled:
    """Join what the orders say to the customers, by their ids as text.

    Parameters
    ----------
    con : DuckDBPyConnection
    enriched : Enriched
        The customers.
    id_column : str or None
        The column of the customer file that identifies a customer; needed where there are orders.
    rfm : str or None
        The relation that :func:`lieudit.rfm_analysis.compute` made; None where there are no orders.

    Returns
    -------
    Assembled
        Every row of the customers once, in order; the columns of the orders are empty where there is none. A
        column that the customer file has too is called ``<name>_lieudit``.

    Raises
    ------
    TableError
        The customers have no id that the orders could name, or an id stands twice.
    """
    added = _columns_of_orders(con, rfm)
    columns = (*enriched.columns, *final_names(enriched.columns, added))
    names = sql_names(columns)
    joined = values = ""
    if rfm is not None:
        key = customer_key(f"c.{_id(enriched, id_column)}")
        joined = f"LEFT JOIN {quote(rfm)} AS r ON {key} = {customer_key(f'r.{_ID}')}"
        values = "".join(f", r.{quote(name)}" for name in added)
    con.execute(
        f"""CREATE OR REPLACE TABLE {_TABLE}({", ".join(map(quote, names))}) AS
        SELECT c.* EXCLUDE (lieudit_row){values}
        FROM (SELECT *, row_number() OVER () AS lieudit_row FROM {quote(enriched.name)}) AS c {joined}
        ORDER BY c.lieudit_row"""
    )
    if rfm is not None:
        _refuse_repeated(con, _id(enriched, id_column), id_column)
    first = names[len(enriched.columns)] if added else None
    (rows,) = fetch_one(con, f"SELECT count(*) FROM {_TABLE}")
    (matched,) = fetch_one(con, f"SELECT count({quote(first)}) FROM {_TABLE}") if first else (0,)
    (known,) = fetch_one(con, f"SELECT count(*) FROM {quote(rfm)}") if rfm is not None else (0,)
    return Assembled(
        name=_TABLE,
        columns=columns,
        sql_columns=names,
        places=_places(enriched, dict(zip(added, names[len(enriched.columns) :], strict=True))),
        rows=rows,
        with_orders=matched,
        strangers=known - matched,
    )


def _columns_of_orders(con: duckdb.DuckDBPyConnection, rfm: str | None) -> list[str]:
    if rfm is None:
        return []
    return [row[0] for row in con.execute(f"DESCRIBE {quote(rfm)}").fetchall() if row[0] != _ID]


def _places(enriched: Enriched, orders: Mapping[str, str]) -> dict[str, str]:
    """Say where a column stands: from the orders if they gave it, else from open data, else from the customer file."""
    given = dict(zip(enriched.columns, enriched.sql_columns, strict=True))
    return {**given, **{column.column.name: column.sql for column in enriched.added}, **orders}


def _id(enriched: Enriched, column: str | None) -> str:
    if column is None:
        raise TableError("The customer file has no id that lieudit recognises, so its orders cannot be found.",
                         expected="a column that identifies each customer",
                         fix="Name it: customers: {id: COLUMN} in the configuration.")  # fmt: skip
    return quote(enriched.sql_columns[enriched.columns.index(column)])


def _refuse_repeated(con: duckdb.DuckDBPyConnection, quoted: str, column: str | None) -> None:
    # Counted, never shown: messages end up in logs.
    key = customer_key(quoted)
    rows, distinct = fetch_one(con, f"SELECT count({key}), count(DISTINCT {key}) FROM {_TABLE}")
    if distinct < rows:
        raise TableError(f"{rows:,} customers have only {distinct:,} different ids in '{column}'.",
                         expected="one row a customer",
                         fix="Remove the duplicates, or name the right id column.")  # fmt: skip
