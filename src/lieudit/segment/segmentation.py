"""What a segmentation is, and how it is written down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from lieudit.features import BlockScaler
from lieudit.schema import Text
from lieudit.segment.candidates import Candidate
from lieudit.segment.claims import BlockClaim
from lieudit.segment.compare import Agreement, ClosestRule, PartOf
from lieudit.segment.describe import Trait, foremost
from lieudit.segment.evidence import Structure
from lieudit.segment.model import NOISE, ClusterModel
from lieudit.segment.naming import NOISE_NAME, Name
from lieudit.segment.splits import RuleSplit
from lieudit.segment.surrogate import HumanRule
from lieudit.segment.verdict import Status, Verdict, say_structure

__all__ = ["Segment", "Segmentation", "Status", "rounded"]

TRAITS_WRITTEN = 8
# Six digits are written: what is under them is not zero.
SMALLEST_WRITTEN = 1e-6


@dataclass(frozen=True, slots=True)
class Segment:
    """A cluster, described.

    Attributes
    ----------
    cluster : int
        0 is the largest, unless numbers go on from an earlier segmentation.
    name : Name
        In both languages.
    size : int
        Customers.
    share : float
        Of all customers.
    stability, stability_sd : float
        Mean Jaccard index over resamples, and its standard deviation.
    apart : float
        Depth of the shallowest valley between it and another cluster, among the customers that the clustering was
        fitted on: 0 is a gap, 1 is no valley.
    claims : tuple of BlockClaim
        For each block, whether the cluster depends on it and is more than chance in it.
    verdict : Verdict
        Its status, and the figures that decided. ``unstable``: resampling does not bring it back, or it is too small
        to act on; ``chance``: there is no structure, no valley lies between it and a neighbour, or it depends on a
        block in which chance makes as much; ``named``: rule segments describe it; ``unnamed``: none of these.
    closest_rule : ClosestRule or None
        None where no customer has a rule segment.
    part_of : PartOf or None
        The rule segment that nearly all of it lies in.
    traits : tuple of Trait
        Strongest first.
    rule : HumanRule
    revenue_share : float or None
        Share of the revenue of all customers.
    """

    cluster: int
    name: Name
    size: int
    share: float
    stability: float
    stability_sd: float
    apart: float
    claims: tuple[BlockClaim, ...]
    verdict: Verdict
    closest_rule: ClosestRule | None
    part_of: PartOf | None
    traits: tuple[Trait, ...]
    rule: HumanRule
    revenue_share: float | None

    @property
    def status(self) -> Status:
        """What it is held to be."""
        return self.verdict.status


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Customers in clusters, and what is known of them.

    Attributes
    ----------
    scaler : BlockScaler
    model : ClusterModel
    customers : DataFrame
        By customer id, in the order given: ``cluster`` (int, -1 is noise), ``segment`` (its name), ``strength``
        (float in [0, 1]), ``unnamed`` (bool).
    candidates : tuple of Candidate
        Every one that was tried, in the order of the grid.
    winner, runner_up : int, int or None
        Positions in `candidates`.
    reason : Text
        Why the runner-up lost.
    segments : tuple of Segment
        Largest first; noise is not one.
    structure : Structure
        Whether there are groups at all.
    agreement : Agreement
        With the rule segments.
    rule_splits : tuple of RuleSplit
        Rule segments that clusters cut into groups of different value.
    noise_share : float
        Share of the customers in no cluster.
    warnings : tuple of Text
        What the reader must know: no place was given, a block left out, …
    lang : str
        Language of `segment` and of ``name`` in JSON.
    """

    scaler: BlockScaler
    model: ClusterModel
    customers: pd.DataFrame
    candidates: tuple[Candidate, ...]
    winner: int
    runner_up: int | None
    reason: Text
    segments: tuple[Segment, ...]
    structure: Structure
    agreement: Agreement
    rule_splits: tuple[RuleSplit, ...]
    noise_share: float
    warnings: tuple[Text, ...]
    lang: Literal["fr", "en"]

    def name_of(self, cluster: int) -> Name:
        """Return the name of a cluster, -1 included."""
        names = {segment.cluster: segment.name for segment in self.segments}
        return NOISE_NAME if cluster == NOISE else names[cluster]

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``segments.json``: rounded to six digits, the same whatever the threads."""
        best = self.candidates[self.winner]
        content = {
            "structure": _structure_json(self.structure),
            "winner": {
                "method": best.method,
                "params": best.params,
                "n_clusters": len(self.segments),
                "noise_share": self.noise_share,
                "metrics": best.metrics,
            },
            "runner_up": self._runner_up(),
            "segments": [_segment_json(segment, self.lang) for segment in self.segments],
            "agreement": {
                "ami": self.agreement.ami,
                "ari": self.agreement.ari,
                "v_measure": self.agreement.v_measure,
                "table": _table_json(self.agreement.table),
            },
            "rule_splits": [
                {
                    "rule": one.rule,
                    "size": one.size,
                    "effect": one.effect,
                    "p_value": max(one.p_value, SMALLEST_WRITTEN),
                    "parts": [asdict(part) for part in one.parts],
                }
                for one in self.rule_splits
            ],
            "enrichment": {"value_added": None},
            "features": {
                "missing": self.scaler.missing_,
                "dropped": self.scaler.dropped_,
                "block_weights": self.scaler.weights_,
            },
            "warnings": [warning._asdict() for warning in self.warnings],
        }
        return rounded(content)

    def _runner_up(self) -> dict[str, Any] | None:
        if self.runner_up is None:
            return None
        second = self.candidates[self.runner_up]
        return {
            "method": second.method, "params": second.params, "n_clusters": second.n_clusters,
            "metrics": second.metrics, "reason": self.reason._asdict(),
        }  # fmt: skip


def _structure_json(structure: Structure) -> dict[str, Any]:
    return {
        "found": structure.found,
        "p_value": structure.p_value,
        "sentence": say_structure(structure)._asdict(),
        "test": "clusters that hold up: in a block of their own, more separated than one cloud with the same columns "
        "and rank correlations (Gaussian copula, silhouette of k-means); between blocks, not what the same customers "
        "give with places dealt again among them; Bonferroni over blocks",
        "tests": [
            {
                "block": test.block, "null": test.null, "p_value": test.p_value, "simulations": test.simulations,
                "separation": test.cloud.separation if test.cloud else None,
                "null_mean": test.cloud.null_mean if test.cloud else None,
                "null_sd": test.cloud.null_sd if test.cloud else None,
            }
            for test in structure.tests
        ],
    }  # fmt: skip


def _segment_json(segment: Segment, lang: str) -> dict[str, Any]:
    closest = segment.closest_rule
    return {
        "cluster": segment.cluster,
        "name": getattr(segment.name, lang),
        "names": {"fr": segment.name.fr, "en": segment.name.en},
        "size": segment.size,
        "share": segment.share,
        "stability": segment.stability,
        "stability_sd": segment.stability_sd,
        "valley": segment.apart,
        "claims": [
            {
                "block": c.block,
                "depends": c.depends,
                "retention": c.retention,
                "displaced": c.displaced,
                "p_value": c.p_value,
            }
            for c in segment.claims
        ],
        "status": segment.status,
        "why": segment.verdict.why._asdict(),
        "closest_rule": {
            "segments": list(closest.segments),
            "f1": closest.f1,
            "f1_of_all": closest.f1_of_all,
            "telling": closest.telling,
        }
        if closest
        else None,
        "best_single_rule": {"segment": closest.best_single, "f1": closest.best_single_f1} if closest else None,
        "part_of": asdict(segment.part_of) if segment.part_of else None,
        "traits": [
            {
                "feature": t.feature,
                "block": t.block,
                "value": t.value,
                "overall": t.overall,
                "v_test": t.v_test,
                "effect": t.effect,
            }
            for t in foremost(segment.traits, TRAITS_WRITTEN)
        ],
        "rule": segment.rule.text,
        "rule_precision": segment.rule.precision,
        "rule_recall": segment.rule.recall,
        "value": {"revenue_share": segment.revenue_share},
    }


def _table_json(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    return {
        str(rule): {str(cluster): int(count) for cluster, count in row.items() if count}
        for rule, row in table.iterrows()
    }


def rounded(content: Mapping[str, Any]) -> dict[str, Any]:
    """Round floats to six digits, the same whatever the threads; what is not a number is null."""
    return {key: _rounded(value) for key, value in content.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return rounded(value)
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        return round(float(value), 6) + 0.0 if math.isfinite(value) else None
    return value
