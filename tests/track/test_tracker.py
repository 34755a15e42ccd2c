"""A run in MLflow: a parent, its candidates, its files, its model, and nobody's name."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
import textwrap
import warnings
from importlib.metadata import version as installed
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lieudit import tables
from lieudit.bundle import load_bundle
from lieudit.config import Config
from lieudit.errors import ConfigError, InputError
from lieudit.pipeline.runs import compare_runs
from lieudit.track import TrackedCandidate, file_digest, find_run, relation_digest, track_run
from lieudit.track.store import import_mlflow, open_client

import_mlflow()

import mlflow  # noqa: E402 - quietly, as users of lieudit.track get it


def config_in(folder: Path, **changes: object) -> Config:
    tracking = {"uri": f"sqlite:///{folder}/mlruns/mlflow.db", "artifacts": str(folder / "mlruns" / "artifacts")}
    customers = {"path": "/home/zzyzx-canari/clients.csv", "id": "identifiant"}
    return Config.model_validate({"name": "boutique", "customers": customers, "tracking": tracking} | changes)


def log_whole_run(config: Config, trained, folder: Path, *, seed: int = 0) -> tuple[str, str]:
    """Log what a training logs; return the run's id and the model's version."""
    (folder / "report.json").write_text('{"about": {"lang": "fr"}}', encoding="utf-8")
    (folder / "segments.json").write_text(json.dumps(trained.segmentation.to_json()), encoding="utf-8")
    best = trained.segmentation.winner
    with track_run(config) as tracker:
        for role, path in (("customers", trained.shop.customers_file), ("transactions", trained.shop.orders_file)):
            tracker.data(role, file_digest(path), rows=240, columns=5)
        tracker.params({"seed": seed})
        tracker.metrics({"silhouette": 0.5 + seed, "agreement.ami": 0.25, "absent": None, "nan": float("nan")})
        tracker.candidates(
            TrackedCandidate(f"{c.method} {place}", {"method": c.method} | c.params, c.metrics, place == best)
            for place, c in enumerate(trained.segmentation.candidates)
        )
        tracker.sources({"communes": {"vintage": "2026", "licence": "LO 2.0"}})
        tracker.artifacts([folder / "report.json", folder / "segments.json"])
        tracker.table("rules_by_cluster", trained.segmentation.agreement.table)
        return tracker.run_id, tracker.model(trained.bundle)


@pytest.fixture(scope="module")
def store(trained, tmp_path_factory) -> tuple[Config, str, str]:
    """A store with one whole run."""
    folder = tmp_path_factory.mktemp("tracked été")  # MLflow keeps addresses: a space and an accent must not break them
    config = config_in(folder)
    return (config, *log_whole_run(config, trained, folder))


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory) -> bytes:
    """What MLflow takes 2 s to make."""
    folder = tmp_path_factory.mktemp("empty")
    open_client(f"sqlite:///{folder}/mlflow.db", create=True)
    return (folder / "mlflow.db").read_bytes()


@pytest.fixture
def here(empty_database, tmp_path) -> Path:
    """A folder with an empty store."""
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlruns" / "mlflow.db").write_bytes(empty_database)
    return tmp_path


@pytest.fixture
def client(store):
    return open_client(store[0].tracking.uri, create=False)


def test_a_parent_and_a_child_for_each_candidate(store, client, trained):
    _, run_id, _ = store
    experiment = client.get_experiment_by_name("boutique")
    runs = {run.info.run_id: run for run in client.search_runs([experiment.experiment_id])}
    parent = runs.pop(run_id)
    assert len(runs) == len(trained.segmentation.candidates) == 2
    assert {run.data.tags["mlflow.parentRunId"] for run in runs.values()} == {run_id}
    assert {run.info.status for run in [parent, *runs.values()]} == {"FINISHED"}
    assert [run.data.tags["lieudit.winner"] for run in runs.values()].count("true") == 1
    for run in runs.values():
        assert run.data.params["method"] == "kmeans"
        assert {"silhouette", "davies_bouldin", "noise_share", "stability_mean"} <= run.data.metrics.keys()
    assert parent.data.tags["lieudit.version"]


def test_what_the_parent_holds(store, client, trained):
    _, run_id, _ = store
    run = client.get_run(run_id)
    assert run.data.metrics == {"silhouette": 0.5, "agreement.ami": 0.25}
    assert run.data.params["rfm.monetary"] == "total"
    assert run.data.params["source.communes"] == "2026"
    assert {item.path for item in client.list_artifacts(run_id)} == {
        "report.json", "segments.json", "sources.json", "tables",
    }  # fmt: skip
    artifacts = Path(client.download_artifacts(run_id, "tables"))
    table = pd.read_csv(artifacts / "rules_by_cluster.csv", index_col=0)
    assert table.to_numpy().tolist() == trained.segmentation.agreement.table.to_numpy().tolist()
    assert json.loads((artifacts / "rules_by_cluster.json").read_text())["index"] == list(table.index)


def test_the_data_are_named_by_their_checksum(store, client, trained):
    _, run_id, _ = store
    run = client.get_run(run_id)
    digest = file_digest(trained.shop.customers_file)
    assert run.data.tags["data.customers.sha256"] == digest
    inputs = {item.dataset.name: item.dataset for item in run.inputs.dataset_inputs}
    assert inputs.keys() == {"customers", "transactions"}
    assert inputs["customers"].digest == digest[:36]
    assert json.loads(inputs["customers"].profile) == {"num_rows": 240, "num_columns": 5}


def test_nobody_is_in_the_store(store, trained, canary):
    folder = Path(store[0].tracking.artifacts).parent
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes().lower()
        assert canary.lower().encode() not in content, path.name
        assert b"/home/" not in content, path.name
    assert not any(canary in path.name for path in files)


def test_the_model_is_registered_and_holds_no_pickle(store, client):
    config, run_id, version = store
    assert version == "1"
    registered = client.get_model_version("boutique", version)
    assert (registered.run_id, registered.status) == (run_id, "READY")
    folder = Path(mlflow.artifacts.download_artifacts(registered.source, tracking_uri=config.tracking.uri))
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"MLmodel", "requirements.txt", "pyfunc_model.py", "artifacts/boutique/bundle.json"} <= names
    assert not any(name.endswith((".pkl", ".pickle", ".joblib")) for name in names)
    assert (folder / "requirements.txt").read_text().split() == [
        f"mlflow=={mlflow.__version__}",
        f"lieudit=={installed('lieudit')}",
    ]
    described = mlflow.models.Model.load(str(folder))
    inputs = {column.name: column for column in described.signature.inputs.inputs}
    assert {"identifiant", "code postal", "ville", "recency_days"} <= inputs.keys()
    assert "nom" not in inputs
    assert not any(column.required for column in inputs.values())
    assert described.signature.outputs.input_names()[:2] == ["cluster", "segment"]


@pytest.fixture
def mlflow_here(store):
    """MLflow as a user has it, looking at the store."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store[0].tracking.uri)
    yield mlflow
    mlflow.set_tracking_uri(before)


@pytest.mark.filterwarnings("ignore::Warning:mlflow")
@pytest.mark.parametrize("address", ["models:/boutique/1", "runs:/{run_id}/boutique"])
def test_the_model_predicts_as_the_bundle_does(store, mlflow_here, trained, address):
    model = mlflow_here.pyfunc.load_model(address.format(run_id=store[1]))
    customers = trained.shop.customers.drop(columns="nom").head(30)
    expected = load_bundle(trained.bundle).score(customers)
    answered = model.predict(customers)
    assert answered["cluster"].tolist() == expected["cluster"].tolist()
    assert answered["segment"].tolist() == expected["segment"].tolist()
    np.testing.assert_allclose(answered["strength"], expected["strength"])
    orders = {"recency_days": [3.0, 400.0], "frequency": [12.0, 1.0], "monetary": [900.0, 20.0]}
    values = pd.DataFrame({"code postal": ["35000", "48000"], "ville": ["Rennes", "Mende"]} | orders)
    answered = model.predict(values)
    assert answered["cluster_basis"].tolist() == ["behaviour and place"] * 2
    assert answered["rfm_score"].notna().all()


@pytest.mark.filterwarnings("ignore::Warning:mlflow")
def test_the_example_of_the_model_is_fictional_and_predicts(store, mlflow_here):
    model = mlflow_here.pyfunc.load_model("models:/boutique/1")
    example = model.input_example
    assert example["ville"].tolist() == ["Rennes"]
    assert model.predict(example)["cluster"].between(-1, 5).all()


def test_a_second_run_is_a_second_version_and_both_compare(trained, here):
    config = config_in(here)
    first, _ = log_whole_run(config, trained, here)
    changed = config.model_copy(update={"rfm": config.rfm.model_copy(update={"monetary": "mean"})})
    second, version = log_whole_run(changed, trained, here, seed=1)
    assert version == "2"
    uri = config.tracking.uri
    assert find_run(uri, "boutique").run_id == find_run(uri, "latest").run_id == second
    assert find_run(uri, first).run_id == first
    table = compare_runs([first, second], tracking=uri).table
    assert list(table.columns) == [f"boutique {first[:8]}", f"boutique {second[:8]}"]
    assert table.loc[("param", "rfm.monetary")].tolist() == ["total", "mean"]
    assert ("param", "train.seed") not in table.index
    assert table.loc[("metric", "silhouette")].tolist() == ["0.5", "1.5"]
    assert compare_runs([first, first], tracking=uri).table.columns.tolist() == ["boutique"]


def test_a_record_finds_its_files(store):
    config, run_id, _ = store
    record = find_run(config.tracking.uri, "boutique")
    assert (record.run_id, record.experiment, record.status) == (run_id, "boutique", "FINISHED")
    assert record.seconds is not None
    assert json.loads(record.file("report.json").read_text()) == {"about": {"lang": "fr"}}
    with pytest.raises(InputError, match=r"has no secret.json\. Expected: one of: report.json"):
        record.file("secret.json")


def test_runs_that_are_not_there(store, tmp_path):
    uri = store[0].tracking.uri
    with pytest.raises(InputError, match=r"no run 'nothing'.*one of: boutique"):
        find_run(uri, "nothing")
    with pytest.raises(InputError, match="There is no MLflow store"):
        find_run(f"sqlite:///{tmp_path}/none/mlflow.db", "latest")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_a_run_that_breaks_off_says_so(store, error, status):
    config = store[0].model_copy(update={"name": f"broken {status}"})
    with pytest.raises(error), track_run(config) as tracker:
        raise error
    record = find_run(config.tracking.uri, config.name)
    assert (record.run_id, record.status) == (tracker.run_id, status)
    with pytest.raises(InputError, match=f"is {status.lower()}"):
        compare_runs([config.name], tracking=config.tracking.uri)


@pytest.mark.parametrize("uri", ["mlruns", "file:///runs", "", "sqlite://x", "databricks"])
def test_stores_that_are_none(tmp_path, uri):
    config = config_in(tmp_path)
    config = config.model_copy(update={"tracking": config.tracking.model_copy(update={"uri": uri})})
    with pytest.raises(ConfigError, match="no store that MLflow keeps runs in"), track_run(config):
        pass


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlruns" / "mlflow.db").write_text("not a database" * 100)
    with pytest.raises(InputError, match="MLflow's store"), track_run(config_in(tmp_path)):
        pass


def test_a_store_that_a_stopped_process_left_half_made(tmp_path):
    (tmp_path / "mlruns").mkdir()
    with sqlite3.connect(tmp_path / "mlruns" / "mlflow.db") as connection:
        connection.execute("CREATE TABLE scorers (scorer_id VARCHAR(36))")
    connection.close()
    with pytest.raises(InputError, match=r"already exists.*delete it if it was new"), track_run(config_in(tmp_path)):
        pass


def test_a_store_of_another_version_says_what_to_do(here):
    config = config_in(here)
    with sqlite3.connect(here / "mlruns" / "mlflow.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '451aebb31d03'")
    connection.close()
    with pytest.raises(InputError, match="mlflow db upgrade"), track_run(config):
        pass


def test_an_experiment_that_was_deleted(here):
    config = config_in(here)
    with track_run(config):
        pass
    client = open_client(config.tracking.uri, create=False)
    client.delete_experiment(client.get_experiment_by_name("boutique").experiment_id)
    with pytest.raises(InputError, match="was deleted"), track_run(config):
        pass


@pytest.mark.parametrize("name", ["a/b:c.d", "50% 'off' \"now\"", "Boutique été 2025"])
def test_any_name_of_a_run_gives_a_model(store, trained, name):
    config = store[0].model_copy(update={"name": name})
    with track_run(config) as tracker:
        assert tracker.model(trained.bundle) == "1"
    assert find_run(config.tracking.uri, name).run_id == tracker.run_id


def test_long_values_and_many_parameters_are_kept(store):
    with track_run(store[0]) as tracker:
        tracker.params({"long": "x" * 10_000, "methods": ("a", "b"), "nested": {"deep": {"k": 1}}, "none": None})
        tracker.params({f"p{number}": number for number in range(150)})
        tracker.metrics({f"m{number}": number for number in range(1200)})
    params = find_run(store[0].tracking.uri, tracker.run_id).params
    assert len(params["long"]) == 6000
    assert params["methods"] == "a, b"
    assert params["nested.deep.k"] == "1"
    assert "none" not in params


def test_the_users_mlflow_and_logging_stay_as_they_are(trained, here, capfd):
    before = mlflow.get_tracking_uri(), mlflow.active_run(), logging.getLogger("mlflow").level
    root = logging.getLogger().handlers[:], logging.getLogger().level
    filters = warnings.filters[:]
    log_whole_run(config_in(here), trained, here)
    assert (mlflow.get_tracking_uri(), mlflow.active_run(), logging.getLogger("mlflow").level) == before
    assert (logging.getLogger().handlers, logging.getLogger().level) == root
    assert warnings.filters == filters
    assert capfd.readouterr() == ("", "")


def test_relative_paths_count_from_where_the_command_runs(empty_database, tmp_path, monkeypatch):
    """In one process too, for two folders."""
    config = Config.model_validate({"name": "here", "customers": {"path": "x.csv"}})
    (tmp_path / "report.json").write_text("{}")
    for folder in (tmp_path / "one", tmp_path / "two"):
        (folder / "mlruns").mkdir(parents=True)
        (folder / "mlruns" / "mlflow.db").write_bytes(empty_database)
        monkeypatch.chdir(folder)
        with track_run(config) as tracker:
            tracker.artifacts([tmp_path / "report.json"])
        assert [path.name for path in folder.iterdir()] == ["mlruns"]
        assert sorted(path.name for path in (folder / "mlruns").iterdir()) == ["artifacts", "mlflow.db"]
        record = find_run("sqlite:///mlruns/mlflow.db", "latest")
        assert record.run_id == tracker.run_id
        assert record.file("report.json").is_relative_to(folder / "mlruns")


@pytest.mark.parametrize("order", ["a, b", "b DESC, a"])
def test_a_relations_digest_knows_its_rows_whatever_their_order(order):
    with tables.connect(threads=2) as con:
        con.execute("CREATE TABLE t AS SELECT range % 7 AS a, range::VARCHAR AS b FROM range(5000)")
        con.execute(f"CREATE VIEW ordered AS SELECT * FROM t ORDER BY {order}")
        assert relation_digest(con, "ordered") == relation_digest(con, "t")
        digest = relation_digest(con, "t")
        con.execute("UPDATE t SET b = 'x' WHERE b = '17'")
        assert relation_digest(con, "t") != digest
        con.execute("DELETE FROM t")
        assert len(relation_digest(con, "t")) == 64


NO_NETWORK = """
    import sys
    import time

    def refuse(event, args):
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "http.client.connect", "urllib.Request"):
            if not (event == "socket.connect" and isinstance(args[1], (str, bytes))):  # a local socket
                print("NETWORK", event, args[1:], flush=True)

    sys.addaudithook(refuse)
    from pathlib import Path
    from lieudit.config import Config
    from lieudit.track import find_run, track_run

    config = Config.model_validate({"name": "quiet", "customers": {"path": "x.csv"}})
    with track_run(config) as tracker:
        tracker.params({"a": 1})
        tracker.model(Path(sys.argv[1]))
    import mlflow
    mlflow.set_tracking_uri(config.tracking.uri)
    mlflow.pyfunc.load_model("models:/quiet/1").predict(__import__("pandas").DataFrame({"ville": ["Rennes"]}))
    time.sleep(1)  # telemetry has a thread of its own
    print("DONE", find_run(config.tracking.uri, "quiet").status)
"""


@pytest.mark.slow
def test_nothing_leaves_the_machine(trained, tmp_path):
    """In a process of its own, without the variables that already silence telemetry under tests and in CI."""
    silenced = ("PYTEST", "CI", "MLFLOW", "DO_NOT_TRACK", "GITHUB", "JENKINS", "TF_BUILD", "TRAVIS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(silenced)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(NO_NETWORK), str(trained.bundle)],
        cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stdout, done.stdout
    assert "DONE FINISHED" in done.stdout
