"""A segment that is still there keeps its number and its name, from a run or from a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lieudit
from lieudit.bundle import load_bundle
from lieudit.errors import BundleError, ConfigError

from ..conftest import CANARY, make_shop

FAST = {"methods": ["kmeans"], "min_clusters": 3, "max_clusters": 3, "resamples": 2, "jobs": 1, "worth": False}


def _train(folder: Path, name: str, *, orders: str = "commandes.csv", **train: Any) -> lieudit.Run:
    return lieudit.train({
        "name": name, "customers": {"path": str(folder / "clients.csv")},
        "transactions": {"path": str(folder / orders)}, "out": str(folder / name), "models": str(folder / "models"),
        "train": {**FAST, **train},
        "tracking": {"uri": f"sqlite:///{folder}/mlruns/mlflow.db", "artifacts": str(folder / "mlruns/artifacts")},
    })  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("previous")
    make_shop(folder)
    return folder


@pytest.fixture(scope="module")
def first(folder: Path) -> lieudit.Run:
    """A run whose clusters then get other numbers and names, as an earlier one would have had."""
    run = _train(folder, "first")
    numbers = {0: 5, 1: 2, 2: 9, -1: -1}
    customers = run.customers.assign(cluster=run.customers["cluster"].map(numbers))
    customers.to_parquet(run.out / "customers.parquet")
    content = json.loads((run.out / "segments.json").read_text(encoding="utf-8"))
    for segment in content["segments"]:
        segment["cluster"] = numbers[segment["cluster"]]
        segment["names"] = {"fr": f"Ancien {segment['cluster']}", "en": f"Old {segment['cluster']}"}
    content["previous"] = {"highest": 11}
    (run.out / "segments.json").write_text(json.dumps(content), encoding="utf-8")
    return run


def test_the_same_customers_keep_numbers_and_names(folder: Path, first: lieudit.Run) -> None:
    run = _train(folder, "again", previous=str(first.out))
    content = run.segments
    assert content["previous"]["kept"] == [2, 5, 9]
    assert (content["previous"]["new"], content["previous"]["retired"]) == ([], [])
    assert {s["cluster"]: s["names"]["fr"] for s in content["segments"]} == {n: f"Ancien {n}" for n in (2, 5, 9)}
    assert all(s["was"]["jaccard"] == 1 and s["was"]["cluster"] == s["cluster"] for s in content["segments"])
    before = pd.read_parquet(first.out / "customers.parquet").set_index("customer_id")["cluster"]
    after = run.customers.set_index("customer_id")
    assert after["cluster"].to_dict() == before.to_dict()
    assert set(after.loc[after["cluster"] == 9, "segment"]) == {"Ancien 9"}
    sizes = {s["cluster"]: s["size"] for s in content["segments"]}
    assert sizes == after["cluster"].value_counts().drop(-1, errors="ignore").to_dict()
    crossed = {c for row in content["agreement"]["table"].values() for c in row}
    assert crossed <= {"2", "5", "9", "-1"}
    assert CANARY not in json.dumps(content)
    assert "kept: 3, new: 0, retired: 0" in " ".join(run.warnings)


def test_the_bundle_scores_with_the_numbers_kept(folder: Path, first: lieudit.Run) -> None:
    run = _train(folder, "scored", previous=str(first.out))
    bundle = load_bundle(run.bundle)
    assert bundle.model.highest == 11
    scored = bundle.score(folder / "clients.csv", folder / "commandes.csv")
    assert scored["cluster"].tolist() == run.customers["cluster"].tolist()
    assert scored["segment"].tolist() == run.customers["segment"].tolist()
    assert str(first.out) not in (run.bundle / "bundle.json").read_text(encoding="utf-8")


def test_a_bundle_says_who_was_where_and_numbers_never_come_again(folder: Path, first: lieudit.Run) -> None:
    kept = _train(folder, "kept", previous=str(first.out))
    later = _train(folder, "later", previous=str(kept.bundle), min_clusters=6, max_clusters=6)
    content = later.segments
    numbers = [s["cluster"] for s in content["segments"]]
    assert len(set(numbers)) == 6
    new = content["previous"]["new"]
    assert new == list(range(12, 12 + len(new)))  # 10 and 11 were given before
    assert content["previous"]["highest"] == 11 + len(new)
    kept_numbers = set(content["previous"]["kept"])
    assert kept_numbers | {one["cluster"] for one in content["previous"]["retired"]} == {2, 5, 9}
    assert kept_numbers == {s["cluster"] for s in content["segments"] if s["was"]}
    names = [s["names"]["en"] for s in content["segments"]]
    assert len(set(names)) == 6
    # The report draws whatever the numbers are.
    assert later.report.is_file()


def test_customers_who_changed_retire_a_segment(folder: Path, first: lieudit.Run) -> None:
    rng = np.random.default_rng(0)
    customers = pd.read_parquet(first.out / "customers.parquet")
    shuffled = folder / "shuffled"
    shuffled.mkdir()
    customers.assign(cluster=rng.permutation(customers["cluster"])).to_parquet(shuffled / "customers.parquet")
    for name in ("segments.json", "report.json"):
        (shuffled / name).write_bytes((first.out / name).read_bytes())
    run = _train(folder, "unlike", previous=str(shuffled))
    found = run.segments["previous"]
    assert found["kept"] == []
    assert found["new"] == [12, 13, 14]
    assert [one["cluster"] for one in found["retired"]] == [2, 5, 9]
    assert all(segment["was"] is None for segment in run.segments["segments"])


def test_without_an_earlier_segmentation_nothing_changes(folder: Path, first: lieudit.Run) -> None:
    run = _train(folder, "alone")
    assert run.segments["previous"] is None
    assert [s["cluster"] for s in run.segments["segments"]] == [0, 1, 2]
    assert "was" not in run.segments["segments"][0]


def test_a_wrong_earlier_segmentation_is_refused_before_any_work(folder: Path, first: lieudit.Run) -> None:
    with pytest.raises(ConfigError, match="no earlier segmentation"):
        _train(folder, "wrong", previous=str(folder / "nowhere"))
    (folder / "hollow").mkdir()
    with pytest.raises(BundleError):
        _train(folder, "wrong", previous=str(folder / "hollow"))
    strangers = folder / "strangers"
    strangers.mkdir()
    for name in ("segments.json", "report.json"):
        (strangers / name).write_bytes((first.out / name).read_bytes())
    customers = pd.read_parquet(first.out / "customers.parquet")
    customers.assign(customer_id="x" + customers["customer_id"]).to_parquet(strangers / "customers.parquet")
    with pytest.raises(ConfigError, match="no customer in common"):
        _train(folder, "wrong", previous=str(strangers))
    assert not (folder / "wrong").exists()
