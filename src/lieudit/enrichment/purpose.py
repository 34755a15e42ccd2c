"""What the rows are wanted for, and which of them may not serve it.

Companies that object to the diffusion of what the register holds of them may not be canvassed (Code de commerce,
art. R123-232-1): asked for prospecting, their rows are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lieudit.enrichment.dimension import Dimension
from lieudit.errors import ConfigError
from lieudit.tables import Table, quote

__all__ = ["leave_out_objectors"]

_DIFFUSIBLE: Final = "diffusible"
_KEPT: Final = "lieudit_kept"


def leave_out_objectors(
    con: duckdb.DuckDBPyConnection, table: Table, dimensions: Sequence[Dimension]
) -> tuple[str, list[Dimension], pa.BooleanArray]:
    """Leave out the rows of companies that object; those of which nothing is known stay.

    Returns
    -------
    relation : str
        The quoted name of the rows that stay, in the table's order.
    dimensions : list of Dimension
        For these rows.
    kept : Array of bool
        Which rows of the table stay.

    Raises
    ------
    ConfigError
        No source was there to say which companies object.
    """
    known = [dimension for dimension in dimensions if _DIFFUSIBLE in dimension.values.column_names]
    if not known:
        raise ConfigError(
            "Rows are wanted for prospecting, and nothing says which companies object to it.",
            expected="a column of SIRETs or SIRENs, and the Sirene stock or a service that knows them",
            fix="Fetch the stock (lieudit sources fetch sirene), or ask online (--online).",
        )
    kept = pc.fill_null(known[0].values[_DIFFUSIBLE].combine_chunks().take(known[0].rows), True)
    name = f"{table.name}_kept"
    con.register(f"{name}_mask", pa.table({_KEPT: kept}))
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW {quote(name)} AS
            SELECT * EXCLUDE ({_KEPT}) FROM {table.sql} POSITIONAL JOIN {quote(f"{name}_mask")} WHERE {_KEPT}"""
    )
    remaining = [replace(dimension, rows=dimension.rows.filter(kept)) for dimension in dimensions]
    return quote(name), remaining, kept
