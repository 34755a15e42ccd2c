"""Amounts computed from columns: ``Quantity * Price``.

A tiny language of its own (column names, numbers, ``+ - * /`` and parentheses), parsed here and written out
as SQL from what was understood: nothing that the user types reaches the database unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lieudit.errors import TableError
from lieudit.tables.table import Table, no_column

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?![\w.])")
_QUOTED = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]')
_WORD = re.compile(r"[^\s+\-*/()]+")
_DEPTH = 50  # of parentheses and signs; Python itself gives up at about a thousand
_FIX = 'Use column names, numbers, + - * / and parentheses: "Quantity * Price".'


def columns_of(text: str, table: Table) -> tuple[str, ...]:
    """Return the columns that an expression names, each once, in the order in which they first appear.

    Raises
    ------
    TableError
        The expression cannot be understood, or names a column that does not exist.
    """
    parser = _Parser(text, table)
    parser.parse(str)
    return tuple(dict.fromkeys(parser.columns))


def compile_expression(text: str, table: Table, operand: Callable[[str], str]) -> str:
    """Write an expression as SQL.

    Parameters
    ----------
    text : str
        Names may stand bare, even with spaces, or in ``"…"``, ``[…]`` or backquotes.
    table : Table
        Whose columns may be named.
    operand : callable
        Gives the numeric SQL of a column, from its name.

    Raises
    ------
    TableError
        As :func:`columns_of`.

    Examples
    --------
    >>> lines = Table("t", ("Quantity", "Unit price"), "orders.csv")
    >>> compile_expression("quantity * Unit price / 100", lines, lines.ref)
    '(("Quantity" * "Unit price") / 100)'
    """
    return _Parser(text, table).parse(operand)


@dataclass
class _Parser:
    """Recursive descent: sum → product → atom."""

    text: str
    table: Table
    at: int = 0
    depth: int = 0
    columns: list[str] = field(default_factory=list)
    operand: Callable[[str], str] = str

    def parse(self, operand: Callable[[str], str]) -> str:
        self.operand = operand
        sql = self._binary("+-")
        if self._peek():
            raise self._unclear()
        return sql

    def _binary(self, operators: str) -> str:
        lower = self._atom if operators == "*/" else lambda: self._binary("*/")
        sql = lower()
        while (sign := self._peek()) and sign in operators:
            self.at += 1
            sql = f"({sql} {sign} {lower()})"
        return sql

    def _atom(self) -> str:
        start = self._peek()
        if start not in ("-", "("):
            return self._column() or self._number() or self._fail()
        self.at += 1
        self.depth += 1
        if self.depth > _DEPTH:
            raise self._unclear()
        if start == "-":
            sql = f"(-{self._atom()})"
        else:
            sql = self._binary("+-")
            if self._peek() != ")":
                raise self._unclear()
            self.at += 1
        self.depth -= 1
        return sql

    def _column(self) -> str:
        """Take the longest column name that stands here; its case may be off if no column has it exactly."""
        quoted = _QUOTED.match(self.text, self.at)
        if quoted:
            name = (quoted[1] or "").replace('""', '"') or quoted[2] or quoted[3]
            if name not in self.table.columns:
                raise no_column(self.table, name)
            return self._take(name, quoted.end())
        for fold in (str, str.lower):
            rest = fold(self.text[self.at :])
            fits = [name for name in self.table.columns if rest.startswith(fold(name)) and self._ends(len(name))]
            if fits:
                name = max(fits, key=len)
                return self._take(name, self.at + len(name))
        return ""

    def _ends(self, length: int) -> bool:
        """Tell whether a name of this length is not the beginning of a longer word."""
        following = self.text[self.at + length : self.at + length + 1]
        last = self.text[self.at + length - 1 : self.at + length]
        return not (following and (following.isalnum() or following == "_") and (last.isalnum() or last == "_"))

    def _take(self, name: str, end: int) -> str:
        self.at = end
        self.columns.append(name)
        return self.operand(name)

    def _number(self) -> str:
        number = _NUMBER.match(self.text, self.at)
        if not number:
            return ""
        self.at = number.end()
        return number.group()

    def _fail(self) -> str:
        word = _WORD.match(self.text, self.at)
        raise no_column(self.table, word.group(), fix=_FIX) if word else self._unclear()

    def _peek(self) -> str:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _unclear(self) -> TableError:
        return TableError(
            f"The amount '{self.text}' cannot be understood at character {self.at + 1}.",
            expected="an expression over columns",
            fix=_FIX,
        )
