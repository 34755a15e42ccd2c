"""Official files of companies: many rows a SIREN, too many for memory, read and written by DuckDB.

Each reader says which columns it needs and gives one SELECT; here is what they share.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from lieudit.catalogue.official.published import Published
from lieudit.catalogue.official.rows import Aliases
from lieudit.errors import CatalogueError, TableError
from lieudit.tables import Table, delimited, open_table, parquet

__all__ = ["ACCOUNTS_KEY", "Reader", "day", "euros", "number_of_months", "pick", "siren", "stream"]

# One row a company, closing date and kind of accounts.
ACCOUNTS_KEY: Final = ("siren", "closed_on", "accounts_kind")

Reader = Callable[[Table], str]
"""Gives the SELECT of ``siren, closed_on, months, accounts_kind, turnover_eur, net_result_eur, confidential``."""

_BATCH: Final = 1 << 17
_ABSENT: Final = 2_147_483_647  # the greatest 32-bit integer: what the publisher's program wrote for "none"
_LATEST: Final = "current_date"
_EARLIEST: Final = "DATE '1980-01-01'"  # no accounts were filed electronically before
_MARK: Final = b"PAR1"
_PUBLISHED: Final = "lieudit_published"


def stream(con: duckdb.DuckDBPyConnection, published: Published, reader: Reader) -> tuple[pa.RecordBatchReader, int]:
    """Read a published file of accounts, in memory that does not grow with it.

    Parameters
    ----------
    con : DuckDBPyConnection
        From ``tables.connect``: it spills.
    published : Published
        CSV or Parquet.
    reader : Reader

    Returns
    -------
    rows : RecordBatchReader
        Sorted by SIREN, closing date and kind, each of them once. Where a file gives the same accounts twice, those
        with figures stand before those without, then the larger figures: the order of rows never matters.
    lost : int
        Rows of the file without a SIREN of nine digits or a closing date between 1980 and today.

    Raises
    ------
    CatalogueError
        The file cannot be read, a column is missing, or no row can be used.
    """
    published.check()
    try:
        table = _open(con, published.path)
    except TableError as error:
        raise CatalogueError(error.found, expected=error.expected, fix=error.fix) from error
    con.execute(f"""CREATE OR REPLACE TEMP TABLE lieudit_accounts AS SELECT *,
        siren IS NOT NULL AND closed_on BETWEEN {_EARLIEST} AND {_LATEST} AS usable FROM ({reader(table)})""")
    ((rows, usable),) = con.execute("SELECT count(*), count_if(usable) FROM lieudit_accounts").fetchall()
    if not usable:
        raise CatalogueError(
            f"None of the {rows:,} rows of {published.name} has a SIREN of nine digits and a closing date.",
            expected="one row a company and closing date",
            fix="Check that it is the right file.",
        )
    relation = con.sql(f"""SELECT * EXCLUDE usable FROM lieudit_accounts WHERE usable
        QUALIFY row_number() OVER (PARTITION BY {", ".join(ACCOUNTS_KEY)} ORDER BY turnover_eur DESC NULLS LAST,
                                   net_result_eur DESC NULLS LAST, confidential, months DESC NULLS LAST) = 1
        ORDER BY {", ".join(ACCOUNTS_KEY)} NULLS FIRST""")
    return relation.to_arrow_reader(_BATCH), rows - usable


def _open(con: duckdb.DuckDBPyConnection, path: Path) -> Table:
    """Open a file; a download, called after the last part of its address, may have no suffix."""
    if path.suffix:
        return open_table(con, path, name=_PUBLISHED)
    with path.open("rb") as file:
        is_parquet = file.read(len(_MARK)) == _MARK
    read = parquet.read if is_parquet else delimited.read
    return read(con, path, _PUBLISHED)


def pick(table: Table, columns: Mapping[str, Aliases], optional: Mapping[str, Aliases] | None = None) -> dict[str, str]:
    """Find columns by their names, whatever their case, accents and punctuation.

    Parameters
    ----------
    table : Table
    columns, optional : mapping of str to sequence of str
        For each column wanted, the names that it may bear, the best first.

    Returns
    -------
    dict of str to str
        The SQL of each as text, an empty cell as null; ``NULL`` for an optional one that is not there.

    Raises
    ------
    CatalogueError
        Which columns lack, and which ones are there.
    """
    there = {_plain(column): column for column in reversed(table.columns)}
    found = {
        name: next((there[_plain(alias)] for alias in aliases if _plain(alias) in there), None)
        for name, aliases in {**columns, **(optional or {})}.items()
    }
    missing = [" or ".join(columns[name]) for name in columns if found[name] is None]
    if missing:
        raise CatalogueError(
            f"{table.origin} has no column {', '.join(missing)}: it holds {_abridged(table.columns)}.",
            expected="the columns " + ", ".join(" or ".join(aliases) for aliases in columns.values()),
            fix="The publisher may have changed the file: use a newer lieudit, or give an older copy with --from.",
        )
    return {
        name: "CAST(NULL AS VARCHAR)" if column is None else f"nullif(trim(CAST({table.ref(column)} AS VARCHAR)), '')"
        for name, column in found.items()
    }


def siren(text: str) -> str:
    """Return the SQL of a SIREN: spaces and a float's ``.0`` away, zeros back, null where it has not nine digits."""
    digits = f"regexp_replace({text}, '[.]0+$|\\s', '', 'g')"
    return f"CASE WHEN regexp_full_match({digits}, '[0-9]{{5,9}}') THEN lpad({digits}, 9, '0') END"


def euros(text: str) -> str:
    """Return the SQL of whole euros; a text (``Confidentiel``) and the mark of absent figures are null."""
    plain = f"replace(replace(regexp_replace({text}, '[\\s€]', '', 'g'), '\\u00a0', ''), ',', '.')"
    number = f"TRY_CAST(round(TRY_CAST({plain} AS DECIMAL(38, 4)), 0) AS BIGINT)"
    return f"CASE WHEN abs({number}) <> {_ABSENT} THEN {number} END"


def day(text: str) -> str:
    """Return the SQL of a date, written 2023-12-31 (with or without a time) or 31/12/2023."""
    return f"coalesce(TRY_CAST(left({text}, 10) AS DATE), CAST(try_strptime({text}, '%d/%m/%Y') AS DATE))"


def number_of_months(text: str) -> str:
    """Return the SQL of the length of an accounting period, null where it cannot be one."""
    number = f"TRY_CAST(TRY_CAST({text} AS DOUBLE) AS INTEGER)"
    return f"CASE WHEN {number} BETWEEN 1 AND 36 THEN {number} END"


def _plain(name: str) -> str:
    """Bring ``Résultat 1`` and ``resultat_1`` to one spelling."""
    kept = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]", "", kept.casefold())


def _abridged(names: Sequence[str], most: int = 30) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
