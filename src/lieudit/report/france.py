"""Outlines of French departments and regions as SVG paths: mainland, Paris enlarged, overseas in a row below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from lieudit.catalogue import open_catalogue
from lieudit.report.regions import REGION_OF, REGIONS

__all__ = ["HEIGHT", "WIDTH", "Box", "Level", "Shape", "outlines"]

Level = Literal["department", "region"]

# The drawing's own units; the page scales it.
WIDTH: Final = 600
HEIGHT: Final = 690
_LAMBERT_93: Final = "EPSG:2154"


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
def outlines(level: Level, contours: Path | None = None) -> tuple[Shape, ...]:
    """Draw every department, or every region; Paris and its neighbours come twice, the second time enlarged.

    Parameters
    ----------
    level : {"department", "region"}
    contours : Path, optional
        GeoParquet with ``code``, ``name``, ``geometry`` (WGS 84) of departments; by default the catalogue's.
    """
    frame = gpd.read_parquet(contours or open_catalogue().source("contours").path("departments"))
    frame = frame[frame["code"].isin(REGION_OF.keys())].sort_values("code")
    mainland = frame[~frame["code"].isin(_OVERSEAS)].to_crs(_LAMBERT_93)
    parts = [(mainland, MAINLAND)]
    if level == "department":
        parts.append((mainland[mainland["code"].isin(_PARIS_CODES)], PARIS))
    parts += [(_flat(frame[frame["code"] == code]), box) for code, box in OVERSEAS.items()]
    return tuple(shape for part, box in parts for shape in _fitted(_at_level(part, level), box))


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Flatten a small territory: shrink longitudes by the cosine of its latitude."""
    middle = np.radians(frame.total_bounds[[1, 3]].mean())
    return frame.set_geometry(
        frame.geometry.scale(xfact=float(np.cos(middle)), origin=(0, 0)).set_crs(None, allow_override=True)
    )


def _at_level(frame: gpd.GeoDataFrame, level: Level) -> gpd.GeoDataFrame:
    if level == "department":
        return frame
    merged = frame.assign(code=frame["code"].map(REGION_OF)).dissolve("code").reset_index()
    return merged.assign(name=merged["code"].map({code: name for code, (name, _) in REGIONS.items()}))


def _fitted(frame: gpd.GeoDataFrame, box: Box) -> Iterable[Shape]:
    """Scale a part into its box, north up, and write each area as a path."""
    left, bottom, right, top = frame.total_bounds
    scale = min(box.width / (right - left), box.height / (top - bottom))
    x = box.left + (box.width - scale * (right - left)) / 2 - scale * left
    y = box.top + (box.height - scale * (top - bottom)) / 2 + scale * top
    for code, name, geometry in zip(frame["code"], frame["name"], frame.geometry, strict=True):
        yield Shape(str(code), str(name), _path(affinity.affine_transform(geometry, [scale, 0, 0, -scale, x, y])))


def _path(geometry: Any) -> str:
    """Write polygons as SVG path data to a tenth of a unit; islets too small to be seen are left out."""
    polygons = sorted(shapely.get_parts(geometry), key=lambda polygon: -polygon.area)
    seen = [polygon for i, polygon in enumerate(polygons) if i == 0 or polygon.area > 0.5]
    return "".join(_ring(ring) for polygon in seen for ring in (polygon.exterior, *polygon.interiors))


def _ring(ring: Any) -> str:
    points = np.round(shapely.get_coordinates(ring), 1)
    moved = np.concatenate([[True], np.any(np.diff(points, axis=0) != 0, axis=1)])
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points[moved][:-1]) + "Z"
