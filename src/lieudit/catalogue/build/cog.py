"""The geography that every table is brought to: communes of the COG of 1 January 2026.

Codes of older vintages are followed to the commune of today, through the delegated and associated communes of
the COG and the old codes that each commune carries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lieudit.catalogue.cog import Passage

__all__ = ["Cog", "read_cog", "read_json"]

Record = Mapping[str, Any]


def read_json(path: Path) -> Any:
    """Return the content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Cog:
    """Communes of today, and the way from older codes to them.

    Attributes
    ----------
    communes : dict of str to record
        The communes of today, by code.
    parts : list of record
        Delegated and associated communes.
    arrondissements : dict of str to record
        The municipal arrondissements of Paris, Lyon and Marseille.
    older : list of record
        All entries of the COG of 1 January 2020.
    """

    communes: dict[str, Record]
    parts: list[Record]
    arrondissements: dict[str, Record]
    older: list[Record]

    def present(self, code: str) -> str | None:
        """Return today's commune of a code of any vintage, or None when there is none."""
        return self._passage.present(code)

    def arrondissement(self, code: str) -> str | None:
        """Return the code itself when it is a municipal arrondissement's."""
        return code if code in self.arrondissements else None

    @cached_property
    def _passage(self) -> Passage:
        successors = {old: code for code, row in self.communes.items() for old in row.get("anciensCodes", ())}
        # The COG's own parents stand above old codes, which were followed one merger only.
        successors |= {row["code"]: row["chefLieu"] for row in self.parts}
        return Passage(
            communes={code: row.get("population", 0) for code, row in self.communes.items()},
            arrondissements={code: row["commune"] for code, row in self.arrondissements.items()},
            successors=successors,
        )

    @cached_property
    def splits(self) -> dict[str, str]:
        """Communes re-created since 2020, with the commune that they were a part of: ``{"15031": "15141", …}``."""
        return {
            row["code"]: row["chefLieu"]
            for row in self.older
            if row.get("chefLieu", row["code"]) != row["code"]
            and row["code"] in self.communes
            and row["chefLieu"] in self.communes
        }


def read_cog(cog: Path, history: Path) -> Cog:
    """Read the COG of 2026 and the one of 2020.

    Parameters
    ----------
    cog, history : Path
        Unpacked folders of the two versions of the package.
    """
    rows = read_json(cog / "communes.json")
    return Cog(
        communes={row["code"]: row for row in rows if row["type"] == "commune-actuelle"},
        parts=[row for row in rows if "chefLieu" in row],
        arrondissements={row["code"]: row for row in rows if row["type"] == "arrondissement-municipal"},
        older=read_json(history / "communes.json"),
    )
