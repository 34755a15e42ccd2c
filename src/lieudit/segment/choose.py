"""From the measures of all candidates to the one that is kept: the rule of docs/segmentation.md."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from lieudit.schema import Text
from lieudit.segment.candidates import ENOUGH, Candidate

__all__ = ["Choice", "choose"]

# Valleys whose depths together differ by less, and log-likelihoods a customer closer than this, say the same.
SAME_DEPTH: Final = 0.1
SAME_FIT: Final = 0.01
# Mean Jaccard indices that differ by less are as stable.
SAME_STABILITY: Final = 0.1


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
    density lies between it and each other cluster (its bottom at most 0.6 times as high as the lower crest), and it is
    not tiny. The rule goes through these steps; each keeps the best and those as good:

    1. stable: at least 80 % of customers are in clusters that hold up, or the greatest share where none is there;
    2. fitting: none whose clusters, though more, describe customers worse (classification likelihood) than another's.
       A cut that is no border says nothing of anybody, and it costs likelihood to tell its sides;
    3. separated: the most clusters that hold up, each counting for as much as its valley is deep, less those that do
       not, give or take 0.1. Two groups are worth more than their union, once both are real; and of two ways to cut,
       the one along the deeper valleys. Where a method finds as many among everybody as in the core, and they are as
       stable, give or take 0.1, both count for the valleys that were read in the core: without those who lie in them,
       they are deeper;
    4. simple: the fewest clusters;
    5. of these two, the one found among everybody: nobody's place in it was left to neighbours;
    6. the best fit, give or take 0.01: as many groups, better borders;
    7. the most stable clusters.

    Why not the most stable first, or the greatest silhouette: both nearly always prefer two clusters, since two
    large heaps of groups come back better than the groups themselves; and among as many clusters k-means is made to
    have the greatest silhouette, whatever the truth. Why not BIC: it goes on adding components to
    skewed data. Why valleys: any cut across one elongated cloud is stable, and no valley is there.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one; those with fewer than two clusters lose to all others.

    Examples
    --------
    >>> def made(n, held, share):
    ...     metrics = {"held_share": share, "held_clusters": held, "searched_share": 1.0, "fit": 0.0}
    ...     metrics |= {"parted": held - (n - held), "stability_mean": 1.0}
    ...     return Candidate("kmeans", {"n_clusters": n}, n, metrics, (), (), (), (), 0.0)
    >>> choice = choose([made(2, 2, 1.0), made(6, 6, 1.0), made(9, 7, 0.9)])
    >>> choice.winner, choice.runner_up, choice.reason.en
    (1, 2, 'shallower valleys between clusters that hold up: 5.0 for 9 clusters against 6.0 for 6')
    """
    candidates = [_read_alike(one, candidates) for one in candidates]
    everyone = list(range(len(candidates)))
    winner, _ = _best(candidates, everyone)
    others = [position for position in everyone if position != winner]
    if not others:
        return Choice(winner, None, Text("aucun autre candidat essayé", "no other candidate was tried"))
    runner_up, _ = _best(candidates, others)
    _, reason = _best(candidates, sorted([winner, runner_up]))
    return Choice(winner, runner_up, reason(candidates[runner_up], candidates[winner]))


Reason = Callable[[Candidate, Candidate], Text]


def _best(candidates: Sequence[Candidate], among: list[int]) -> tuple[int, Reason]:
    """Return the best position, and how to say what the last of the others lost by."""
    several = [position for position in among if candidates[position].n_clusters > 1]
    if len(several) == 1:
        return several[0], _alone
    among = several or among
    for step in _STEPS:
        kept = step.keep([candidates[position] for position in among])
        among = [position for position, stays in zip(among, kept, strict=True) if stays]
        if len(among) == 1:
            return among[0], step.reason
    return among[0], _later


Keep = Callable[[Sequence[Candidate]], Sequence[bool]]


class _Step(NamedTuple):
    keep: Keep
    reason: Reason


def _highest(measure: Callable[[Candidate], float], tolerance: float = 0.0) -> Keep:
    """Keep the candidates with the highest measure, and those as good."""

    def keep(candidates: Sequence[Candidate]) -> list[bool]:
        values = [measure(one) for one in candidates]
        return [value >= max(values) - tolerance for value in values]

    return keep


def _fitting(candidates: Sequence[Candidate]) -> list[bool]:
    """Keep the candidates that no other one with fewer clusters fits better than."""
    fit = _number("fit")
    return [
        not any(other.n_clusters < one.n_clusters and fit(other) > fit(one) for other in candidates)
        for one in candidates
    ]


def _everybody(candidates: Sequence[Candidate]) -> list[bool]:
    """Keep the candidates of which no other one finds as much among more."""
    return [not any(_among_more(other, one) for other in candidates) for one in candidates]


def _read_alike(one: Candidate, candidates: Sequence[Candidate]) -> Candidate:
    """Give a candidate the valleys of another one that finds as much among fewer: without those in them, deeper."""
    parted = max(other.metrics["parted"] for other in candidates if other is one or _among_more(one, other))
    return replace(one, metrics={**one.metrics, "parted": parted})


def _among_more(one: Candidate, other: Candidate) -> bool:
    """Tell whether a candidate finds as much, as steadily, as another one of its method does among fewer customers."""
    as_many = one.n_clusters == other.n_clusters and one.metrics["held_clusters"] >= other.metrics["held_clusters"]
    as_stable = one.metrics["stability_mean"] >= other.metrics["stability_mean"] - SAME_STABILITY
    as_much = one.method == other.method and as_many and as_stable
    return as_much and one.metrics["searched_share"] > other.metrics["searched_share"]


def _number(name: str) -> Callable[[Candidate], float]:
    def measure(candidate: Candidate) -> float:
        value = candidate.metrics[name]
        return value if math.isfinite(value) else -math.inf

    return measure


def _says(name: str, style: str, fr: str, en: str) -> Reason:
    """Make a reason that compares a measure of the loser with the winner's."""

    def reason(loser: Candidate, winner: Candidate) -> Text:
        figures = {"lost": format(loser.metrics[name], style), "won": format(winner.metrics[name], style)}
        clusters = {"of_lost": loser.n_clusters, "of_won": winner.n_clusters}
        return Text(fr.format(**figures, **clusters), en.format(**figures, **clusters))

    return reason


def _alone(loser: Candidate, winner: Candidate) -> Text:  # noqa: ARG001
    return Text("aucun groupe distingué d'un autre", "it tells no group from another")


def _fewer(loser: Candidate, winner: Candidate) -> Text:  # noqa: ARG001
    return Text("autant de groupes, cherchés parmi moins de clients", "as many clusters, found among fewer customers")


def _later(loser: Candidate, winner: Candidate) -> Text:  # noqa: ARG001
    return Text("aussi bon, mais plus loin dans la liste", "as good, but later in the list")


_STEPS: Final = (
    _Step(
        _highest(lambda one: min(one.metrics["held_share"], ENOUGH)),
        _says("held_share", ".0%", "moins de clients dans des groupes qui tiennent : {lost} contre {won}",
              "fewer customers are in clusters that hold up: {lost} against {won}"),
    ),
    _Step(
        _fitting,
        _says("fit", ".3f", "plus de groupes, qui décrivent moins bien les clients : vraisemblance de {lost} pour "
              "{of_lost} groupes contre {won} pour {of_won}",
              "more clusters, which describe customers worse: log-likelihood of {lost} for {of_lost} clusters against "
              "{won} for {of_won}"),
    ),
    _Step(
        _highest(_number("parted"), SAME_DEPTH),
        _says("parted", ".1f", "des vallées moins creuses entre groupes qui tiennent : {lost} pour {of_lost} groupes "
              "contre {won} pour {of_won}",
              "shallower valleys between clusters that hold up: {lost} for {of_lost} clusters against {won} for "
              "{of_won}"),
    ),
    _Step(
        _highest(lambda one: -one.n_clusters),
        _says("parted", ".1f", "aussi bon, mais moins simple : {of_lost} groupes contre {of_won}",
              "as good but less simple: {of_lost} clusters against {of_won}"),
    ),
    _Step(_everybody, _fewer),
    _Step(
        _highest(_number("fit"), SAME_FIT),
        _says("fit", ".3f", "frontières moins nettes : vraisemblance de {lost} contre {won}",
              "blurrier borders: log-likelihood of {lost} against {won}"),
    ),
    _Step(
        _highest(_number("stability_mean")),
        _says("stability_mean", ".2f", "groupes moins stables : {lost} contre {won}",
              "its clusters are less stable: {lost} against {won}"),
    ),
)  # fmt: skip
