"""The ways in which people, and Excel, really write a SIRET and the name of a company."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["SPELLINGS", "write_identifiers", "write_names"]


def _spaced(siret: pd.Series) -> pd.Series:
    return siret.str[:3] + " " + siret.str[3:6] + " " + siret.str[6:9] + " " + siret.str[9:]


def _truncated(siret: pd.Series) -> pd.Series:
    """Write as Excel shows a long number: eight digits are lost."""
    return siret.map(lambda text: f"{float(text):.5E}".replace(".", ","))


def _vat(siret: pd.Series) -> pd.Series:
    key = siret.str[:9].map(lambda siren: f"{(12 + 3 * (int(siren) % 97)) % 97:02d}")
    return "FR" + key + siret.str[:9]


def _letter(siret: pd.Series) -> pd.Series:
    """Write the letter O for the first zero of the establishment's number."""
    return siret.str[:9] + siret.str[9:].str.replace("0", "O", n=1)


def _mistyped(siret: pd.Series) -> pd.Series:
    """Change the last digit, which the key depends on."""
    return siret.str[:13] + siret.str[13].map(lambda digit: str((int(digit) + 3) % 10))


# How often they write so, in parts of a hundred, and what becomes of the SIRET.
SPELLINGS: Final[dict[str, tuple[float, Callable[[pd.Series], pd.Series]]]] = {
    "plain": (42, lambda siret: siret),
    "spaces": (14, _spaced),
    "dots": (2, lambda siret: _spaced(siret).str.replace(" ", ".")),
    "text around": (3, lambda siret: "SIRET : " + _spaced(siret)),
    "decimals": (8, lambda siret: siret + ",00"),
    "float": (3, lambda siret: siret + ".0"),
    "scientific, complete": (2, lambda siret: siret.str[0] + "," + siret.str[1:] + "E+13"),
    "scientific, truncated": (2, _truncated),
    "SIREN only": (6, lambda siret: siret.str[:9]),
    "VAT number": (4, _vat),
    "O for 0": (1, _letter),
    "mistyped": (2, _mistyped),
    "none": (10, lambda siret: pd.Series("", siret.index, dtype="str")),
    "placeholder": (1, lambda siret: pd.Series("00000000000000", siret.index, dtype="str")),
}


def write_identifiers(rng: np.random.Generator, sirets: pd.Series) -> pd.DataFrame:
    """Write the SIRET of each company, most of them the way that people do.

    Returns
    -------
    DataFrame of text
        ``siret``, ``spelling`` (the name in :data:`SPELLINGS`).
    """
    names, shares = list(SPELLINGS), [share for share, _ in SPELLINGS.values()]
    chosen = pd.Series(rng.choice(names, len(sirets), p=np.divide(shares, sum(shares))), sirets.index, dtype="str")
    written = sirets.copy()
    for name, (_, rewrite) in SPELLINGS.items():
        written[chosen == name] = rewrite(sirets[chosen == name])
    return pd.DataFrame({"siret": written, "spelling": chosen})


def write_names(rng: np.random.Generator, names: pd.Series) -> pd.Series:
    """Write the names of companies with a legal form before or behind, in other case, with an ampersand."""
    pick = pd.Series(rng.random(len(names)), names.index)
    form = pd.Series(rng.choice(["SARL", "SAS", "Sté", "Ets"], len(names)), names.index)
    written = names.where(pick > 0.25, names.str.title())
    written = written.mask(pick.between(0.25, 0.45), form + " " + names)
    written = written.mask(pick.between(0.45, 0.55), names + " (" + form.str.upper() + ")")
    return written.mask(pick.between(0.55, 0.6), names + " & Cie")
