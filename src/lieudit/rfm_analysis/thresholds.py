"""Scores from 1 to 4, by edges that can be frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt

from lieudit.errors import BundleError
from lieudit.rfm_analysis.segments import segment_of
from lieudit.tables import literal, quote

Edges = tuple[int, int, int]
_DIGITS = "1234"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The edges between the four levels of each score.

    The score of x among n customers is ``1 + floor(4 × share strictly worse than x)``. At least k quarters of
    them are strictly worse than x if and only if x is strictly better than the ⌈kn/4⌉-th worst: three such
    customers are the edges, and comparing with them scores any value, of these customers or of new ones, without
    ranking and without splitting ties.

    Attributes
    ----------
    customers : int
        How many customers the edges come from.
    recency_days : tuple of int
        Descending; a smaller recency is better.
    frequency : tuple of int
        Ascending; orders.
    monetary_cents : tuple of int
        Ascending.
    """

    customers: int
    recency_days: Edges
    frequency: Edges
    monetary_cents: Edges

    @classmethod
    def of(
        cls,
        recency_days: npt.NDArray[np.int64],
        frequency: npt.NDArray[np.int64],
        monetary_cents: npt.NDArray[np.int64],
    ) -> Thresholds:
        """Find the edges of customers.

        Parameters
        ----------
        recency_days, frequency, monetary_cents : ndarray of int, shape (n_customers,)
        """
        recency = _edges(-recency_days)
        return cls(
            customers=len(frequency),
            recency_days=(-recency[0], -recency[1], -recency[2]),
            frequency=_edges(frequency),
            monetary_cents=_edges(monetary_cents),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the thresholds as plain objects, for a bundle."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Thresholds:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        BundleError
            Something is missing, is no whole number, or is out of order.

        Examples
        --------
        >>> frozen = Thresholds(8, (300, 90, 10), (1, 2, 4), (1000, 5000, 20000))
        >>> Thresholds.from_json(frozen.to_json()) == frozen
        True
        """
        return cls(
            customers=_integer(content, "customers", content.get("customers")),
            recency_days=_triple(content, "recency_days", descending=True),
            frequency=_triple(content, "frequency"),
            monetary_cents=_triple(content, "monetary_cents"),
        )


def score_values(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    thresholds: Thresholds,
    *,
    name: str,
    lang: Literal["fr", "en"] = "fr",
) -> None:
    """Add scores and rule segments to customers' values, by frozen edges.

    Parameters
    ----------
    con : DuckDBPyConnection
    relation : str
        A relation with ``recency_days``, ``frequency`` and ``monetary``.
    thresholds : Thresholds
    name : str
        The table made, of all columns of ``relation`` and of ``r, f, m, rfm_score, rfm_segment, rfm_label``, in
        the order of ``relation``.
    lang : {"fr", "en"}
        The language of ``rfm_label``.
    """
    con.execute(f"CREATE OR REPLACE TABLE {quote(name)} AS {scored(quote(relation), thresholds, lang)}")


def scored(source: str, thresholds: Thresholds, lang: Literal["fr", "en"]) -> str:
    """Return SQL that adds scores and segments to a source of values."""
    cents = "CAST(round(monetary * 100) AS BIGINT)"
    r, f, m = thresholds.recency_days, thresholds.frequency, thresholds.monetary_cents
    segments = [segment_of(r + f + m) for r in _DIGITS for f in _DIGITS for m in _DIGITS]
    slugs = ", ".join(literal(segment.slug) for segment in segments)
    labels = ", ".join(literal(segment.fr if lang == "fr" else segment.en) for segment in segments)
    return f"""SELECT * EXCLUDE cell, CAST(r * 100 + f * 10 + m AS VARCHAR) AS rfm_score,
            [{slugs}][cell] AS rfm_segment, [{labels}][cell] AS rfm_label
        FROM (SELECT *, (r - 1) * 16 + (f - 1) * 4 + m AS cell
              FROM (SELECT *, {_level("recency_days", "<", r)} AS r, {_level("frequency", ">", f)} AS f,
                           {_level(cents, ">", m)} AS m
                    FROM {source}))"""


def _level(value: str, better: str, edges: Edges) -> str:
    return "1 + " + " + ".join(f"CAST({value} {better} {edge} AS INTEGER)" for edge in edges)


def _edges(values: npt.NDArray[np.int64]) -> Edges:
    """Return the ⌈n/4⌉-th, ⌈2n/4⌉-th and ⌈3n/4⌉-th smallest of n values."""
    places = [-(-level * len(values) // 4) - 1 for level in (1, 2, 3)]
    ordered = np.partition(values, places)
    return (int(ordered[places[0]]), int(ordered[places[1]]), int(ordered[places[2]]))


def _triple(content: Mapping[str, Any], key: str, *, descending: bool = False) -> Edges:
    values = content.get(key)
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != 3:
        raise BundleError(
            f"The thresholds have no three edges '{key}'.", expected="three whole numbers", fix="Train again."
        )
    first, second, third = (_integer(content, key, value) for value in values)
    if [first, second, third] != sorted(values, reverse=descending):
        raise BundleError(f"The edges '{key}' of the thresholds are out of order.", fix="Train again.")
    return (first, second, third)


def _integer(content: Mapping[str, Any], key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BundleError(
            f"The thresholds' '{key}' is {content.get(key)!r}.", expected="whole numbers", fix="Train again."
        )
    return value
