"""A run's folder, as ``lieudit train`` left it: its customers, its segments, its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lieudit.errors import InputError

__all__ = ["RunFolder", "is_run_folder", "read_run"]

CUSTOMERS, SEGMENTS, REPORT = "customers.parquet", "segments.json", "report.json"


@dataclass(frozen=True)
class RunFolder:
    """A run on disk.

    Attributes
    ----------
    path : Path
    name : str
        Of the run.
    segments : mapping
        The content of ``segments.json``.
    report : mapping
        The content of ``report.json``.
    """

    path: Path
    name: str
    segments: Mapping[str, Any]
    report: Mapping[str, Any]

    @property
    def customers(self) -> Path:
        """The file of customers."""
        return self.path / CUSTOMERS

    @property
    def as_of(self) -> str | None:
        """The day of the run's analysis."""
        day = self.report["about"].get("as_of")
        return None if day is None else str(day)

    def name_of(self, cluster: int, lang: str) -> str:
        """Return the name of a cluster."""
        found = next((one for one in self.segments["segments"] if one["cluster"] == cluster), None)
        if found is None:
            return {"fr": "Hors groupe", "en": "In no group"}[lang]
        return str(found["names"][lang])

    def params(self) -> dict[str, str]:
        """Return settings, by the names that the tracked run has for them."""
        winner, about = self.segments["winner"], self.report["about"]
        found = {"as_of": about.get("as_of"), "train.seed": about.get("seed"), "winner.method": winner["method"]}
        found |= {f"winner.{key}": value for key, value in winner["params"].items()}
        return {key: str(value) for key, value in found.items() if value is not None}

    def metrics(self) -> dict[str, float]:
        """Return figures, by the names that the tracked run has for them."""
        content, winner = self.segments, self.segments["winner"]
        unnamed = sum(segment["status"] == "unnamed" for segment in content["segments"])
        found = {"n_clusters": winner["n_clusters"], "n_unnamed": unnamed, "noise_share": winner["noise_share"]}
        found |= {key: content["agreement"][key] for key in ("ami", "ari", "v_measure")} | winner.get("metrics", {})
        indicators = self.report["coverage"].get("indicators", {})
        found |= {f"coverage.{name}": share for name, share in indicators.items()}
        for name, one in content.get("worth", {}).get("explained", {}).items():
            found |= {f"worth.r2.{name}": one["r2"]["value"], f"worth.lift.{name}": one["lift"]["value"]}
        if added := (content.get("enrichment") or {}).get("value_added"):
            low, high = added["ci95"]
            found |= {"value_added": added["difference"], "value_added.low": low, "value_added.high": high}
            low, high = added["beyond_chance"]["ci95"]
            found["value_added.beyond_chance"] = added["beyond_chance"]["difference"]
            found |= {"value_added.beyond_chance.low": low, "value_added.beyond_chance.high": high}
        return {key: float(value) for key, value in found.items() if value is not None}


def is_run_folder(run: str | Path) -> bool:
    """Tell whether a run is named by its folder rather than by what MLflow calls it."""
    return Path(run).is_dir()


def read_run(run: str | Path) -> RunFolder:
    """Read a run's folder.

    Raises
    ------
    InputError
        It lacks a file, or one is damaged.
    """
    folder = Path(run)
    missing = [name for name in (CUSTOMERS, SEGMENTS, REPORT) if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder} is no run's folder: it has no {', '.join(missing)}.",
                         expected="the out folder of lieudit train",
                         fix="Name that folder, or train again.")  # fmt: skip
    try:
        segments, report = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (SEGMENTS, REPORT))
        found = RunFolder(folder, str(report["name"]), segments, report)
        found.params(), found.metrics()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder} holds damaged figures: {type(error).__name__} {error}.",
                         expected="what lieudit train wrote", fix="Train again.") from error  # fmt: skip
    return found
