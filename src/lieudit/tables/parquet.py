"""Parquet files, read in place."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lieudit.errors import TableError
from lieudit.tables.connection import only, quote
from lieudit.tables.table import Table, header_names


def read(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    """Register a view over a Parquet file; types are the file's."""
    try:
        columns = header_names(pq.read_schema(path).names)
        table = Table(name, columns, path.name, path)
        aliases = ", ".join(quote(column) for column in table.sql_columns)
        con.execute(f"CREATE VIEW {table.sql} ({aliases}) AS SELECT * FROM read_parquet({only(path)})")
    except (pa.ArrowInvalid, duckdb.Error) as error:
        raise TableError(
            f"{path.name} is not a readable Parquet file.",
            expected="a whole Parquet file",
            fix="Export or download it again.",
        ) from error
    return table
