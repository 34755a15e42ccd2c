"""What a postcode column holds, read as the postcode that was meant."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from lieudit.enrichment.collector import emptied_at_exit
from lieudit.enrichment.encoding import without_pictures
from lieudit.enrichment.normalise import fold

__all__ = ["BLANKS", "Postcode", "departments_of", "is_blank", "read_postcode"]

BLANKS: Final = frozenset({
    "", "NA", "N A", "NAN", "NONE", "NULL", "NC", "N C", "ND", "N D", "NR", "N R", "VIDE", "INCONNU", "INCONNUE",
    "UNKNOWN",     "NON RENSEIGNE", "NON RENSEIGNEE", "NON COMMUNIQUE", "X", "XX", "XXX", "XXXX", "XXXXX",
    "?", "??", "???", "TEST", "0", "00", "000", "0000", "00000", "99999", "A COMPLETER", "NEANT",
})  # fmt: skip
_GROUPED = re.compile(r"\d\d[.,\s]\d{3}", re.ASCII)  # 35.000
_NUMBER = re.compile(r"\d{1,5}[.,]0*")  # 75001.0
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?0?(\d)", re.IGNORECASE)  # 7,5011E+04
_FRENCH = re.compile(
    r"(?:F|FR|FRA|FRANCE|CP|C\.P\.|CODE POSTAL)?[\s.:\-–']*(\d[\d\s.,\u00a0\u202f]{2,7}\d)\s*", re.IGNORECASE
)
_THEN_TEXT = re.compile(r"[\s']*(?:F|FR|CP)?[\s.:\-–]*(\d{5})\b[\s,;\-–]*(\D.*)", re.IGNORECASE | re.DOTALL)
_LETTER_FOR_DIGIT: Final = str.maketrans("OoQDIlL|SsB", "00001111558")
_CORSICAN = re.compile(r"(2[AB])[\s\-]?(\d{3})?", re.IGNORECASE)
_DEPARTMENT = re.compile(r"0?[1-9]|[1-8]\d|9[0-5]|97[1-8]|98[678]")
_FOREIGN = re.compile(
    r"""(?:(?:B|BE|CH|L|LU|D|DE|NL|A|AT|I|IT|E|ES|P|PT|GB|UK|PL|DK|SE|FI|NO|CZ|SK|SI|HR|HU|RO|BG|GR|IE|MC|AD|LI)\s?-\s?\d{3,6}.*
    |[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}      # London SW1A 1AA
    |[A-Z]\d[A-Z]\s?\d[A-Z]\d               # Montréal H2X 1Y4
    |\d{4}\s?[A-Z]{2}                       # Amsterdam 1012 AB
    |AD\d{3}|LV-?\d{4}
    |\d{5}-\d{3,4}|\d{4}-\d{3}|\d{2}-\d{3}  # United States, Brazil; Portugal; Poland
    )""",
    re.IGNORECASE | re.VERBOSE,
)


class Postcode(NamedTuple):
    """A postcode as read.

    Attributes
    ----------
    code : str
        Five characters (``06000``, or ``2A004``, which is an INSEE code), or ``""``.
    digits : str
        The digits as typed, to look for the one that is wrong: ``1000`` where ``code`` is ``01000``.
    padded : bool
        A leading zero was put back. Belgium and Switzerland write four digits, too.
    department : str
        Where only a department was given.
    country : str
        ``foreign``, ``monaco``, ``military``, or ``""``.
    rest : str
        Text after the postcode, such as the city.
    """

    code: str = ""
    digits: str = ""
    padded: bool = False
    department: str = ""
    country: str = ""
    rest: str = ""


_NOTHING: Final = Postcode()


def is_blank(text: str) -> bool:
    """Tell whether a cell holds nothing, or a word that stands for nothing."""
    return text == "" or fold(text) in BLANKS


@emptied_at_exit
@functools.lru_cache(maxsize=1 << 16)
def read_postcode(text: str) -> Postcode:
    """Read the text of a postcode column.

    Examples
    --------
    >>> read_postcode("35000").code, read_postcode("1000").code, read_postcode("75001.0").code
    ('35000', '01000', '75001')
    >>> read_postcode("7,5011E+04").code, read_postcode("F-35 000").code, read_postcode("'06000").code
    ('75011', '35000', '06000')
    >>> read_postcode("35").department, read_postcode("SW1A 1AA").country, read_postcode("98000").country
    ('35', 'foreign', 'monaco')
    """
    text = text.strip()
    if len(text) == 5 and text.isdecimal() and text.isascii():
        return _of_digits(text)
    text = without_pictures(text)
    if is_blank(text):
        return _NOTHING
    if found := _CORSICAN.fullmatch(text):
        letters, number = found[1].upper(), found[2]
        return Postcode(code=letters + number, department=letters) if number else Postcode(department=letters)
    return _of_number(text) or (Postcode(country="foreign") if _FOREIGN.fullmatch(text) else _of_text(text))


def _of_number(text: str) -> Postcode | None:
    """Read what a spreadsheet made of a postcode."""
    if _GROUPED.fullmatch(text):
        return _of_digits(text[:2] + text[3:])
    if _NUMBER.fullmatch(text) or (text.isdecimal() and text.isascii()):
        return _of_digits(re.split("[.,]", text)[0])
    if found := _SCIENTIFIC.fullmatch(text):
        return _of_digits(_whole(found[1], found[2] or "", int(found[3])))
    return None


def _of_text(text: str) -> Postcode:
    if found := _FRENCH.fullmatch(text):
        return _of_digits(re.sub(r"\D", "", found[1]))
    if found := _THEN_TEXT.fullmatch(text):
        read = _of_digits(found[1])
        return read._replace(rest=found[2].strip())
    corrected = text.translate(_LETTER_FOR_DIGIT)
    if len(text) == 5 and corrected.isdecimal() and sum(c.isdecimal() or c in "oO" for c in text) >= 3:
        return _of_digits(corrected)
    return Postcode(rest=text)


def _whole(first: str, decimals: str, power: int) -> str:
    """Write ``d.ddd × 10^power`` as a whole number; digits that were rounded away are lost, and the number useless."""
    return first + decimals.ljust(power, "0") if len(decimals) <= power and power in {3, 4} else ""


def _of_digits(digits: str) -> Postcode:
    if digits in BLANKS:
        return _NOTHING
    if len(digits) == 5:
        return Postcode(code=digits, digits=digits, country=_beyond(digits))
    if len(digits) == 4:
        return Postcode(code="0" + digits, digits=digits, padded=True)
    if _DEPARTMENT.fullmatch(digits):
        return Postcode(department=digits.zfill(2))
    return Postcode(digits=digits)


def _beyond(code: str) -> str:
    """Tell what a code of five digits is where it is no place of France: field post, Monaco, INSEE's foreign codes."""
    if code.startswith("00"):
        return "military"
    if code.startswith("980"):
        return "monaco"
    return "foreign" if code.startswith("99") else ""


def departments_of(code: str) -> tuple[str, ...]:
    """Return the departments that a postcode's first digits announce.

    Examples
    --------
    >>> departments_of("35000"), departments_of("20090"), departments_of("97150")
    (('35',), ('2A', '2B'), ('971', '977', '978'))
    """
    if code.startswith("20"):
        return ("2A", "2B")
    if code.startswith("971"):
        return ("971", "977", "978")  # St-Barthélemy and St-Martin kept Guadeloupe's postcodes
    return (code[:3],) if code.startswith(("97", "98")) else (code[:2],)
