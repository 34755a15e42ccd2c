"""Who is named, and why: silence, pace and segments on orders whose answers are known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from typer.testing import CliRunner

from lieudit.cli import app
from lieudit.config import load_playbooks, load_triggers, shipped
from lieudit.errors import ConfigError
from lieudit.pipeline.triggers import COLUMNS, TriggeredFile, trigger_file

from .test_compare_runs import write_run

AS_OF = date(2025, 12, 31)


def _orders(days_ago: dict[str, list[int]]) -> pd.DataFrame:
    rows = [
        (customer, (pd.Timestamp(AS_OF) - pd.Timedelta(days=days)).strftime("%Y-%m-%d"), 10.0)
        for customer, own in days_ago.items()
        for days in own
    ]
    return pd.DataFrame(rows, columns=["client", "date", "montant"])


def _run(tmp_path: Path, orders: pd.DataFrame, **options: object) -> tuple[TriggeredFile, pd.DataFrame]:
    source, out = tmp_path / "orders.csv", tmp_path / "out.csv"
    orders.to_csv(source, index=False)
    done = trigger_file(source, out, as_of=AS_OF, **options)  # type: ignore[arg-type]
    return done, pd.read_csv(out, dtype={"customer_id": str})


def _config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_silent_are_listed_once_under_the_longest_silence(tmp_path: Path) -> None:
    silences = {"a": 13, "b": 14, "c": 29, "d": 30, "e": 59, "f": 60, "g": 800}
    done, rows = _run(tmp_path, _orders({customer: [days] for customer, days in silences.items()}))
    assert list(rows.columns) == list(COLUMNS)
    named = rows.groupby("trigger")["customer_id"].agg(list).to_dict()
    assert named == {"silent_14": ["b", "c"], "silent_30": ["d", "e"], "silent_60": ["f", "g"]}
    assert dict(zip(rows["customer_id"], rows["silent_days"], strict=True)) == {
        k: v for k, v in silences.items() if v > 13
    }
    assert done.counts == {"silent_14": 2, "silent_30": 2, "silent_60": 2, "slower": 0}


def test_the_slower_are_those_whom_the_exact_test_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    days: dict[str, list[int]] = {}
    for number in range(150):
        earlier = rng.integers(90, 700, rng.integers(3, 90))
        days[f"c{number:03d}"] = [*earlier, *rng.integers(0, 90, rng.integers(0, 6))]
    quiet = "silent: {days: []}"
    _, rows = _run(tmp_path, _orders(days), config=_config(tmp_path, quiet))
    expected = {}
    for customer, own in days.items():
        distinct = np.unique(own)
        earlier, recent = distinct[distinct >= 90], distinct[distinct < 90]
        span = int(earlier.max()) - 90
        if len(earlier) >= 4 and span >= 180:
            k = len(earlier) - 1
            p = binomtest(len(recent), k + len(recent), 90 / (90 + span), alternative="less").pvalue
            if p <= 0.01:
                expected[customer] = (len(recent), p)
    assert len(expected) > 5
    assert rows["customer_id"].tolist() == sorted(expected)
    for row in rows.itertuples():
        assert (row.orders, row.p_value) == (
            expected[row.customer_id][0],
            pytest.approx(expected[row.customer_id][1], abs=1e-6),
        )


def test_those_whose_pace_holds_are_rarely_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    days = {f"c{n:04d}": rng.integers(0, 720, 40).tolist() for n in range(1000)}
    done, _ = _run(tmp_path, _orders(days), config=_config(tmp_path, "slower: {p_value: 0.05}"))
    assert 10 <= done.counts["slower"] <= 60


def test_who_crosses_a_segment_is_named_on_both_sides_of_it(tmp_path: Path) -> None:
    ids = [f"c{number:03d}" for number in range(100)]
    before = write_run(tmp_path / "before", ids, np.repeat([0, 1], 50))
    after = write_run(tmp_path / "after", ids, np.repeat([1, 0, 1], [48, 50, 2]))  # other numbers; four move
    orders = _orders({customer: [5] for customer in ids})
    done, rows = _run(tmp_path, orders, before=before, after=after)
    clusters = rows[rows["kind"] == "cluster"]
    assert sorted(clusters["customer_id"]) == sorted(["c048", "c049", "c098", "c099"] * 2)
    entered = clusters[clusters["trigger"] == "entered"].set_index("customer_id")["segment"].to_dict()
    assert entered == {
        "c048": "Gros paniers",
        "c049": "Gros paniers",
        "c098": "Rythme régulier",
        "c099": "Rythme régulier",
    }
    rules = rows[(rows["kind"] == "rule") & (rows["trigger"] == "entered")]
    assert set(rules["segment"]) == {"champions", "loyal"}
    asked = load_playbooks()["champions"].questions["fr"]
    assert rules.set_index("segment").loc["champions", "questions"].iloc[0] == " | ".join(asked)
    assert done.counts["entered"] == done.counts["left"] == len(rows) // 2
    assert done.kinds["entered"] == {"cluster": 4, "rule": len(rules)}

    some = _config(tmp_path, "entered: {segments: [champions]}\nleft: {segments: []}")
    done, rows = _run(tmp_path, orders, before=before, after=after, config=some)
    assert set(rows["segment"]) == {"champions"}
    assert done.counts["left"] == 0


def test_the_order_of_lines_changes_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    orders = _orders({f"c{n:03d}": rng.integers(0, 700, 12).tolist() for n in range(200)})
    _, first = _run(tmp_path, orders)
    _, again = _run(tmp_path, orders.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(first, again)


def test_the_command_counts_and_names_nobody(tmp_path: Path) -> None:
    source, out = tmp_path / "orders.csv", tmp_path / "out.parquet"
    _orders({"Canari": [20], "Canari-2": [70]}).rename(columns={"client": "buyer"}).to_csv(source, index=False)
    arguments = [
        "triggers",
        str(source),
        "-o",
        str(out),
        "--as-of",
        "2025-12-31",
        "--column",
        "customer=buyer",
        "--lang",
        "en",
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "silent_14 1, silent_30 0, silent_60 1, slower 0" in done.output
    assert "Canari" not in done.output
    assert pd.read_parquet(out)["questions"].str.endswith("?").all()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("silence: {days: [3]}", "Did you mean 'silent'"),
        ("slower: {window: 3}", "unknown key 'slower.window'"),
        ("slower: {p_value: 2}", "'slower.p_value' is 2"),
        ("silent: {days: [0]}", "'silent.days.0' is 0"),
        ("[1, 2]", "mine.yaml"),
        ("a: b: c", "not YAML"),
    ],
)
def test_a_wrong_file_of_triggers_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(ConfigError, match=found):
        load_triggers(_config(tmp_path, text))


def test_one_run_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Only one run"):
        _run(tmp_path, _orders({"a": [1]}), before=tmp_path)
    with pytest.raises(ConfigError, match="no file of triggers"):
        load_triggers(tmp_path / "none.yaml")


def test_the_shipped_file_says_the_defaults() -> None:
    assert load_triggers(shipped("triggers.yaml")) == type(load_triggers())()
