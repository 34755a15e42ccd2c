"""Two runs on disk, customer by customer: what is written, what is hidden, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from lieudit.cli import app
from lieudit.errors import InputError
from lieudit.pipeline.runs import compare_runs

NAMES = {0: "Gros paniers", 1: "Rythme régulier", 2: "Nouveaux"}
SIZE = 400
TRACKING = "sqlite:///nowhere.db"


def write_run(
    folder: Path, ids: list[str], clusters: np.ndarray, *, shift: float = 0.0, name: str = "shop", found: bool = True
) -> Path:
    """Write what a training leaves in a folder, as far as a comparison reads it."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    names = {-1: "Hors groupe", **NAMES}
    pd.DataFrame({
        "customer_id": ids, "recency_days": rng.integers(1, 300, len(ids)) + int(shift),
        "frequency": 1 + rng.poisson(3, len(ids)), "monetary": rng.lognormal(3, 1, len(ids)),
        "urban_class": rng.choice(["urban", "rural"], len(ids)),
        "rfm_segment": np.where(clusters == 0, "champions", "loyal"), "rfm_label": "Fidèle",
        "cluster": clusters, "segment": [names[int(one)] for one in clusters],
    }).to_parquet(folder / "customers.parquet")  # fmt: skip
    segments = [
        {"cluster": int(one), "names": {"fr": NAMES[one], "en": f"Group {one}"}, "status": "unnamed", "size": int(n)}
        for one, n in zip(*np.unique(clusters[clusters >= 0], return_counts=True), strict=True)
    ]
    winner = {"method": "kmeans", "params": {"n_clusters": 3}, "n_clusters": 3, "noise_share": 0.0, "metrics": {}}
    content = {
        "structure": {"found": found, "p_value": 0.02 if found else 0.86}, "winner": winner, "segments": segments,
        "agreement": {"ami": 0.4, "ari": 0.3, "v_measure": 0.4},
    }  # fmt: skip
    report = {"name": name, "about": {"lang": "fr", "as_of": "2025-12-31", "seed": 0}, "coverage": {}}
    report["coverage"] = {"indicators": {"density_class": 1.0, "urban_class": 0.9 + len(ids) / 10_000}}
    (folder / "segments.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs: clusters 0 and 1 change numbers, four customers move, one group is new, some enter and leave."""
    ids = [f"Canari-{number:04d}" for number in range(SIZE)]
    before = np.repeat([0, 1], SIZE // 2)
    after = 1 - before
    after[:4], after[200:240] = 0, 2
    first = write_run(tmp_path / "before", ids[:-20], before[:-20])
    later = write_run(tmp_path / "after", ids[10:], after[10:], shift=200)
    return first, later


def _compare(pair: tuple[Path, Path], **options: Any) -> dict[str, Any]:
    found = compare_runs([str(run) for run in pair], tracking=TRACKING, **options).customers
    assert found is not None
    return found


def test_segments_are_followed_through_other_numbers(pair: tuple[Path, Path]) -> None:
    found = _compare(pair)
    fates = [(one["before"], one["after"], one["same"]) for one in found["became"]]
    assert fates == [(0, 1, True), (1, 0, True), (None, 2, False)]
    assert found["customers"] == {"shared": 370, "moved": 40, "entered": 20, "left": 10}
    assert sum(n for row in found["migration"].values() for n in row.values()) == SIZE
    assert {one["feature"]: one["level"] for one in found["drift"]}["recency_days"] == "strong"
    assert {one["feature"]: one["level"] for one in found["drift"]}["urban_class"] == "low"
    assert len(found["agreement"]) == 6


def test_ids_are_in_the_file_of_moves_and_nowhere_else(pair: tuple[Path, Path], tmp_path: Path) -> None:
    moves, page, out = (tmp_path / name for name in ("moves.csv", "page.html", "table.csv"))
    found = _compare(pair, moves=moves, page=page, out=out, lang="en")
    listed = pd.read_csv(moves)
    assert listed["move"].value_counts().to_dict() == {"moved": 40, "entered": 20, "left": 10}
    assert listed["customer_id"].is_monotonic_increasing
    moved = listed[listed["move"] == "moved"]
    assert set(moved["segment_after"]) == {NAMES[2]}
    assert "Canari" not in json.dumps(found) + page.read_text(encoding="utf-8") + out.read_text(encoding="utf-8")


def test_the_page_says_it_in_both_languages_and_hides_small_groups(pair: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for lang, words in (
        ("fr", ("toujours là", "Gros paniers", "31 décembre")),
        ("en", ("still there", "Group 0", "new")),
    ):
        _compare(pair, page=page, lang=lang)
        text = page.read_text(encoding="utf-8").replace("\u00a0", " ")
        assert all(word in text for word in words)
        assert f'<html lang="{lang}">' in text
        assert "<script" not in text
    # Six customers of 1 who stayed beside 40 who moved: no figure under ten, but the totals.
    ids = [f"c{number}" for number in range(100)]
    one = write_run(tmp_path / "one", ids, np.repeat([0, 1], 50))
    other = write_run(tmp_path / "other", ids, np.repeat([0, 1, 0], [50, 47, 3]))
    _compare((one, other), page=page, lang="en")
    groups = page.read_text(encoding="utf-8").partition('id="drift"')[0]
    assert "fewer than 10" in groups
    assert ">3<" not in groups


def test_runs_without_structure_are_said_to_be(tmp_path: Path) -> None:
    ids, page = [f"c{number}" for number in range(100)], tmp_path / "page.html"
    one = write_run(tmp_path / "one", ids, np.repeat([0, 1], 50), found=False)
    other = write_run(tmp_path / "other", ids, np.repeat([0, 1], 50))
    compared = compare_runs([str(one), str(other)], tracking=TRACKING, page=page, lang="en")
    assert "No structure was found in shop as of 2025-12-31 (p = 0.86)" in "\n".join(compared.lines)
    text = page.read_text(encoding="utf-8")
    assert "Before: no structure was found (p = 0.86)." in text
    assert "After, groups by status: 2 unnamed." in text


def test_columns_that_both_runs_know_alike_are_no_difference(pair: tuple[Path, Path]) -> None:
    items = compare_runs([str(run) for run in pair], tracking=TRACKING).table.index.get_level_values("item")
    assert [item for item in items if item.startswith("coverage.")] == ["coverage.urban_class"]


def test_the_order_of_rows_changes_nothing(pair: tuple[Path, Path]) -> None:
    found = _compare(pair)
    for run in pair:
        customers = pd.read_parquet(run / "customers.parquet")
        customers.sample(frac=1, random_state=1).to_parquet(run / "customers.parquet")
    assert _compare(pair) == found


def test_the_command_prints_fates_and_writes_files(pair: tuple[Path, Path], tmp_path: Path) -> None:
    moves = tmp_path / "moves.parquet"
    done = CliRunner().invoke(app, ["compare", *map(str, pair), "--moves", str(moves), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "370 customers in both runs; 40 changed segment, 20 entered, 10 left" in done.output
    assert "0 Group 0: still 1 Group 1" in done.output
    assert "2 Group 2: new" in done.output
    assert "Canari" not in done.output
    assert len(pd.read_parquet(moves)) == 70


def test_what_cannot_be_compared_is_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    strangers = write_run(tmp_path / "strangers", [f"x{n}" for n in range(60)], np.repeat([0, 1], 30))
    with pytest.raises(InputError, match="no customer in common"):
        _compare((pair[0], strangers))
    with pytest.raises(InputError, match="two folders of runs"):
        compare_runs([str(pair[0])], tracking=TRACKING, moves=tmp_path / "moves.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"has no customers\.parquet, segments\.json, report\.json"):
        compare_runs([str(pair[0]), str(tmp_path / "empty")], tracking=TRACKING)
    (pair[1] / "segments.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        _compare(pair)
    assert not (tmp_path / "moves.csv").exists()
