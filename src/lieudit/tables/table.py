"""What the next rooms know of a table."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lieudit.errors import TableError
from lieudit.tables.connection import only, quote


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a view registered in a connection.

    Attributes
    ----------
    name : str
        Of the relation in the connection.
    columns : tuple of str
        As in the file, in order; unique, but two may differ by their case alone, which SQL cannot hold:
        refer to a column in SQL by :meth:`ref`.
    origin : str
        A short name to show: ``orders.csv``.
    path : Path or None
        The file, where there is one.
    first_line : int
        The line of the file on which the first row stands: 2 under a header.
    stored : Path or None
        A Parquet file that holds its rows and nothing else, made when it was opened.
    sql_columns : tuple of str
        The columns' names in the relation; the same as ``columns`` but for those that differ by case alone.
    """

    name: str
    columns: tuple[str, ...]
    origin: str
    path: Path | None = None
    first_line: int = 1
    stored: Path | None = None
    sql_columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sql_columns", sql_names(self.columns))

    @property
    def sql(self) -> str:
        """The quoted name of the relation, for a FROM clause."""
        return quote(self.name)

    def numbered(self, columns: str) -> str:
        """Return the SQL of a relation of ``row``, which counts the rows from 1, and of columns.

        Parameters
        ----------
        columns : str
            What stands for them behind SELECT.
        """
        if self.stored is None:
            return f"(SELECT row_number() OVER () AS row, {columns} FROM {self.sql})"
        # A window would count the rows by one thread.
        file = f"read_parquet({only(self.stored)}, file_row_number = true)"
        return f"(SELECT file_row_number + 1 AS row, {columns} FROM {file})"

    def ref(self, column: str) -> str:
        """Return the quoted SQL name of a column of the file.

        Raises
        ------
        TableError
            There is no such column; the message names the nearest.
        """
        if column not in self.columns:
            raise no_column(self, column)
        return quote(self.sql_columns[self.columns.index(column)])


def no_column(table: Table, column: str, fix: str = "") -> TableError:
    """Say that a column is missing, and which ones look like it."""
    lowered = {name.lower(): name for name in table.columns}
    near = [lowered[name] for name in difflib.get_close_matches(column.lower(), lowered, n=3, cutoff=0.6)]
    shown = ", ".join(f"'{name}'" for name in table.columns[:30]) + (", …" if len(table.columns) > 30 else "")
    hint = f"Did you mean {' or '.join(repr(name) for name in near)}?" if near else fix or "Check the name."
    return TableError(f"{table.origin} has no column '{column}'.", expected=f"one of {shown}", fix=hint)


def sql_names(columns: Iterable[str]) -> tuple[str, ...]:
    """Make names that differ by more than their case.

    Examples
    --------
    >>> sql_names(["a", "b", "A", "a_2"])
    ('a', 'b', 'A_2', 'a_2_2')
    """
    return _distinct(columns, fold=True)


def header_names(columns: Iterable[str | None]) -> tuple[str, ...]:
    """Name the columns that a header leaves empty, and number those that it repeats.

    Examples
    --------
    >>> header_names(["a", "", "a", "A", None])
    ('a', 'column_2', 'a_2', 'A', 'column_5')
    """
    filled = (name if name and name.strip() else f"column_{index}" for index, name in enumerate(columns, 1))
    return _distinct(filled, fold=False)


def _distinct(columns: Iterable[str], *, fold: bool) -> tuple[str, ...]:
    names: list[str] = []
    seen: set[str] = set()
    for column in columns:
        name, count = column, 2
        while (name.lower() if fold else name) in seen:
            name, count = f"{column}_{count}", count + 1
        seen.add(name.lower() if fold else name)
        names.append(name)
    return tuple(names)
