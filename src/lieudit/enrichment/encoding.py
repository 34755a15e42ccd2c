"""Text that was written in one encoding and read in another (mojibake), read again as it should have been."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["repair", "without_pictures"]

# What French place names are written with, and the punctuation around them.
_FRENCH = re.compile(r"[\w\s.,;:'’‘`´\-‐‑–/()&*\"°º+]*", re.ASCII)
_LETTERS: Final = frozenset("àâäçéèêëîïôöùûüÿœæñÀÂÇÉÈÊËÎÏÔÖÙÛÜŸŒÆÑ")

# (the encoding it was read in, the encoding it was written in), the likeliest first
_MISREADINGS: Final = (
    ("cp1252", "utf-8"), ("latin-1", "utf-8"), ("mac-roman", "utf-8"), ("cp850", "utf-8"),
    ("cp1252", "cp850"), ("cp1252", "mac-roman"), ("cp850", "cp1252"), ("mac-roman", "cp1252"), ("latin-1", "cp850"),
)  # fmt: skip

# Symbols and emoji, and what joins or varies them; no single-byte encoding holds any, so that no misreading makes them.
_PICTURES = re.compile(
    "[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)


def without_pictures(text: str) -> str:
    """Take symbols and emoji out of a text.

    Examples
    --------
    >>> without_pictures("\u2605 Paris")
    'Paris'
    """
    return text if text.isascii() else _PICTURES.sub(" ", text).strip()


def repair(text: str) -> tuple[str, ...]:
    """Return the readings of a text that French spelling allows, the text itself alone where it is one of them.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of str
        Different readings, the likeliest first. Where there is none, the text with ``?`` for what cannot be read.

    Examples
    --------
    >>> repair("BesanÃ§on"), repair("Saint-Ã‰tienne"), repair("Besançon")
    (('Besançon',), ('Saint-Étienne',), ('Besançon',))
    >>> repair("Chƒteauroux")[:2]
    ('Châteauroux', 'ChÉteauroux')
    >>> repair("Orl\ufffdans")
    ('Orl?ans',)
    """
    if text.isascii() or _is_french(text):
        return (text,)
    readings = []
    for read, written in _MISREADINGS:
        reading = _reread(text, read, written)
        if reading is not None and written == "utf-8" and not _is_french(reading):
            reading = _reread(reading, read, written)  # misread twice over
        if reading is not None and _is_french(reading) and reading not in readings:
            readings.append(reading)
    return tuple(readings) or (_UNREADABLE_RUN.sub("?", text),)


_UNREADABLE_RUN = re.compile(rf"[^\x00-\x7f{''.join(sorted(_LETTERS))}’‘–‐‑°º´\s]+[\x80-\xbf]*")


def _is_french(text: str) -> bool:
    return _FRENCH.fullmatch("".join(c for c in text if c not in _LETTERS)) is not None


def _reread(text: str, read: str, written: str) -> str | None:
    try:
        return _bytes_of(text, read).decode(written)
    except UnicodeError:
        return None


def _bytes_of(text: str, encoding: str) -> bytes:
    """Encode; a control character that Windows-1252 leaves undefined stands for its own byte."""
    return b"".join(bytes((ord(c),)) if 0x80 <= ord(c) < 0xA0 else c.encode(encoding) for c in text)
