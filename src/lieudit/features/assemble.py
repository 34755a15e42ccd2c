"""Customers and what their orders say of them, in one table: the one way in which both are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lieudit.enrichment.added import Enriched, final_names
from lieudit.errors import TableError
from lieudit.features.blocks import FEATURES, Feature
from lieudit.features.declared import answer_sql
from lieudit.tables import Table, fetch_one, identifier, quote
from lieudit.tables.table import sql_names

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["Assembled", "assemble"]

_ID: Final = "customer_id"
_TABLE: Final = "assembled"


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
    key : str or None
        SQL of the customers' ids as text, over the table; None where no column identifies them.
    rows : int
    with_orders : int
        Rows that have orders.
    strangers : int
        Customers of the orders who are not in the customer file.
    features : tuple of Feature
        What may enter the clusters: columns of the schema, and answers of the customers.
    answers : mapping of str to str
        SQL of each answer, over the table, by the feature's name.
    """

    name: str
    columns: tuple[str, ...]
    sql_columns: tuple[str, ...]
    places: Mapping[str, str]
    key: str | None
    rows: int
    with_orders: int
    strangers: int
    features: tuple[Feature, ...]
    answers: Mapping[str, str]

    def frame(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str] | None = None,
        *,
        start: int = 0,
        stop: int | None = None,
    ) -> pd.DataFrame:
        """Return columns by the names that the schema gives them, in the customers' order.

        Parameters
        ----------
        con : DuckDBPyConnection
        names : sequence of str, optional
            All features by default. What the table does not have is left out.
        start, stop : int, optional
            Rows from `start` on, before `stop`.

        Returns
        -------
        DataFrame
            Its index is the position of the rows.
        """
        columns = {name: quote(sql) for name, sql in self.places.items()} | dict(self.answers)
        asked = [feature.name for feature in self.features] if names is None else names
        chosen = [f"{columns[name]} AS {quote(name)}" for name in asked if name in columns]
        frame: pd.DataFrame = con.execute(
            f"SELECT {', '.join(['rowid AS position', *chosen])} FROM {quote(self.name)} "
            "WHERE rowid >= ? AND rowid < ? ORDER BY rowid",
            [start, self.rows if stop is None else stop],
        ).df()
        return frame.set_index("position")

    def ids(self, con: duckdb.DuckDBPyConnection) -> list[str | None]:
        """Return the customers' ids as text, in the customers' order; None for each where no column holds them."""
        rows = con.execute(f"SELECT {self.key or 'NULL'} FROM {quote(self.name)} ORDER BY rowid").fetchall()
        return [value for (value,) in rows]


def assemble(
    con: duckdb.DuckDBPyConnection,
    enriched: Enriched,
    id_column: str | None,
    rfm: str | None,
    features: Sequence[Feature] = FEATURES,
) -> Assembled:
    """Join what the orders say to the customers, by their ids as :func:`lieudit.tables.identifier` reads them.

    Parameters
    ----------
    con : DuckDBPyConnection
    enriched : Enriched
        The customers.
    id_column : str or None
        The column of the customer file that identifies a customer; needed where there are orders.
    rfm : str or None
        The relation that :func:`lieudit.rfm_analysis.compute` made; None where there are no orders.
    features : sequence of Feature
        What may enter the clusters. A declared one whose column the customers do not have is left out.

    Returns
    -------
    Assembled
        Every row of the customers once, in order; the columns of the orders are empty where there is none. A
        column that the customer file has too is called ``<name>_lieudit``.

    Raises
    ------
    TableError
        The customers have no id that the orders could name, an id stands twice, or an answer is no number.
    """
    added = _columns_of_orders(con, rfm)
    columns = (*enriched.columns, *final_names(enriched.columns, added))
    names = sql_names(columns)
    own, new = names[: len(enriched.columns)], names[len(enriched.columns) :]
    # Enrichment is a view over joins: worked out once, here.
    header = ", ".join(map(quote, own))
    con.execute(f"CREATE OR REPLACE TABLE {_TABLE}({header}) AS SELECT * FROM {quote(enriched.name)}")
    customers = Table(_TABLE, enriched.columns, "the customer file")
    key = identifier(con, customers, id_column).text if id_column is not None else None
    matched = known = 0
    if rfm is not None:
        _check_key(con, customers, id_column, key)
        _join(con, rfm, str(key), dict(zip(added, new, strict=True)))
        (matched,) = fetch_one(con, f"SELECT count({quote(new[0])}) FROM {_TABLE}")
        (known,) = fetch_one(con, f"SELECT count(*) FROM {quote(rfm)}")
    (rows,) = fetch_one(con, f"SELECT count(*) FROM {_TABLE}")
    places = _places(enriched, dict(zip(added, new, strict=True)))
    given = set(enriched.columns) - {column.name for column in enriched.added}
    asked = [feature for feature in features if feature.column in given]
    answers = {feature.name: answer_sql(con, customers, feature) for feature in asked}
    return Assembled(_TABLE, columns, names, places, key, rows, with_orders=matched, strangers=known - matched,
                     features=tuple(features), answers=answers)  # fmt: skip


def _join(con: duckdb.DuckDBPyConnection, rfm: str, key: str, added: Mapping[str, str]) -> None:
    values = ", ".join(f"r.{quote(name)} AS {quote(sql)}" for name, sql in added.items())
    con.execute(
        f"""CREATE OR REPLACE TABLE {_TABLE} AS SELECT c.* EXCLUDE (lieudit_row, lieudit_key), {values}
        FROM (SELECT *, rowid AS lieudit_row, {key} AS lieudit_key FROM {_TABLE}) AS c
        LEFT JOIN {quote(rfm)} AS r ON r.{_ID} = c.lieudit_key ORDER BY c.lieudit_row"""
    )


def _columns_of_orders(con: duckdb.DuckDBPyConnection, rfm: str | None) -> list[str]:
    if rfm is None:
        return []
    return [row[0] for row in con.execute(f"DESCRIBE {quote(rfm)}").fetchall() if row[0] != _ID]


def _places(enriched: Enriched, orders: Mapping[str, str]) -> dict[str, str]:
    """Say where a column stands: from the orders if they gave it, else from open data, else from the customer file."""
    given = dict(zip(enriched.columns, enriched.sql_columns, strict=True))
    return {**given, **{column.column.name: column.sql for column in enriched.added}, **orders}


def _check_key(con: duckdb.DuckDBPyConnection, customers: Table, column: str | None, key: str | None) -> None:
    """Refuse customers whom orders could not name, or could name twice."""
    if key is None:
        raise TableError("The customer file has no id that lieudit recognises, so its orders cannot be found.",
                         expected="a column that identifies each customer",
                         fix="Name it: customers: {id: COLUMN} in the configuration.")  # fmt: skip
    rows, distinct = fetch_one(con, f"SELECT count({key}), count(DISTINCT {key}) FROM {customers.sql}")
    if distinct < rows:  # counted, never shown: messages end up in logs
        raise TableError(f"{rows:,} customers have only {distinct:,} different ids in '{column}'.",
                         expected="one row a customer",
                         fix="Remove the duplicates, or name the right id column.")  # fmt: skip
