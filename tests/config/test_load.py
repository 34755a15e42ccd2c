"""A configuration is read whole, or refused with one message that says what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lieudit.config import Config, load, shipped
from lieudit.errors import ConfigError, InternalError


def write(folder: Path, text: str) -> Path:
    path = folder / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    config = load(write(tmp_path, "customers: {path: c.csv}\ntransactions: {path: o.csv}\nout: results\n"))
    assert Path(config.customers.path) == tmp_path / "c.csv"
    assert config.transactions is not None
    assert Path(config.transactions.path) == tmp_path / "o.csv"
    assert config.out == tmp_path / "results"
    assert config.models == Path("models")


@pytest.mark.parametrize("path", ["/data/c.csv", "duckdb:///shop.db?table=c", "postgresql://host/db?table=c"])
def test_absolute_paths_and_databases_stay(tmp_path: Path, path: str) -> None:
    assert load(write(tmp_path, f"customers: {{path: '{path}'}}")).customers.path == path


def test_a_mapping_and_a_config_are_taken_too() -> None:
    config = load({"customers": {"path": "c.csv"}, "as_of": "2025-12-31"})
    assert config.as_of == date(2025, 12, 31)
    assert config.customers.path == "c.csv"
    assert load(config) is config


@pytest.mark.parametrize(
    ("text", "found", "fix"),
    [
        ("customer: {path: c.csv}", "unknown key 'customer'", "Did you mean 'customers'?"),
        ("customers: {path: c.csv}\ntrain: {sed: 1}", "unknown key 'train.sed'", "Did you mean 'train.seed'?"),
        ("customers: {path: c.csv, zip: z}", "unknown key 'customers.zip'", "Remove it."),
        ("transactions: {path: o.csv, amont: x}", "unknown key 'transactions.amont'", "'transactions.amount'"),
        ("name: x", "names no file", "default.yaml"),
        ("customers: {}", "no 'customers.path'", "Add customers.path"),
        ("customers: {path: c.csv}\nrfm: {levels: 5}", "'rfm.levels' is 5", "default.yaml"),
        ("customers: {path: c.csv}\nas_of: soon", "'as_of' is 'soon'", "default.yaml"),
        ("customers: {path: c.csv}\ntrain: {methods: [dbscan]}", "'train.methods.0' is 'dbscan'", "default.yaml"),
        ("customers: {path: c.csv}\ntrain: {min_clusters: 8, max_clusters: 3}", "'train'", "default.yaml"),
        ("customers: [", "not YAML", "default.yaml"),
        ("- customers", "holds no keys", "default.yaml"),
        ("", "holds no keys", "default.yaml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, found: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))
    assert found in caught.value.found
    assert fix in caught.value.fix
    assert caught.value.expected


def test_the_order_of_cluster_counts_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"Expected: min_clusters \(8\) no greater than max_clusters \(3\)"):
        load({"customers": {"path": "c.csv"}, "train": {"min_clusters": 8, "max_clusters": 3}})


def test_a_missing_file_and_a_file_that_is_not_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        load(tmp_path / "none.yaml")
    path = tmp_path / "shop.yaml"
    path.write_bytes(b"customers: {path: \xe9.csv}")
    with pytest.raises(ConfigError, match="not YAML"):
        load(path)


def test_a_configuration_cannot_be_changed() -> None:
    config = load({"customers": {"path": "c.csv"}})
    with pytest.raises(ValueError, match="frozen"):
        config.name = "other"  # type: ignore[misc]
    assert isinstance(config, Config)


def test_shipped_files_are_found() -> None:
    assert shipped("default.yaml").is_file()
    with pytest.raises(InternalError):
        shipped("none.yaml")
