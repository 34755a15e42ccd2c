"""What a training leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run"]


@dataclass(frozen=True)
class Run:
    """A finished training.

    Attributes
    ----------
    name : str
    out : Path
        Folder with ``customers.parquet``, ``segments.json``, ``report.html`` and ``report.json``.
    bundle : Path
        Folder of the bundle, for :func:`lieudit.load_bundle`.
    run_id : str
        In MLflow.
    segments : dict
        The content of ``segments.json``.
    coverage : dict
        Rows by outcome of the enrichment, and the share of rows that each indicator is known for.
    warnings : tuple of str
        What a reader of the results should know.
    seconds : float
    """

    name: str
    out: Path
    bundle: Path
    run_id: str
    segments: dict[str, Any]
    coverage: dict[str, Any]
    warnings: tuple[str, ...]
    seconds: float

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.out / "report.html"

    @property
    def customers(self) -> pd.DataFrame:
        """Return the customers with every added column, their RFM, cluster and segment; read from disk."""
        import pandas as pd  # noqa: PLC0415

        return pd.read_parquet(self.out / "customers.parquet")

    def summary(self) -> list[str]:
        """Return the main figures, a line each."""
        winner, found = self.segments["winner"], self.segments["segments"]
        lines = [f"{self.name}: {self.coverage['rows']:,} customers in {self.seconds:.0f} s"]
        statuses = self.coverage.get("commune_status", {})
        if statuses:
            matched = statuses.get("matched", 0)
            lines.append(f"Communes found: {matched:,} ({matched / self.coverage['rows']:.1%})")
        companies = self.coverage.get("company_status", {})
        if companies:
            found_there = companies.get("found", 0)
            lines.append(f"Companies found: {found_there:,} ({found_there / self.coverage['rows']:.1%})")
        lines.append(f"Segments: {winner['n_clusters']} by {winner['method']}, {winner['noise_share']:.1%} in none")
        lines.extend(f"  {_line(segment)}" for segment in found)
        lines.append(f"Worth: {self.segments['enrichment']['sentence']['en']}")
        return lines


def _line(segment: dict[str, Any]) -> str:
    rule = segment["closest_rule"]
    closest = f", closest rule {' + '.join(rule['segments'])} (F1 {rule['f1']:.2f})" if rule else ""
    return (
        f"{segment['name']}: {segment['size']:,} ({segment['share']:.1%}), {segment['status']}, "
        f"stability {segment['stability']:.2f}{closest}"
    )
