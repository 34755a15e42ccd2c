"""DataFrames as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from lieudit.errors import TableError
from lieudit.tables.table import Table, header_names

if TYPE_CHECKING:
    import pandas as pd


def read(con: duckdb.DuckDBPyConnection, frame: pd.DataFrame, name: str) -> Table:
    """Register a DataFrame; types are its own, the index is left out, mixed objects become text."""
    if not hasattr(frame, "columns"):
        raise TableError(f"A table was given as {type(frame).__name__}.", expected="a path or a pandas DataFrame")
    if not len(frame.columns):
        raise TableError("The DataFrame has no columns.", expected="at least one column and one row")
    table = Table(name, header_names([str(column) for column in frame.columns]), "the DataFrame")
    arrays = [_array(frame.iloc[:, index]) for index in range(len(frame.columns))]
    con.register(name, pa.table(arrays, names=list(table.sql_columns)))
    return table


def _array(series: pd.Series) -> pa.Array | pa.ChunkedArray:
    """Convert a column; objects of several types (``12`` beside ``'2A004'``) are written out as text."""
    import pandas as pd  # noqa: PLC0415 - only here is a DataFrame certain to be at hand

    if isinstance(series.dtype, pd.DatetimeTZDtype):
        # The wall clock of its own zone: midnight in Paris is the day that it says, not the one before in UTC.
        return pa.array(series.dt.tz_localize(None), from_pandas=True)
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        text = series.map(lambda value: None if pd.isna(value) else str(value))
        return pa.array(text, type=pa.string(), from_pandas=True)
