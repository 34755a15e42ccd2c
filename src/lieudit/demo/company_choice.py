"""Companies of a fictional stock for fictional customers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.catalogue import Catalogue
from lieudit.demo.company_groups import CompanyGroup
from lieudit.tables import connect, literal

__all__ = ["choose_companies", "read_establishments"]

# How willing a group is to take in a company of another sector, size or kind of place.
_OTHER_SECTION, _OTHER_SIZE, _ELSEWHERE = 0.003, 0.004, 0.04
_AGE_SLOPE: Final = 1.5  # years within which the willingness fades beyond a group's ages


def read_establishments(stock: Path, catalogue: Catalogue) -> pd.DataFrame:
    """Return the establishments whose place is known, in the order of their SIRETs.

    Parameters
    ----------
    stock : Path
        The folder that ``write_stock`` wrote.
    catalogue : Catalogue

    Returns
    -------
    DataFrame
        ``siret, siren, name`` (none of natural persons), ``postcode, city, commune_code, section, headcount, age,
        urban_class, shut``.
    """

    def parquet(path: Path) -> str:
        return f"read_parquet({literal(path)})"

    with connect() as con:
        frame: pd.DataFrame = con.execute(f"""
            SELECT e.siret, e.siren, u.denominationUniteLegale AS name, c.postcodes[1] AS postcode,
                   c.commune_name AS city, c.commune_code, n.section,
                   coalesce(b.headcount_min, -1) AS headcount,
                   (DATE '2025-12-31' - u.dateCreationUniteLegale) / 365.25 AS age, p.urban_class,
                   e.etatAdministratifEtablissement = 'F' AS shut
            FROM {parquet(stock / "StockEtablissement_utf8.parquet")} AS e
            JOIN {parquet(stock / "StockUniteLegale_utf8.parquet")} AS u USING (siren)
            JOIN {parquet(catalogue.source("communes").path())} AS c ON c.commune_code = e.codeCommuneEtablissement
            JOIN {parquet(catalogue.source("profile").path())} AS p USING (commune_code)
            JOIN {parquet(catalogue.source("naf").path())} AS n ON n.code = u.activitePrincipaleUniteLegale
            LEFT JOIN {parquet(catalogue.source("headcount_bands").path())} AS b
              ON b.band = u.trancheEffectifsUniteLegale
            WHERE u.dateCreationUniteLegale IS NOT NULL AND p.urban_class IS NOT NULL AND len(c.postcodes) > 0
            ORDER BY e.siret
        """).df()
    return frame


def choose_companies(
    rng: np.random.Generator, companies: pd.DataFrame, group: CompanyGroup | None, n: int
) -> npt.NDArray[Any]:
    """Draw companies for a group, each once; mostly open ones, and mostly legal persons.

    Parameters
    ----------
    rng : Generator
    companies : DataFrame
        From :func:`read_establishments`.
    group : CompanyGroup or None
        None for companies of no group.
    n : int

    Returns
    -------
    ndarray of int, shape (n,)
        Positions in `companies`.
    """
    weight = np.where(companies["shut"], 0.02, 1.0) * np.where(companies["name"].isna(), 0.1, 1.0)
    if group is not None:
        size, age = companies["headcount"], companies["age"].to_numpy(dtype=np.float64)
        beyond = np.maximum(np.maximum(group.age[0] - age, age - group.age[1]), 0) / _AGE_SLOPE
        weight = weight * np.exp(-beyond)
        weight *= np.where(companies["section"].isin(list(group.sections)), 1.0, _OTHER_SECTION)
        weight *= np.where(size.between(*group.headcount), 1.0, _OTHER_SIZE)
        weight *= np.where(companies["urban_class"] == group.urban_class, 1.0, _ELSEWHERE)
    return rng.choice(len(companies), n, replace=False, p=weight / weight.sum())
