"""The fictional Sirene stock: INSEE's columns, valid identifiers, real communes, and everything that goes wrong."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from stdnum.fr import siren, siret

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.in_place import FICTIONAL
from lieudit.demo.stock import write_stock
from lieudit.errors import InputError

HEADERS = Path(__file__).parents[2].parent / "shared" / "api"
UNITS, ESTABLISHMENTS = "StockUniteLegale_utf8.parquet", "StockEtablissement_utf8.parquet"
SUCCESSIONS = "StockEtablissementLiensSuccession_utf8.parquet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_stock(tmp_path_factory.mktemp("stock"), 5_000, seed=4)


@pytest.fixture(scope="module")
def ask(folder):
    """Ask one question of the stock, whose files are u, e and s."""
    con = duckdb.connect()
    for name, file in (("u", UNITS), ("e", ESTABLISHMENTS), ("s", SUCCESSIONS)):
        con.execute(f"CREATE VIEW {name} AS FROM read_parquet('{folder / file}')")

    def ask(sql: str):
        (row,) = con.execute(sql).fetchall()
        return row[0] if len(row) == 1 else row

    yield ask
    con.close()


@pytest.mark.parametrize(
    ("file", "header"), [(UNITS, "stock_unite_legale_header.csv"), (ESTABLISHMENTS, "stock_etablissement_header.csv")]
)
def test_columns_are_those_that_insee_publishes(folder, file, header):
    if not HEADERS.is_dir():
        pytest.skip("the headers of shared/api are not here")
    published = (HEADERS / header).read_text(encoding="utf-8").strip().split(",")
    assert pq.read_schema(folder / file).names == published


def test_types_are_those_that_insee_publishes(folder):
    kinds = {name: {str(field.type) for field in pq.read_schema(folder / name)} for name in (UNITS, ESTABLISHMENTS)}
    assert set.union(*kinds.values()) == {"string", "date32[day]", "timestamp[us]", "bool", "int64"}
    units, establishments = (pq.read_schema(folder / name) for name in (UNITS, ESTABLISHMENTS))
    assert str(units.field("categorieJuridiqueUniteLegale").type) == "int64"
    assert str(establishments.field("etablissementSiege").type) == "bool"


def test_columns_of_since_2025_are_added_when_asked(tmp_path, folder):
    recent = write_stock(tmp_path, 50, recent=True)
    added = {name: set(pq.read_schema(recent / name).names) - set(pq.read_schema(folder / name).names)
             for name in (UNITS, ESTABLISHMENTS)}  # fmt: skip
    assert added[UNITS] == {"societeMissionUniteLegale", "activitePrincipaleNAF25UniteLegale"}
    assert added[ESTABLISHMENTS] == {"caractereEmployeurEtablissement", "activitePrincipaleNAF25Etablissement"}


def test_the_files_say_that_they_are_made_up(folder):
    for name in (UNITS, ESTABLISHMENTS, SUCCESSIONS):
        assert pq.read_metadata(folder / name).metadata[FICTIONAL.encode()] == b"true"
    assert "fictives" in (folder / "LISEZMOI.txt").read_text(encoding="utf-8")


def test_identifiers_are_valid_and_each_there_once(ask):
    assert ask("SELECT (count(*), count(DISTINCT siret), count_if(siret <> siren || nic)) FROM e") == (5000, 5000, 0)
    assert ask("SELECT (count(*), count(DISTINCT siren)) FROM u") == (4000, 4000)
    assert ask("SELECT count(DISTINCT siren) FROM e SEMI JOIN u USING (siren)") == 4000
    for number in ask("SELECT list(siret) FROM e"):
        assert siret.is_valid(number)
        assert siren.is_valid(number[:9])


def test_everything_that_a_real_stock_holds_is_there(ask):
    for what in (
        "e WHERE etatAdministratifEtablissement = 'F'",
        "u WHERE etatAdministratifUniteLegale = 'C'",
        "u WHERE statutDiffusionUniteLegale = 'P' AND nomUniteLegale = '[ND]'",
        "u WHERE statutDiffusionUniteLegale = 'N' AND dateCreationUniteLegale IS NULL",
        "u WHERE nomUniteLegale LIKE 'PERSONNE-FICTIVE-%' AND denominationUniteLegale IS NULL",
        "u WHERE nomUniteLegale IS NULL AND denominationUniteLegale IS NOT NULL",
        "e WHERE codePaysEtrangerEtablissement IS NOT NULL AND codeCommuneEtablissement IS NULL",
        "e WHERE activitePrincipaleEtablissement IS NULL AND statutDiffusionEtablissement = 'O'",
        "u WHERE nomenclatureActivitePrincipaleUniteLegale = 'NAF1993'",
        "u WHERE activitePrincipaleUniteLegale = '00.00Z'",
        "u WHERE dateCreationUniteLegale = DATE '1900-01-01'",
        "u ANTI JOIN (SELECT siren FROM e WHERE etablissementSiege) USING (siren)",
        "u WHERE trancheEffectifsUniteLegale IS NULL AND statutDiffusionUniteLegale = 'O'",
        "s WHERE NOT transfertSiege",
        "s SEMI JOIN (SELECT siretEtablissementPredecesseur AS p FROM s) ON siretEtablissementSuccesseur = p",
    ):
        assert ask(f"SELECT count(*) FROM {what}") > 0, what


def test_places_are_real(ask):
    names = open_catalogue().source("communes").path("names")
    unknown = f"SELECT count(*) FROM e ANTI JOIN read_parquet('{names}') ON codeCommuneEtablissement = own_code"
    assert ask(f"{unknown} WHERE codeCommuneEtablissement IS NOT NULL") == 0
    assert ask("SELECT count(*) FROM e WHERE codeCommuneEtablissement IN ('75056', '69123', '13055')") == 0
    assert ask("SELECT count(*) FROM e WHERE codeCommuneEtablissement LIKE '751%'") > 50


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path, folder):
    again, other = write_stock(tmp_path / "again", 5_000, seed=4), write_stock(tmp_path / "other", 5_000, seed=5)
    for name in (UNITS, ESTABLISHMENTS, SUCCESSIONS):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
        assert (other / name).read_bytes() != (folder / name).read_bytes()


@pytest.mark.parametrize("establishments", [9, 0, -1, 10**9])
def test_too_few_and_too_many_are_refused(tmp_path, establishments):
    with pytest.raises(InputError, match="cannot be made"):
        write_stock(tmp_path / "stock", establishments)
    assert not (tmp_path / "stock").exists()


def test_the_smallest_stock(tmp_path):
    folder = write_stock(tmp_path, 10)
    assert pq.read_metadata(folder / ESTABLISHMENTS).num_rows == 10
    assert not list(folder.glob(".*"))
