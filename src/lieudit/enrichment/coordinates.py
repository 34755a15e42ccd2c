"""Coordinates → commune, by the contours of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd
from numpy.typing import ArrayLike

from lieudit.catalogue import Catalogue
from lieudit.enrichment.answer import CONFIDENCE, Answer, refuse
from lieudit.enrichment.index import Index
from lieudit.enrichment.postcode import read_postcode

__all__ = ["Spot", "decide", "locate_points"]

_DEGREES: Final = 4326
_NEAR: Final = 1_000  # metres from a contour: a quay, a bridge, a beach
# Where distances are measured: west, south, east, north (degrees), and the EPSG code of the official projection
# (Lambert-93; RGAF09, RGFG95, RGR92 and RGM04 in UTM).
_PROJECTIONS: Final = (
    ((-6.0, 41.0, 10.0, 51.6), 2154),
    ((-63.6, 14.0, -60.4, 18.4), 5490),
    ((-55.0, 2.0, -51.0, 6.2), 2972),
    ((54.8, -21.8, 56.2, -20.5), 2975),
    ((44.5, -13.5, 45.6, -12.3), 4471),
)
# At odds with the address, coordinates still decide, but one of the two is wrong.
_NEAR_CONFIDENCE, _CITY_CLASH, _POSTCODE_CLASH = 0.9, 0.8, 0.6


class Spot(NamedTuple):
    """Where a point lies.

    Attributes
    ----------
    commune, arrondissement : str
        ``""`` outside of all contours.
    shared_with : str
        Other communes that the contour still holds, separated by spaces.
    near : bool
        It lies outside of the contour, but by less than a kilometre.
    """

    commune: str
    arrondissement: str = ""
    shared_with: str = ""
    near: bool = False


def locate_points(lat: ArrayLike, lon: ArrayLike, catalogue: Catalogue) -> pd.DataFrame:
    """Find the commune of each point.

    Parameters
    ----------
    lat, lon : array of float of shape (n,)
        WGS 84, in degrees.
    catalogue : Catalogue
        Its source ``contours``.

    Returns
    -------
    DataFrame of shape (n, 4)
        The fields of :class:`Spot`, in the order of the points.
    """
    contours = catalogue.source("contours")
    communes = _read(contours.path(), ["commune_code", "shared_with"])
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=_DEGREES)
    found = _within(points, communes)
    found["near"] = False
    outside = points[found["commune_code"].isna()]
    for box, projection in _PROJECTIONS:
        west, south, east, north = box
        here = outside.cx[west:east, south:north]
        if len(here):
            near = _nearest(here, communes.cx[west:east, south:north], projection)
            found.loc[near.index, near.columns] = near
    arrondissements = _read(contours.path("arrondissements"), ["arrondissement_code"])
    divided = points[found["commune_code"].isin(["75056", "69123", "13055"]).to_numpy()]
    found["arrondissement"] = _within(divided, arrondissements)["arrondissement_code"]
    frame = found.rename(columns={"commune_code": "commune"})[["commune", "arrondissement", "shared_with"]].astype(
        object
    )
    return frame.where(frame.notna(), "").assign(near=found["near"].astype(bool))


def _read(path: Path, columns: list[str]) -> gpd.GeoDataFrame:
    table = pd.read_parquet(path, columns=[*columns, "geometry"])
    return gpd.GeoDataFrame(table[columns], geometry=gpd.GeoSeries.from_wkb(table["geometry"], crs=_DEGREES))


def _within(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the areas' columns for each point; on a border those of the first area."""
    return _first(gpd.sjoin(points, areas, how="left", predicate="intersects")).reindex(points.index)


def _nearest(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, projection: int) -> pd.DataFrame:
    """Return the columns of the nearest area, for the points that are less than a kilometre from one."""
    joined = gpd.sjoin_nearest(points.to_crs(projection), areas.to_crs(projection), max_distance=_NEAR)
    return _first(joined).assign(near=True)


def _first(joined: Any) -> pd.DataFrame:
    ordered = joined.sort_values("index_right", kind="stable")
    return pd.DataFrame(ordered[~ordered.index.duplicated()].drop(columns=["geometry", "index_right"]))


def decide(spot: Spot, address: Answer, postcode: str, index: Index) -> Answer:
    """Put coordinates and address together: the coordinates decide, and the note says what speaks against them.

    Parameters
    ----------
    spot : Spot
    address : Answer
        What the row's address says.
    postcode : str
        As it stands in the file.
    index : Index
    """
    if not spot.commune:
        if address.status == "matched":
            return address._replace(confidence=min(address.confidence, _POSTCODE_CLASH), note="coordinates_clash")
        return refuse("foreign", "coordinates")
    commune = spot.commune
    if spot.shared_with:
        holds = {spot.commune, *spot.shared_with.split()}
        if address.commune not in holds:
            return refuse("ambiguous", "several_communes")
        commune = address.commune
    confidence, note = (_NEAR_CONFIDENCE, "near") if spot.near else (CONFIDENCE["coordinates"], "")
    served = index.communes(read_postcode(postcode).code)
    if served and commune not in served:
        confidence, note = _POSTCODE_CLASH, "postcode_clash"
    elif address.commune and address.commune != commune:
        confidence, note = _CITY_CLASH, "city_clash"
    return Answer(commune, spot.arrondissement, "matched", "coordinates", confidence, note)
