"""What a bundle says, what it keeps silent about, and how it refuses to be tampered with."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lieudit.bundle import files, load_bundle, portable_config, save_bundle
from lieudit.config import Config
from lieudit.errors import BundleError


@pytest.fixture
def bundle(trained, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(trained.bundle, tmp_path / "boutique"))


def test_a_bundle_is_json_and_an_uncompressed_npz_and_says_what_it_holds(trained):
    content = json.loads((trained.bundle / "bundle.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in trained.bundle.iterdir()) == ["arrays.npz", "bundle.json"]
    assert content["format_version"] == 1
    assert content["as_of"] == "2026-01-01"
    assert content["configuration"]["rfm"] == {"levels": 4, "window_days": None, "monetary": "total"}
    assert content["columns"]["customers"]["postcode"] == "code postal"
    assert content["columns"]["transactions"]["amount"] == "montant"
    assert content["versions"].keys() >= {"lieudit", "python", "numpy", "scikit-learn"}
    assert content["sources"]["communes"]["vintage"]
    assert len(content["sources"]["communes"]["sha256"]["table"]) == 64
    assert {segment["status"] for segment in content["segments"]} <= {"noise", "named", "unnamed", "unstable", "chance"}
    assert len(content["thresholds"]["frequency"]) == 3


def test_what_was_trained_comes_back(trained):
    bundle = load_bundle(trained.bundle)
    segmentation = trained.segmentation
    assert (bundle.name, bundle.lang, bundle.as_of) == ("boutique", "fr", date(2026, 1, 1))
    assert bundle.thresholds == trained.parts.thresholds
    assert bundle.scaler.to_dict() == segmentation.scaler.to_dict()
    assert bundle.model.columns == segmentation.model.columns
    for name in ("weights", "means", "covariances", "bounds"):
        np.testing.assert_array_equal(getattr(bundle.model, name), getattr(segmentation.model, name))
    for named in bundle.clusters:
        assert named.names == segmentation.name_of(named.cluster)._asdict()
    assert load_bundle(str(trained.bundle / "bundle.json")) is not None


def test_the_same_training_gives_the_same_bundle(trained, tmp_path):
    again = save_bundle(tmp_path / "models", trained.parts)
    assert again == tmp_path / "models" / "boutique"
    for name in ("bundle.json", "arrays.npz"):
        assert (again / name).read_bytes() == (trained.bundle / name).read_bytes()


def test_no_person_is_in_a_bundle(trained, canary):
    for path in trained.bundle.iterdir():
        content = path.read_bytes()
        assert canary.encode() not in content
        assert canary.casefold().encode() not in content.lower()
        assert b"rue " not in content
        assert str(trained.shop.customers_file.parent).encode() not in content
    # Arrays are of clusters and columns: none has as many rows as there are customers.
    _, _, arrays = files.read_folder(trained.bundle)
    customers = len(trained.shop.customers)
    assert all(max(array.shape, default=0) < customers / 4 for array in arrays.values())


def test_a_configuration_loses_its_paths_and_addresses():
    config = Config.model_validate({
        "name": "x",
        "customers": {"path": "postgresql://ada:secret@db/crm", "id": "client"},
        "transactions": {"path": "/home/ada.lovelace/orders.csv", "amount": "Quantity * Price"},
        "tracking": {"uri": "postgresql://ada:secret@db/mlflow"},
        "out": "/home/ada.lovelace/out",
    })  # fmt: skip
    portable = portable_config(config)
    assert not any(word in json.dumps(portable) for word in ("ada", "secret", "home"))
    assert portable["customers"]["id"] == "client"
    assert portable["transactions"]["amount"] == "Quantity * Price"
    assert portable_config(config.model_copy(update={"transactions": None}))["transactions"] is None


def resign(bundle: Path, change) -> None:
    """Edit bundle.json as someone would who computes its digest anew."""
    index = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    change(index)
    index.pop("digest", None)
    index["digest"] = files._digest(index)
    (bundle / "bundle.json").write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


KEYS = (
    "name", "lang", "as_of", "configuration", "columns", "thresholds", "features", "model", "segments", "sources",
    "versions", "arrays", "files",
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ["missing", 7, [1], {"a": 1}])
def test_content_that_is_not_what_it_should_be_is_refused(bundle, key, value):
    resign(bundle, lambda index: index.pop(key) if value == "missing" else index.update({key: value}))
    with pytest.raises(BundleError) as caught:
        load_bundle(bundle)
    assert caught.value.expected
    assert caught.value.fix


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda index: index["segments"].pop(), "not the same"),
        (lambda index: index["segments"].append(index["segments"][-1]), "not the same"),
        (lambda index: index["segments"][0]["names"].pop("fr"), "French or English"),
        (lambda index: index["features"]["columns"].reverse(), "other columns"),
        (lambda index: index["features"]["features"][0].update(transform="exec"), "transform"),
        (lambda index: index["model"].update(rule="exec"), "fit together"),
        (lambda index: index["thresholds"].update(frequency=[3, 2, 1]), "out of order"),
        (lambda index: index.update(lang="de"), "French or English"),
    ],
)
def test_parts_that_do_not_agree_are_refused(bundle, change, found):
    resign(bundle, change)
    with pytest.raises(BundleError, match=found):
        load_bundle(bundle)


@pytest.mark.parametrize(
    ("name", "value"),
    [("means", np.inf), ("covariances", np.inf), ("covariances", -1.0), ("weights", np.inf), ("weights", 0.0)],
)
def test_clusters_without_a_shape_are_refused(trained, tmp_path, name, value):
    _, content, arrays = files.read_folder(trained.bundle)
    arrays[name] = np.full_like(arrays[name], value)
    kept = {key: content[key] for key in KEYS if key not in ("arrays", "files")}
    damaged = files.write_folder(tmp_path, "boutique", kept, arrays)
    with pytest.raises(BundleError, match="not a whole bundle"):
        load_bundle(damaged)


def test_only_the_open_data_that_counts_is_stamped(trained, tmp_path):
    enrich = trained.config.enrich.model_copy(update={"sources": ("income",)})
    config = trained.config.model_copy(update={"enrich": enrich})
    stamped = load_bundle(save_bundle(tmp_path, dataclasses.replace(trained.parts, config=config))).sources
    assert {"income", "communes"} <= stamped.keys()
    assert "profile" not in stamped
    assert "profile" in load_bundle(trained.bundle).sources


def test_a_bundle_shows_itself_in_a_line(trained):
    assert repr(load_bundle(trained.bundle)).startswith("<Bundle boutique: ")
