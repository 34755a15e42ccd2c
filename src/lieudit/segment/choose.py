"""From the measures of all candidates to the one that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lieudit.segment.candidates import Candidate

__all__ = ["STABLE", "Choice", "choose"]

# Hennig (2007): a mean Jaccard index of .75 or more is a valid, stable cluster.
STABLE: Final = 0.75


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner, the runner-up (None where there was one candidate), and why it lost.

    Attributes
    ----------
    winner, runner_up : int
        Positions in the list of candidates.
    reason : str
        A sentence.
    """

    winner: int
    runner_up: int | None
    reason: str


def choose(candidates: Sequence[Candidate], min_share: float) -> Choice:
    """Choose the candidate with the most clusters that all hold up, then the best separated, then the simplest."""

    def key(position: int) -> tuple[float, ...]:
        one = candidates[position]
        m = one.metrics
        if one.n_clusters < 2:
            return (0.0, 0.0, 0.0, 0.0)
        holds = m["stability_min"] >= STABLE and m["smallest_share"] >= min_share
        return (float(holds), one.n_clusters if holds else m["stability_min"], m["silhouette"], -position)

    ranked = sorted(range(len(candidates)), key=key, reverse=True)
    runner = ranked[1] if len(ranked) > 1 else None
    return Choice(ranked[0], runner, "fewer clusters hold up, or they are less separated")
