"""Contours of communes, arrondissements and departments, and a point in each.

The package's contours are those of IGN's Admin Express made for small scales: about thirty points a commune. They
are kept whole; their coordinates are snapped to a grid of 2**-13 degree (14 m from south to north), the same for
neighbours, so that common borders stay common. Numbers of that grid have few digits, which halves the file.
"""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from lieudit.catalogue.build.cog import Cog

__all__ = [
    "area_km2",
    "arrondissements_table",
    "communes_outlines",
    "communes_table",
    "departments_table",
    "fill_holes",
    "read_outlines",
]

GRID = 2.0**-13
DEPARTMENT_TOLERANCE = 0.004  # degrees; a map of France one thousand pixels wide shows 0.015
DEPARTMENT_GRID = 2.0**-10


def read_outlines(folder: Path) -> pd.DataFrame:
    """Read the package's rows that have a contour.

    Returns
    -------
    DataFrame
        Columns ``code``, ``kind`` (``COM``, ``ARM``, ``COMD``, ``COMA``), ``geometry`` and ``hall`` (shapely
        objects in WGS84; ``hall`` is the town hall's point, None where it is not known).
    """
    with lzma.open(folder / "communes.csv.lzma", "rt", encoding="utf-8") as file:
        frame = pd.read_csv(file, dtype=str, na_values=["\\N", ""], keep_default_na=False)
    frame = frame[frame["geometry"].notna()]
    return pd.DataFrame(
        {
            "code": frame["code"].to_numpy(),
            "kind": frame["type"].to_numpy(),
            "geometry": _from_hex(frame["geometry"]),
            "hall": _from_hex(frame["mairie_localisation"]),
        }
    )


def _from_hex(column: pd.Series[str]) -> Any:
    raw = [bytes.fromhex(value) if isinstance(value, str) else None for value in column]
    return np.array(shapely.from_wkb(raw), dtype=object)


def communes_outlines(cog: Cog, outlines: pd.DataFrame) -> pd.DataFrame:
    """Return one contour a commune of today, by its code.

    The package draws a commune that has taken in others since as it was before; the parts that it lacks are added
    where they have a contour of their own. A commune that others have left since, and who have none, holds them
    still: ``shared_with`` names them.
    """
    own = outlines[outlines["kind"] == "COM"].set_index("code")[["geometry", "hall"]]
    parts = outlines[outlines["kind"].isin(["COMD", "COMA"])].copy()
    parts["commune"] = parts["code"].map({row["code"]: row["chefLieu"] for row in cog.parts})
    around = [own["geometry"].get(commune) for commune in parts["commune"]]  # None is covered by nothing
    inside = shapely.covers(around, shapely.point_on_surface(parts["geometry"].to_numpy()))
    pieces = pd.concat([own["geometry"], parts[~inside].set_index("commune")["geometry"]])
    whole = pieces.groupby(level=0).agg(lambda column: shapely.union_all(column.to_numpy()))
    frame = pd.DataFrame({"geometry": whole[whole.index.isin(cog.communes)].sort_index()})
    halls = own["hall"].to_dict()
    frame["hall"] = pd.Series({code: halls.get(code) for code in frame.index}, dtype="object")
    within: dict[str, list[str]] = {}
    for child, parent in sorted(cog.splits.items()):
        if child not in frame.index:
            within.setdefault(parent, []).append(child)
    frame["shared_with"] = pd.Series({parent: " ".join(found) for parent, found in within.items()}, dtype="str")
    return frame


def fill_holes(frame: pd.DataFrame, official_km2: pd.Series[float]) -> pd.DataFrame:
    """Give each hole of the mosaic to the neighbour that lacks as much.

    A commune that took in others which left no part of their own (Pierrefitte in Saint-Denis) is drawn without
    them; what it lacks of its official area is the hole beside it. A hole that no neighbour lacks stays: Llívia
    is Spain.

    Parameters
    ----------
    frame : DataFrame
        As :func:`communes_outlines` gives it.
    official_km2 : Series
        Official area by commune.
    """
    geometry = frame["geometry"].to_numpy(copy=True)
    lacking = (official_km2.reindex(frame.index).fillna(0.0) - area_km2(geometry)).to_numpy(copy=True)
    tree = shapely.STRtree(geometry)
    rings = [
        shapely.Polygon(ring) for part in shapely.get_parts(shapely.union_all(geometry)) for ring in part.interiors
    ]
    for hole in sorted(rings, key=lambda ring: (-ring.area, ring.wkt)):
        size = float(area_km2(np.array([hole]))[0])
        around = tree.query(hole, predicate="intersects")
        taker = around[np.argmax(lacking[around])]
        if lacking[taker] > 0.7 * size:
            geometry[taker] = shapely.union(geometry[taker], hole)
            lacking[taker] -= size
    return frame.assign(geometry=geometry)


def area_km2(geometry: Any) -> Any:
    """Return areas in km² of geometries in WGS84, on the equal-area grid EPSG:6933."""
    project = Transformer.from_crs(4326, 6933, always_xy=True)
    flat = shapely.transform(geometry, lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1])))
    return shapely.area(flat) / 1e6


def communes_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Build ``table.parquet``: contour and point of each commune.

    The point is the town hall where it lies in its commune; a town hall's point that lies elsewhere (one in
    eighteen, most of them kilometres off: addresses that were geocoded wrongly) is not believed, and a point inside the
    commune is given.
    """
    inner, believed = _points(frame["geometry"].to_numpy(), frame["hall"].to_numpy())
    return pd.DataFrame(
        {
            "commune_code": frame.index.to_numpy(),
            "geometry": shapely.to_wkb(_snap(frame["geometry"].to_numpy(), GRID)),
            "lat": shapely.get_y(inner).round(5),
            "lon": shapely.get_x(inner).round(5),
            "town_hall": believed,
            "shared_with": frame["shared_with"].to_numpy(),
        }
    )


def arrondissements_table(cog: Cog, outlines: pd.DataFrame) -> pd.DataFrame:
    """Build ``arrondissements.parquet``: contour and point of the arrondissements of Paris, Lyon and Marseille."""
    own = outlines[outlines["kind"] == "ARM"].sort_values("code")
    inner, believed = _points(own["geometry"].to_numpy(), own["hall"].to_numpy())
    return pd.DataFrame(
        {
            "arrondissement_code": own["code"].to_numpy(),
            "commune_code": [cog.arrondissements[code]["commune"] for code in own["code"]],
            "geometry": shapely.to_wkb(_snap(own["geometry"].to_numpy(), GRID)),
            "lat": shapely.get_y(inner).round(5),
            "lon": shapely.get_x(inner).round(5),
            "town_hall": believed,
        }
    )


def departments_table(cog: Cog, frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Build ``departments.parquet``: contours of the departments, for maps of the whole country."""
    department = pd.Series({code: row["departement"] for code, row in cog.communes.items()}).reindex(frame.index)
    whole = frame.groupby(department)["geometry"].agg(lambda column: shapely.union_all(column.to_numpy()))
    drawn = shapely.coverage_simplify(whole.to_numpy(), DEPARTMENT_TOLERANCE)
    drawn = _snap(_without_islets(drawn), DEPARTMENT_GRID)
    return pd.DataFrame(
        {
            "department_code": whole.index.to_numpy(),
            "department_name": [names[code] for code in whole.index],
            "geometry": shapely.to_wkb(drawn),
        }
    )


def _points(geometry: Any, hall: Any) -> tuple[Any, Any]:
    believed = shapely.covers(geometry, hall)
    return np.where(believed, hall, shapely.point_on_surface(geometry)), believed


def _snap(geometry: Any, grid: float) -> Any:
    """Round coordinates to a grid, and repair the few polygons that touch themselves then."""
    snapped = shapely.transform(geometry, lambda xy: np.round(xy / grid) * grid)
    broken = ~shapely.is_valid(snapped)
    snapped[broken] = [_polygons(each) for each in shapely.make_valid(snapped[broken])]
    return snapped


def _polygons(geometry: Any) -> Any:
    """Drop the lines and points that a repair leaves beside the polygons."""
    parts = [part for part in shapely.get_parts(geometry) if shapely.area(part) > 0]
    return shapely.multipolygons([piece for part in parts for piece in shapely.get_parts(part)])


def _without_islets(geometry: Any) -> Any:
    """Drop what is smaller than a few pixels, but for the largest part of each."""
    kept = []
    for each in geometry:
        parts = sorted(shapely.get_parts(each), key=shapely.area, reverse=True)
        kept.append(shapely.multipolygons(parts[:1] + [part for part in parts[1:] if shapely.area(part) > 1e-3]))
    return np.array(kept, dtype=object)
