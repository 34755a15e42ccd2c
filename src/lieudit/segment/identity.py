"""A segment that is still there keeps its number and its name from one training to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lieudit.schema import Text
from lieudit.segment.migration import SAME, Became, match_segments
from lieudit.segment.model import NOISE
from lieudit.segment.naming import NOISE_NAME, Name
from lieudit.segment.splits import Part, RuleSplit

if TYPE_CHECKING:
    from lieudit.segment.segmentation import Segment, Segmentation

__all__ = ["Earlier", "Identity", "keep_identity"]


@dataclass(frozen=True)
class Earlier:
    """What is known of an earlier segmentation.

    Attributes
    ----------
    name : str
        Of its run or bundle.
    clusters : Series of int
        Clusters of customers, by id; -1 is none.
    names : mapping of int to Name
        Of its clusters.
    highest : int
        The highest number that a cluster ever had, in it or before it.
    """

    name: str
    clusters: pd.Series[Any]
    names: Mapping[int, Name]
    highest: int


@dataclass(frozen=True)
class Identity:
    """What became of the segments of an earlier segmentation.

    Attributes
    ----------
    earlier : Earlier
    shared : int
        Customers of both.
    became : tuple of Became
        By the numbers that clusters have now.
    highest : int
        The highest number that a cluster ever had.
    """

    earlier: Earlier
    shared: int
    became: tuple[Became, ...]
    highest: int

    @property
    def retired(self) -> list[int]:
        """Earlier clusters that no cluster goes on."""
        kept = {one.before for one in self.became if one.same}
        return [cluster for cluster in sorted(self.earlier.names) if cluster not in kept]

    @property
    def remark(self) -> Text:
        """How many segments are still there, new, retired."""
        kept = sum(one.same for one in self.became)
        new = sum(one.after is not None and not one.same for one in self.became)
        gone = [self.earlier.names[cluster] for cluster in self.retired]
        fr, en = (f" ({', '.join(getattr(name, lang) for name in gone)})" if gone else "" for lang in ("fr", "en"))
        return Text(
            f"Depuis la segmentation précédente, groupes conservés : {kept}, nouveaux : {new}, disparus : "
            f"{len(gone)}{fr}.",
            f"Since the previous segmentation, segments kept: {kept}, new: {new}, retired: {len(gone)}{en}.",
        )

    def was(self, cluster: int) -> dict[str, Any] | None:
        """Return which earlier cluster a cluster goes on, and how surely; None for a new one."""
        found = next((one for one in self.became if one.same and one.after == cluster), None)
        if found is None or found.before is None:
            return None
        return {"cluster": found.before, "names": self.earlier.names[found.before]._asdict(), "jaccard": found.jaccard}

    def to_json(self) -> dict[str, Any]:
        """Return what ``segments.json`` says under ``previous``."""
        return {
            "name": self.earlier.name,
            "shared_customers": self.shared,
            "threshold": SAME,
            "kept": [one.after for one in self.became if one.same],
            "new": sorted(one.after for one in self.became if one.after is not None and not one.same),
            "retired": [{"cluster": one, "names": self.earlier.names[one]._asdict()} for one in self.retired],
            "highest": self.highest,
        }


def keep_identity(segmentation: Segmentation, earlier: Earlier) -> tuple[Segmentation, Identity]:
    """Give clusters that are still there their earlier number and name; others get numbers never given before.

    A cluster is still there when its Jaccard index with the earlier one that it is paired with, on customers of
    both, is above .5: more in common than apart.

    Parameters
    ----------
    segmentation : Segmentation
        Its clusters are numbered from 0.
    earlier : Earlier
        At least one of its customers is among those of `segmentation`.

    Returns
    -------
    Segmentation
        The same groups in the same order, under their numbers and names; a new name that an older one has is
        followed by its number.
    Identity
    """
    now = segmentation.customers["cluster"]
    shared = earlier.clusters.index.intersection(now.index)
    became = match_segments(earlier.clusters.loc[shared], now.loc[shared])
    kept = {one.after: one.before for one in became if one.same}
    highest = max([earlier.highest, *earlier.names])
    numbers: list[int] = []
    for segment in segmentation.segments:
        number = kept.get(segment.cluster)
        if number is None:
            highest = number = highest + 1
        numbers.append(number)
    names = _names(segmentation.segments, numbers, earlier)
    renumbered = _renumbered(segmentation, numbers, names, highest)
    moved = dict(enumerate(numbers))
    after = tuple(replace(one, after=None if one.after is None else moved[one.after]) for one in became)
    known = {one.after for one in after}  # a cluster may have no customer of both
    after += tuple(Became(None, number, 0.0, 0) for number in numbers if number not in known)
    identity = Identity(earlier, len(shared), after, highest)
    return replace(renumbered, warnings=(*renumbered.warnings, identity.remark)), identity


def _names(segments: tuple[Segment, ...], numbers: list[int], earlier: Earlier) -> list[Name]:
    old = {number: earlier.names[number] for number in numbers if number in earlier.names}
    taken = {text for name in old.values() for text in name}
    found = []
    for segment, number in zip(segments, numbers, strict=True):
        name = old.get(number)
        if name is None:
            name = Name(*(f"{text} {number}" if text in taken else text for text in segment.name))
        found.append(name)
    return found


def _renumbered(segmentation: Segmentation, numbers: list[int], names: list[Name], highest: int) -> Segmentation:
    every = np.array([*numbers, NOISE])
    customers = segmentation.customers
    clusters = every[customers["cluster"].to_numpy()]
    words = {NOISE: getattr(NOISE_NAME, segmentation.lang)}
    words |= {number: getattr(name, segmentation.lang) for number, name in zip(numbers, names, strict=True)}
    table = segmentation.agreement.table.rename(columns=dict(enumerate(numbers)))
    return replace(
        segmentation,
        model=replace(segmentation.model, numbers=tuple(numbers), highest=highest),
        customers=customers.assign(cluster=clusters, segment=pd.Series(clusters, index=customers.index).map(words)),
        segments=tuple(
            replace(segment, cluster=number, name=name)
            for segment, number, name in zip(segmentation.segments, numbers, names, strict=True)
        ),
        agreement=replace(segmentation.agreement, table=table),
        rule_splits=tuple(_split(one, numbers) for one in segmentation.rule_splits),
    )


def _split(split: RuleSplit, numbers: list[int]) -> RuleSplit:
    def anew(part: Part) -> Part:
        return replace(part, cluster=part.cluster if part.cluster == NOISE else numbers[part.cluster])

    return replace(split, parts=tuple(anew(part) for part in split.parts))
