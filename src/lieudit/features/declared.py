"""Answers that customers gave: columns of the customer file that enter the clusters as a block of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lieudit.errors import ConfigError, TableError
from lieudit.features.blocks import Feature, Kind
from lieudit.schema import (
    ACCOUNTS_COLUMNS,
    BEHAVIOUR_COLUMNS,
    CLUSTER_COLUMNS,
    COMMUNE_COLUMNS,
    COMPANY_COLUMNS,
    COMPANY_OUTCOME_COLUMNS,
    INDICATORS,
    OFFICIAL_INDICATORS,
    RFM_COLUMNS,
    SIRET_COLUMNS,
    WEBSITE_COLUMNS,
)
from lieudit.tables import Table, fetch_one, missing, sql_type

if TYPE_CHECKING:
    import duckdb

__all__ = ["answer_sql", "declared_features"]

_NUMBERS: Final = ("INT", "DECIMAL", "FLOAT", "DOUBLE")
# A number as people and spreadsheets write it. Codes keep their zero: 07 is no seven.
_SHAPE: Final = r"[-+]?((0|[1-9]\d*)([.,]\d+)?|[.,]\d+)([eE][-+]?\d+)?"
_TAKEN: Final = frozenset(
    column.name
    for group in (
        COMMUNE_COLUMNS, INDICATORS, OFFICIAL_INDICATORS, SIRET_COLUMNS, COMPANY_OUTCOME_COLUMNS, COMPANY_COLUMNS,
        ACCOUNTS_COLUMNS, WEBSITE_COLUMNS, RFM_COLUMNS, BEHAVIOUR_COLUMNS, CLUSTER_COLUMNS,
    )
    for column in group
)  # fmt: skip


def declared_features(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    declared: Sequence[str] | Mapping[str, Kind],
    roles: Mapping[str, str],
) -> tuple[Feature, ...]:
    """Make features of the columns that a configuration lists.

    Parameters
    ----------
    con : DuckDBPyConnection
    table : Table
        The customer file.
    declared : sequence of str, or mapping of str to {"numeric", "categorical"}
        Columns. Where the kind is not said, a column of which every value is a number is numeric, whatever the
        file calls it: a CSV file has no types. ``07`` is a code, not a number.
    roles : mapping of str to str
        Role to column: what says who or where a customer is is no answer.

    Returns
    -------
    tuple of Feature
        In the order given, all in the block ``declared``. One that is called like a column of lieudit is named
        ``<name>_declared``.

    Raises
    ------
    TableError
        There is no such column, or it holds something else than answers.
    ConfigError
        The column has another role.
    """
    kinds: dict[str, Kind | None] = dict(declared) if isinstance(declared, Mapping) else dict.fromkeys(declared)
    of_column = {column: role for role, column in roles.items()}
    found: list[Feature] = []
    for column, kind in kinds.items():
        if column in of_column:
            raise ConfigError(f"customers.declared names '{column}', which is read as the {of_column[column]}.",
                              expected="columns of answers",
                              fix=f"If it is an answer, rename it in the file, or name the column that is the "
                                  f"{of_column[column]} in customers.{of_column[column]}; if not, leave it out of "
                                  "customers.declared.")  # fmt: skip
        recognised = _kind(con, table, column)
        name = column
        while name in _TAKEN or any(name == other.name for other in found):
            name += "_declared"
        found.append(Feature(name, "declared", kind or recognised, column=column))
    return tuple(found)


def answer_sql(con: duckdb.DuckDBPyConnection, table: Table, feature: Feature) -> str:
    """Return SQL of the answers: text, or numbers; NULL where there is none.

    Raises
    ------
    TableError
        A number is none.
    """
    reference, kind = table.ref(feature.column), sql_type(con, table, feature.column)
    if feature.kind == "categorical":
        text = f"trim(CAST({reference} AS VARCHAR))"
        return f"CASE WHEN NOT {missing(text)} THEN {text} END"
    if _is_number(kind):
        return f"CAST({reference} AS DOUBLE)"
    text = f"trim(CAST({reference} AS VARCHAR))"
    number = f"TRY_CAST(replace({text}, ',', '.') AS DOUBLE)"
    (wrong,) = fetch_one(
        con, f"SELECT count(*) FROM {table.sql} WHERE NOT {missing(text)} AND ({number} IS NULL OR isnan({number}))"
    )
    if wrong:
        raise TableError(f"{wrong:,} value(s) of the column '{feature.column}' are no numbers.",
                         expected="numbers, such as 12.5 or 12,5",
                         fix=f"Correct them, or declare it so: {feature.column}: categorical.")  # fmt: skip
    return f"CASE WHEN NOT {missing(text)} THEN {number} END"


def _kind(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> Kind:
    reference, kind = table.ref(column), sql_type(con, table, column)
    if _is_number(kind):
        return "numeric"
    if kind not in {"VARCHAR", "BOOLEAN"} and not kind.startswith("ENUM"):
        raise TableError(f"{table.origin}, column '{column}' is of type {kind}.", expected="numbers, texts or yes/no",
                         fix="Turn it into one of these, or leave it out of customers.declared.")  # fmt: skip
    text = f"trim(CAST({reference} AS VARCHAR))"
    others = f"NOT {missing(text)} AND NOT regexp_full_match({text}, '{_SHAPE}')"
    return "categorical" if fetch_one(con, f"SELECT count(*) FROM {table.sql} WHERE {others}")[0] else "numeric"


def _is_number(kind: str) -> bool:
    return any(word in kind for word in _NUMBERS)
