"""The choice: each step decides when those before it do not, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lieudit.segment.candidates import Candidate
from lieudit.segment.choose import choose


def made(n: int, **metrics: Any) -> Candidate:
    """Return a candidate all of whose clusters hold up, but for what is told."""
    values = {"parted": float(n), "held_share": 1.0, "held_clusters": float(n), "searched_share": 1.0, "fit": 0.0}
    values |= {"stability_mean": 0.9} | metrics
    return Candidate("kmeans", {"n_clusters": n}, n, values, (), (), (), (), 0.0)


def split(n: int, core: float = 1.0, **metrics: Any) -> Candidate:
    """Return what `valleys` finds among some share of the customers."""
    return replace(made(n, searched_share=core, **metrics), method="valleys")


@pytest.mark.parametrize(
    ("loser", "winner", "says"),
    [
        # Stable goes before everything else: 7 clusters that hold up, but 60 % of the customers.
        (made(7, held_share=0.6, fit=9.0), made(2), "60% against 100%"),
        # More groups that describe customers worse than fewer do are not along their borders.
        (made(6, fit=-2.0, parted=5.5), made(4, fit=-1.5), "-2.000 for 6 clusters against -1.500 for 4"),
        # Two large heaps are more stable; five groups that hold up are worth more.
        (made(2, stability_mean=1.0), made(5), "2.0 for 2 clusters against 5.0 for 5"),
        # Clusters that do not hold up are taken off.
        (made(9, parted=3.0, held_share=0.85), made(4), "3.0 for 9 clusters against 4.0 for 4"),
        # As many clusters, cut along shallower valleys.
        (made(5, parted=3.2, fit=1.0), made(5, parted=4.1), "3.2 for 5 clusters against 4.1 for 5"),
        # The valleys are worth as much: the simpler.
        (made(6, parted=4.05), made(4), "less simple: 6 clusters against 4"),
        (made(4, fit=-2.0, stability_mean=1.0), made(4, fit=-1.5), "-2.000 against -1.500"),
        (made(4, fit=-1.499), made(4, fit=-1.5, stability_mean=0.95), "less stable: 0.90 against 0.95"),
        # As many groups in the core and among everybody: the borders of everybody, however deep the valleys.
        (split(5, core=0.8, fit=1.0), split(5, parted=4.1), "as many clusters, found among fewer customers"),
        # But as many that hold up, as stable, and of one method.
        (
            split(5, parted=4.1, stability_mean=0.8),
            split(5, core=0.8, stability_mean=0.95),
            "4.1 for 5 clusters against 5",
        ),
        (split(5, parted=4.1, held_clusters=4.0), split(5, core=0.8), "4.1 for 5 clusters against 5.0 for 5"),
        (made(5, parted=4.1), split(5, core=0.8), "4.1 for 5 clusters against 5.0 for 5"),
        (split(5, parted=4.1), split(6, core=0.8), "4.1 for 5 clusters against 6.0 for 6"),
        (made(1, fit=9.0), made(2, parted=-2.0, held_share=0.0), "tells no group from another"),
    ],
)
def test_each_step_decides_in_turn(loser: Candidate, winner: Candidate, says: str) -> None:
    for candidates, expected in (([loser, winner], 1), ([winner, loser], 0)):
        choice = choose(candidates)
        assert (choice.winner, choice.runner_up) == (expected, 1 - expected)
        assert says in choice.reason.en


def test_groups_that_the_core_finds_too_count_for_its_valleys() -> None:
    """Four groups of k-means are deeper apart than three of everybody, and less so than the same three in the core."""
    candidates = [made(4, parted=2.9), split(3, parted=2.7), split(3, core=0.8, parted=2.95)]
    assert choose(candidates[:2]).winner == 0
    choice = choose(candidates)
    assert (choice.winner, choice.runner_up) == (1, 2)


def test_beyond_eighty_percent_no_share_is_better_than_another() -> None:
    assert choose([made(2, held_share=1.0), made(4, held_share=0.8)]).winner == 1
    assert choose([made(2, held_share=1.0), made(4, held_share=0.79)]).winner == 0


def test_where_nobody_reaches_eighty_percent_the_greatest_share_wins() -> None:
    assert choose([made(6, held_share=0.4), made(2, held_share=0.5)]).winner == 1


def test_equals_are_told_by_their_place_in_the_list() -> None:
    choice = choose([made(3), made(3), made(3)])
    assert (choice.winner, choice.runner_up) == (0, 1)
    assert choice.reason.en == "as good, but later in the list"


def test_the_runner_up_is_the_winner_of_the_others() -> None:
    choice = choose([made(2), made(6), made(5), made(4)])
    assert (choice.winner, choice.runner_up) == (1, 2)


def test_one_candidate_wins_over_nothing() -> None:
    choice = choose([made(1)])
    assert (choice.winner, choice.runner_up) == (0, None)
    assert choice.reason.fr == "aucun autre candidat essayé"


def test_what_was_not_measured_does_not_win() -> None:
    assert choose([made(3, fit=float("nan")), made(3, fit=-0.9)]).winner == 1
