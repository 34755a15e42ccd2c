"""Each cluster described: name, traits, rule, closest rule segments, status, revenue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lieudit.config import TrainConfig
from lieudit.features import BlockScaler
from lieudit.segment.candidates import Candidate
from lieudit.segment.compare import closest_rules, part_of
from lieudit.segment.describe import traits
from lieudit.segment.evidence import Evidence
from lieudit.segment.model import Integers
from lieudit.segment.naming import name_clusters
from lieudit.segment.segmentation import Segment
from lieudit.segment.surrogate import human_rules
from lieudit.segment.verdict import verdict

__all__ = ["describe_segments"]


def describe_segments(
    frame: pd.DataFrame,
    scaler: BlockScaler,
    labels: Integers,
    winner: Candidate,
    evidence: Evidence,
    table: pd.DataFrame,
    config: TrainConfig,
    revenue: pd.Series[Any] | None,
) -> tuple[Segment, ...]:
    """Describe every cluster of the winner.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns.
    scaler : BlockScaler
        Fitted on them.
    labels : ndarray of shape (n_customers,)
        Final clusters.
    winner : Candidate
        Its measures, cluster by cluster.
    evidence : Evidence
        What the tests say of it.
    table : DataFrame
        Customers by rule segment and cluster.
    config : TrainConfig
    revenue : Series of float or None
        By the index of `frame`.
    """
    frame = scaler.raw(frame)
    features = tuple(feature for feature in scaler.features_ if feature.name in frame.columns)
    sizes = {cluster: int((labels == cluster).sum()) for cluster in range(winner.n_clusters)}
    described = traits(frame, features, labels)
    names = name_clusters({cluster: described.get(cluster, []) for cluster in sizes})
    rules = human_rules(frame, features, labels)
    closest = closest_rules(table, sizes)
    revenues = _revenue_shares(revenue, frame.index, labels, winner.n_clusters)
    return tuple(
        Segment(
            cluster=cluster,
            name=names[cluster],
            size=size,
            share=size / len(frame),
            stability=winner.stability[cluster],
            stability_sd=winner.stability_sd[cluster],
            apart=winner.apart[cluster],
            claims=evidence.claims[cluster],
            verdict=verdict(winner, evidence, cluster, size / len(frame), closest.get(cluster), config.min_share),
            closest_rule=closest.get(cluster),
            part_of=part_of(table, cluster, size),
            traits=tuple(described.get(cluster, ())),
            rule=rules[cluster],
            revenue_share=revenues[cluster] if revenues else None,
        )
        for cluster, size in sizes.items()
    )


def _revenue_shares(
    revenue: pd.Series[Any] | None, index: pd.Index[Any], labels: Integers, n_clusters: int
) -> list[float] | None:
    """Return each cluster's share of the revenue, None where there is none to share."""
    if revenue is None:
        return None
    spent = revenue.reindex(index).fillna(0).to_numpy(dtype=np.float64)
    total = float(spent.sum())
    return [float(spent[labels == one].sum()) / total for one in range(n_clusters)] if total > 0 else None
