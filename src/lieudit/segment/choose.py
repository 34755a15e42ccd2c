"""From the measures of all candidates to the one that is kept: the rule of docs/segmentation.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from lieudit.schema import Text
from lieudit.segment.candidates import Candidate

__all__ = ["Choice", "choose"]

# Share of the customers that must be in clusters that hold up.
ENOUGH: Final = 0.8
# Silhouettes closer than this say the same.
SAME_SILHOUETTE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner, the runner-up (None where there was one candidate), and why it lost.

    Attributes
    ----------
    winner, runner_up : int
        Positions in the list of candidates.
    reason : Text
        A sentence.
    """

    winner: int
    runner_up: int | None
    reason: Text


def choose(candidates: Sequence[Candidate]) -> Choice:
    """Choose a candidate: stable first, then separated, then simple.

    A cluster *holds up* when resampling brings it back (mean Jaccard index of .75 or more), a valley of the
    density lies between it and each other cluster (its bottom at most half as high as the lower crest), and it is
    not tiny. The rule goes through these steps; each keeps the best and those as good:

    1. at least 80 % of customers are in clusters that hold up (or the greatest share, where none reaches that);
    2. the most clusters that hold up: two groups are worth more than their union, once both are real;
    3. the greatest silhouette, give or take 0.02;
    4. the fewest clusters, then the order of the configuration.

    Why not the most stable, or the greatest silhouette: both nearly always prefer two clusters, since two large
    heaps of groups come back better than the groups themselves. Why not BIC: it goes on adding components to
    skewed data. Why valleys: any cut across one elongated cloud is stable, and no valley is there.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one; those with fewer than two clusters lose to all others.

    Examples
    --------
    >>> def made(n, held, share, silhouette):
    ...     metrics = {"held_clusters": held, "held_share": share, "silhouette": silhouette}
    ...     return Candidate("kmeans", {"n_clusters": n}, n, metrics, (), (), (), (), 0.0)
    >>> choice = choose([made(2, 2, 1.0, 0.6), made(6, 6, 1.0, 0.3), made(7, 5, 0.7, 0.3)])
    >>> choice.winner, choice.runner_up, choice.reason.en
    (1, 0, 'fewer clusters hold up: 2 against 6')
    """
    everyone = list(range(len(candidates)))
    winner, _ = _best(candidates, everyone)
    others = [position for position in everyone if position != winner]
    if not others:
        return Choice(winner, None, Text("aucune autre méthode essayée", "no other candidate was tried"))
    runner_up, _ = _best(candidates, others)
    _, lost_at = _best(candidates, sorted([winner, runner_up]))
    return Choice(winner, runner_up, _reason(candidates[winner], candidates[runner_up], lost_at))


def _best(candidates: Sequence[Candidate], among: list[int]) -> tuple[int, int]:
    """Return the best position, and the number of the step that left it alone (0: the order of the list)."""
    several = [position for position in among if candidates[position].n_clusters > 1]
    among = several or among
    for number, (measure, tolerance) in enumerate(_STEPS, start=1):
        values = {position: measure(candidates[position]) for position in among}
        top = max(values.values())
        among = [position for position in among if values[position] >= top - tolerance]
        if len(among) == 1:
            return among[0], number
    return among[0], 0


def _silhouette(candidate: Candidate) -> float:
    value = candidate.metrics["silhouette"]
    return value if value == value else -1.0  # noqa: PLR0124 (NaN)


_STEPS: Final[tuple[tuple[Callable[[Candidate], float], float], ...]] = (
    (lambda one: min(one.metrics["held_share"], ENOUGH), 0.0),
    (lambda one: one.metrics["held_clusters"], 0.0),
    (_silhouette, SAME_SILHOUETTE),
    (lambda one: -one.n_clusters, 0.0),
)


def _reason(winner: Candidate, runner_up: Candidate, step: int) -> Text:
    def both(name: str) -> tuple[float, float]:
        return runner_up.metrics[name], winner.metrics[name]

    if min(winner.n_clusters, runner_up.n_clusters) < 2:
        return Text("aucun groupe distinct trouvé", "it tells no group from another")
    if step == 1:
        lost, won = both("held_share")
        return Text(
            f"moins de clients dans des groupes qui tiennent : {lost:.0%} contre {won:.0%}",
            f"fewer customers are in clusters that hold up: {lost:.0%} against {won:.0%}",
        )
    if step == 2:
        lost, won = both("held_clusters")
        return Text(
            f"moins de groupes qui tiennent : {lost:.0f} contre {won:.0f}",
            f"fewer clusters hold up: {lost:.0f} against {won:.0f}",
        )
    if step == 3:
        lost, won = both("silhouette")
        return Text(
            f"groupes moins séparés : silhouette de {lost:.2f} contre {won:.2f}",
            f"its clusters are less separated: silhouette of {lost:.2f} against {won:.2f}",
        )
    if step == 4:
        return Text(
            f"aussi bon, mais moins simple : {runner_up.n_clusters} groupes contre {winner.n_clusters}",
            f"as good but less simple: {runner_up.n_clusters} clusters against {winner.n_clusters}",
        )
    return Text("aussi bon, mais plus loin dans la liste", "as good, but later in the list")
