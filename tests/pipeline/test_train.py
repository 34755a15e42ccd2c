"""A whole run on the small shop: what it writes, that it repeats, that it keeps people out of MLflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import lieudit
from lieudit.errors import InputError
from lieudit.pipeline.runs import compare_runs, draw_report
from lieudit.schema import COMMUNE_COLUMNS, RFM_COLUMNS

from ..conftest import CANARY, make_shop

SHARED = Path(__file__).parents[2].parent / "shared"
FAST = {"methods": ["kmeans", "hdbscan_leaf"], "min_clusters": 2, "max_clusters": 4, "resamples": 2, "jobs": 1}


def _configuration(folder: Path, name: str = "boutique", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "customers": {"path": str(folder / "clients.csv")},
        "transactions": {"path": str(folder / "commandes.csv")},
        "out": str(folder / name),
        "models": str(folder / "models"),
        "train": FAST,
        "tracking": {"uri": f"sqlite:///{folder}/mlruns/mlflow.db", "artifacts": str(folder / "mlruns/artifacts")},
        **changes,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    make_shop(folder)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> lieudit.Run:
    return lieudit.train(_configuration(folder))


def test_every_file_of_the_contract_is_there(run: lieudit.Run, folder: Path) -> None:
    written = {path.name for path in run.out.iterdir()}
    assert written == {"customers.parquet", "segments.json", "report.html", "report.json"}
    assert (run.bundle / "bundle.json").is_file()
    assert (folder / "mlruns" / "mlflow.db").is_file()


def test_customers_keep_their_order_and_hold_no_input_column_but_the_id(run: lieudit.Run, folder: Path) -> None:
    given = pd.read_csv(folder / "clients.csv", sep=";", dtype=str)
    customers = run.customers
    assert customers["customer_id"].tolist() == given["identifiant"].tolist()
    expected = {column.name for column in (*COMMUNE_COLUMNS, *RFM_COLUMNS)}
    expected |= {"cluster", "segment", "strength", "unnamed", "cluster_basis"}
    assert expected <= set(customers.columns)
    assert not {"nom", "adresse", "ville", "code postal"} & set(customers.columns)
    assert customers["strength"].between(0, 1).all()


def test_segments_add_up(run: lieudit.Run) -> None:
    segments = run.segments["segments"]
    sizes = run.customers["cluster"].value_counts()
    assert {s["cluster"]: s["size"] for s in segments} == {c: n for c, n in sizes.items() if c >= 0}
    with_rule = run.customers["rfm_segment"].notna().sum()
    assert sum(n for row in run.segments["agreement"]["table"].values() for n in row.values()) == with_rule
    assert {s["status"] for s in segments} <= {"unnamed", "named", "unstable", "chance"}


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_rows(run: lieudit.Run, folder: Path) -> None:
    for name in ("clients.csv", "commandes.csv"):
        header, *lines = (folder / name).read_text(encoding="utf-8").splitlines()
        (folder / f"shuffled-{name}").write_text("\n".join([header, *lines[::-1]]) + "\n", encoding="utf-8")
    paths = {"customers": {"path": str(folder / "shuffled-clients.csv")},
             "transactions": {"path": str(folder / "shuffled-commandes.csv")}}  # fmt: skip
    again = lieudit.train(_configuration(folder, name="again", **paths))
    assert (again.out / "segments.json").read_bytes() == (run.out / "segments.json").read_bytes()


def test_scoring_the_training_file_gives_the_training_labels(run: lieudit.Run, folder: Path) -> None:
    scored = lieudit.load_bundle(run.bundle).score(folder / "clients.csv", folder / "commandes.csv")
    trained = run.customers
    for column in ("cluster", "segment", "rfm_score", "rfm_segment", "cluster_basis", "unnamed"):
        assert scored[column].astype(object).tolist() == trained[column].astype(object).tolist(), column


def test_mlflow_and_the_bundle_hold_nobody(run: lieudit.Run, folder: Path) -> None:
    kept = [path for root in (folder / "mlruns", run.bundle) for path in root.rglob("*") if path.is_file()]
    assert kept
    assert [path.name for path in kept if CANARY.encode() in path.read_bytes()] == []
    assert CANARY not in run.report.read_text(encoding="utf-8")


def test_a_finished_run_is_compared_and_drawn_again(run: lieudit.Run, folder: Path, tmp_path: Path) -> None:
    uri = f"sqlite:///{folder}/mlruns/mlflow.db"
    other = lieudit.train(_configuration(folder, name="other", rfm={"monetary": "mean"}))
    table = compare_runs([run.run_id, other.run_id], tracking=uri, out=tmp_path / "compared.csv").table
    assert table.loc[("param", "rfm.monetary")].tolist() == ["total", "mean"]
    assert ("metric", "silhouette") in table.index
    assert (tmp_path / "compared.csv").is_file()

    page = draw_report(run.run_id, tracking=uri, out=tmp_path / "page.html", lang="en")
    assert '<html lang="en"' in page.read_text(encoding="utf-8")
    again = draw_report(str(run.out), tracking=uri, out=tmp_path / "same.html")
    assert again.read_bytes() == run.report.read_bytes()


def test_without_transactions_clusters_rest_on_place(folder: Path) -> None:
    run = lieudit.train(_configuration(folder, name="places", transactions=None))
    assert any("No orders were given" in warning for warning in run.warnings)
    assert set(run.customers["cluster_basis"]) <= {"place only", "none"}
    assert json.loads((run.out / "segments.json").read_text(encoding="utf-8"))["agreement"]["table"] == {}


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "retail").is_dir(), reason="the reference retail data is not here")
def test_a_real_export_without_places_is_trained_and_said_to_have_none(folder: Path) -> None:
    path = SHARED / "retail" / "online_retail_II_2009_2010.parquet"
    orders = {"path": str(path), "amount": "Quantity * Price"}
    run = lieudit.train(_configuration(folder, name="retail", customers=None, transactions=orders))
    assert len(run.customers) == 4383
    assert any("No place was given" in warning for warning in run.warnings)
    assert (run.out / "rejects.csv").is_file()
    assert "commune_code" not in run.customers


def test_typical_customers_are_written_beside_the_others_and_nowhere_else(folder: Path) -> None:
    run = lieudit.train(_configuration(folder, "typical", train=FAST | {"typical": True, "methods": ["kmeans"]}))
    shown = pd.read_csv(run.out / "typical.csv", dtype={"customer_id": str})
    assert shown.groupby("cluster").size().max() == 3
    assert set(shown["customer_id"]) <= set(run.customers["customer_id"])
    kept = [path for path in (folder / "mlruns").rglob("*") if path.is_file() and path.name == "typical.csv"]
    assert kept == []
    pages = (run.out / "report.html").read_text(encoding="utf-8")
    assert not any(f'"{name}"' in pages for name in shown["customer_id"])


def test_a_store_that_refuses_does_so_before_the_work(folder: Path, tmp_path: Path, monkeypatch) -> None:
    def worked(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("customers were clustered first")

    monkeypatch.setattr("lieudit.pipeline.train.segment_customers", worked)
    (tmp_path / "mlflow.db").write_text("no database" * 100)
    tracking = {"uri": f"sqlite:///{tmp_path}/mlflow.db", "artifacts": str(tmp_path)}
    with pytest.raises(InputError, match="MLflow's store"):
        lieudit.train(_configuration(folder, name="refused", tracking=tracking))
