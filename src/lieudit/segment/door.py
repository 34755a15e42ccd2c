"""From customers' columns to a segmentation: the order of the steps, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.config import TrainConfig
from lieudit.errors import TableError
from lieudit.features import FEATURES, BlockScaler, Feature
from lieudit.schema import Text
from lieudit.segment.candidates import Candidate, holding, run_candidates
from lieudit.segment.choose import choose
from lieudit.segment.compare import compare
from lieudit.segment.evidence import gather
from lieudit.segment.labelling import label_customers
from lieudit.segment.layout import Layout
from lieudit.segment.model import NOISE, Matrix
from lieudit.segment.naming import NOISE_NAME
from lieudit.segment.profile import describe_segments
from lieudit.segment.segmentation import Segment, Segmentation
from lieudit.segment.splits import rule_splits

__all__ = ["segment_customers"]

FEWEST_CUSTOMERS: Final = 50
# A block known for fewer customers than this cannot make clusters of everybody.
LEAST_KNOWN: Final = 0.2
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
_NO_USE: Final = {"no value": "aucune valeur", "the same value for every customer": "la même valeur pour tous"}


def segment_customers(
    frame: pd.DataFrame,
    rules: pd.Series[Any],
    config: TrainConfig,
    *,
    features: Sequence[Feature] = FEATURES,
    lang: Literal["fr", "en"] = "fr",
    revenue: pd.Series[Any] | None = None,
    on_candidate: Callable[[Candidate], None] | None = None,
) -> Segmentation:
    """Find the groups of customers, measure them, name them, and compare them with the rule segments.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, any)
        Raw columns of the features, some missing, by customer id. The order of rows does not matter.
    rules : Series of str
        Rule segment by customer id; missing for customers without orders.
    config : TrainConfig
    features : sequence of Feature
        What may enter the clusters.
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
    ordered = frame.iloc[_order(frame, features)]
    scaler, warnings = _fit_scaler(ordered, features, config)
    complete = scaler.block_mask(ordered).all(axis=1).to_numpy()
    matrix = scaler.transform(ordered[complete]).to_numpy()
    _check_known(matrix, scaler)
    layout = Layout.of(scaler.outputs_)
    fitted = run_candidates(matrix, layout, config, on_candidate)
    candidates = [one.candidate for one in fitted]
    choice = choose(candidates)
    model = fitted[choice.winner].model
    if model is None:
        raise TableError("No method found a group among these customers.", expected="at least one cluster",
                         fix="Let train.methods include kmeans or gaussian_mixture.")  # fmt: skip
    labelled = label_customers(scaler, model, ordered)
    order = _by_size(labelled["cluster"].to_numpy(), model.n_clusters)
    model, candidates[choice.winner] = model.reordered(order), candidates[choice.winner].reordered(order)
    labelled["cluster"] = np.append(np.argsort(order), NOISE)[labelled["cluster"]]
    labels = labelled["cluster"].to_numpy()
    winner = candidates[choice.winner]
    # Too small to act on is there all the same.
    there = holding(winner.stability, winner.apart, winner.shares, min_share=0)
    evidence = gather(model, matrix, layout, there, config.seed)
    rules = rules.reindex(ordered.index)
    agreement = compare(rules, labels)
    segments = describe_segments(ordered, scaler, labels, winner, evidence, agreement.table, config, revenue)
    real = frozenset(one.cluster for one in segments if one.status in ("named", "unnamed"))
    return Segmentation(
        scaler=scaler,
        model=model,
        customers=_customers(labelled, segments, lang).reindex(frame.index),
        candidates=tuple(candidates),
        winner=choice.winner,
        runner_up=choice.runner_up,
        reason=choice.reason,
        segments=segments,
        structure=evidence.structure,
        agreement=agreement,
        rule_splits=rule_splits(rules, labels, None if revenue is None else revenue.reindex(ordered.index), real),
        noise_share=float((labels == NOISE).mean()),
        warnings=tuple(warnings),
        lang=lang,
    )


def _order(frame: pd.DataFrame, features: Sequence[Feature]) -> npt.NDArray[np.intp]:
    """Order rows by what they hold, so that neither the file's order nor the ids change the result."""
    columns = {
        feature.name: frame[feature.name].astype("string")
        if feature.kind == "categorical"
        else pd.to_numeric(frame[feature.name], errors="coerce").astype("float64")
        for feature in features
        if feature.name in frame.columns
    }
    return np.argsort(pd.util.hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy(), kind="stable")


def _by_size(labels: npt.NDArray[np.int64], n_clusters: int) -> list[int]:
    sizes = np.bincount(labels[labels != NOISE], minlength=n_clusters)
    return sorted(range(n_clusters), key=lambda cluster: (-sizes[cluster], cluster))


def _check(frame: pd.DataFrame, config: TrainConfig) -> None:
    count = len(frame)
    if count < FEWEST_CUSTOMERS:
        there = "is 1 customer" if count == 1 else f"are {count} customers"
        raise TableError(f"There {there} only.",
                         expected=f"at least {FEWEST_CUSTOMERS} to make groups of",
                         fix="Give more customers; `lieudit rfm` works with any number.")  # fmt: skip
    if not frame.index.is_unique:
        raise TableError("Some customer ids appear twice.", expected="one row a customer", fix="Remove the duplicates.")
    if config.max_clusters >= count or config.min_clusters > config.max_clusters:
        raise TableError(f"{config.min_clusters} to {config.max_clusters} clusters are asked of {count} customers.",
                         expected="min_clusters <= max_clusters < number of customers",
                         fix="Change train.min_clusters or train.max_clusters.")  # fmt: skip


def _fit_scaler(
    frame: pd.DataFrame, features: Sequence[Feature], config: TrainConfig
) -> tuple[BlockScaler, list[Text]]:
    """Fit the scaler, without the blocks that are known for too few customers."""
    scaler = BlockScaler(features, components=config.components, random_state=config.seed).fit(frame)
    known = scaler.block_mask(frame).mean()
    thin = [block for block in scaler.blocks_ if known[block] < LEAST_KNOWN]
    warnings = [_left_out(block, float(known[block])) for block in thin]
    if thin:
        scaler.set_params(features=tuple(feature for feature in features if feature.block not in thin)).fit(frame)
    warnings += [text for block, text in _ABSENT.items() if block not in scaler.blocks_ and block not in thin]
    return scaler, [*warnings, *_of_no_use(scaler)]


def _of_no_use(scaler: BlockScaler) -> list[Text]:
    """Say which of the columns that were asked for by name tell nothing."""
    asked = [feature.name for feature in scaler.features_ if feature.block == "declared"]
    return [
        Text(
            f"La réponse « {name} » n'apprend rien ({_NO_USE.get(why, 'aucune valeur assez partagée')}) : "
            "laissée de côté.",
            f"The answer '{name}' tells nothing ({why}): left out.",
        )
        for name in asked
        if (why := scaler.dropped_.get(name)) is not None
    ]


def _check_known(matrix: Matrix, scaler: BlockScaler) -> None:
    """Refuse customers of whom no two that are known in every block differ."""
    if not len(matrix):
        raise TableError(f"No customer is known in every block: {', '.join(scaler.blocks_)}.",
                         expected="customers who have them all", fix="Leave a block of columns out.")  # fmt: skip
    if not np.ptp(matrix, axis=0).any():
        raise TableError("All customers are alike.", expected="customers that differ in at least one column",
                         fix="Check the columns that were recognised.")  # fmt: skip


def _left_out(block: str, share: float) -> Text:
    name = _BLOCKS[block]
    return Text(
        f"{name.fr} n'est connu que pour {share:.0%} des clients : laissé de côté.",
        f"{name.en} is known for {share:.0%} of customers only: left out.",
    )


def _customers(labelled: pd.DataFrame, segments: tuple[Segment, ...], lang: str) -> pd.DataFrame:
    names = {NOISE: getattr(NOISE_NAME, lang), **{s.cluster: getattr(s.name, lang) for s in segments}}
    unnamed = [segment.cluster for segment in segments if segment.status == "unnamed"]
    out = labelled.assign(segment=labelled["cluster"].map(names), unnamed=labelled["cluster"].isin(unnamed))
    return out[["cluster", "segment", "strength", "unnamed", "cluster_basis"]]
