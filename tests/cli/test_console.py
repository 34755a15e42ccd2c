"""Progress where there is no terminal: a line now and then, none when quiet."""

from __future__ import annotations

import threading
import time

import pytest

from lieudit.cli import console
from lieudit.cli.console import Console


def test_a_long_step_says_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.02)
    said = Console()
    with said.working():
        said.step("Clustering", total=20)
        said.advance("kmeans 2 clusters")
        _wait_for("  Clustering: 1 of 20, 0 s", capsys)
        said.step("Drawing the report")
        _wait_for("  Drawing the report: 0 s", capsys)
    assert "lieudit-progress" not in {thread.name for thread in threading.enumerate()}


def _wait_for(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    end, heard = time.monotonic() + 10, ""
    while line not in heard.splitlines():
        assert time.monotonic() < end, heard
        time.sleep(0.02)
        heard += capsys.readouterr().err


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.01)
    said = Console(quiet=True)
    with said.working():
        said.step("Clustering", total=20)
        said.advance()
        time.sleep(0.05)
    assert capsys.readouterr() == ("", "")


def test_what_ends_with_an_error_says_no_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.01)

    def fail() -> None:
        with Console().working() as said:
            said.step("Reading")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    capsys.readouterr()
    time.sleep(0.05)
    assert capsys.readouterr() == ("", "")
