"""Companies by name, the side file of candidates, websites; a training and a scoring on companies."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import lieudit
from lieudit.catalogue.source import sha256
from lieudit.demo.b2b import write_b2b
from lieudit.demo.company_sources import write_register
from lieudit.pipeline.enrich import enrich_file
from lieudit.pipeline.score import score_file
from lieudit.pipeline.train import train

CANARY = "Zzyzx"


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalogue = tmp_path_factory.mktemp("register")
    write_register(catalogue, 6000, 5)
    return catalogue


@pytest.fixture(scope="module")
def firms(register: Path) -> pd.DataFrame:
    """Companies with one open establishment, at a plain place, under a name that nobody else has there."""
    folder = register / "sirene"
    return duckdb.sql(
        f"""SELECT any_value(e.siret) AS siret, u.denominationUniteLegale AS name,
                   any_value(e.codePostalEtablissement) AS postcode, any_value(e.libelleCommuneEtablissement) AS city
            FROM '{folder}/StockUniteLegale_utf8.parquet' AS u
            JOIN '{folder}/StockEtablissement_utf8.parquet' AS e USING (siren)
            WHERE u.etatAdministratifUniteLegale = 'A' AND name IS NOT NULL AND e.codeCommuneEtablissement IS NOT NULL
              AND left(e.codePostalEtablissement, 2) BETWEEN '01' AND '95'
            GROUP BY siren, name HAVING count(*) = 1 AND any_value(e.etatAdministratifEtablissement) = 'A'
            ORDER BY siren LIMIT 60"""
    ).df()


def test_names_lead_to_companies_and_places(register: Path, firms: pd.DataFrame) -> None:
    file = pd.DataFrame({
        "raison sociale": [*(firms["name"].str.title() + " SARL"), "Rien De Tel", "", firms["name"][0]],
        "cp": [*firms["postcode"], "35000", "35000", ""], "ville": [*firms["city"], "Rennes", "Rennes", ""],
    })  # fmt: skip
    found = lieudit.enrich(file, catalogue=register)
    named = found[: len(firms)]
    assert (named["company_method"] == "name_match").mean() > 0.9
    right = named["siret"] == firms["siret"]
    assert right[named["company_status"] == "found"].all()
    given = named.loc[named["company_status"] == "found", "company_confidence"]
    assert given.between(0.9, 1).all()
    assert named["siret_status"].eq("empty").all()
    assert named.loc[right, "legal_form"].notna().all()
    last = found[["company_status", "company_note"]].astype(object).tail(3)
    assert last.where(last.notna(), None).to_numpy().tolist() == [
        ["not_found", "name_not_in_register"], ["empty", None], ["not_found", "no_place"],
    ]  # fmt: skip
    said = found.attrs["sources"]["columns"]
    filled = {name for name, entry in said.items() if entry.get("also") == ["sirene"]}
    assert filled == {"siret", "siren", "commune_code"}


def test_companies_of_a_town_are_found_under_the_postcode_of_a_suburb(register: Path, firms: pd.DataFrame) -> None:
    suburbs = {"BORDEAUX": "33700", "LE MANS": "72700", "TOULOUSE": "31770", "MONTPELLIER": "34170"}
    there = firms[firms["city"].isin(suburbs)]
    file = pd.DataFrame({"raison sociale": there["name"], "cp": there["city"].map(suburbs), "ville": there["city"]})
    found = lieudit.enrich(file, catalogue=register)
    assert set(there["city"]) == {*suburbs}
    assert found["siret"].tolist() == there["siret"].tolist()
    assert set(found["company_method"]) == {"name_match"}


def test_vat_numbers_in_a_column_of_their_own_lead_to_companies(register: Path, firms: pd.DataFrame) -> None:
    siren = firms["siret"].str[:9].head(4)
    file = pd.DataFrame({
        "N° SIRET": [firms["siret"][0], "", "", "", ""],
        "N° TVA": [f"FR{(12 + 3 * (int(one) % 97)) % 97:02} {one}" for one in siren] + ["DE136695976"],
    })  # fmt: skip
    found = lieudit.enrich(file, catalogue=register)
    assert found["company_method"].head(4).tolist() == ["siret_stock", *["siren_stock"] * 3]
    assert found["siren"].head(4).tolist() == siren.tolist()
    assert found[["siret_status", "company_status"]].to_numpy()[4].tolist() == ["foreign_vat", "invalid"]


def test_people_are_not_looked_up_among_companies(register: Path, firms: pd.DataFrame) -> None:
    people = pd.DataFrame({"nom": firms["name"].str.title(), "cp": firms["postcode"], "ville": firms["city"]})
    assert "company_status" not in lieudit.enrich(people, catalogue=register).columns
    asked_for = lieudit.enrich(people, catalogue=register, columns={"name": "nom"})
    assert asked_for["company_status"].eq("found").mean() > 0.9
    telling = people.assign(nom=[f"{name} SAS" if n % 5 == 0 else name for n, name in enumerate(people["nom"])])
    assert lieudit.enrich(telling, catalogue=register)["company_status"].eq("found").mean() > 0.8


def test_ambiguous_names_have_their_candidates_beside(register: Path, firms: pd.DataFrame, tmp_path: Path) -> None:
    catalogue = tmp_path / "twins"
    twin = _twins(register, catalogue)
    rows = [
        (f"{CANARY}-1", *twin),
        (f"{CANARY}-2", *firms.loc[0, ["name", "postcode", "city"]]),
        (f"{CANARY}-3", *twin),
    ]
    pd.DataFrame(rows, columns=["id", "société", "cp", "ville"]).to_csv(tmp_path / "firms.csv", index=False)
    out = tmp_path / "out.csv"
    done = enrich_file(tmp_path / "firms.csv", out, catalogue=catalogue)
    assert done.candidates == tmp_path / "out.csv.candidates.csv"
    assert done.counts["company_status"] == {"ambiguous": 2, "found": 1}
    candidates = pd.read_csv(done.candidates, dtype=str)
    assert candidates["row"].unique().tolist() == ["1", "3"]
    assert candidates.groupby("row").size().between(2, 3).all()
    assert candidates["given_name"].eq(twin[0]).all()
    assert candidates["confidence"].astype(float).lt(0.95).all()
    written = pd.read_csv(out, dtype=str)
    assert written["company_note"][0] == "several_candidates"
    assert written[["siret", "siren", "legal_form"]].iloc[[0, 2]].isna().all(axis=None)

    pd.DataFrame(rows[1:2], columns=["id", "société", "cp", "ville"]).to_csv(tmp_path / "firms.csv", index=False)
    assert enrich_file(tmp_path / "firms.csv", out, catalogue=catalogue).candidates is None
    assert not (tmp_path / "out.csv.candidates.csv").exists()


def _twins(register: Path, catalogue: Path) -> tuple[str, str, str]:
    """Copy a register, give two open companies of one town the same name, and return it with the town."""
    shutil.copytree(register, catalogue)
    units = catalogue / "sirene" / "StockUniteLegale_utf8.parquet"
    before = sha256(units)
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE units AS FROM '{units}'")
        (pair,) = con.execute(
            f"""SELECT [min(siren), max(siren), any_value(codePostalEtablissement),
                        any_value(libelleCommuneEtablissement)]
                FROM units JOIN '{units.with_name("StockEtablissement_utf8.parquet")}' AS e USING (siren)
                WHERE etatAdministratifEtablissement = 'A' AND etatAdministratifUniteLegale = 'A'
                  AND denominationUniteLegale IS NOT NULL AND codeCommuneEtablissement NOT LIKE '75%'
                GROUP BY codeCommuneEtablissement HAVING count(DISTINCT siren) = 2
                ORDER BY codeCommuneEtablissement LIMIT 1"""
        ).fetchone()
        con.execute("UPDATE units SET denominationUniteLegale = 'FERMOTRIL GAUCHAN' WHERE siren IN (?, ?)", pair[:2])
        con.execute(f"COPY units TO '{units}' (FORMAT parquet)")
    manifest = units.with_name("source.yaml")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(before, sha256(units)), encoding="utf-8")
    return "Fermotril Gauchan", pair[2], pair[3]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, lieudit.Run]:
    folder = tmp_path_factory.mktemp("b2b")
    files = write_b2b(folder, customers=240, seed=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run = train({
            "name": "b2b", "as_of": "2026-01-01", "out": str(folder / "out"), "models": str(folder / "models"),
            "customers": {"path": str(files.customers)}, "transactions": {"path": str(files.orders)},
            "enrich": {"catalogue": str(folder / "sources"), "purpose": "prospecting"},
            "train": {"methods": ["kmeans"], "min_clusters": 3, "max_clusters": 4, "resamples": 2, "jobs": 1},
            "tracking": {"uri": f"sqlite:///{folder}/mlflow.db", "artifacts": str(folder / "artifacts")},
        })  # fmt: skip
    return folder, run


def test_a_training_leaves_out_those_who_object(trained: tuple[Path, lieudit.Run]) -> None:
    folder, run = trained
    customers = run.customers
    everybody = lieudit.enrich(
        pd.read_csv(folder / "companies.csv", sep=";", encoding="cp1252", dtype=str), catalogue=folder / "sources"
    )
    objecting = everybody["diffusible"].eq(False).fillna(False)
    assert 0 < objecting.sum() < 40
    assert set(customers["customer_id"]) == set(everybody["N° client"][~objecting])
    assert any("object to prospecting were left out" in text for text in run.warnings)
    assert {"naf_section", "headcount_min", "turnover_eur", "company_status"} <= set(customers.columns)
    assert "inventées" in (run.out / "report.html").read_text(encoding="utf-8")


def test_new_companies_are_scored_as_they_were_trained(trained: tuple[Path, lieudit.Run], tmp_path: Path) -> None:
    folder, run = trained
    command = {"transactions": folder / "orders.csv", "catalogue": folder / "sources"}
    scored = score_file(folder / "companies.csv", run.bundle, tmp_path / "scored.parquet", **command)
    frame = pd.read_parquet(tmp_path / "scored.parquet").set_index("N° client")
    assert scored.rows == len(frame) == 240  # that the training was for prospecting is no matter of this run
    trained_on = run.customers.set_index("customer_id")
    pd.testing.assert_series_equal(
        frame["cluster"].reindex(trained_on.index), trained_on["cluster"], check_dtype=False, check_names=False
    )
    fewer = score_file(folder / "companies.csv", run.bundle, tmp_path / "s.parquet", purpose="prospecting", **command)
    assert fewer.rows == len(trained_on)
    assert any("object to prospecting" in text for text in fewer.warnings)
