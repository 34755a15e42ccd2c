"""The section that says what groups are worth."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from lieudit.report import render, summarise
from lieudit.report.texts import Texts
from lieudit.report.worth import worth_view


@pytest.fixture(scope="module")
def data(inputs: dict[str, Any]) -> dict[str, Any]:
    return summarise(**inputs)


def _section(page: str) -> str:
    found = re.search(r'<section id="worth">.*?</section>', page, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", found.group())


def test_figures_and_intervals_are_written_as_each_language_does(data: dict[str, Any]) -> None:
    french, english = _section(render(data, lang="fr")), _section(render(data, lang="en"))
    assert "Les groupes ajoutent 0,363 [0,343 ; 0,393] de R² aux 11 règles." in french
    assert "The groups add 0.363 [0.343, 0.393] of R² to the 11 rules." in english
    assert "Rien de mesurable." in french
    assert "jusqu’au 11 avril 2025" in french
    assert "47%" in english


def test_an_interval_that_holds_zero_adds_nothing_measurable(data: dict[str, Any]) -> None:
    changed = copy.deepcopy(data)
    changed["worth"]["beyond_rules"] = {"value": 0.01, "low": -0.002, "high": 0.03}
    assert "add nothing measurable to the 11 rules (0.010 [−0.002, 0.030] of R²)" in _section(
        render(changed, lang="en")
    )


def test_intervals_stand_on_one_axis(data: dict[str, Any]) -> None:
    rows = worth_view(data, Texts("en"))["rows"]
    assert [row["label"] for row in rows][:2] == ["The RFM rules", "The groups"]
    assert all(0 <= row["left"] <= row["dot"] <= row["left"] + row["width"] <= 100.1 for row in rows)
    assert [row["dot"] for row in rows] == sorted(row["dot"] for row in rows)
    assert rows[0]["zero"] is not None  # the lowest interval goes below 0


def test_what_was_not_measured_says_why(data: dict[str, Any]) -> None:
    reason = {"reason": {"fr": "Trop peu.", "en": "Too few."}}
    assert "Too few." in _section(render({**data, "worth": reason}, lang="en"))
    older = {key: value for key, value in data.items() if key != "worth"}
    assert "This was not measured." in _section(render(older, lang="en"))
