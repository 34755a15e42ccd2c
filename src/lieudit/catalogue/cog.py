"""The communes of the COG of 1 January 2026, and the way to them from codes of any vintage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lieudit.catalogue.catalogue import Catalogue

__all__ = ["COG_YEAR", "MOVEMENTS", "Passage", "Split", "read_passage"]

COG_YEAR = 2026
MOVEMENTS = "cog_movements"

# Events of the COG's movements file: a commune that is created or re-established leaves the one that it was a part of;
# by the others (mergers, partial or whole, and changes of code) a commune's code gives way to another.
_LEAVES = ("20", "21")
_GIVES_WAY = ("30", "31", "32", "33", "34", "41", "50")


class Split(NamedTuple):
    """How a commune of today came out of another.

    ``left`` is the code of the commune that it left; ``since`` the day, None where only the year before
    :data:`COG_YEAR` is certain.
    """

    left: str
    since: dt.date | None


@dataclass(frozen=True)
class Passage:
    """Communes of today, and the way from older codes to them.

    Attributes
    ----------
    communes : dict of str to float
        Population of each commune of today, by code.
    arrondissements : dict of str to str
        The commune of each municipal arrondissement (Paris, Lyon, Marseille).
    successors : dict of str to str
        For codes of the past, the code that took their place, which may be of the past too.
    splits : dict of str to Split
        Communes of today that left another.
    """

    communes: Mapping[str, float]
    arrondissements: Mapping[str, str]
    successors: Mapping[str, str]
    splits: Mapping[str, Split] = field(default_factory=dict)

    def present(self, code: str) -> str | None:
        """Return today's commune of a code of any vintage, or None when there is none.

        Examples
        --------
        >>> passage = Passage({"01001": 800.0}, {}, {"01002": "01001", "01003": "01002"})
        >>> passage.present("01003"), passage.present("99999")
        ('01001', None)
        """
        seen = set()
        while code not in self.communes:
            following = self.arrondissements.get(code) or self.successors.get(code)
            if code in seen or following is None:
                return None
            seen.add(code)
            code = following
        return code


def read_passage(catalogue: Catalogue) -> Passage:
    """Read the way to today's communes from a catalogue.

    The embedded names say which commune holds each delegated, associated or former one, and the embedded splits which
    communes were re-created since 2020; the COG's movements file, where it was fetched, adds the codes and splits of
    all years since 1943, with their dates.

    Parameters
    ----------
    catalogue : Catalogue
    """
    import duckdb  # noqa: PLC0415 - slow to import

    source = catalogue.source("communes")
    with duckdb.connect() as con:

        def rows(sql: str, *paths: object) -> list[tuple[str, ...]]:
            return con.execute(sql, [str(path) for path in paths]).fetchall()

        communes = rows("SELECT commune_code, coalesce(population, 0) FROM read_parquet(?)", source.path())
        named = rows(
            "SELECT DISTINCT own_code, commune_code, kind = 'arrondissement' FROM read_parquet(?) "
            "WHERE own_code <> commune_code ORDER BY ALL",
            source.path("names"),
        )
        split = rows("SELECT commune_code, left_code FROM read_parquet(?)", source.path("splits"))
        moved = []
        if any(each.name == MOVEMENTS for each in catalogue.sources):
            moved = rows(
                "SELECT event, since, code_before, code_after FROM read_parquet(?) WHERE type_after = 'COM' "
                "AND code_before <> code_after ORDER BY since, event, code_before, code_after",
                catalogue.source(MOVEMENTS).path(),
            )
    successors = {before: after for event, _, before, after in moved if event in _GIVES_WAY}
    splits: dict[str, Split] = {child: Split(left, None) for child, left in split}
    splits |= {after: Split(before, since) for event, since, before, after in moved if event in _LEAVES}  # type: ignore[arg-type]
    return Passage(
        communes=dict(communes),  # type: ignore[arg-type]
        arrondissements={own: code for own, code, ward in named if ward},
        # The embedded names are those of 2026; the movements file may be older.
        successors=successors | {own: code for own, code, ward in named if not ward},
        splits=splits,
    )
