"""CSV in the dialects that people have."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import duckdb

from lieudit.errors import TableError
from lieudit.tables.connection import copy_parquet, literal, only, quote
from lieudit.tables.encoding import as_utf8, looks_utf8
from lieudit.tables.table import Table, header_names
from lieudit.tables.temporary import scratch_folder

_DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 1 << 18  # characters in which the delimiter is looked for
_RECORDS = 200  # of them
_SAID = re.compile(r"sep=(?P<delimiter>[,;\t|])\r?\n")  # what Excel understands on a first line
_NOT_UTF8 = "not utf-8 encoded"  # DuckDB's words; it looks at every value
_NAMES = {";": "';'", ",": "','", "\t": "tab", "|": "'|'"}


def read(con: duckdb.DuckDBPyConnection, path: Path, name: str, stored: Path | None = None) -> Table:
    """Load a CSV file, or store it: every column as text, an empty field as NULL, blank lines left out."""
    with scratch_folder() as folder:
        if looks_utf8(path):
            try:
                return _read(con, path, path, Path(folder), name, stored)
            except UnicodeDecodeError:
                pass
        return _read(con, path, as_utf8(path, Path(folder)), Path(folder), name, stored)


def _read(
    con: duckdb.DuckDBPyConnection, path: Path, source: Path, folder: Path, name: str, stored: Path | None
) -> Table:
    """Read ``path`` from ``source``, which holds its text."""
    delimiter, header, above = _dialect(source, path)
    table = Table(name, header_names(header), path.name, path, above + 2, stored)
    try:
        _load(con, table, source, delimiter, above)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        if _NOT_UTF8 in str(error) and source == path:
            raise UnicodeDecodeError("utf-8", b"", 0, 0, _NOT_UTF8) from error
        if "CSV Error on Line" in str(error):
            raise _explain(path, delimiter, error) from error
        # Lines that end now in \n, now in \r\n are refused by DuckDB's strict parser; its lenient one
        # would drop surplus fields in silence.
        again = as_utf8(path, folder, newlines=True)
        try:
            _load(con, table, again, delimiter, above)
        except duckdb.Error as second:
            raise _explain(path, delimiter, second) from second
    return table


def _dialect(source: Path, path: Path) -> tuple[str, list[str], int]:
    """Return the delimiter, the header, and the number of lines above it."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        sample = file.read(_SAMPLE)
        whole = not file.read(1)
    text = sample.lstrip("\r\n")
    if not text.strip():
        raise TableError(
            f"{path.name} is empty.",
            expected="a header and at least one row",
            fix="Check that the export is complete.",
        )
    above = len(sample[: len(sample) - len(text)].replace("\r\n", "\n"))
    said = _SAID.match(text)
    if said:
        above, text = above + 1, text[said.end() :]
    best = said["delimiter"] if said else max(_DELIMITERS, key=lambda delimiter: _fit(text, delimiter, whole=whole))
    header = next(csv.reader(io.StringIO(text, newline=""), delimiter=best))
    return best, header, above


def _fit(text: str, delimiter: str, *, whole: bool) -> tuple[float, int]:
    """Measure how well a delimiter explains a sample: share of records as wide as the header, width."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths: list[int] = []
    try:
        for record in reader:
            if record:
                widths.append(len(record))
            if len(widths) > _RECORDS:
                break
    except csv.Error:
        whole = True  # a quote that is never closed swallows the rest: what was read before it counts
    if not widths:
        return (0.0, 0)
    if not whole and len(widths) > 2:
        widths.pop()  # the last record may be cut
    if widths[0] == 1:
        return (0.0, 1)
    return (sum(width == widths[0] for width in widths) / len(widths), widths[0])


def _load(con: duckdb.DuckDBPyConnection, table: Table, source: Path, delimiter: str, above: int) -> None:
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in table.sql_columns)
    # In a file of one column a blank line would be a NULL, and so would "": only the first is left out.
    single = len(table.columns) == 1
    where = f"WHERE {quote(table.sql_columns[0])} IS NOT NULL" if single else ""
    rows = f"""SELECT * FROM read_csv({only(source)}, auto_detect = false,
               header = true, skip = {above}, delim = {literal(delimiter)}, quote = '"', escape = '"',
               nullstr = '', allow_quoted_nulls = {not single}, columns = {{{columns}}}) {where}"""
    if table.stored is None:
        con.execute(f"CREATE TABLE {table.sql} AS {rows}")
        return
    try:
        copy_parquet(con, rows, table.stored)
    except duckdb.IOException as error:
        raise TableError(
            f"{table.stored.parent} cannot be written in: {error}.", fix="Check the disk and the permissions."
        ) from error
    con.execute(f"CREATE VIEW {table.sql} AS FROM read_parquet({only(table.stored)})")


def _explain(path: Path, delimiter: str, error: duckdb.Error) -> TableError:
    message = str(error)
    place = re.search(r"CSV Error on Line: (\d+)", message)
    where = f"Line {place.group(1)} of {path.name}" if place else path.name
    widths = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if widths:
        expected, found = widths.groups()
        return TableError(
            f"{where} has {found} field{'' if found == '1' else 's'}.",
            expected=f"{expected} fields, as in the header, separated by {_NAMES[delimiter]}",
            fix="Correct the line, or put quotes around a value that holds the separator.",
        )
    if "Maximum line size" in message:
        return TableError(
            f"{where} is longer than 2 MB.",
            expected="one record a line",
            fix="Look for a quote that is opened and not closed.",
        )
    if "unterminated quote" in message:
        return TableError(
            f"{where} opens a quote that it does not close.",
            expected='quotes in pairs, "" inside',
            fix="Correct the line.",
        )
    return TableError(
        f"{where} cannot be read: {message.splitlines()[0]}",
        expected="one record a line",
        fix="Save it again as CSV UTF-8.",
    )
