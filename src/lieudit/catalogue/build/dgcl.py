"""What the DGCL publishes for each commune when it shares out the State's grants, DGF 2020 to 2022."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from lieudit.catalogue.build.cog import Cog

__all__ = ["YEARS", "read_dgcl", "read_income"]

YEARS = (2020, 2021, 2022)

# The headings change a little from year to year: each is told by what stays.
_COLUMNS = {
    "own_code": r"Code INSEE de la commune$",
    "population": r"^Informations générales - Population INSEE",
    "area_ha": r"^Informations générales - Superficie",
    "income": r"Revenu imposable des habitants de la commune$",
    "dwellings": r"Nombre de logements TH de la commune$",
    "social": r"Nombre de logements sociaux de la commune$",
    "qpv": r"Population QPV$",
    "mountain": r"Commune située en zone de montagne$",
}
_YES = {"OUI": True, "1": True, "NON": False, "0": False}


def read_dgcl(cog: Cog, folder: Path) -> pd.DataFrame:
    """Read the three files, one row a commune of the time and a year.

    Returns
    -------
    DataFrame
        Columns ``year``, ``own_code``, ``commune_code`` (the present one; rows of communes that are no more are
        not left out, they follow their mergers), ``population``, ``area_ha``, ``income`` (euros, empty where it
        is withheld), ``dwellings``, ``social``, ``qpv`` and ``mountain``.
    """
    frames = [_read(folder / f"criteres_repartition_{year}.csv").assign(year=year) for year in YEARS]
    frame = pd.concat(frames, ignore_index=True)
    frame["commune_code"] = frame["own_code"].map(cog.present)
    # The DGCL writes 0 or "nd" where a commune is too small for its income to be told.
    frame["income"] = frame["income"].where(frame["income"] > 0)
    return frame.dropna(subset="commune_code")


def _read(path: Path) -> pd.DataFrame:
    header = pd.read_csv(path, nrows=0).columns
    found = {}
    for name, pattern in _COLUMNS.items():
        (found[name],) = [column for column in header if re.search(pattern, column.strip())]
    frame = pd.read_csv(path, usecols=list(found.values()), dtype=str)
    frame = frame.rename(columns={column: name for name, column in found.items()})
    for name in frame.columns.difference(["own_code", "mountain"]):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["mountain"] = frame["mountain"].map(_YES).astype("boolean")
    return frame


def read_income(cog: Cog, dgcl: pd.DataFrame) -> pd.DataFrame:
    """Build the income table: taxable income per inhabitant, over the years in which it is known.

    The income of the years, over the inhabitants of the years: a mean weighted by population, in time as between
    the parts of a commune that has merged since. A commune re-created since has the figure of the one it left.
    In both cases, and for the commune that others have left, ``income_per_inhabitant_eur_estimated`` is true.

    Parameters
    ----------
    cog : Cog
    dgcl : DataFrame
        As :func:`read_dgcl` gives it.
    """
    parts = dgcl.groupby(["commune_code", "year"])["own_code"].nunique().groupby("commune_code").max()
    known = dgcl.dropna(subset="income")
    sums = known.groupby("commune_code").agg(
        income=("income", "sum"), population=("population", "sum"), years=("year", "nunique")
    )
    frame = pd.DataFrame(index=pd.Index(sorted(cog.communes), name="commune_code"))
    frame["income_per_inhabitant_eur"] = (sums["income"] / sums["population"]).round(2)
    frame["income_years"] = sums["years"]
    frame["income_per_inhabitant_eur_estimated"] = parts.reindex(frame.index).gt(1)
    for child, parent in cog.splits.items():
        if child not in parts.index:
            frame.loc[child] = frame.loc[parent]
            frame.loc[[child, parent], "income_per_inhabitant_eur_estimated"] = True
    frame["income_years"] = frame["income_years"].fillna(0).astype("int64")
    estimated = frame["income_per_inhabitant_eur_estimated"].astype("boolean")
    frame["income_per_inhabitant_eur_estimated"] = estimated.mask(frame["income_per_inhabitant_eur"].isna())
    return frame.reset_index()
