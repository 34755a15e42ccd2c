"""Draws of the fictional Sirene stock, as SQL.

Each is a hash of the number of the row, the name of the draw and the seed: the same on any number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lieudit.tables import literal

__all__ = ["BANDS", "FORMS", "STOCK_DAY", "choice", "draw", "luhn", "pick", "stamp", "street", "trade", "word"]

STOCK_DAY: Final = "2026-06-30"

# Two syllables and an ending make a word that is the name of nothing.
_SYLLABLES: Final = {
    "head": ("VOL", "ZAN", "BRI", "KER", "MOU", "TAL", "GRU", "PEL", "SAR", "DON", "FLI", "QUE", "RIM", "BAU", "NOR",
             "LUZ", "CHA", "TRE", "VIL", "OSS"),
    "middle": ("MAR", "TOU", "BRO", "LI", "ZA", "RU", "PE", "NI", "GO", "DA", "VEL", "SI", "MON", "CRA", "FE", "LO",
               "TI", "BU", "RA", "NE"),
    "tail": ("NE", "VAL", "TOUX", "LANE", "DRE", "QUIN", "MONT", "RY", "ZEL", "SAC", "VIN", "BOIS", "COT", "LIER",
             "PUY", "NAY", "DOR", "FEU", "GUE", "LAC"),
}  # fmt: skip
_TRADES: Final = (
    "BOULANGERIE", "ATELIERS", "TRANSPORTS", "GARAGE", "MENUISERIE", "CONSEIL", "ETUDES", "JARDINS", "IMPRIMERIE",
    "PHARMACIE", "CAVES", "MAISON", "BATIMENT", "ELECTRICITE", "LOGICIELS", "IMMOBILIERE", "TEXTILES", "FROMAGERIE",
    "VERGERS", "SERVICES", "LABORATOIRE", "FONDERIE", "LIBRAIRIE", "NAUTIQUE",
)  # fmt: skip
_STREETS: Final = ("DES EXEMPLES", "DE L INVENTION", "DU MODELE", "DES BROUILLONS", "DE LA FABLE", "DU SONGE",
                   "DES HYPOTHESES", "DE LA MAQUETTE", "DU SIMULACRE", "DES CHIMERES")  # fmt: skip

# Values, and the share of units up to each: legal forms (8888 is of none that exists) and headcount bands.
FORMS: Final = ((1000, 0.54), (5710, 0.70), (5499, 0.86), (6540, 0.93), (9220, 0.97), (5599, 0.975), (7210, 0.98),
                (6533, 0.985), (9150, 0.988), (5202, 0.991), (3120, 0.993), (8888, 1))  # fmt: skip
BANDS: Final = (("NN", 0.62), ("00", 0.68), ("01", 0.82), ("02", 0.89), ("03", 0.93), ("11", 0.96), ("12", 0.98),
                ("21", 0.988), ("22", 0.993), ("31", 0.995), ("32", 0.997), ("41", 0.9983), ("42", 0.9992),
                ("51", 0.9997), ("52", 0.9999), ("53", 1))  # fmt: skip


def draw(number: str, name: str, seed: int) -> str:
    """Draw a number in [0, 1)."""
    return f"((hash({number}, {literal(name)}, {seed}) >> 11) / 9007199254740992.0)"


def choice(number: str, name: str, seed: int, upto: Sequence[tuple[int | str, float]]) -> str:
    """Draw one of some values, by the share of rows up to each."""
    drawn = draw(number, name, seed)
    whens = " ".join(
        f"WHEN {drawn} < {share} THEN {value if isinstance(value, int) else literal(value)}" for value, share in upto
    )
    return f"(CASE {whens} END)"


def pick(words: Sequence[str], number: str, name: str, seed: int) -> str:
    """Draw one of some words, all alike."""
    listed = ", ".join(literal(each) for each in words)
    return f"([{listed}])[1 + CAST(hash({number}, {literal(name)}, {seed}) % {len(words)} AS INTEGER)]"


def word(number: str, name: str, seed: int) -> str:
    """Draw a name that is nobody's: one of 8,000."""
    return " || ".join(pick(parts, number, f"{name} {part}", seed) for part, parts in _SYLLABLES.items())


def trade(number: str, seed: int) -> str:
    """Draw what a company's name begins with."""
    return pick(_TRADES, number, "trade", seed)


def street(number: str, seed: int) -> str:
    """Draw the name of a street."""
    return pick(_STREETS, number, "street", seed)


def stamp(number: str, name: str, seed: int) -> str:
    """Draw when the register last dealt with a row; the latest day is the stock's."""
    days = f"CAST(3_000 * pow({draw(number, name, seed)}, 3) AS INTEGER)"
    return f"CAST(DATE '{STOCK_DAY}' - {days} AS TIMESTAMP) + INTERVAL 9 HOUR"


def luhn(stem: str, length: int) -> str:
    """Give the digit that makes Luhn's key right when put after a number of that many digits."""
    total = []
    for place in range(length):
        digit = f"(({stem} // {10**place}) % 10)"
        total.append(digit if place % 2 else f"({digit} * 2 - CASE WHEN {digit} > 4 THEN 9 ELSE 0 END)")
    return f"((10 - ({' + '.join(total)}) % 10) % 10)"
