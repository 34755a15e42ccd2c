"""Counts over the customers of a run; small groups are left out here, once for the whole report."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lieudit.report.regions import REGION_OF, department_of

__all__ = ["hide_small", "map_cells", "revenue_of", "rfm_grid", "rule_segments", "totals"]

# The map falls back to regions when departments would leave more than a third of the customers unshown.
MIN_SHOWN = 2 / 3


def revenue_of(customers: pd.DataFrame, monetary: str) -> pd.Series:
    """Return what each customer spent in all, missing for those with no order.

    Parameters
    ----------
    customers : DataFrame
        With ``monetary`` and ``frequency``, or with neither.
    monetary : {"total", "mean"}
        What the column ``monetary`` holds.
    """
    if "monetary" not in customers:
        return pd.Series(float("nan"), index=customers.index)
    amount = customers["monetary"].astype("float64")
    return amount * customers["frequency"].astype("float64") if monetary == "mean" else amount


def totals(customers: pd.DataFrame, revenue: pd.Series) -> dict[str, Any]:
    """Count customers, those who bought, those with a place, and add up what they spent."""
    has_place = "commune_code" in customers
    return {
        "customers": len(customers),
        "buyers": int(revenue.notna().sum()),
        "revenue": float(revenue.sum()),
        "located": int(customers["commune_code"].notna().sum()) if has_place else 0,
        "communes": int(customers["commune_code"].nunique()) if has_place else 0,
        "noise": int((customers["cluster"] == -1).sum()),
    }


def rfm_grid(customers: pd.DataFrame, revenue: pd.Series, min_group: int) -> list[dict[str, Any]]:
    """Count customers and average what they spent in each of the 16 cells of the R × F grid.

    Returns
    -------
    list of dict
        ``r`` (4 first), ``f``, ``customers`` and ``mean_revenue``, both None in a cell of fewer than ``min_group``.
    """
    if "r" not in customers:
        return []
    scored = pd.DataFrame({"r": customers["r"], "f": customers["f"], "revenue": revenue}).dropna(subset=["r", "f"])
    cells = scored.groupby(["r", "f"])["revenue"].agg(["size", "mean"]).astype("float64")
    found = {(int(r), int(f)): (int(n), float(mean)) for (r, f), n, mean in cells.itertuples(name=None)}
    grid = []
    for r in range(4, 0, -1):
        for f in range(1, 5):
            n, mean = found.get((r, f), (0, 0.0))
            shown = n >= min_group
            grid.append({"r": r, "f": f, "customers": n if shown else None, "mean_revenue": mean if shown else None})
    return grid


def rule_segments(customers: pd.DataFrame, revenue: pd.Series, min_group: int) -> dict[str, dict[str, Any]]:
    """Give ``size``, ``share`` of the scored customers and ``revenue_share`` of each rule segment.

    A segment of fewer than ``min_group`` customers is left out.
    """
    if "rfm_segment" not in customers:
        return {}
    slugs = customers["rfm_segment"].astype("string")
    groups = revenue.groupby(slugs).agg(["size", "sum"])
    n_scored, total = int(groups["size"].sum()), float(groups["sum"].sum())
    return {
        str(slug): {"size": int(n), "share": n / n_scored, "revenue_share": spent / total if total > 0 else None}
        for slug, n, spent in groups.itertuples(name=None)
        if n >= min_group
    }


def hide_small(table: dict[str, dict[str, int]], min_group: int) -> tuple[dict[str, dict[str, int]], int]:
    """Leave out the cells of a contingency table under ``min_group``; also return how many customers they held.

    Examples
    --------
    >>> hide_small({"champions": {"0": 40, "1": 3}, "lost": {"1": 2}}, 10)
    ({'champions': {'0': 40}}, 5)
    """
    kept = {row: {column: n for column, n in cells.items() if n >= min_group} for row, cells in table.items()}
    hidden = sum(n for cells in table.values() for n in cells.values() if n < min_group)
    return {row: cells for row, cells in kept.items() if cells}, hidden


def map_cells(customers: pd.DataFrame, min_group: int) -> dict[str, Any]:
    """Count customers by area and cluster, at the finest level that leaves few of them out.

    Returns
    -------
    dict
        ``level`` (``department`` or ``region``), ``located`` customers, ``shown`` customers, and ``areas``:
        code → ``{"all": n, "clusters": {cluster: n}}``, with cells of at least ``min_group`` customers only.
    """
    if "commune_code" not in customers or not customers["commune_code"].notna().any():
        return {"level": "department", "located": 0, "shown": 0, "areas": {}}
    place = customers.loc[customers["commune_code"].notna(), ["commune_code", "cluster"]]
    codes = pd.Series({code: department_of(code) for code in place["commune_code"].astype(str).unique()})
    department = place["commune_code"].astype(str).map(codes)
    by_department = _areas(department, place["cluster"], "department", min_group)
    if by_department["shown"] >= MIN_SHOWN * by_department["located"]:
        return by_department
    # Collectivities outside the 18 regions (Saint-Barthélemy…) keep their own code.
    return _areas(department.map(lambda code: REGION_OF.get(code, code)), place["cluster"], "region", min_group)


def _areas(area: pd.Series, cluster: pd.Series, level: str, min_group: int) -> dict[str, Any]:
    sizes = area.value_counts()
    cells = pd.DataFrame({"area": area, "cluster": cluster}).groupby(["area", "cluster"]).size()
    kept = cells[cells >= min_group]
    areas: dict[str, Any] = {
        str(code): {"all": int(n), "clusters": {}} for code, n in sizes.sort_index().items() if n >= min_group
    }
    for code, number, n in kept.rename("n").reset_index().itertuples(index=False, name=None):
        areas[str(code)]["clusters"][str(number)] = int(n)
    return {"level": level, "located": len(area), "shown": int(kept.sum()), "areas": areas}
