"""The shapes that are not a SIRET and turn up in its column: words, other registers, other countries."""

from __future__ import annotations

import re
import unicodedata

from stdnum.iso7064 import mod_97_10

from lieudit.companies.siret_digits import EMPTY, SiretResult, is_placeholder, read_digits

__all__ = [
    "fold",
    "is_empty_word",
    "plain",
    "read_other_register",
    "read_scientific",
    "strip_decimals",
    "strip_labels",
]

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣-"), "-")
_QUOTES = dict.fromkeys(map(ord, "'’‘‛´`ʼ\"“”«»"), " ")

_EMPTY_WORDS = re.compile(
    r"(N[./ ]?[ARCD]\.?|S[./]?O\.?|NAN|NAT|NONE|NULL|NIL|NON|NO|OUI|TBD|UNKNOWN|MISSING|UNDEFINED"
    r"|VIDE|ABSENT|PARTICULIER|VALEUR|REF|NEANT|INCONNUE?|AUCUNE?|X+"
    r"|(EN (COURS|ATTENTE)|A (VENIR|COMPLETER|DEMANDER)|PAS D|SANS\b"
    r"|NON (COMMUNIQUE|RENSEIGNE|CONNU|ATTRIBUE|DISPO|IMMATRICULE|APPLICABLE)"
    r"|NOT (AVAILABLE|APPLICABLE|KNOWN)|(PENDING|TO BE)\b).*)?"
)

# Words that people write around the number. What follows "RCS" is the court's town and the trader's letter.
_LABELS = re.compile(
    r"(?<![A-Z])(?:(R\.?\s?C\.?\s?S\.?(?![A-Z])[A-Z .'\-]*)"
    r"|(?:SIRETS?|SIRENE?S?|NIC|T\.?V\.?A\.?|VAT|INTRA(?:[- ]?COM(?:MUNAUTAIRE)?)?|N[O°]?\.?(?=[ :\d])"
    r"|NUM(?:ERO)?|INSEE|IBAN|RNA|ID(?:ENTIFIANT)?|CODE|NUMBER|SIEGE|ETABLISSEMENT)(?![A-Z]))",
)

_SCIENTIFIC = re.compile(r"(\d+)(?:[.,](\d*))?\s?E\s?([+-]?)(\d{1,2})")
_DECIMALS = re.compile(r"(\d{5,}|\d{1,3}(?:[ ,]\d{3})+),0{1,2}|(\d{5,}|\d{1,3}(?:[ ,]\d{3})+)\.0{1,2}")
_ENGLISH_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")

# The office that gave the number out: a department and a digit, 2A and 2B, or overseas 9 and a letter (W9R…, W9C…).
_RNA = re.compile(r"W(?:\d{3}|2[AB]\d|9[A-Z]\d)\d{6}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_FRENCH_IBAN_LENGTH = 27

# VIES (European Commission), "VAT identification number structure", and the Swiss and British forms.
_FOREIGN_VAT = re.compile(
    r"ATU\d{8}|BE[01]?\d{9}|BG\d{9,10}|CHE\d{9}(?:MWST|TVA|IVA)?|CY\d{8}[A-Z]|CZ\d{8,10}|DE\d{9}|DK\d{8}|E[EL]\d{9}|GR\d{9}"
    r"|ES[A-Z0-9]\d{7}[A-Z0-9]|FI\d{8}|(?:GB|XI)(?:\d{9}|\d{12}|(?:GD|HA)\d{3})|HR\d{11}|HU\d{8}|IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}"
    r"|IT\d{11}|LT(?:\d{9}|\d{12})|LU\d{8}|LV\d{11}|MT\d{8}|NL[A-Z0-9]{9}B\d{2}|NO\d{9}(?:MVA)?|PL\d{10}|PT\d{9}|RO\d{8,10}"
    r"|SE\d{12}|SI\d{8}|SK\d{10}"
)


def plain(value: str) -> str:
    """Return the text with full-width digits, odd spaces, dashes and invisible marks made ordinary."""
    text = value if value.isascii() else unicodedata.normalize("NFKC", value).translate(_DASHES)
    text = text.translate(_QUOTES)
    if not text.isascii():
        text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(text.split())


def fold(text: str) -> str:
    """Return plain text in capitals without accents."""
    if text.isascii():
        return text.upper()
    return "".join(c for c in unicodedata.normalize("NFD", text.upper()) if not unicodedata.combining(c))


def is_empty_word(folded: str) -> bool:
    """Say whether the text only says that there is nothing to say: ``N/A``, ``en cours``, ``-``."""
    return _EMPTY_WORDS.fullmatch(folded.strip(" .,;:!?#/\\<>()[]*_-+~|")) is not None


def strip_labels(folded: str) -> str:
    """Take off the words around a number: ``SIRET :``, ``N°``, ``RCS Paris B``, ``TVA``.

    What RCS stood between stays apart, as ``|``: a postcode often comes next, and is no NIC.

    >>> strip_labels("N° SIRET 732 829 320 00074 - RCS PARIS").split()
    ['732', '829', '320', '00074']
    """
    return _LABELS.sub(lambda match: "|" if match[1] else " ", folded).strip(" :;,#=()°.-|")


def strip_decimals(text: str) -> str:
    """Take off the decimals that a spreadsheet or a float column put on, and thousands separators.

    >>> strip_decimals("73282932000074,00"), strip_decimals("73,282,932,000,074.0")
    ('73282932000074', '73282932000074')
    """
    if match := _DECIMALS.fullmatch(text):
        text = match[1] or match[2]
    return text.replace(",", "") if _ENGLISH_THOUSANDS.fullmatch(text) else text


def read_scientific(text: str) -> SiretResult | None:
    """Read a number in scientific notation; None when the text is not one.

    Digits that the notation left out are lost: they are never made up with zeros. A SIREN written out in full
    at the start of a truncated SIRET (at least ten digits, so that rounding cannot have touched it) is kept.

    >>> read_scientific("7.32829E+13")
    SiretResult(siret=None, siren=None, status='unrecoverable_scientific')
    >>> read_scientific("5.52032534E8").siren
    '552032534'
    """
    match = _SCIENTIFIC.fullmatch(text) if "E" in text else None
    if match is None:
        return None
    whole, decimals = match[1], match[2] or ""
    shift = -int(match[4]) if match[3] == "-" else int(match[4])
    length = len(whole) + shift
    if not 6 <= length <= 15 or shift < 0:
        return SiretResult(None, None, "invalid_format")
    digits = whole + decimals
    if len(digits) >= length:
        rest = digits[length:].strip("0")
        return SiretResult(None, None, "invalid_format") if rest else read_digits(digits[:length])
    if is_placeholder(digits) and digits[0] == "0":
        return SiretResult(None, None, "invalid_placeholder")
    start = read_digits(digits[:9], pad=False) if length == 14 and len(digits) >= 10 else EMPTY
    return SiretResult(None, start.siren, "unrecoverable_scientific")


def read_other_register(folded: str) -> SiretResult | None:
    """Recognise an association's RNA number, an IBAN or a foreign VAT number; else None."""
    if not folded[:1].isalpha():
        return None
    compact = re.sub(r"[ .\-]", "", folded)
    if _RNA.fullmatch(compact):
        return SiretResult(None, None, "rna_association")
    if _IBAN.fullmatch(compact) and _is_iban(compact):
        return SiretResult(None, None, "iban")
    if _FOREIGN_VAT.fullmatch(compact):
        return SiretResult(None, None, "foreign_vat")
    return None


def _is_iban(compact: str) -> bool:
    if compact.startswith("FR") and len(compact) == _FRENCH_IBAN_LENGTH:
        return True  # nothing else of France has this shape; its key may be mistyped
    return bool(mod_97_10.is_valid(compact[4:] + compact[:4]))
