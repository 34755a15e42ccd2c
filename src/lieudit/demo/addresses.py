"""Fictional names and streets, and the ways in which people really write a city and a postcode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["write_addresses", "write_names"]

_FIRST: Final = (
    ("Zéphi", "Orlan", "Mirel", "Castor", "Lumi", "Fenel", "Auré", "Tibal", "Solen", "Vivar"),
    ("do", "ne", "line", "belle", "ris", "mond", "nette", "dor", "ya", "vin"),
)
_LAST: Final = (
    ("Brind", "Chant", "Fauv", "Gris", "Mous", "Pâqu", "Ronc", "Son", "Vel", "Ambr", "Tourn", "Quenouill"),
    ("elune", "epluie", "esoir", "ebrise", "echamp", "eval", "orage", "eplume", "egrange", "erêve"),
)
_WAYS: Final = ("rue", "avenue", "chemin", "impasse", "place", "allée", "route", "boulevard")
_OF: Final = (
    "des Songes", "du Vieux Moulin", "de la Fontaine", "des Hirondelles", "du Four à Pain", "des Trois Lunes",
    "de l'Horloge", "des Coquelicots", "du Pont Neuf", "de la Source", "des Tilleuls", "du Lavoir",
)  # fmt: skip
_COMPLEMENTS: Final = ("", "", "", "", "", "", "", ", bât. B", ", appt 12", ", résidence Les Saules")


def write_names(rng: np.random.Generator, n: int) -> pd.Series:
    """Return first and last names put together from syllables: they are nobody's."""
    syllables = [rng.choice(part, n) for part in (*_FIRST, *_LAST)]
    first, first_end, last, last_end = (pd.Series(part, dtype="str") for part in syllables)
    return first + first_end + " " + (last + last_end).str.upper()


def write_addresses(rng: np.random.Generator, places: pd.DataFrame) -> pd.DataFrame:
    """Write an address at each place, most of them the way that people do.

    Parameters
    ----------
    rng : Generator
    places : DataFrame
        ``commune_name``, ``department_code``, ``postcodes``, ``former``, ``cedex``, ``cedex_label``, by 0, 1, …

    Returns
    -------
    DataFrame of text
        ``address``, ``postcode``, ``city``, ``way`` (the name in :data:`WAYS`), with the index of `places`.
    """
    n = len(places)
    pick = rng.random(n)
    counts = places["postcodes"].str.len().to_numpy(dtype=np.int64)
    codes = places["postcodes"].explode().to_numpy(dtype=object)
    starts = np.cumsum(counts) - counts
    number = pd.Series(rng.integers(1, 120, n).astype(str), index=places.index)
    written = pd.DataFrame(
        {
            "address": number + " " + rng.choice(_WAYS, n) + " " + rng.choice(_OF, n) + rng.choice(_COMPLEMENTS, n),
            "postcode": codes[starts + (pick * counts).astype(np.int64)],
            "city": places["commune_name"].str.replace("œ", "oe").str.replace("Œ", "Oe"),
            "department": places["department_code"],
            "former": places["former"],
            "cedex": places["cedex"],
            "cedex_label": places["cedex_label"],
        },
        index=places.index,
    ).astype("str")
    names, shares = list(WAYS), [share for share, _ in WAYS.values()]
    written["way"] = rng.choice(names, n, p=np.divide(shares, sum(shares)))
    for name, (_, rewrite) in WAYS.items():
        chosen = written["way"] == name
        written[chosen] = rewrite(written[chosen].copy())
    zero = written["postcode"].str.fullmatch("0[0-9]{4}") & (rng.random(n) < LOST_ZERO)
    written["postcode"] = written["postcode"].mask(zero, written["postcode"].str[1:])
    return written[["address", "postcode", "city", "way"]].fillna("")


# Of postcodes that begin with a zero, the share that went through a spreadsheet.
LOST_ZERO: Final = 0.35

Rewrite = Callable[[pd.DataFrame], pd.DataFrame]


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    return rows


def _capitals(rows: pd.DataFrame) -> pd.DataFrame:
    """Write as on envelopes: capitals without accents, ``ST`` and ``STE``."""
    city = rows["city"].str.normalize("NFD").str.replace(r"[\u0300-\u036f]", "", regex=True).str.upper()
    city = city.str.replace(r"[-']", " ", regex=True)
    city = city.str.replace(r"\bSAINT\b", "ST", regex=True).str.replace(r"\bSAINTE\b", "STE", regex=True)
    return rows.assign(city=city, address=rows["address"].str.upper())


def _lower(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city=rows["city"].str.lower().str.replace("-", " "))


def _abbreviated(rows: pd.DataFrame) -> pd.DataFrame:
    city = rows["city"].str.replace(r"\bSaint\b", "St", regex=True).str.replace(r"\bSainte\b", "Ste", regex=True)
    return rows.assign(city=city.str.replace("-sur-", "/").str.replace("-sous-", " s/ "))


def _misspelt(rows: pd.DataFrame) -> pd.DataFrame:
    """Drop, double or swap a letter, where the name is long enough to remain itself."""
    city = rows["city"]
    dropped, doubled = city.str[:4] + city.str[5:], city.str[:3] + city.str[2:]
    swapped = city.str[:3] + city.str[4:5] + city.str[3:4] + city.str[5:]
    kind = city.str.len() % 3
    wrong = dropped.where(kind == 0, doubled.where(kind == 1, swapped))
    return rows.assign(city=wrong.where(city.str.len() >= 7, city))


def _on_one_line(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(address=rows["address"] + " " + rows["postcode"] + " " + rows["city"], postcode="", city="")


def _former(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city=rows["former"].fillna(rows["city"]))


def _cedex(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(postcode=rows["cedex"].fillna(rows["postcode"]), city=rows["cedex_label"].fillna(rows["city"]))


def _no_city(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city="")


def _no_postcode(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city=rows["city"] + " (" + rows["department"] + ")", postcode="")


def _city_with_postcode(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city=rows["postcode"] + "  " + rows["city"])


def _with_country(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(postcode="F-" + rows["postcode"])


def _nothing(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(address="", postcode="", city="")


# How often people write so, in parts of a hundred, and what becomes of the address.
WAYS: Final[dict[str, tuple[float, Rewrite]]] = {
    "plain": (44, _plain),
    "capitals": (18, _capitals),
    "lower case": (8, _lower),
    "abbreviated": (7, _abbreviated),
    "one line": (6, _on_one_line),
    "former commune": (4, _former),
    "cedex": (3, _cedex),
    "misspelt": (3, _misspelt),
    "city with postcode": (2, _city_with_postcode),
    "department only": (2, _no_postcode),
    "with country": (1.5, _with_country),
    "no city": (1, _no_city),
    "nothing": (0.5, _nothing),
}
