"""What a training leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run"]

# More rule segments than this are counted, not listed.
MOST_RULES: Final = 3
# A cluster that is so much of a rule segment is not a part of it.
WHOLE: Final = 0.9


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

    def _structure(self) -> str:
        """Say first whether there are groups at all."""
        structure, found = self.segments["structure"], self.segments["segments"]
        sentence = str(structure["sentence"]["en"])
        if not structure["found"]:
            them = "Nothing tells the segments below from cuts through one cloud: decide nothing upon them."
            return f"{sentence} {them}"
        if not any(segment["closest_rule"] for segment in found):
            return f"{sentence} With no orders, there are no rule segments to hold them against."
        unnamed = [segment for segment in found if segment["status"] == "unnamed"]
        share = sum(segment["share"] for segment in unnamed)
        return f"{sentence} Unnamed: {len(unnamed)} of {len(found)} segments, {share:.1%} of customers."

    def summary(self) -> list[str]:
        """Return the main figures, a line each."""
        winner, found = self.segments["winner"], self.segments["segments"]
        lines = [f"{self.name}: {self.coverage['rows']:,} customers in {self.seconds:.0f} s"]
        lines.append(self._structure())
        statuses = self.coverage.get("commune_status", {})
        if statuses:
            matched = statuses.get("matched", 0)
            lines.append(f"Communes found: {matched:,} ({matched / self.coverage['rows']:.1%})")
        companies = self.coverage.get("company_status", {})
        if companies:
            found_there = companies.get("found", 0)
            lines.append(f"Companies found: {found_there:,} ({found_there / self.coverage['rows']:.1%})")
        found_at_all = self.segments["structure"]["found"]
        lines.append(f"Segments: {winner['n_clusters']} by {winner['method']}, {winner['noise_share']:.1%} in none")
        for segment in found:
            lines.extend(f"  {line}" for line in _lines(segment, reason=found_at_all))
        names = {segment["cluster"]: segment["name"] for segment in found}
        lines.extend(_split(split, names) for split in self.segments["rule_splits"])
        lines.append(f"Worth: {self.segments['enrichment']['sentence']['en']}")
        return lines


def _split(split: dict[str, Any], names: dict[int, str]) -> str:
    """Say that a rule segment is several populations, the most valuable first."""
    parts = [f"{names[part['cluster']]} ({part['size']:,}, median {part['median']:,.0f})" for part in split["parts"]]
    return f"Rule segment {split['rule']} is {len(parts)} populations: {', '.join(parts)}"


def _lines(segment: dict[str, Any], *, reason: bool) -> list[str]:
    """Describe a segment; where it is not to be acted upon, say why rather than which rule is closest."""
    head = (
        f"{segment['name']}: {segment['size']:,} ({segment['share']:.1%}), {segment['status']}, "
        f"stability {segment['stability']:.2f}"
    )
    if segment["status"] in ("unstable", "chance"):
        return [head, f"  {segment['why']['en']}"] if reason else [head]
    return [f"{head}{_closest(segment['closest_rule'])}{_part(segment['part_of'])}"]


def _closest(rule: dict[str, Any] | None) -> str:
    if rule is None:
        return ""
    if not rule["telling"]:
        return f", no rule is close (all together: F1 {rule['f1']:.2f})"
    named, others = rule["segments"][:MOST_RULES], rule["segments"][MOST_RULES:]
    more = f" + {len(others)} more" if others else ""
    return f", closest rule {' + '.join(named)}{more} (F1 {rule['f1']:.2f})"


def _part(part: dict[str, Any] | None) -> str:
    return f", a part of {part['rule']} ({part['share']:.0%} of it)" if part and part["share"] < WHOLE else ""
