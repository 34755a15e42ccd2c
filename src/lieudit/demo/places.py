"""Real communes for fictional customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.demo.groups import Group
from lieudit.tables import connect, literal

if TYPE_CHECKING:
    from lieudit.catalogue import Catalogue

__all__ = ["choose_communes", "read_communes"]

# How willing a group is to live in a commune of another urban class than its own.
ELSEWHERE = 0.04
_INDICATORS = [
    "income_per_inhabitant_eur",
    "density_per_km2",
    "urban_class",
    "share_under_20",
    "share_houses",
    "share_second_homes",
]


def read_communes(catalogue: Catalogue) -> pd.DataFrame:
    """Return the communes whose indicators are all known, in the order of their codes.

    Returns
    -------
    DataFrame of shape (n_communes, …)
        Name, department, population, postcodes, the indicators that groups lean on, and for some communes one
        former name (``former``) and one CEDEX code (``cedex``, ``cedex_label``), else missing.
    """

    def table(source: str, name: str = "table") -> str:
        return f"read_parquet({literal(catalogue.source(source).path(name))})"

    with connect() as con:
        frame: pd.DataFrame = con.execute(f"""
            SELECT c.commune_code, c.commune_name, c.department_code, c.population, c.postcodes,
                   i.income_per_inhabitant_eur, p.density_per_km2, p.urban_class, p.share_under_20, p.share_houses,
                   p.share_second_homes, f.former, x.cedex, x.cedex_label
            FROM {table("communes")} AS c
            JOIN {table("income")} AS i USING (commune_code)
            JOIN {table("profile")} AS p USING (commune_code)
            LEFT JOIN (SELECT commune_code, min(name) AS former FROM {table("communes", "names")}
                       WHERE kind IN ('delegated', 'associated') AND own_code <> commune_code
                       GROUP BY ALL) AS f USING (commune_code)
            LEFT JOIN (SELECT commune_code, min(cedex_code) AS cedex, arg_min(label, cedex_code) AS cedex_label
                       FROM {table("communes", "cedex")} GROUP BY ALL) AS x
              -- A CEDEX may bear the name of a neighbour: no address could tell then.
              ON x.commune_code = c.commune_code AND starts_with(
                  x.cedex_label, strip_accents(upper(translate(c.commune_name, '-''', '  '))) || ' CEDEX')
            WHERE c.population > 0 AND len(c.postcodes) > 0
            ORDER BY c.commune_code
        """).df()
    return frame.dropna(subset=_INDICATORS, ignore_index=True)


def choose_communes(rng: np.random.Generator, communes: pd.DataFrame, group: Group | None, n: int) -> npt.NDArray[Any]:
    """Draw communes by population and, for a group, by what it leans to.

    Parameters
    ----------
    rng : Generator
    communes : DataFrame
        From :func:`read_communes`.
    group : Group or None
        None for customers of no group.
    n : int

    Returns
    -------
    ndarray of int, shape (n,)
        Positions in `communes`.
    """
    weight = communes["population"].to_numpy(dtype=np.float64)
    if group is not None:
        weight = weight * np.where(communes["urban_class"] == group.urban_class, 1.0, ELSEWHERE)
        for leaning in group.leanings:
            slope = (communes[leaning.indicator].to_numpy(dtype=np.float64) - leaning.at) / leaning.width
            weight = weight / (1 + np.exp(-np.clip(slope, -50, 50)))
    return rng.choice(len(communes), n, p=weight / weight.sum())
