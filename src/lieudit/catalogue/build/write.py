"""Write a table so that the same rows give the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["sha256", "write_parquet"]


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write rows in the order given, as zstd Parquet without the writer's own metadata, whole or not at all."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    text = [pa.field(f.name, pa.string()) if pa.types.is_large_string(f.type) else f for f in table.schema]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    pq.write_table(table.cast(pa.schema(text)), part, compression="zstd", compression_level=19,
                   store_schema=False, row_group_size=1 << 20)  # fmt: skip
    part.replace(path)


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
