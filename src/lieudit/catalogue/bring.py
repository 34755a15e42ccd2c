"""Bring a table of communes of any vintage to the communes of the COG of 1 January 2026.

- a renumbered commune keeps its value under its new code;
- of merged communes counts add up; means, medians and shares are weighted by households or inhabitants, and classes are
  those of the part that weighs most: estimates, flagged;
- a commune that left another since inherits its means and classes, flagged on both; counts are shared out by
  population, flagged too, so that totals stay;
- arrondissements of Paris, Lyon and Marseille keep rows of their own, and make up their city where it has none.

A value that the publisher withholds for one part of a merged commune takes no part in a mean, and leaves a count empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import pandas as pd

from lieudit.catalogue.cog import COG_YEAR, Passage
from lieudit.schema import Column

__all__ = ["COUNTS", "ESTIMATED", "KEY", "Rule", "bring", "rules_of"]

KEY: Final = "commune_code"
ESTIMATED: Final = "_estimated"
Rule = Literal["sum", "mean", "largest"]
# Units of things that can be counted together.
COUNTS: Final = frozenset({"count", "inhabitants", "households", "people", "companies", "workers", "jobs", "dwellings"})


def rules_of(columns: Iterable[Column]) -> dict[str, Rule]:
    """Say how the values of merged communes become one: by the type and the unit of the column.

    Examples
    --------
    >>> rules_of([Column("jobs", "integer", "jobs", "", ""), Column("rate", "number", "share", "", "")])
    {'jobs': 'sum', 'rate': 'mean'}
    """
    rules: dict[str, Rule] = {}
    for column in columns:
        if column.name == KEY or column.name.endswith(ESTIMATED):
            continue
        if column.unit in COUNTS:
            rules[column.name] = "sum"
        else:
            rules[column.name] = "mean" if column.dtype == "number" else "largest"
    return rules


def bring(
    frame: pd.DataFrame, rules: Mapping[str, Rule], passage: Passage, *, year: int = COG_YEAR, weight: str | None = None
) -> pd.DataFrame:
    """Bring a table to the communes of today.

    Parameters
    ----------
    frame : DataFrame
        ``commune_code``, once each, and the columns of ``rules``.
    rules : mapping of str to {"sum", "mean", "largest"}
        How values of merged communes become one.
    passage : Passage
    year : int
        Of the COG, on 1 January, that the codes are of: splits of before are in the table already.
    weight : str, optional
        The column of households or inhabitants that weighs the parts. Where it is known for none of them all weigh
        alike, and the one whose code lives on counts as the largest.

    Returns
    -------
    DataFrame
        Sorted by ``commune_code``; the columns of ``rules`` in their order, each followed by a boolean
        ``<column>_estimated`` where some of its values are estimates (empty where the value is). Codes that lead to
        no commune of today are left out.
    """
    table = frame.set_index(KEY)[list(rules)]
    target = _targets(table.index, passage)
    parts = table.reindex(target.index).assign(_target=target.to_numpy(), _own=target.index == target.to_numpy())
    alone = ~parts["_target"].duplicated(keep=False)
    kept = parts[alone].set_index("_target")[list(rules)]
    merged, flags = _merge(parts[~alone], rules, weight)
    values = pd.concat([kept, merged]) if len(merged) else kept
    flags = flags.reindex(values.index, fill_value=False)
    children = _children(passage, values.index, year)
    if children:
        values, flags = _inherit(values, flags, rules, children, passage)
    return _assemble(values.sort_index(), flags, frame, rules)


def _targets(codes: pd.Index[str], passage: Passage) -> pd.Series[str]:
    """Return the commune of today of each code, by code; an arrondissement is one by itself, and may be a city's."""
    found = {code: code if code in passage.arrondissements else passage.present(code) for code in codes}
    target: pd.Series[str] = pd.Series(found, dtype="str").dropna()
    wards = [code for code in target.index if code in passage.arrondissements]
    lacking = [code for code in wards if passage.arrondissements[code] not in found]
    cities = pd.Series([passage.arrondissements[code] for code in lacking], index=lacking, dtype="str")
    both: pd.Series[str] = pd.concat([target, cities])
    return both


def _merge(parts: pd.DataFrame, rules: Mapping[str, Rule], weight: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge rows that have one target: their values, and which of these are estimates."""
    weights = parts[weight].astype("float64") if weight is not None else pd.Series(1.0, parts.index)
    parts = parts.assign(_weight=weights.fillna(0.0).clip(lower=0.0).to_numpy())
    parts = parts.sort_values(["_target", "_weight", "_own"], ascending=[True, False, False], kind="stable")
    groups = parts.groupby("_target", sort=True)
    values, flags = {}, {}
    for name, rule in rules.items():
        known = groups[name].count()
        if rule == "sum":
            values[name] = groups[name].sum().where(known == groups.size())
            flags[name] = known < 0
        elif rule == "mean":
            values[name] = _weighted_mean(parts, name).reindex(known.index)
            flags[name] = known > 0
        else:
            values[name] = groups[name].first()
            flags[name] = groups[name].nunique() > 1
    merged = pd.DataFrame({name: column.astype(parts[name].dtype) for name, column in values.items()})
    return merged, pd.DataFrame(flags, columns=list(rules))


def _weighted_mean(parts: pd.DataFrame, name: str) -> pd.Series[float]:
    """Return the mean of the parts that have a value, by target; where none of them has a weight, the plain mean."""
    known = parts[parts[name].notna()]
    groups = known.assign(_product=known[name].astype("float64") * known["_weight"]).groupby("_target")
    weight = groups["_weight"].sum()
    mean: pd.Series[float] = (groups["_product"].sum() / weight.where(weight > 0)).fillna(groups[name].mean())
    return mean.round(4)


def _children(passage: Passage, present: pd.Index[str], year: int) -> dict[str, list[str]]:
    """Return the communes that a table of that year knows only as a part of another, by that other."""
    there = set(present)
    found: dict[str, list[str]] = {}
    for child, split in sorted(passage.splits.items()):
        parent = passage.present(split.left)
        later = year < COG_YEAR and (split.since is None or split.since > dt.date(year, 1, 1))
        if later and child in passage.communes and child not in there and parent in there:
            found.setdefault(str(parent), []).append(child)
    return found


def _inherit(
    values: pd.DataFrame, flags: pd.DataFrame, rules: Mapping[str, Rule], children: Mapping[str, list[str]],
    passage: Passage,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Give communes that left another what it had, and share out its counts by population."""
    heirs = {child: parent for parent, found in children.items() for child in found}
    added = values.loc[list(heirs.values())].set_axis(list(heirs))
    concerned = [*children, *heirs]
    values = pd.concat([values, added])
    flags = flags.reindex(values.index, fill_value=False)
    flags.loc[concerned] = values.loc[concerned].notna().to_numpy()
    for name in (name for name, rule in rules.items() if rule == "sum"):
        for parent, found in children.items():
            counts = _share_out(values.at[parent, name], [parent, *found], passage)
            for code, count in counts.items():
                values.loc[code, name] = count
    return values, flags


def _share_out(whole: Any, codes: list[str], passage: Passage) -> dict[str, float]:
    """Share a count out by population, in whole numbers; the first commune has what remains."""
    if pd.isna(whole):
        return {}
    people = {code: max(passage.communes[code], 1.0) for code in codes}
    shares = {code: round(whole * people[code] / sum(people.values())) for code in codes[1:]}
    return {codes[0]: whole - sum(shares.values()), **shares}


def _assemble(
    values: pd.DataFrame, flags: pd.DataFrame, frame: pd.DataFrame, rules: Mapping[str, Rule]
) -> pd.DataFrame:
    columns: dict[str, pd.Series[Any]] = {}
    for name in rules:
        columns[name] = values[name].astype(frame[name].dtype)
        flag = flags[name].reindex(values.index)
        if flag.any():
            columns[name + ESTIMATED] = flag.astype("boolean").mask(values[name].isna())
    return pd.DataFrame(columns, index=values.index.rename(KEY)).reset_index()
