"""One format for a whole column of dates, found from all of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from lieudit.errors import TableError
from lieudit.rfm_analysis.shapes import Shape, are, first, shapes, shown
from lieudit.tables import Table, fetch_one, missing, sql_type

_TIME = r"(?:[ T]+99?[:h]99(?::99(?:[.,]9+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-]99:?99))?)?"
_YEAR_FIRST = re.compile(rf"9999(?P<mark>[-/.])99?(?P=mark)99?{_TIME}")
# 24-01-05 is left out: it may be of 2024 or of 2005.
_YEAR_LAST = re.compile(rf"99?(?P<mark>[-/.])99?(?P=mark)(?P<year>9999|(?<!-)99){_TIME}")
_COMPACT = re.compile(rf"99999999{_TIME}")
_SERIAL = re.compile(r"99999(?:\.9+)?")  # days since 1899-12-30, as Excel counts: 1927 to 2173
_EXPECTED = "2025-12-31, 31/12/2025, 31-12-2025, 31.12.2025 or 20251231, with or without a time, the same all along"
_FIX = "Write all dates as 2025-12-31."


@dataclass(frozen=True, slots=True)
class Dates:
    """How to read a column of dates in SQL.

    Attributes
    ----------
    day : str
        The day; NULL where there is none, and where it is not in the calendar (``2025-02-30``).
    absent : str
        True where there is no value at all.
    """

    day: str
    absent: str


@dataclass(frozen=True, slots=True)
class _Format:
    """The order of the parts, ``ymd``, ``dmy`` or ``mdy``, or else ``iso``, ``compact`` or ``serial``."""

    order: str
    separator: str = ""
    year: str = "%Y"

    @property
    def pattern(self) -> str:
        parts = {"y": self.year, "m": "%m", "d": "%d"}
        order = "ymd" if self.order == "compact" else self.order
        return self.separator.join(parts[part] for part in order)


def read_dates(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> Dates:
    """Find how to read a column of dates. Times of day are cut off; instants are taken in UTC.

    Raises
    ------
    TableError
        The column holds something else than dates, dates in two formats, or dates of which no value says whether
        the day or the month comes first.
    """
    reference, kind = table.ref(column), sql_type(con, table, column)
    if kind == "DATE":
        return Dates(reference, f"{reference} IS NULL")
    if kind.startswith("TIMESTAMP"):
        return Dates(f"CAST({reference} AS DATE)", f"{reference} IS NULL")
    if kind in {"FLOAT", "DOUBLE"}:
        text = f"CAST(TRY_CAST({reference} AS BIGINT) AS VARCHAR)"
    else:
        text = reference if kind == "VARCHAR" else f"CAST({reference} AS VARCHAR)"
    # ISO dates are the common case, which a cast alone recognises. It also takes 24-01-05 for a day of the year 24.
    iso = f"TRY_CAST({text} AS DATE)"
    count, early = fetch_one(
        con,
        f"""SELECT count(*) FILTER ({text} IS NOT NULL AND {iso} IS NULL), min({iso}) < DATE '1000-01-01'
        FROM {table.sql}""",
    )
    if not count and not early:
        return Dates(iso, f"{text} IS NULL")
    found = _format(con, table, column, text)
    absent = f"({text} IS NULL OR {missing(text)})"
    return Dates(f"CASE WHEN NOT {absent} THEN {iso if found.order == 'iso' else _day(found, text)} END", absent)


def _format(con: duckdb.DuckDBPyConnection, table: Table, column: str, text: str) -> _Format:
    families: dict[_Format, list[Shape]] = {}
    strange: list[Shape] = []
    for shape in shapes(con, table, text):
        family = _family(shape.text)
        (strange if family is None else families.setdefault(family, [])).append(shape)
    if strange:
        count = sum(shape.count for shape in strange)
        raise TableError(
            f"{table.origin}, column '{column}': {are(count)} no date, such as "
            f"{shown(con, table, text, strange[0])}.",
            expected=_EXPECTED, fix="Correct them, or name the right column with --date.",
        )  # fmt: skip
    if len(families) > 1:
        examples = " and ".join(shown(con, table, text, group[0]) for group in list(families.values())[:2])
        raise _two_formats(table, column, examples)
    if not families:
        return _Format("iso")  # no value at all: every line will be set aside, with its reason
    (family,) = families
    return _day_or_month_first(con, table, column, text, family) if family.order == "dmy" else family


def _family(shape: str) -> _Format | None:
    if match := _YEAR_FIRST.fullmatch(shape):
        return _Format("ymd", ".") if match["mark"] == "." else _Format("iso")
    if match := _YEAR_LAST.fullmatch(shape):
        return _Format("dmy", match["mark"], "%Y" if len(match["year"]) == 4 else "%y")
    if _COMPACT.fullmatch(shape):
        return _Format("compact")
    return _Format("serial") if _SERIAL.fullmatch(shape) else None


def _day_or_month_first(
    con: duckdb.DuckDBPyConnection, table: Table, column: str, text: str, family: _Format
) -> _Format:
    """Tell 31/12 from 12/31 by the values above 12; dots are only ever written day first."""
    if family.separator == ".":
        return family
    one, two = (f"TRY_CAST(split_part(trim({text}), '{family.separator}', {place}) AS INTEGER)" for place in (1, 2))
    present = f"{text} IS NOT NULL AND NOT {missing(text)}"
    day_first = f"{present} AND {one} > 12 AND {two} <= 12"
    month_first = f"{present} AND {two} > 12 AND {one} <= 12"
    either = f"{present} AND {one} <> {two}"
    days, months, unlike = fetch_one(
        con,
        f"""SELECT count(*) FILTER ({day_first}), count(*) FILTER ({month_first}), count(*) FILTER ({either})
        FROM {table.sql}""",
    )
    if days and months:
        examples = f"{first(con, table, text, day_first)} and {first(con, table, text, month_first)}"
        raise _two_formats(table, column, examples)
    if not days and not months and unlike:
        raise TableError(
            f"{table.origin}, column '{column}': nothing tells whether the day or the month comes first, as in "
            f"{first(con, table, text, either)}.",
            expected=_EXPECTED, fix=_FIX,
        )  # fmt: skip
    return _Format("mdy" if months else "dmy", family.separator, family.year)


def _two_formats(table: Table, column: str, examples: str) -> TableError:
    found = f"{table.origin}, column '{column}': dates in two formats, such as {examples}."
    return TableError(found, expected=_EXPECTED, fix=_FIX)


def _day(found: _Format, text: str) -> str:
    if found.order == "serial":
        return f"DATE '1899-12-30' + CAST(floor(CAST({text} AS DOUBLE)) AS INTEGER)"
    date = f"split_part(replace(trim({text}), 'T', ' '), ' ', 1)"
    return f"CAST(try_strptime({date}, '{found.pattern}') AS DATE)"
