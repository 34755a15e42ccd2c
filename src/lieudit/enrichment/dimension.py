"""Values of the added columns, each distinct row of them once, and which of them every input row has.

A million customers share some ten thousand places. Kept so, the added columns take four bytes a row, and stand in the
order of the input without a sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
import pyarrow as pa

from lieudit.catalogue import Source
from lieudit.schema import Column
from lieudit.tables import Beside

__all__ = ["Dimension", "read_dimension"]


@dataclass(frozen=True)
class Dimension(Beside):
    """Some of the added columns.

    Attributes
    ----------
    rows : Array of int32, of shape (n,)
        For each row of the input the number of its row in ``values``.
    values : Table of shape (m, p)
    columns : tuple of (Source or None, Column)
        What the columns of ``values`` mean and where they come from.
    """

    columns: tuple[tuple[Source | None, Column], ...]

    @cached_property
    def _weight(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Number of input rows that have each row of the values."""
        return np.bincount(np.from_dlpack(self.rows), minlength=self.values.num_rows)

    def coverage(self) -> list[float]:
        """Return for each column the share of the input's rows that have a value."""
        return [round(int(self._weight[_known(column)].sum()) / len(self.rows), 6) for column in self.arrays]

    def counts(self, name: str) -> dict[str, int]:
        """Count the input's rows by value of a column, the most frequent first; rows without one are left out."""
        column = self.arrays[self.values.column_names.index(name)]
        encoded = column.drop_null().dictionary_encode()
        rows = np.bincount(np.from_dlpack(encoded.indices), self._weight[_known(column)], len(encoded.dictionary))
        found = zip(encoded.dictionary.to_pylist(), rows.astype(int).tolist(), strict=True)
        return {str(value): count for value, count in sorted(found, key=lambda pair: (-pair[1], str(pair[0]))) if count}


def _known(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which values are not null; without ``to_numpy``, which imports pandas."""
    return np.from_dlpack(column.is_valid().cast("uint8")).astype(bool)


def read_dimension(
    con: duckdb.DuckDBPyConnection,
    values: str,
    rows: str,
    columns: tuple[tuple[Source | None, Column], ...],
) -> Dimension:
    """Take a dimension out of a connection.

    Parameters
    ----------
    con : DuckDBPyConnection
    values : str
        A table, with a ``number`` from 0 on without a gap and the columns.
    rows : str
        A query of ``row`` and ``number``.
    columns : tuple of (Source or None, Column)
    """
    names = ", ".join(f'"{column.name}"' for _, column in columns)
    order = con.sql(f"SELECT CAST(number AS INTEGER) AS number FROM ({rows}) ORDER BY row").to_arrow_table()
    table = con.sql(f"SELECT {names} FROM {values} ORDER BY number").to_arrow_table()
    return Dimension(order.column("number").combine_chunks(), table, columns)
