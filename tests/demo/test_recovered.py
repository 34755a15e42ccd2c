"""The program itself, told nothing, finds what was planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from lieudit.demo import run_demo
from lieudit.pipeline.progress import Silent


@pytest.mark.slow
def test_the_planted_groups_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run_demo(tmp_path / "demo", customers=1_500, seed=0, lang=None, progress=Silent())
    assert shown.groups == 6
    assert shown.recovery >= 0.85
