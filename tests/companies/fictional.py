"""A fictional register as a catalogue of the user's own, and what stands in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from lieudit.demo.company_sources import write_register


def make_register(catalogue: Path) -> Path:
    """Write a catalogue with a fictional stock of 3,000 establishments."""
    write_register(catalogue, 3000, 7)
    return catalogue


def read_establishments(register: Path) -> pd.DataFrame:
    """Return the stock's establishments with what their units say, in the order of their SIRETs."""
    folder = register / "sirene"
    return duckdb.sql(
        f"""SELECT e.siret, e.siren, e.codeCommuneEtablissement AS commune, e.codePostalEtablissement AS postcode,
                   e.libelleCommuneEtablissement AS city, e.etablissementSiege AS head,
                   e.etatAdministratifEtablissement = 'A' AS open,
                   e.statutDiffusionEtablissement = 'O' AND u.statutDiffusionUniteLegale = 'O' AS diffusible,
                   u.categorieJuridiqueUniteLegale AS legal_form, u.denominationUniteLegale AS name,
                   e.statutDiffusionEtablissement = 'N' OR u.statutDiffusionUniteLegale = 'N' AS withheld
            FROM '{folder}/StockEtablissement_utf8.parquet' AS e
            JOIN '{folder}/StockUniteLegale_utf8.parquet' AS u USING (siren) ORDER BY e.siret"""
    ).df()
