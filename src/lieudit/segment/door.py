"""From customers' columns to a segmentation: the order of the steps, and nothing more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.config import TrainConfig
from lieudit.errors import TableError
from lieudit.features import FEATURES, BlockScaler
from lieudit.schema import Text
from lieudit.segment.candidates import Candidate, Fitted, run_candidates
from lieudit.segment.choose import STABLE, choose
from lieudit.segment.compare import ClosestRule, closest_rules, compare
from lieudit.segment.describe import traits
from lieudit.segment.model import NOISE, ClusterModel, Labels
from lieudit.segment.naming import NOISE_NAME, name_clusters
from lieudit.segment.segmentation import Segment, Segmentation, Status
from lieudit.segment.surrogate import human_rules

__all__ = ["label_customers", "segment_customers"]

log = logging.getLogger(__name__)

FEWEST_CUSTOMERS: Final = 50
# A block known for fewer customers than this cannot make clusters of everybody.
LEAST_KNOWN: Final = 0.2
# A cluster is described by a rule segment, or a union of them, from this F1 on.
DESCRIBED: Final = 0.7
_BLOCKS: Final = {
    "behaviour": Text("Le comportement", "Behaviour"), "place": Text("Le lieu", "Place"),
    "company": Text("L'entreprise", "The company"), "declared": Text("Le déclaré", "What was declared"),
}  # fmt: skip
_ABSENT: Final = {
    "place": Text("Aucun lieu n'a été donné : les groupes n'en disent rien.",
                  "No place was given: groups say nothing of it."),
    "behaviour": Text("Aucune commande n'a été donnée : les groupes n'en disent rien.",
                      "No orders were given: groups say nothing of them."),
}  # fmt: skip


def segment_customers(
    frame: pd.DataFrame,
    rules: pd.Series[Any],
    config: TrainConfig,
    *,
    lang: Literal["fr", "en"] = "fr",
    revenue: pd.Series[Any] | None = None,
    on_candidate: Callable[[Candidate], None] | None = None,
) -> Segmentation:
    """Find the groups of customers, measure them, name them, and compare them with the rule segments.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns of :data:`lieudit.features.FEATURES`, some missing, by customer id. The order of rows does
        not matter.
    rules : Series of str
        Rule segment by customer id; missing for customers without orders.
    config : TrainConfig
    lang : {"fr", "en"}
    revenue : Series of float, optional
        What each customer spent, by customer id, for the revenue shares.
    on_candidate : callable, optional
        Told of each candidate as it is measured.

    Raises
    ------
    TableError
        Too few customers, customers all alike, infinite values, more clusters asked for than customers.
    """
    _check(frame, config)
    ordered = frame.sort_index()
    scaler, warnings = _fit_scaler(ordered)
    complete = scaler.block_mask(ordered).all(axis=1).to_numpy()
    matrix = scaler.transform(ordered[complete])
    fitted = run_candidates(matrix.to_numpy(), tuple(matrix.columns), config, on_candidate)
    choice = choose([one.candidate for one in fitted], config.min_share)
    winner = fitted[choice.winner]
    if winner.model is None:
        raise TableError("No method found a group among these customers.", expected="at least one cluster",
                         fix="Let train.methods include kmeans or gaussian_mixture.")  # fmt: skip
    labelled = label_customers(scaler, winner.model, ordered)
    rule_of = rules.reindex(ordered.index)
    agreement = compare(rule_of, labelled["cluster"].to_numpy())
    segments = _segments(ordered, scaler, winner, labelled, agreement.table, config, revenue)
    return Segmentation(
        scaler=scaler,
        model=winner.model,
        customers=_customers(labelled, segments, lang).reindex(frame.index),
        candidates=tuple(one.candidate for one in fitted),
        winner=choice.winner,
        runner_up=choice.runner_up,
        reason=choice.reason,
        segments=segments,
        agreement=agreement,
        noise_share=float((labelled["cluster"] == NOISE).mean()),
        warnings=tuple(warnings),
        lang=lang,
    )


def label_customers(scaler: BlockScaler, model: ClusterModel, frame: pd.DataFrame) -> pd.DataFrame:
    """Give any customers their cluster: in training, in scoring, with every block known or only some.

    Returns
    -------
    DataFrame, by the index of `frame`
        ``cluster`` (int64, -1 where none), ``strength`` (float in [0, 1]), ``known_blocks`` (text: the blocks
        that were read, joined by ``+``).
    """
    matrix = scaler.transform(frame).to_numpy()
    mask = scaler.block_mask(frame)
    labels = np.full(len(frame), NOISE, dtype=np.int64)
    strength = np.zeros(len(frame))
    blocks = np.full(len(frame), "", dtype=object)
    of_column = np.array([column.block for column in scaler.columns_])
    for known, rows in _patterns(mask):
        given = model.predict_partial(matrix[rows], np.isin(of_column, known))
        labels[rows], strength[rows] = Labels(*given)
        blocks[rows] = "+".join(known)
    return pd.DataFrame({"cluster": labels, "strength": strength, "known_blocks": blocks}, index=frame.index)


def _patterns(mask: pd.DataFrame) -> list[tuple[list[str], npt.NDArray[np.bool_]]]:
    patterns = mask.drop_duplicates().to_numpy()
    values, names = mask.to_numpy(), np.array(mask.columns, dtype=object)
    return [(list(names[pattern]), (values == pattern).all(axis=1)) for pattern in patterns]


def _check(frame: pd.DataFrame, config: TrainConfig) -> None:
    count = len(frame)
    if count < FEWEST_CUSTOMERS:
        raise TableError(f"There are {count} customers only.", expected=f"at least {FEWEST_CUSTOMERS} to make groups of",
                         fix="Give more customers; `lieudit rfm` works with any number.")  # fmt: skip
    if not frame.index.is_unique:
        raise TableError(
            "Some customer ids appear twice.", expected="one row a customer", fix="Remove the duplicates."
        )
    if config.max_clusters >= count or config.min_clusters > config.max_clusters:
        raise TableError(f"{config.min_clusters} to {config.max_clusters} clusters are asked of {count} customers.",
                         expected="min_clusters <= max_clusters < number of customers",
                         fix="Change train.min_clusters or train.max_clusters.")  # fmt: skip


def _fit_scaler(frame: pd.DataFrame) -> tuple[BlockScaler, list[Text]]:
    """Fit the scaler, without the blocks that are known for too few customers."""
    scaler = BlockScaler().fit(frame)
    known = scaler.block_mask(frame).mean()
    thin = [block for block in scaler.blocks_ if known[block] < LEAST_KNOWN]
    warnings = [
        Text(f"{_BLOCKS[block].fr} n'est connu que pour {known[block]:.0%} des clients : laissé de côté.",
             f"{_BLOCKS[block].en} is known for {known[block]:.0%} of customers only: left out.")
        for block in thin
    ]  # fmt: skip
    if thin:
        scaler = BlockScaler(tuple(feature for feature in FEATURES if feature.block not in thin)).fit(frame)
    for block, warning in _ABSENT.items():
        if block not in scaler.blocks_ and block not in thin:
            warnings.append(warning)
    usable = scaler.transform(frame[scaler.block_mask(frame).all(axis=1)])
    distinct = len(usable.drop_duplicates())
    if distinct < 2:
        raise TableError("All customers are alike.", expected="customers that differ in at least one column",
                         fix="Check the columns that were recognised.")  # fmt: skip
    return scaler, warnings


def _segments(
    frame: pd.DataFrame,
    scaler: BlockScaler,
    winner: Fitted,
    labelled: pd.DataFrame,
    table: pd.DataFrame,
    config: TrainConfig,
    revenue: pd.Series[Any] | None,
) -> tuple[Segment, ...]:
    labels = labelled["cluster"].to_numpy()
    features = tuple(f for f in (scaler.features or FEATURES) if f.name in frame.columns)
    count = winner.candidate.n_clusters
    sizes = {cluster: int((labels == cluster).sum()) for cluster in range(count)}
    described = traits(frame, features, labels)
    names = name_clusters({cluster: described.get(cluster, []) for cluster in range(count)})
    closest = closest_rules(table, sizes) if not table.empty else {}
    rules = human_rules(frame, features, labels)
    spent = revenue.reindex(frame.index).fillna(0).to_numpy(dtype=np.float64) if revenue is not None else None
    out = []
    for cluster in range(count):
        stability = winner.candidate.stability[cluster]
        share = sizes[cluster] / len(frame)
        out.append(Segment(
            cluster=cluster, name=names[cluster], size=sizes[cluster], share=share, stability=stability,
            stability_sd=winner.candidate.stability_sd[cluster],
            status=_status(stability, share, closest.get(cluster), config), closest_rule=closest.get(cluster),
            traits=tuple(described.get(cluster, ())), rule=rules[cluster],
            revenue_share=float(spent[labels == cluster].sum() / spent.sum()) if spent is not None and spent.sum() else None,
        ))  # fmt: skip
    return tuple(out)


def _status(stability: float, share: float, closest: ClosestRule | None, config: TrainConfig) -> Status:
    if stability < STABLE or share < config.min_share:
        return "unstable"
    return "named" if closest is not None and closest.f1 >= DESCRIBED else "unnamed"


def _customers(labelled: pd.DataFrame, segments: tuple[Segment, ...], lang: str) -> pd.DataFrame:
    names = {NOISE: getattr(NOISE_NAME, lang), **{s.cluster: getattr(s.name, lang) for s in segments}}
    unnamed = [segment.cluster for segment in segments if segment.status == "unnamed"]
    out = labelled.assign(segment=labelled["cluster"].map(names), unnamed=labelled["cluster"].isin(unnamed))
    return out[["cluster", "segment", "strength", "unnamed", "known_blocks"]]
