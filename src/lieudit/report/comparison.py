"""Two runs side by side, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lieudit.config.model import Language
from lieudit.report import palette
from lieudit.report.formats import number
from lieudit.report.page import asset, environment, policy, trusted
from lieudit.report.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MIN_GROUP", "render_comparison"]

#: Groups of fewer customers are counted together or left out, never described.
MIN_GROUP: Final = 10
_WIDEST_DRIFT: Final = 0.5
_NOISE, _ABSENT = "-1", "absent"


def render_comparison(data: Mapping[str, Any], measures: pd.DataFrame | None, *, lang: Language = "fr") -> str:
    """Draw two runs side by side.

    Parameters
    ----------
    data : mapping
        What ``pipeline.compare.compare_customers`` gave: aggregates, no customer.
    measures : DataFrame of shape (n_items, 2), or None
        Parameters that differ and measures, index ``(kind, item)``.
    lang : {"fr", "en"}

    Returns
    -------
    str
        An HTML page with its style inside; it runs no script and contacts nothing.
    """
    say = Texts(lang)
    template = environment(say).get_template("comparison.html.j2")
    before, after = data["runs"]
    return template.render(
        data=data, say=say, lang=lang, before=before, after=after, min_group=MIN_GROUP,
        found=[_found(run["found"], side, say) for run, side in ((before, "before"), (after, "after"))],
        became=[_became(one, before["names"], after["names"], say) for one in data["became"]],
        matrix=_matrix(data["migration"], before["names"], after["names"], say),
        drift=[_drift(one, say) for one in data["drift"]],
        agreement=[{**one, "label": _pair(one, say)} for one in data["agreement"]],
        measures=[] if measures is None else [(item, list(row)) for (_, item), row in zip(
            measures.index, measures.itertuples(index=False), strict=True)],
        style=trusted(asset("style.css")), policy=policy([]),
    )  # fmt: skip


def _found(found: Mapping[str, Any], side: str, say: Texts) -> dict[str, Any]:
    """Say what a run found: its groups by status, and that they are none where no structure was found."""
    absent = found["structure"] is False
    groups = ", ".join(f"{n} {say(f'status.{status}')}" for status, n in found["statuses"].items())
    key = "comparison.found." + ("absent" if absent else "groups")
    text = say(key, side=say(f"comparison.{side}"), groups=groups, p=number(found["p_value"], say.lang, 2))
    return {"absent": absent, "text": text}


def _became(one: Mapping[str, Any], before: Mapping[str, str], after: Mapping[str, str], say: Texts) -> dict[str, Any]:
    kind = "new" if one["before"] is None else "retired" if one["after"] is None else "same" if one["same"] else "other"
    hidden = 0 < one["shared"] < MIN_GROUP
    return {
        "before": "" if one["before"] is None else f"{one['before']} · {before[str(one['before'])]}",
        "after": "" if one["after"] is None else f"{one['after']} · {after[str(one['after'])]}",
        "kind": kind,
        "label": say(f"comparison.kinds.{kind}"),
        "shared": None if hidden or not one["shared"] else one["shared"],
        "jaccard": None if hidden or not one["shared"] else one["jaccard"],
        "width": 0.0 if hidden else round(100 * one["jaccard"], 1),
    }


def _matrix(
    table: Mapping[str, Mapping[str, int]], before: Mapping[str, str], after: Mapping[str, str], say: Texts
) -> dict[str, Any]:
    """Lay out the counts, shaded by their share of the row; a cell of few customers is not shown."""
    columns = [one for one in (*_ordered(after), _ABSENT) if any(one in row for row in table.values())]
    rows = []
    for key in (*_ordered(before), _ABSENT):
        if key in table:
            total = sum(table[key].values())
            cells = [_cell(table[key].get(one, 0), total) for one in columns]
            rows.append({"number": _number(key), "name": _name(key, before, "entered", say), "cells": cells})
    heads = [{"number": _number(key), "name": _name(key, after, "left", say)} for key in columns]
    return {"columns": heads, "rows": rows}


def _ordered(names: Mapping[str, str]) -> list[str]:
    return [*sorted((key for key in names if key != _NOISE), key=int), _NOISE]


def _number(key: str) -> str:
    return key if key.isdigit() else "–"


def _name(key: str, names: Mapping[str, str], absent: str, say: Texts) -> str:
    return say(f"comparison.{absent}") if key == _ABSENT else names.get(key, key)


def _cell(count: int, total: int) -> dict[str, Any]:
    if 0 < count < MIN_GROUP:
        return {"count": None, "tint": ""}
    return {"count": count, "tint": palette.mix("#3B6EA5", "#FFFFFF", 0.55 * count / total) if count else ""}


def _drift(one: Mapping[str, Any], say: Texts) -> dict[str, Any]:
    return {
        "label": say.feature(one["feature"]), "psi": one["psi"], "level": say(f"comparison.levels.{one['level']}"),
        "width": round(100 * min(one["psi"] / _WIDEST_DRIFT, 1.0), 1), "kind": "" if one["level"] == "low" else "money",
    }  # fmt: skip


def _pair(one: Mapping[str, Any], say: Texts) -> str:
    return " / ".join(say(f"comparison.partitions.{one[side]}") for side in ("one", "other"))
