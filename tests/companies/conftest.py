"""A fictional register as a catalogue of the user's own, and what stands in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from lieudit.demo.company_sources import write_register


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with a fictional stock of 3,000 establishments."""
    catalogue = tmp_path_factory.mktemp("register")
    write_register(catalogue, 3000, 7)
    return catalogue


@pytest.fixture(scope="session")
def establishments(register: Path) -> pd.DataFrame:
    """The stock's establishments with what their units say, in the order of their SIRETs."""
    folder = register / "sirene"
    return duckdb.sql(
        f"""SELECT e.siret, e.siren, e.codeCommuneEtablissement AS commune, e.codePostalEtablissement AS postcode,
                   e.libelleCommuneEtablissement AS city, e.etablissementSiege AS head, e.etatAdministratifEtablissement
                   AS state, e.statutDiffusionEtablissement = 'O' AND u.statutDiffusionUniteLegale = 'O' AS diffusible,
                   u.categorieJuridiqueUniteLegale AS legal_form, u.denominationUniteLegale AS name,
                   e.statutDiffusionEtablissement = 'N' OR u.statutDiffusionUniteLegale = 'N' AS withheld
            FROM '{folder}/StockEtablissement_utf8.parquet' AS e
            JOIN '{folder}/StockUniteLegale_utf8.parquet' AS u USING (siren) ORDER BY e.siret"""
    ).df()
