"""Answers that customers gave, from the configuration through the bundle to new customers and the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lieudit
from lieudit.errors import TableError

from ..conftest import make_shop
from .test_train import FAST, _configuration


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("declared")
    make_shop(folder)
    customers = pd.read_csv(folder / "clients.csv", sep=";", dtype=str)
    rng = np.random.default_rng(5)
    vegan = customers["code postal"].isin(["48000", "15000", "23000", "05000"]) | (rng.random(len(customers)) < 0.05)
    customers["régime"] = np.where(vegan, "végane", "omnivore")
    customers["enfants"] = np.where(vegan, rng.integers(0, 2, len(customers)), rng.integers(3, 5, len(customers)))
    customers["population"] = rng.integers(1, 6, len(customers))  # called like a column of lieudit
    customers.loc[:5, ["régime", "enfants", "population"]] = None
    customers.loc[6, "régime"] = "Régime de Zoé"
    customers.to_csv(folder / "clients.csv", index=False, sep=";")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> lieudit.Run:
    customers = {"path": str(folder / "clients.csv"), "declared": ["régime", "enfants", "population"]}
    return lieudit.train(_configuration(folder, customers=customers, train=FAST | {"worth": False}))


def test_answers_make_a_block_and_are_told_by_their_own_names(run: lieudit.Run) -> None:
    assert {"behaviour", "place", "declared"} == run.segments["features"]["block_weights"].keys()
    told = {trait["feature"] for segment in run.segments["segments"] for trait in segment["traits"]}
    assert {"régime=végane", "enfants"} & told
    page = run.report.read_text(encoding="utf-8")
    assert "végane" in page
    assert "selon leurs achats, leur lieu et ce qu’ils ont déclaré" in page
    assert "Zoé" not in page  # an answer of one customer is nobody's business
    assert "Zoé" not in (run.bundle / "bundle.json").read_text(encoding="utf-8")


def test_the_bundle_scores_the_training_s_own_file_as_it_was(run: lieudit.Run, folder: Path) -> None:
    bundle = lieudit.load_bundle(run.bundle)
    assert set(bundle.features_of("declared")) == {"régime", "enfants", "population_declared"}
    scored = bundle.score(folder / "clients.csv", folder / "commandes.csv")
    assert scored["cluster"].tolist() == run.customers["cluster"].tolist()
    assert scored["cluster_basis"].value_counts().idxmax() == "behaviour, place and declared"


def test_answers_are_read_from_a_frame_as_from_a_file_and_may_be_missing(run: lieudit.Run, folder: Path) -> None:
    bundle = lieudit.load_bundle(run.bundle)
    frame = pd.read_csv(folder / "clients.csv", sep=";", dtype={"code postal": "str"})
    scored = bundle.score(frame, folder / "commandes.csv")
    assert scored["cluster"].tolist() == run.customers["cluster"].tolist()
    without = bundle.score(frame.drop(columns=["régime", "enfants", "population"]), folder / "commandes.csv")
    assert without["cluster_basis"].value_counts().idxmax() == "behaviour and place"


def test_answers_alone_place_a_customer(run: lieudit.Run) -> None:
    frame = pd.DataFrame({"identifiant": ["a", "b"], "régime": ["végane", None], "enfants": ["0", None]})
    scored = lieudit.load_bundle(run.bundle).score(frame)
    assert scored["cluster_basis"].tolist() == ["declared only", "none"]


def test_an_unknown_answer_stops_the_training_before_any_work(folder: Path) -> None:
    customers = {"path": str(folder / "clients.csv"), "declared": ["regime"]}
    with pytest.raises(TableError, match="Did you mean 'régime'"):
        lieudit.train(_configuration(folder, name="wrong", customers=customers))
