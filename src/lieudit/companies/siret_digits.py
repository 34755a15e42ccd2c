"""What a string of digits may be: a SIRET, a SIREN, a French or Monégasque VAT number, or none of them.

Sources: INSEE's definitions of SIREN and SIRET (9 digits, 9 + 5 digits, Luhn's key on each); the rule of
La Poste (SIREN 356000000: Luhn's key, or a sum of digits that 5 divides); art. 289 of the Code général des
impôts for the VAT key, which python-stdnum computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from stdnum import luhn
from stdnum.fr import tva

__all__ = [
    "EMPTY",
    "LA_POSTE",
    "SiretResult",
    "is_placeholder",
    "is_siren",
    "is_siret",
    "read_digits",
    "read_vat",
]

LA_POSTE = "356000000"


@dataclass(frozen=True, slots=True)
class SiretResult:
    """What one cell says of a company.

    Attributes
    ----------
    siret : str or None
        14 digits, always with a right key.
    siren : str or None
        9 digits, always with a right key. Also given for a SIRET that is wrong but starts with a right SIREN.
    status : str
        One of ``schema.SIRET_STATUSES``.
    """

    siret: str | None
    siren: str | None
    status: str


EMPTY = SiretResult(None, None, "empty")


@lru_cache(maxsize=4096)  # one cell asks the same of its digits several times
def is_siren(digits: str) -> bool:
    """Say whether nine digits are a SIREN (zeros alone have a right key, and are refused).

    >>> is_siren("732829320"), is_siren("000000000")
    (True, False)
    """
    return len(digits) == 9 and digits != "000000000" and luhn.is_valid(digits)


@lru_cache(maxsize=4096)
def is_siret(digits: str) -> bool:
    """Say whether fourteen digits are a SIRET, La Poste's included.

    >>> is_siret("73282932000074"), is_siret("35600000049837"), is_siret("00000000000000")
    (True, True, False)
    """
    if len(digits) != 14 or not is_siren(digits[:9]):
        return False
    return luhn.is_valid(digits) or (digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0)


def is_placeholder(digits: str) -> bool:
    """Say whether one digit stands all along: zeros of any length, or another digit at least five times."""
    return len(set(digits)) == 1 and (digits[0] == "0" or len(digits) >= 5)


def read_vat(key: str, base: str) -> SiretResult:
    """Read a French VAT number: two characters of key, nine digits.

    A number of Monaco has a base that starts with 000 and is no SIREN.
    """
    if tva.is_valid(key + base):
        if base.startswith("000"):
            return SiretResult(None, None, "monaco_vat")
        return SiretResult(None, base, "siren_only")
    return SiretResult(None, base if is_siren(base) else None, "invalid_checksum")


def read_digits(digits: str, *, pad: bool = True) -> SiretResult:
    """Read ASCII digits that stand for one identifier.

    Parameters
    ----------
    digits : str
        At least one digit, nothing else.
    pad : bool, default True
        Whether zeros that a spreadsheet took off the front may be put back: three at most from a SIRET, two
        from a SIREN (shorter ones are postcodes and customer numbers).

    Examples
    --------
    >>> read_digits("1555013000015")
    SiretResult(siret='01555013000015', siren='015550130', status='valid_siret_repadded')
    >>> read_digits("73282932000079")
    SiretResult(siret=None, siren='732829320', status='invalid_checksum')
    """
    if is_placeholder(digits):
        return SiretResult(None, None, "invalid_placeholder")
    if len(digits) == 14:
        siren = digits[:9] if is_siren(digits[:9]) else None
        return SiretResult(digits, siren, "valid_siret") if is_siret(digits) else _wrong("checksum", siren)
    if len(digits) == 9:
        return SiretResult(None, digits, "siren_only") if is_siren(digits) else _wrong("checksum", None)
    if found := _read_bare_vat(digits) or (_repad(digits) if pad else None):
        return found
    if len(digits) == 5 and digits.startswith("00"):  # no postcode starts with 00
        return SiretResult(None, None, "nic_only")
    return _wrong("length", _siren_of_wrong_length(digits))


def _wrong(what: str, siren: str | None) -> SiretResult:
    return SiretResult(None, siren, f"invalid_{what}")


def _read_bare_vat(digits: str) -> SiretResult | None:
    """Read a VAT number that lacks its FR: the key leaves one chance in a thousand to anything else."""
    return read_vat(digits[:2], digits[2:]) if len(digits) == 11 and tva.is_valid(digits) else None


def _repad(digits: str) -> SiretResult | None:
    if 11 <= len(digits) <= 13 and is_siret(full := digits.zfill(14)):
        return SiretResult(full, full[:9], "valid_siret_repadded")
    if 7 <= len(digits) <= 8 and is_siren(full := digits.zfill(9)):
        return SiretResult(None, full, "siren_only_repadded")
    return None


def _siren_of_wrong_length(digits: str) -> str | None:
    """Return the SIREN of a SIRET with one digit too many or too few, when only one reading is right."""
    readings = {13: (digits[:9], "0" + digits[:8]), 15: (digits[:9],)}.get(len(digits), ())
    right = [siren for siren in readings if is_siren(siren)]
    return right[0] if len(right) == 1 else None
