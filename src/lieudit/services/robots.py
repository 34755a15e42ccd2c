"""robots.txt: what a website lets programs read (RFC 9309).

Python's own reader knows neither ``*`` and ``$`` nor that the most specific rule stands, and would read what
``Disallow: /*`` forbids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

__all__ = ["Robots", "read_robots"]

_LINE: Final = re.compile(r"\s*(user-agent|allow|disallow)\s*:([^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Robots:
    """Rules for one program.

    Attributes
    ----------
    rules : tuple of (pattern, allowed)
    """

    rules: tuple[tuple[str, bool], ...] = ()

    def allows(self, target: str) -> bool:
        """Tell whether a path and query may be read: the longest rule that fits decides, and of equal ones the kinder.

        Examples
        --------
        >>> robots = Robots((("/", False), ("/$", True), ("/*.pdf$", False)))
        >>> robots.allows("/"), robots.allows("/x"), Robots((("/*", False),)).allows("/")
        (True, False, False)
        """
        path = unquote(target)
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if _fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


def read_robots(text: str, agent: str) -> Robots:
    r"""Read the rules for an agent, else those for everybody.

    Parameters
    ----------
    text : str
        Of ``robots.txt``; lines that are no rules (a page of HTML, say) are passed over.
    agent : str
        In small letters, without version: ``lieudit``.

    Examples
    --------
    >>> text = "User-agent: *\nDisallow: /\n\nUser-agent: Lieudit/2\nUser-agent: other\nDisallow: /private # yes"
    >>> read_robots(text, "lieudit").rules
    (('/private', False),)
    >>> read_robots(text, "somebody").rules
    (('/', False),)
    """
    groups: dict[str, list[tuple[str, bool]]] = {}
    names: list[str] = []
    naming = False
    for field, value in (match.groups() for line in text.splitlines() if (match := _LINE.match(line))):
        if field.lower() == "user-agent":
            names = [*names, _product(value)] if naming else [_product(value)]
            groups.setdefault(names[-1], [])
        elif value.strip():
            for name in names:
                groups[name].append((unquote(value.strip()), field.lower() == "allow"))
        naming = field.lower() == "user-agent"
    return Robots(tuple(groups.get(agent, groups.get("*", ()))))


def _product(value: str) -> str:
    return value.strip().partition("/")[0].strip().lower()


def _fits(pattern: str, path: str) -> bool:
    """Tell whether a path begins as a pattern says; ``*`` is anything, ``$`` the end."""
    whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(others, 1):
        last = whole and number == len(others)
        found = path.rfind(part, at) if last else path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not whole or at == len(path) or bool(others and not others[-1])
