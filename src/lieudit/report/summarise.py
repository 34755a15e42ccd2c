"""Everything the page needs, aggregated: no identifier, no address, no name of a customer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from lieudit.config import load_playbooks
from lieudit.report.counts import hide_small, map_cells, revenue_of, rfm_grid, rule_segments, totals
from lieudit.report.plain import plain

__all__ = ["summarise"]

FORMAT = 1
# More points make the page heavy on a phone and the picture no clearer.
MAX_POINTS = 2_500
_MEASURES = ("method", "params", "n_clusters", "silhouette", "davies_bouldin", "noise_share", "stability", "seconds")


def summarise(  # noqa: PLR0913
    *,
    name: str,
    customers: pd.DataFrame,
    segments: dict[str, Any],
    candidates: list[dict[str, Any]],
    sources: list[dict[str, Any]],
    coverage: dict[str, Any],
    plane: pd.DataFrame,
    about: dict[str, Any],
    min_group: int = 10,
) -> dict[str, Any]:
    """Aggregate a run into what the report shows.

    Parameters
    ----------
    name : str
        The run's name.
    customers : DataFrame of shape (n_customers, …)
        ``cluster``, the columns of ``schema.RFM_COLUMNS`` and, where places were given, ``commune_code``.
        Other columns are not looked at.
    segments : dict
        The content of ``segments.json``, with ``names`` (``fr``, ``en``) beside each ``name``.
    candidates : list of dict
        ``method``, ``params``, ``n_clusters``, ``silhouette``, ``davies_bouldin``, ``noise_share``,
        ``stability``, ``seconds`` of each candidate.
    sources : list of dict
        The open-data sources that were used: ``title`` by language, ``publisher``, ``licence``, ``vintage``,
        ``attribution``.
    coverage : dict
        ``rows``, ``commune_status``, ``commune_method``, ``siret_status``, ``company_status``, … (counts, of those that
        there are), ``indicators`` (shares).
    plane : DataFrame of shape (n_points, 3)
        ``x``, ``y``, ``cluster`` of a sample of customers; ``attrs["explained"]`` may hold the share of the
        variance of both axes.
    about : dict
        ``as_of``, ``seed``, ``versions``, ``warnings``, ``runner_up`` (``method`` and ``params``), ``reason``,
        ``rfm`` (``lines`` and how many were ``rejected``), and ``monetary`` (``total``, the default, or ``mean``:
        what the column ``monetary`` holds). Warnings and reason are texts, or texts by language.
    min_group : int
        Groups of fewer customers are counted together or left out, never described.

    Returns
    -------
    dict
        JSON-able: ``render`` draws the page from it, now or later.
    """
    revenue = revenue_of(customers, about.get("monetary", "total"))
    summary = {
        "format": FORMAT,
        "name": name,
        "min_group": min_group,
        "about": about,
        "totals": totals(customers, revenue),
        "coverage": coverage,
        "rules": {
            "grid": rfm_grid(customers, revenue, min_group),
            "segments": rule_segments(customers, revenue, min_group),
        },
        "blocks": list(segments.get("features", {}).get("block_weights", {})),
        "plane": _points(plane),
        "structure": segments.get("structure"),
        "winner": segments["winner"],
        "segments": [_describable(segment, min_group) for segment in segments["segments"]],
        "agreement": _agreement(segments["agreement"], min_group),
        "rule_splits": segments.get("rule_splits", []),
        "enrichment": segments.get("enrichment"),
        "worth": segments.get("worth"),
        "map": map_cells(customers, min_group),
        "candidates": _with_roles(candidates, segments["winner"], about.get("runner_up")),
        "sources": sources,
        "playbooks": {slug: asdict(playbook) for slug, playbook in load_playbooks().items()},
    }
    cleaned: dict[str, Any] = plain(summary)
    return cleaned


def _points(plane: pd.DataFrame) -> dict[str, Any]:
    """Return the coordinates of each cluster's points, rounded, in an order that tells nothing of the rows."""
    shown = plane.sort_values(["cluster", "x", "y"]).reset_index(drop=True)
    if len(shown) > MAX_POINTS:
        shown = shown.sample(MAX_POINTS, random_state=0).sort_index()
    shown = shown.assign(x=shown["x"].round(2), y=shown["y"].round(2))
    by_cluster = {
        str(cluster): {"x": group["x"].tolist(), "y": group["y"].tolist()}
        for cluster, group in shown.groupby("cluster", sort=True)
    }
    return {"n_points": len(shown), "explained": plane.attrs.get("explained"), "clusters": by_cluster}


def _describable(segment: dict[str, Any], min_group: int) -> dict[str, Any]:
    """Strip a segment of fewer than ``min_group`` customers of all that describes them."""
    if segment["size"] >= min_group:
        return segment
    return {**segment, "traits": [], "rule": None, "value": {}}


def _agreement(agreement: dict[str, Any], min_group: int) -> dict[str, Any]:
    table, hidden = hide_small(agreement["table"], min_group)
    return {**agreement, "table": table, "hidden": hidden}


def _with_roles(
    candidates: list[dict[str, Any]], winner: dict[str, Any], runner_up: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Mark the winner and the runner-up by their method and parameters; a measure that was not taken is None."""

    def role(candidate: dict[str, Any]) -> str:
        for label, other in (("winner", winner), ("runner_up", runner_up)):
            if other and all(candidate.get(key) == other.get(key) for key in ("method", "params")):
                return label
        return ""

    return [{key: candidate.get(key) for key in _MEASURES} | {"role": role(candidate)} for candidate in candidates]
