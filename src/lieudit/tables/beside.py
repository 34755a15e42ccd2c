"""Columns that stand beside the rows of a query, each distinct row of them kept once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb

from lieudit.tables.connection import quote

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Beside:
    """Columns to the right of a table's rows.

    A million customers share some ten thousand places: kept so, their columns take four bytes a row.

    Attributes
    ----------
    rows : Array of int32, of shape (n,)
        For each row of the table the number of its row in ``values``.
    values : Table of shape (m, p)
    """

    rows: pa.Array
    values: pa.Table

    @cached_property
    def arrays(self) -> list[pa.Array]:
        """The columns of ``values``, each in one piece."""
        return [column.combine_chunks() for column in self.values.columns]

    def spread(self) -> list[pa.Array]:
        """Return the columns of shape (n,), as dictionaries that share the rows."""
        import pyarrow as pa  # noqa: PLC0415 - takes an eighth of a second to import: not before a file is being read

        # The numbers are right by definition; to check them would read all rows once a column.
        return [pa.DictionaryArray.from_arrays(self.rows, column, safe=False) for column in self.arrays]


def stand_beside(
    con: duckdb.DuckDBPyConnection, relation: str, beside: Sequence[Beside], name: str, names: Sequence[str]
) -> str:
    """Return the SQL that puts columns to the right of a relation's.

    Parameters
    ----------
    con : DuckDBPyConnection
    relation : str
        A quoted name, or a query in parentheses; its order is that of the columns.
    beside : sequence of Beside
    name : str
        Under which the columns are registered in the connection.
    names : sequence of str
        Of the columns.
    """
    if not beside:
        return f"SELECT * FROM {relation}"
    import pyarrow as pa  # noqa: PLC0415

    columns = [column for each in beside for column in each.spread()]
    con.register(name, pa.Table.from_arrays(columns, names=list(names)))
    return f"SELECT * FROM {relation} POSITIONAL JOIN {quote(name)}"
