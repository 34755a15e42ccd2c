"""Amounts of money, from what people write to integers that add up in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from lieudit.errors import TableError
from lieudit.rfm_analysis.shapes import Shape, are, shapes, shown
from lieudit.tables import Table, compile_expression, fetch_one, missing, sql_type

# One unit is a millionth: prices of a tenth of a cent exist, and so do quantities of grams. Each line is rounded to
# it; sums of integers are exact, so they are the same whatever the order of rows and the number of threads.
UNITS_PER_CENT = 10_000

_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\t"
_CURRENCIES = "€$£"
_CURRENCY_WORDS = re.compile(r"\b(eur|euros?|usd|gbp|chf)\b", re.IGNORECASE)
_EXPONENT = re.compile(r"9+(\.9+)?[eE][-+]?9+")
_GROUPS = "' "  # thousands may also be set apart by these
_EXPECTED = "numbers such as 1234.56, 1 234,56 or -12,50 €"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How to read amounts in SQL.

    Attributes
    ----------
    units : str
        A BIGINT of millionths, NULL where there is no amount or where it does not fit.
    absent : str
        True where there is no amount.
    """

    units: str
    absent: str


def read_amounts(con: duckdb.DuckDBPyConnection, table: Table, amount: str) -> Amounts:
    """Find how to read a column of amounts, or an expression over columns.

    The decimal mark is found once for a column, from all of its values.

    Raises
    ------
    TableError
        A column holds something else than numbers, or decimal marks that contradict each other.
    """

    def operand(column: str) -> str:
        return _number(con, table, column)

    number = operand(amount) if amount in table.columns else compile_expression(amount, table, operand)
    # A double holds 15 digits: an amount to the millionth below 10⁹, to the cent below 10¹³.
    units = f"TRY_CAST(({number}) * {UNITS_PER_CENT * 100} AS BIGINT)"
    return Amounts(units, f"(({number}) IS NULL OR isnan({number}))")


def _number(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> str:
    """Return SQL of a column as DOUBLE, NULL where there is no value."""
    reference, kind = table.ref(column), sql_type(con, table, column)
    if kind.startswith("DECIMAL") or kind in {"FLOAT", "DOUBLE"} or kind.endswith(("INT", "INTEGER")):
        return f"CAST({reference} AS DOUBLE)"
    if kind != "VARCHAR" and not kind.startswith("ENUM"):
        raise TableError(f"{table.origin}, column '{column}' is of type {kind}.", expected=_EXPECTED,
                         fix="Name the right column with --amount.")  # fmt: skip
    text = reference if kind == "VARCHAR" else f"CAST({reference} AS VARCHAR)"
    # Plain numbers are the common case, which a cast alone recognises.
    plain = f"TRY_CAST({text} AS DOUBLE)"
    if not fetch_one(con, f"SELECT count(*) FILTER ({text} IS NOT NULL AND {plain} IS NULL) FROM {table.sql}")[0]:
        return plain
    found = shapes(con, table, text)
    mark = _mark(con, table, column, text, found)
    return f"CASE WHEN NOT {missing(text)} THEN {_clean(text, mark, found)} END"


def _mark(con: duckdb.DuckDBPyConnection, table: Table, column: str, text: str, found: list[Shape]) -> str:
    """Return the decimal mark that explains all values."""
    bare = {shape: _bare(shape.text) for shape in found}
    strange = [shape for shape, number in bare.items() if not any(_fits(number, mark) for mark in ".,")]
    if strange:
        count = sum(shape.count for shape in strange)
        raise TableError(
            f"{table.origin}, column '{column}': {are(count)} no amount, such as "
            f"{shown(con, table, text, strange[0])}.",
            expected=_EXPECTED, fix="Correct them, or name the right column with --amount.",
        )  # fmt: skip
    points = [shape for shape, number in bare.items() if not _fits(number, ",")]
    commas = [shape for shape, number in bare.items() if not _fits(number, ".")]
    if points and commas:
        raise TableError(
            f"{table.origin}, column '{column}': two decimal marks, {shown(con, table, text, points[0])} and "
            f"{shown(con, table, text, commas[0])}.",
            expected="one decimal mark for the whole column", fix="Write all amounts like 1234.56.",
        )  # fmt: skip
    unsure = [shape for shape, number in bare.items() if "," in number]
    if not points and not commas and unsure:
        raise TableError(
            f"{table.origin}, column '{column}': nothing tells whether the comma sets thousands or decimals apart, "
            f"as in {shown(con, table, text, unsure[0])}.",
            expected=_EXPECTED, fix="Write all amounts like 1234.56.",
        )  # fmt: skip
    return "," if commas else "."


def _bare(shape: str) -> str:
    """Take sign, currency and surrounding spaces off a shape.

    Examples
    --------
    >>> _bare("(9 999,99 €)"), _bare("-99.99"), _bare("99,99-"), _bare("EUR 99")
    ('9 999,99', '99.99', '99,99', '99')
    """
    text = _CURRENCY_WORDS.sub("", "".join(" " if char in _SPACES else char for char in shape))
    text = "".join(char for char in text if char not in _CURRENCIES).strip()
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip()
    signed = text.startswith(("-", "+", "\N{MINUS SIGN}")), text.endswith("-")
    if signed[0] and signed[1]:
        return text
    return (text[1:] if signed[0] else text[:-1] if signed[1] else text).strip()


def _fits(number: str, mark: str) -> bool:
    """Tell whether a bare shape is a number with this decimal mark; thousands, if set apart, come in threes.

    Examples
    --------
    >>> [_fits("9 999,99", mark) for mark in ".,"], [_fits("9,999", mark) for mark in ".,"]
    ([False, True], [True, True])
    """
    other = "," if mark == "." else "."
    whole = rf"(?:9+|9{{1,3}}(?:(?P<group>[{re.escape(other)}{re.escape(_GROUPS)}])999)(?:(?P=group)999)*)"
    plain = re.fullmatch(rf"{whole}(?:{re.escape(mark)}9*)?|{re.escape(mark)}9+", number)
    return bool(plain) or (mark == "." and bool(_EXPONENT.fullmatch(number)))


def _clean(text: str, mark: str, found: list[Shape]) -> str:
    """Return SQL that turns what people write into a DOUBLE, doing no more than this column's shapes need."""
    seen = "".join(shape.text for shape in found)
    sql = f"trim({text})"
    letters = bool(_CURRENCY_WORDS.search(" ".join(shape.text for shape in found)))
    if letters:
        sql = f"regexp_replace({sql}, '(?i)(euros?|eur|usd|gbp|chf)', '', 'g')"
    dropped = "".join(char for char in f"{_SPACES}{_CURRENCIES}'{'.' if mark == ',' else ','}" if char in seen)
    if dropped:
        sql = f"translate({sql}, '{dropped.replace(chr(39), chr(39) * 2)}', '')"
    if mark == ",":
        sql = f"replace({sql}, ',', '.')"
    if "\N{MINUS SIGN}" in seen:
        sql = f"replace({sql}, '\N{MINUS SIGN}', '-')"
    if "(" in seen:
        sql = f"regexp_replace({sql}, '^\\((.*)\\)$', '-\\1')"
    if any(_trailing(shape.text) for shape in found):
        sql = f"regexp_replace({sql}, '^(.*)-$', '-\\1')"
    return f"TRY_CAST(ltrim({sql}, '+') AS DOUBLE)"


def _trailing(shape: str) -> bool:
    return "-" in shape[1:] and not _EXPONENT.search(shape)
