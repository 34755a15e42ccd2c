"""The errors that lieudit raises.

::

    LieuditError
    ├── InputError          the user's file, configuration or arguments are wrong  (exit 2)
    │   ├── ConfigError     a key or value of the configuration
    │   ├── TableError      a file, a column, a value
    │   ├── CatalogueError  a source of open data
    │   └── BundleError     a trained segmentation on disk
    └── InternalError       ours                                                    (exit 1)

Every message answers three questions: what was found, what was expected, what to do.
"""

from __future__ import annotations

__all__ = ["BundleError", "CatalogueError", "ConfigError", "InputError", "InternalError", "LieuditError", "TableError"]


class LieuditError(Exception):
    """Anything that lieudit raises on purpose.

    Parameters
    ----------
    found : str
        What was found, as a sentence.
    expected : str, optional
        What was expected instead.
    fix : str, optional
        What the reader can do about it.

    Examples
    --------
    >>> print(TableError("orders.csv has no column 'total'.", expected="One of: date, amount.",
    ...                  fix="Name it with --amount."))
    orders.csv has no column 'total'. Expected: One of: date, amount. Fix: Name it with --amount.
    """

    def __init__(self, found: str, *, expected: str = "", fix: str = "") -> None:
        self.found = found
        self.expected = expected
        self.fix = fix
        parts = [found, f"Expected: {expected}" if expected else "", f"Fix: {fix}" if fix else ""]
        super().__init__(" ".join(_sentence(part) for part in parts if part))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", ":", "\n")) else text + "."


class InputError(LieuditError):
    """What the user gave is wrong; the command line exits with 2."""


class ConfigError(InputError):
    """A key or a value of the configuration is wrong."""


class TableError(InputError):
    """A file, a column or a value of a table is wrong."""


class CatalogueError(InputError):
    """A source of open data is missing, damaged or incomplete."""


class BundleError(InputError):
    """A bundle is missing, damaged or of another version."""


class InternalError(LieuditError):
    """A fault of ours; the command line exits with 1."""
