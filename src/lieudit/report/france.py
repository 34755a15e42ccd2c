"""Outlines of French departments and regions as SVG paths: mainland, Paris enlarged, overseas in a row below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer

from lieudit.report.regions import REGION_OF, REGIONS

__all__ = ["HEIGHT", "WIDTH", "Box", "Level", "Shape", "outlines"]

Level = Literal["department", "region"]

# The drawing's own units; the page scales it.
WIDTH: Final = 600
HEIGHT: Final = 690
# Lambert-93, the official projection of mainland France.
_LAMBERT_93: Final = "EPSG:2154"
_WGS_84: Final = "EPSG:4326"
# Details of borders below this, in units of the drawing, are smoothed away; common borders stay common.
_DETAIL: Final = 0.7
# Smaller than this in the drawing, a hole or an islet cannot be seen.
_SPECK: Final = 0.5

Coordinates = npt.NDArray[np.float64]
Outlines = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the drawing that one part of France fills: left, top, width, height."""

    left: float
    top: float
    width: float
    height: float


MAINLAND: Final = Box(0, 0, WIDTH, 575)
PARIS: Final = Box(12, 16, 112, 92)
_PARIS_CODES: Final = ("75", "92", "93", "94")
_OVERSEAS: Final = ("971", "972", "973", "974", "976")
OVERSEAS: Final = {code: Box(12 + 118 * i, 600, 104, 68) for i, code in enumerate(_OVERSEAS)}
INSETS: Final = (PARIS, *OVERSEAS.values())


@dataclass(frozen=True, slots=True)
class Shape:
    """An area as it is drawn.

    Attributes
    ----------
    code, name : str
        A department's or a region's.
    path : str
        SVG path data.
    """

    code: str
    name: str
    path: str


@cache
def outlines(level: Level, contours: Path) -> tuple[Shape, ...]:
    """Draw every department, or every region; Paris and its neighbours come twice, the second time enlarged.

    Parameters
    ----------
    level : {"department", "region"}
    contours : Path
        The catalogue's departments: Parquet with ``department_code``, ``department_name`` and ``geometry`` (WKB,
        WGS 84).
    """
    frame = pd.read_parquet(contours)
    names = dict(zip(frame["department_code"], frame["department_name"], strict=True))
    whole = dict(zip(frame["department_code"], shapely.from_wkb(frame["geometry"].to_numpy()), strict=True))
    mainland = {code: _lambert(whole[code]) for code in sorted(whole) if code in REGION_OF and code not in OVERSEAS}
    parts = [(mainland, MAINLAND)]
    if level == "department":
        parts.append(({code: mainland[code] for code in _PARIS_CODES}, PARIS))
    parts += [({code: _flat(whole[code])}, box) for code, box in OVERSEAS.items()]
    if level == "region":
        names = {code: name for code, (name, _) in REGIONS.items()}
        parts = [(_merged(part), box) for part, box in parts]
    return tuple(Shape(code, str(names[code]), path) for part, box in parts for code, path in _fitted(part, box))


def _lambert(geometry: Any) -> Any:
    project = Transformer.from_crs(_WGS_84, _LAMBERT_93, always_xy=True)
    return shapely.transform(geometry, lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1])))


def _flat(geometry: Any) -> Any:
    """Flatten a small territory: shrink longitudes by the cosine of its latitude."""
    _, south, _, north = shapely.bounds(geometry)
    return shapely.transform(geometry, lambda xy: xy * (np.cos(np.radians((south + north) / 2)), 1.0))


def _merged(part: Outlines) -> Outlines:
    """Merge departments into regions."""
    codes = sorted({REGION_OF[code] for code in part})
    return {
        region: shapely.union_all([shape for code, shape in part.items() if REGION_OF[code] == region])
        for region in codes
    }


def _fitted(part: Outlines, box: Box) -> Iterator[tuple[str, str]]:
    """Scale a part into its box, north up, and write each area as a path."""
    west, south, east, north = shapely.total_bounds(list(part.values()))
    scale = min(box.width / (east - west), box.height / (north - south))
    left = box.left + (box.width - scale * (east - west)) / 2
    top = box.top + (box.height - scale * (north - south)) / 2

    def to_drawing(xy: Coordinates) -> Coordinates:
        return np.column_stack([left + scale * (xy[:, 0] - west), top + scale * (north - xy[:, 1])])

    drawn = shapely.coverage_simplify(shapely.transform(list(part.values()), to_drawing), _DETAIL)
    yield from zip(part, (_path(geometry) for geometry in drawn), strict=True)


def _path(geometry: Any) -> str:
    """Write polygons as SVG path data, to a tenth of a unit."""
    polygons = sorted(shapely.get_parts(geometry), key=lambda polygon: -float(polygon.area))
    rings = [polygon.exterior for i, polygon in enumerate(polygons) if i == 0 or polygon.area > _SPECK]
    holes = [ring for polygon in polygons for ring in polygon.interiors if shapely.Polygon(ring).area > _SPECK]
    return "".join(_ring(shapely.get_coordinates(ring)) for ring in rings + holes)


def _ring(coordinates: Coordinates) -> str:
    points = np.round(coordinates, 1)
    moved = np.concatenate([[True], np.any(np.diff(points, axis=0) != 0, axis=1)])
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points[moved][:-1]) + "Z"
