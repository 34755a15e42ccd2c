"""What the winner's way of grouping is worth: made again before a cut, judged by what was spent after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lieudit.segment.regroup import Alikeness, compare_alikeness, regroup
from lieudit.segment.worth import Estimate, Explained, explain

if TYPE_CHECKING:
    import pandas as pd

    from lieudit.features import BlockScaler
    from lieudit.segment.candidates import Candidate
    from lieudit.segment.model import Integers, Matrix

__all__ = ["Judged", "judge_groups"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What groups say of spending.

    Attributes
    ----------
    explained : dict of str to Explained
        ``rules`` (the 11 segments), ``clusters`` (the winner's method, made again), ``both`` (clusters within rules);
        where open data made the clusters, ``behaviour_only`` (the same method without it), ``open_data_dealt`` and
        ``with_open_data`` (these groups, each split by the clusters made with it: dealt at random among customers,
        the best of some such deals, and as it is).
    added : Estimate or None
        R² of ``with_open_data`` less that of ``behaviour_only``; None without open data.
    beyond_chance : Estimate or None
        R² of ``with_open_data`` less that of ``open_data_dealt``. Clusters made with open data cut behaviour elsewhere
        too, which alone may explain more.
    beyond_rules : Estimate
        R² of ``both`` less that of ``rules``: what clusters say that the rules do not.
    alike : Alikeness
        How alike the members of a rule segment are, and those of a cluster.
    """

    explained: dict[str, Explained]
    added: Estimate | None
    beyond_chance: Estimate | None
    beyond_rules: Estimate
    alike: Alikeness

    @property
    def adds(self) -> bool:
        """Whether open data adds something: both intervals lie above 0."""
        return all(one is not None and one.low > 0 for one in (self.added, self.beyond_chance))


def judge_groups(
    frame: pd.DataFrame, spend: Matrix, rules: Integers, scaler: BlockScaler, winner: Candidate, *, seed: int, jobs: int
) -> Judged:
    """Make the groups again, and see what they say of later spending.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns before the cut, in an order that depends on nothing but their content.
    spend : ndarray of shape (n_customers,)
        After the cut; 0 and more.
    rules : ndarray of int, shape (n_customers,)
        Rule segments before the cut.
    scaler : BlockScaler
        The winner's.
    winner : Candidate
        Its method and settings are taken.
    seed, jobs : int

    Raises
    ------
    TableError
        No column tells one of these customers from another.
    """
    made = regroup(frame, scaler, winner.method, winner.params, seed=seed, jobs=jobs)
    groupings = {"rules": [rules], "clusters": [made.everything], "both": [rules, made.everything]}
    dealt: dict[str, list[Integers]] = {}
    if made.own is not None:
        groupings |= {"behaviour_only": [made.own], "with_open_data": [made.own, made.everything]}
        dealt = {f"dealt {number}": [made.own, labels] for number, labels in enumerate(made.dealt)}
    pairs = [("with_open_data", other) for other in ("behaviour_only", *dealt)] if dealt else []
    explained, differences = explain(
        np.asarray(spend, dtype=np.float64), groupings | dealt, [*pairs, ("both", "rules")], seed
    )
    shown = {name: explained[name] for name in groupings}
    best = min(pairs[1:], key=lambda pair: differences[pair].value, default=None)
    if best is not None:
        shown["open_data_dealt"] = explained[best[1]]
    return Judged(
        explained=shown,
        added=differences[pairs[0]] if pairs else None,
        beyond_chance=differences[best] if best is not None else None,
        beyond_rules=differences["both", "rules"],
        alike=compare_alikeness(frame, scaler, rules, made.everything, seed),
    )
