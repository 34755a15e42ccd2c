"""The profile of each commune: area, density, derived classes, ages, housing, priority districts, mountain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from lieudit.catalogue.build.cog import Cog
from lieudit.catalogue.build.contours import area_km2
from lieudit.catalogue.build.density import Place, density_class, neighbours, urban_class

__all__ = ["official_area", "read_profile"]

LATEST = 2022

_CENSUS = {
    "share_under_20": ("pop_0_19", "pop"),
    "share_65_plus": ("pop_65p", "pop"),
    "share_houses": ("maisons", "logements"),
    "share_second_homes": ("res_secondaires", "logements"),
    "share_vacant_homes": ("logements_vacants", "logements"),
}


def official_area(cog: Cog, dgcl: pd.DataFrame) -> pd.Series[float]:
    """Return the area in km² that the DGCL gives, by commune of today.

    Communes that were re-created since, and those that they left, have none: the files know them together.
    """
    latest = dgcl[dgcl["year"] == LATEST]
    area: pd.Series[float] = latest.groupby("commune_code")["area_ha"].sum() / 100
    since = [code for child, parent in cog.splits.items() if child not in area.index for code in (child, parent)]
    return area[(area > 0) & ~area.index.isin(since)]


def read_profile(cog: Cog, dgcl: pd.DataFrame, iris: Path, outlines: pd.DataFrame, wards: pd.DataFrame) -> pd.DataFrame:
    """Build the profile table.

    Parameters
    ----------
    cog : Cog
    dgcl : DataFrame
        As ``read_dgcl`` gives it.
    iris : Path
        Unpacked folder of the census by IRIS.
    outlines : DataFrame
        Contours of the communes, as ``fill_holes`` gives them.
    wards : DataFrame
        Arrondissements, as ``arrondissements_table`` gives them.

    Returns
    -------
    DataFrame
        One row a commune, and one an arrondissement of Paris, Lyon and Marseille, by ``commune_code``.
    """
    codes = pd.Index([*cog.communes, *cog.arrondissements], name="commune_code").sort_values()
    place = pd.concat([_places(cog, dgcl, outlines), _wards(cog, wards)])
    frame = place.reindex(codes).join(_census(cog, iris)).join(_grants(dgcl))
    # beside area and density, so that an arrondissement has all three of its own
    inhabitants = {code: row.get("population") for code, row in (cog.communes | cog.arrondissements).items()}
    frame.insert(0, "population", pd.Series(inhabitants, dtype="Int64"))
    return frame.astype({"density_class": "Int64", "mountain": "boolean"}).reset_index()


def _places(cog: Cog, dgcl: pd.DataFrame, outlines: pd.DataFrame) -> pd.DataFrame:
    geometry = outlines["geometry"].to_numpy()
    area = official_area(cog, dgcl).reindex(outlines.index).fillna(pd.Series(area_km2(geometry), outlines.index))
    sharing = {child: code for code, others in outlines["shared_with"].dropna().items() for child in others.split()}
    inhabitants = pd.Series({code: row.get("population", 0) for code, row in cog.communes.items()}, dtype="float64")
    # Communes that share one contour have one density: that of all of them together.
    population = inhabitants.groupby(lambda code: sharing.get(code, code)).sum().reindex(outlines.index)
    density = population / area
    pairs = neighbours(geometry)
    inner = shapely.point_on_surface(geometry)
    place = Place(density.to_numpy(), population.to_numpy(), shapely.get_y(inner), shapely.get_x(inner), pairs)
    frame = pd.DataFrame(
        {
            "area_km2": area.mask(outlines["shared_with"].notna()).round(2),
            "density_per_km2": density.round(1),
            "density_class": density_class(place.density, place.population, pairs),
            "urban_class": urban_class(place),
            "urban_class_source": "derived",
        },
        index=outlines.index,
    )
    others = frame.loc[list(sharing.values())].set_axis(list(sharing))
    return pd.concat([frame, others])


def _wards(cog: Cog, wards: pd.DataFrame) -> pd.DataFrame:
    """Return arrondissements; their cities are dense and urban as a whole."""
    area = area_km2(shapely.from_wkb(wards["geometry"].to_numpy()))
    population = [cog.arrondissements[code]["population"] for code in wards["arrondissement_code"]]
    return pd.DataFrame(
        {
            "area_km2": area.round(2),
            "density_per_km2": (population / area).round(1),
            "density_class": 1,
            "urban_class": "urban",
            "urban_class_source": "derived",
        },
        index=wards["arrondissement_code"].to_numpy(),
    )


def _census(cog: Cog, folder: Path) -> pd.DataFrame:
    """Return shares of the 2021 census, for the communes of today and for arrondissements."""
    frame = pd.read_parquet(folder / "iris_2021.parquet")
    whole = frame.assign(com=frame["com"].map(cog.present))
    both = pd.concat([whole, frame[frame["com"].isin(cog.arrondissements)]])
    counts = sorted({name for pair in _CENSUS.values() for name in pair})
    sums = both.groupby("com")[counts].sum()
    return pd.DataFrame({name: _share(sums[part], sums[of]) for name, (part, of) in _CENSUS.items()})


def _grants(dgcl: pd.DataFrame) -> pd.DataFrame:
    """Return what the latest DGCL file says; the collectivities, of which it knows no dwellings, are left out."""
    latest = dgcl[(dgcl["year"] == LATEST) & (dgcl["dwellings"] > 0)]
    sums = latest.groupby("commune_code").agg(
        social=("social", "sum"), dwellings=("dwellings", "sum"), qpv=("qpv", "sum"),
        population=("population", "sum"), mountain=("mountain", "any"),
    )  # fmt: skip
    return pd.DataFrame(
        {
            "share_social_housing": _share(sums["social"], sums["dwellings"]),
            "share_qpv": _share(sums["qpv"], sums["population"]),
            "mountain": sums["mountain"],
        }
    )


def _share(part: Any, of: Any) -> Any:
    """Divide, empty where there is nothing to divide by; counts of two dates may exceed each other, shares may not."""
    return (part / of.where(of > 0)).clip(0, 1).round(4)
