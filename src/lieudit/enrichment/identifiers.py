"""The companies that a table speaks of: each distinct one once, whatever the number of rows.

What counts of a row is what its cells say, not how they are spelt: identifiers are cleaned first. Names are kept only
where there is no identifier to go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue
from lieudit.companies import identify, identify_pair, label_naf
from lieudit.enrichment.places import ANSWERS, NAMED, ROWS, cell
from lieudit.errors import TableError
from lieudit.schema import NAF_COLUMNS, SIRET_COLUMNS
from lieudit.tables import Table

__all__ = ["COMPANIES", "COMPANY_ROWS", "read_companies"]

COMPANY_ROWS: Final = "lieudit_company_rows"  # row, number
# number, and what the cells say: siret, siren, siret_status; naf and its labels; name, commune_code, postcode
COMPANIES: Final = "lieudit_companies"

# What only a column of identifiers holds much of. Wrong keys do not count: a column of any long numbers has those.
_LIKE_ONE: Final = (
    "valid_siret", "valid_siret_repadded", "valid_siret_ocr", "siren_only", "siren_only_repadded", "multiple",
    "unrecoverable_scientific", "foreign_vat", "monaco_vat", "rna_association",
)  # fmt: skip
_ENOUGH: Final = 0.5  # share of the filled cells that look like identifiers
_FEW: Final = 10  # filled cells; of so few, one that looks like an identifier is enough
_TOO_FEW: Final = 3  # filled cells; fewer say nothing of the column
_NOTHING: Final = "CAST(NULL AS VARCHAR)"
# What is looked for where there is no identifier; the postcode's zeros may be lost.
_NAMED: Final = {
    "name": "t.name",
    "commune_code": "coalesce(a.commune, m.commune)",
    "postcode": "nullif(lpad(t.postcode, 5, '0'), '00000')",
}
_PLACES: Final = ((f"{ROWS} AS w", "row"), (f"{ANSWERS} AS a", "place"), (f"{NAMED} AS m", "place"))
_ABROAD: Final = ("foreign_vat", "monaco_vat")  # no French register knows these by name


def read_companies(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, str],
    catalogue: Catalogue,
    *,
    names: bool = False,
    force: bool = False,
) -> tuple[str, ...]:
    """Make :data:`COMPANY_ROWS` and :data:`COMPANIES`.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
    columns : mapping of role to column
        ``siret``, ``siren`` and ``naf`` are read, and ``name`` and ``postcode`` where names are wanted.
    catalogue : Catalogue
    names : bool, default False
        Keep the names and places of rows without an identifier; ``places.NAMED`` is there then.
    force : bool, default False
        Read a column of identifiers that looks like none.

    Returns
    -------
    tuple of str
        The columns of :data:`COMPANIES` beside ``number``; empty where the table has nothing to read.

    Raises
    ------
    TableError
        Most cells of the column of identifiers look like none.
    """
    cells, joins, given = _joins(con, table, columns, catalogue)
    if names:
        cells["name"] = f"nullif({cell(table, columns, 'name')}, '')"
        cells["postcode"] = f"regexp_extract(replace({cell(table, columns, 'postcode')}, ' ', ''), '[0-9]{{4,5}}')"
        joins += [f"LEFT JOIN {relation} USING ({key})" for relation, key in _PLACES]
        given = given or {"siret": _NOTHING, "siren": _NOTHING, "siret_status": "'empty'"}
        wanted = f"{given['siren']} IS NULL AND {given['siret_status']} NOT IN {_ABROAD} AND t.name IS NOT NULL"
        given |= {column: f"CASE WHEN {wanted} THEN {value} END" for column, value in _NAMED.items()}
    if not given:
        return ()
    key = ", ".join(f"coalesce({sql}, '')" for sql in given.values())
    read, taken = (", ".join(f"{sql} AS {name}" for name, sql in named.items()) for named in (given, cells))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_company_read AS
            SELECT t.row, concat_ws(chr(31), {key}) AS key, {read}
            FROM {table.numbered(taken)} AS t {" ".join(joins)}"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {COMPANIES} AS
            SELECT row_number() OVER (ORDER BY key) - 1 AS number, *
            FROM (SELECT DISTINCT ON (key) * EXCLUDE (row) FROM lieudit_company_read)"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {COMPANY_ROWS} AS
            SELECT r.row, c.number FROM lieudit_company_read AS r JOIN {COMPANIES} AS c USING (key)"""
    )
    con.execute("DROP TABLE lieudit_company_read")
    if "siret_status" in given and not force:
        _refuse_other_columns(con, table, [columns[role] for role in ("siret", "siren") if role in columns])
    return tuple(given)


def _joins(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], catalogue: Catalogue
) -> tuple[dict[str, str], list[str], dict[str, str]]:
    """Return the cells to take of each row, the joins to what they say, and the columns that these give."""
    sql = {
        role: table.sql_columns[table.columns.index(columns[role])]
        for role in ("siret", "siren", "naf")
        if role in columns
    }
    cells = {f"raw_{role}": f"CAST({table.ref(columns[role])} AS VARCHAR)" for role in sql}
    joins: list[str] = []
    given: dict[str, str] = {}
    identifiers = [role for role in ("siret", "siren") if role in sql]
    if identifiers:
        read_cells = identify_pair if len(identifiers) == 2 else identify
        read = read_cells(con, table.name, *(sql[role] for role in identifiers))
        on = [
            f"i.{raw} IS NOT DISTINCT FROM t.raw_{role}"
            for raw, role in zip(("raw", "raw_siren"), identifiers, strict=False)
        ]
        joins.append(f"LEFT JOIN {read} AS i ON {' AND '.join(on)}")
        given |= {column.name: f"i.{column.name}" for column in SIRET_COLUMNS}
    if "naf" in sql:
        read = label_naf(con, table.name, sql["naf"], catalogue)
        joins.append(f"LEFT JOIN {read} AS n ON n.raw IS NOT DISTINCT FROM t.raw_naf")
        given |= {column.name: f"n.{column.name}" for column in NAF_COLUMNS}
    return cells, joins, given


def _refuse_other_columns(con: duckdb.DuckDBPyConnection, table: Table, columns: list[str]) -> None:
    """Refuse a column called SIRET that holds something else: to go on would say of every row that it is wrong."""
    ((filled, like),) = con.execute(
        f"""SELECT count(*), count_if(siret_status IN {_LIKE_ONE}) FROM {COMPANY_ROWS} JOIN {COMPANIES} USING (number)
            WHERE siret_status <> 'empty'"""
    ).fetchall()
    if filled < _TOO_FEW or like >= filled * _ENOUGH or (filled < _FEW and like):
        return
    named = " and ".join(f"'{column}'" for column in columns)
    raise TableError(
        f"Of {filled:,} filled cells of {named} in {table.origin}, {like:,} ({like / filled:.0%}) look like a SIRET or "
        "SIREN.",
        expected=f"at least {_ENOUGH:.0%}",
        fix="Name the right column (--siret COLUMN), or read this one all the same with --force (force: true).",
    )
