"""The map's shapes: every department once, in its box, and regions made of them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.report.france import MAINLAND, OVERSEAS, PARIS, Box, Shape, outlines
from lieudit.report.regions import REGION_OF, REGIONS, department_of

CONTOURS = open_catalogue().source("contours").path("departments")


def _corners(shape: Shape) -> np.ndarray:
    points = np.array([pair.split(",") for pair in re.findall(r"[-\d.]+,[-\d.]+", shape.path)], dtype=float)
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _inside(shape: Shape, box: Box) -> bool:
    left, top, right, bottom = _corners(shape)
    return bool(
        left >= box.left - 0.1
        and top >= box.top - 0.1
        and right <= box.left + box.width + 0.1
        and bottom <= box.top + box.height + 0.1
    )


def test_every_department_is_drawn_in_its_place() -> None:
    shapes = outlines("department", CONTOURS)
    codes = [shape.code for shape in shapes]
    assert sorted(set(codes)) == sorted(REGION_OF)
    twice = {code for code in codes if codes.count(code) == 2}
    assert twice == {"75", "92", "93", "94"}
    for shape in shapes[:96]:
        assert _inside(shape, MAINLAND)
    for shape in shapes[96:100]:
        assert _inside(shape, PARIS)
    for shape in shapes[100:]:
        assert _inside(shape, OVERSEAS[shape.code])


def test_north_is_up_and_west_is_left() -> None:
    middle = {shape.code: _corners(shape).reshape(2, 2).mean(axis=0) for shape in outlines("department", CONTOURS)[:96]}
    assert middle["59"][1] < middle["66"][1]
    assert middle["29"][0] < middle["67"][0] < middle["2B"][0]


def test_regions_are_drawn_once_each_under_their_names() -> None:
    shapes = outlines("region", CONTOURS)
    assert {shape.code: shape.name for shape in shapes} == {code: name for code, (name, _) in REGIONS.items()}
    assert len(shapes) == 18


def test_the_regions_hold_all_departments_once() -> None:
    listed = [department for _, departments in REGIONS.values() for department in departments.split()]
    assert len(listed) == len(set(listed)) == 101


@pytest.mark.parametrize("commune", ["75056", "2B033", "97302"])
def test_a_communes_department_is_on_the_map(commune: str) -> None:
    assert department_of(commune) in REGION_OF
