"""Which data went into a run, said by a checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["file_digest", "relation_digest"]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, as ``sha256sum`` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def relation_digest(con: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Return a SHA-256 of a relation's rows, the same in any row order: for what is no file.

    Parameters
    ----------
    con : DuckDBPyConnection
    relation : str
        A table or view, quoted where it needs to be.

    Notes
    -----
    It is taken over DuckDB's 64-bit row hashes (their number, sum and exclusive or), so it can tell whether a table
    is the one of an earlier run under the same version of DuckDB; it is no proof against forgery.
    """
    row = con.execute(
        f"SELECT count(*), sum(h::HUGEINT), bit_xor(h) FROM (SELECT hash(t) AS h FROM {relation} AS t)"
    ).fetchone()
    return hashlib.sha256(repr(row).encode()).hexdigest()
