"""Cities of other countries, to know a foreign address whose postcode looks French."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from lieudit.catalogue.build.cog import read_json

__all__ = ["read_foreign_places"]

# ISO codes under which France and its overseas territories stand.
_FRENCH = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF"})
_NEIGHBOURS = frozenset({"AD", "AT", "BE", "CH", "DE", "ES", "GB", "IE", "IT", "LI", "LU", "MC", "NL", "PT"})
_LEAST_NEAR, _LEAST_FAR, _LEAST_FOR_OTHER_NAMES = 2_000, 50_000, 50_000  # inhabitants
_LATIN = re.compile(r"[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ÖØ-öø-ÿĀ-ſ' .’-]{2,}")


def read_foreign_places(cities: Path) -> pd.DataFrame:
    """Build ``table.parquet``: names of the places that senders of letters to France may live in.

    Places of 2,000 inhabitants in neighbouring countries, of 50,000 elsewhere; those of 50,000 under all their
    names in Latin letters (Roma, Rome; Londres, London).

    Parameters
    ----------
    cities : Path
        Unpacked folder that holds ``cities500.json``.

    Returns
    -------
    DataFrame
        Columns ``name``, ``country_code``, ``population``: the most populous place of that name in the country.
    """
    rows = pd.DataFrame(_names(read_json(cities / "cities500.json")), columns=["name", "country_code", "population"])
    return rows.groupby(["name", "country_code"], sort=True).max().reset_index()


def _names(cities: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, int]]:
    for city in cities.values():
        country, people = city["countrycode"], int(city["population"])
        if country in _FRENCH or people < (_LEAST_NEAR if country in _NEIGHBOURS else _LEAST_FAR):
            continue
        yield city["name"], country, people
        if people >= _LEAST_FOR_OTHER_NAMES:
            others = (name for name in city["alternatenames"] if _LATIN.fullmatch(name) and not name.isupper())
            yield from ((name, country, people) for name in others)
