"""The worth of groups in a whole training: what is cut, what is written, what is skipped and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lieudit
from lieudit import tables
from lieudit.pipeline.worth import Worth, cut_days
from lieudit.rfm_analysis import spend_between
from lieudit.segment.judge import Judged
from lieudit.segment.regroup import Alikeness
from lieudit.segment.worth import Estimate

from ..conftest import CANARY, make_shop

FAST = {"methods": ["kmeans"], "min_clusters": 3, "max_clusters": 4, "resamples": 2, "jobs": 1}


def _train(folder: Path, name: str, **changes: Any) -> dict[str, Any]:
    train = {**FAST, **changes.pop("train", {})}
    run = lieudit.train({
        "name": name, "customers": {"path": str(folder / "clients.csv")},
        "transactions": {"path": str(folder / "commandes.csv")}, "out": str(folder / name),
        "models": str(folder / "models"), "train": train,
        "tracking": {"uri": f"sqlite:///{folder}/mlruns/mlflow.db", "artifacts": str(folder / "mlruns/artifacts")},
        **changes,
    })  # fmt: skip
    return run.segments


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the shop's customers, with orders over two years at a pace of each one's own."""
    folder = tmp_path_factory.mktemp("worth")
    ids, rng = make_shop(folder, size=300).customers["identifiant"], np.random.default_rng(0)
    customer = rng.permutation(np.repeat(ids, 1 + rng.poisson(rng.gamma(1, 8, len(ids)))))
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 730, len(customer)), "D")
    amounts = rng.lognormal(3, 0.5, len(customer)).round(2)
    orders = pd.DataFrame({"client": customer, "date": days.strftime("%Y-%m-%d"), "montant": amounts})
    orders.to_csv(folder / "commandes.csv", index=False, sep=";")
    return folder


@pytest.fixture(scope="module")
def segments(folder: Path) -> dict[str, Any]:
    return _train(folder, "shop")


def test_a_training_says_what_its_groups_are_worth(segments: dict[str, Any], folder: Path) -> None:
    worth, added = segments["worth"], segments["enrichment"]["value_added"]
    orders = pd.read_csv(folder / "commandes.csv", sep=";", dtype={"client": str})
    days = pd.to_datetime(orders["date"])
    kept = cut_days((days.max() - days.min()).days)
    assert (pd.Timestamp(worth["until"]), pd.Timestamp(worth["cut"])) == (
        days.max(),
        days.max() - pd.Timedelta(days=kept or 0),
    )
    before, after = orders[days <= worth["cut"]]["client"], orders[days > worth["cut"]]["client"]
    assert worth["customers"] == before.nunique()
    assert worth["buyers"] == len(set(before) & set(after))
    assert set(worth["explained"]) == {
        "rules", "clusters", "both", "behaviour_only", "with_open_data", "open_data_dealt",
    }  # fmt: skip
    for found in worth["explained"].values():
        assert found["r2"]["low"] <= found["r2"]["value"] <= found["r2"]["high"]
    assert added["difference"] == pytest.approx(added["with_open_data"] - added["behaviour_only"], abs=2e-6)
    assert added["ci95"][0] <= added["difference"] <= added["ci95"][1]
    # Homes of the shop are dealt at random.
    assert not added["measurable"]
    assert "nothing measurable" in segments["enrichment"]["sentence"]["en"]
    assert "rien de mesurable" in segments["enrichment"]["sentence"]["fr"]
    assert CANARY not in json.dumps(segments)
    beyond = added["beyond_chance"]["difference"]
    dealt = worth["explained"]["open_data_dealt"]["r2"]["value"]
    assert beyond == pytest.approx(added["with_open_data"] - dealt, abs=2e-6)


@pytest.mark.parametrize(
    ("added", "beyond", "said"),
    [
        ((0.004, -0.002, 0.01), (0.02, 0.01, 0.03), ["nothing measurable (0.004 [−0.002, 0.010] of R²)"]),
        (
            (0.265, 0.178, 0.329),
            (0.047, -0.077, 0.147),
            ["nothing measurable: ", "0.265 [0.178, 0.329] of R² more", "(0.047 [−0.077, 0.147])"],
        ),
        (
            (0.33, 0.318, 0.343),
            (0.0084, 0.0002, 0.0167),
            ["adds 0.330 [0.318, 0.343] of R²", "0.008 [0.0002, 0.0167] more than when it is dealt at random"],
        ),
    ],
)
def test_the_sentence_shows_the_figures_that_decide(
    added: tuple[float, float, float], beyond: tuple[float, float, float], said: list[str]
) -> None:
    judged = Judged(
        explained={}, added=Estimate(*added), beyond_chance=Estimate(*beyond), beyond_rules=Estimate(0.0, 0.0, 0.0),
        alike=Alikeness({}, {}),
    )  # fmt: skip
    sentence = Worth(judged=judged).sentence
    assert [part for part in said if part not in sentence.en] == []
    assert judged.adds != ("nothing measurable" in sentence.en)
    assert judged.adds != ("rien de mesurable" in sentence.fr)


def test_rows_in_another_order_give_the_same(segments: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("clients.csv", "commandes.csv"):
        header, *lines = (folder / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / name).write_text("\n".join([header, *rng.permutation(lines)]) + "\n", encoding="utf-8")
    again = _train(tmp_path, "again", train={"jobs": 2})
    assert (again["worth"], again["enrichment"]) == (segments["worth"], segments["enrichment"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"train": {"worth": False}}, "train.worth"),
        ({"transactions": None}, "no orders"),
        ({"rfm": {"window_days": 150}}, "fewer than 180"),
    ],
)
def test_what_cannot_be_measured_is_null_with_its_reason(folder: Path, changes: dict[str, Any], reason: str) -> None:
    segments = _train(folder, "without", **changes)
    assert segments["enrichment"]["value_added"] is None
    assert reason in segments["worth"]["reason"]["en"]
    assert segments["enrichment"]["sentence"] == segments["worth"]["reason"]


def test_money_between_two_days_is_net_and_to_the_cent() -> None:
    orders = pd.DataFrame({
        "client": ["a", "a", "a", "b", "c", None], "montant": ["10,10", "20,20", "-5,05", "7", "3", "9"],
        "date": ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04", "2025-01-03", "2025-01-03"],
    })  # fmt: skip
    roles = {"customer": "client", "date": "date", "amount": "montant"}
    with tables.connect() as con:
        table = tables.open_table(con, orders, name="orders")
        days = pd.to_datetime(["2025-01-01", "2025-01-03"]).date
        spent = spend_between(con, table, roles, after=days[0], until=days[1])
    assert spent.to_dict() == {"a": 15.15, "c": 3.0}
