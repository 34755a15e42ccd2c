"""For how many communes, and how many people, each indicator is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lieudit.catalogue.indicators import holders, key_of
from lieudit.schema import INDICATORS, OFFICIAL_INDICATORS

if TYPE_CHECKING:
    from lieudit.catalogue.catalogue import Catalogue

__all__ = ["COUNTED", "Coverage", "coverage"]

# Statistics of INSEE and DGCL speak of the hundred departments; the collectivities of the Pacific,
# Saint-Pierre-et-Miquelon, Saint-Barthélemy and Saint-Martin (975, 977, 978, 98x) are counted apart by both.
COUNTED = "substr(commune_code, 1, 3) NOT IN ('975', '977', '978', '984', '986', '987', '988', '989')"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is known of an indicator in the communes of the hundred departments.

    Attributes
    ----------
    indicator : str
        Its column.
    source : str
        The source that gives it.
    communes, population : float
        Share of communes, and of their inhabitants, for which it is known, in [0, 1].
    """

    indicator: str
    source: str
    communes: float
    population: float


def coverage(catalogue: Catalogue) -> tuple[Coverage, ...]:
    """Measure the coverage of every indicator that the catalogue holds; see :meth:`Catalogue.coverage`."""
    import duckdb  # noqa: PLC0415 - slow to import

    reference = str(catalogue.source("communes").path())
    given = holders(
        source for source in catalogue.sources if source.origin != "own" and key_of(source) == "commune_code"
    )
    found = []
    with duckdb.connect() as con:
        for indicator in (*INDICATORS, *OFFICIAL_INDICATORS):
            if indicator.name not in given:
                continue
            source, _ = given[indicator.name]
            row = con.execute(
                f"""
                SELECT avg((i."{indicator.name}" IS NOT NULL)::INTEGER),
                       sum(c.population) FILTER (i."{indicator.name}" IS NOT NULL) / sum(c.population)
                FROM read_parquet(?) c LEFT JOIN read_parquet(?) i USING (commune_code)
                WHERE {COUNTED}
                """,
                [reference, str(source.path())],
            ).fetchall()[0]
            found.append(Coverage(indicator.name, source.name, *map(float, row)))
    return tuple(found)
