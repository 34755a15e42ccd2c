"""The tables of the user's own sources, loaded as their manifests describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import duckdb

from lieudit.catalogue.bring import ESTIMATED, bring, rules_of
from lieudit.catalogue.cog import COG_YEAR, read_passage
from lieudit.errors import CatalogueError
from lieudit.schema import Column
from lieudit.tables import Table, open_table, quote

if TYPE_CHECKING:
    from lieudit.catalogue.catalogue import Catalogue
    from lieudit.catalogue.source import Source

__all__ = ["load", "unknown_communes"]

_TEXT: Final = "nullif(trim(CAST({} AS VARCHAR)), '')"
# How a cell of each type is read; a decimal comma and French booleans are understood.
_CASTS: Final = {
    "text": "{}",
    "category": "{}",
    "integer": "TRY_CAST(TRY_CAST(replace({}, ' ', '') AS DECIMAL(38, 6)) AS BIGINT)",
    "number": "TRY_CAST(replace(replace({}, ' ', ''), ',', '.') AS DOUBLE)",
    "boolean": "CASE WHEN lower({0}) IN ('true', 'vrai', 'oui', 'yes', '1') THEN true "
               "WHEN lower({0}) IN ('false', 'faux', 'non', 'no', '0') THEN false END",
    "date": "TRY_CAST({} AS DATE)",
}  # fmt: skip
# How keys are written: zeros that a spreadsheet has taken away are put back.
_KEY_CASTS: Final = {
    "commune_code": "lpad(upper({}), 5, '0')",
    "postcode": "lpad(replace({}, ' ', ''), 5, '0')",
    "epci_code": "replace({}, ' ', '')",
    "siren": "lpad(replace({}, ' ', ''), 9, '0')",
    "naf": "replace(replace(upper({}), '.', ''), ' ', '')",
}


def load(con: duckdb.DuckDBPyConnection, source: Source, catalogue: Catalogue) -> str:
    """Load the table of an own source, typed as its manifest says, its codes brought to today's communes.

    Returns
    -------
    str
        The quoted name of a temporary table.

    Raises
    ------
    CatalogueError
        A column is missing, a value is not of its column's type, or the key is empty or stands twice.
    TableError
        The file cannot be read.
    """
    name = f"lieudit_own_{source.name}"
    table = open_table(con, source.path(), name=f"{name}_file")
    stated = [column for column in source.manifest.tables["table"].columns if _is_read(source, column)]
    _check_columns(source, table, stated)
    key = source.manifest.tables["table"].key[0]
    texts = {column.name: _TEXT.format(table.ref(column.name)) for column in stated}
    casts = {column.name: _CASTS[column.dtype].format(texts[column.name]) for column in stated}
    casts[key] = _KEY_CASTS[key].format(texts[key])
    _check_values(con, source, table, texts, casts)
    values = ", ".join(f"{cast} AS {quote(column)}" for column, cast in casts.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {quote(name)} AS SELECT {values} FROM {table.sql}")
    _check_key(con, source, name, key)
    if source.manifest.geography is not None:
        _bring(con, source, name, stated, catalogue)
    return quote(name)


def unknown_communes(con: duckdb.DuckDBPyConnection, relation: str, catalogue: Catalogue) -> list[str]:
    """Return the codes of a table that are of no commune and no arrondissement of today."""
    passage = read_passage(catalogue)
    codes = con.execute(f"SELECT commune_code FROM {relation} ORDER BY 1").fetchall()
    return [code for (code,) in codes if code not in passage.communes and code not in passage.arrondissements]


def _is_read(source: Source, column: Column) -> bool:
    """Tell the columns of the file from those that say what was estimated when it was brought to today."""
    return source.manifest.geography is None or not column.name.endswith(ESTIMATED)


def _check_columns(source: Source, table: Table, stated: list[Column]) -> None:
    missing = [column.name for column in stated if column.name not in table.columns]
    if missing:
        raise CatalogueError(f"{source.name}/{table.origin} has no column {', '.join(missing)}: it holds "
                             f"{', '.join(table.columns)}.", expected="the columns of its source.yaml",
                             fix="Correct the one or the other.")  # fmt: skip


def _check_values(
    con: duckdb.DuckDBPyConnection, source: Source, table: Table, texts: Mapping[str, str], casts: Mapping[str, str]
) -> None:
    """Refuse a value that is not of its column's type."""
    for column, cast in casts.items():
        text = texts[column]
        sql = f"SELECT count(*), min({text}) FROM {table.sql} WHERE {text} IS NOT NULL AND {cast} IS NULL"
        ((count, example),) = con.execute(sql).fetchall()
        if count:
            dtype = next(each.dtype for each in source.manifest.tables["table"].columns if each.name == column)
            raise CatalogueError(f"{source.name}/{table.origin} has {count:,} values of {column} that are no {dtype}, "
                                 f"such as {example!r}.", expected=f"{dtype}, or an empty cell",
                                 fix="Correct them, or the type in source.yaml.")  # fmt: skip


def _check_key(con: duckdb.DuckDBPyConnection, source: Source, name: str, key: str) -> None:
    sql = f"SELECT count(*), count({key}), count(DISTINCT {key}) FROM {quote(name)}"
    ((rows, present, different),) = con.execute(sql).fetchall()
    if present < rows or different < present:
        what = f"{rows - present:,} empty" if present < rows else f"{present - different:,} repeated"
        raise CatalogueError(f"The table of {source.name} has {what} values of its key {key}.",
                             expected="one row for each", fix="Remove those rows.")  # fmt: skip


def _bring(
    con: duckdb.DuckDBPyConnection, source: Source, name: str, stated: list[Column], catalogue: Catalogue
) -> None:
    rules = rules_of(stated)
    frame = con.execute(f"SELECT * FROM {quote(name)}").df()
    year = source.manifest.geography or COG_YEAR
    brought = bring(frame, rules, read_passage(catalogue), year=year, weight=source.manifest.weight)
    for column in rules:
        brought[column + ESTIMATED] = brought.get(column + ESTIMATED, False)
    con.register("lieudit_brought", brought)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {quote(name)} AS SELECT * FROM lieudit_brought")
    con.unregister("lieudit_brought")
