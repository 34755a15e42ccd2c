"""What the groups are worth, ready to be laid out: intervals on one axis, homogeneity side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lieudit.report.formats import interval, number
from lieudit.report.texts import Texts

__all__ = ["span_text", "worth_view"]

# Colours: rules are grey, what open data made has its own.
_KINDS: Final = {"rules": "rules", "open_data_dealt": "rules", "with_open_data": "open"}


def worth_view(data: Mapping[str, Any], say: Texts) -> dict[str, Any]:
    """Return what the section shows; the reason alone where nothing was measured.

    Parameters
    ----------
    data : mapping
        What ``summarise`` gave; an older one says nothing of worth.
    say : Texts
    """
    worth = data.get("worth") or {}
    if "explained" not in worth:
        return {"reason": worth.get("reason")}
    shown = {name: found for name, found in worth["explained"].items() if f"worth.rows.{name}" in say.all()}
    low = min([0.0, *(found["r2"]["low"] for found in shown.values())])
    high = max(found["r2"]["high"] for found in shown.values())
    axis = {"low": low, "high": high if high > low else low + 1.0}
    beyond = worth["beyond_rules"]
    found = worth["explained"]["clusters"]["groups"] > 1
    key = "none" if not found else "more" if beyond["low"] > 0 else "nothing"
    return {
        **{name: worth[name] for name in ("cut", "until", "customers")},
        "bought": worth["buyers"] / worth["customers"],
        "sentence": data["enrichment"]["sentence"],
        "beyond_rules": say(f"worth.beyond_rules.{key}", value=number(beyond["value"], say.lang, 3),
                            span=span_text(beyond, 3, say)),
        "axis": axis,
        "rows": [_row(name, found, axis, say) for name, found in shown.items()],
        "alike": _alike(worth["homogeneity"], say),
    }  # fmt: skip


def span_text(estimate: Mapping[str, float], decimals: int, say: Texts) -> str:
    """Write the interval of an estimate."""
    return interval(estimate["low"], estimate["high"], say.lang, decimals)


def _row(name: str, found: Mapping[str, Any], axis: Mapping[str, float], say: Texts) -> dict[str, Any]:
    def place(value: float) -> float:
        return round(100 * (value - axis["low"]) / (axis["high"] - axis["low"]), 1)

    left, right = place(found["r2"]["low"]), place(found["r2"]["high"])
    return {
        **found,
        "label": say(f"worth.rows.{name}"),
        "detail": say.all().get(f"worth.details.{name}", ""),
        "kind": _KINDS.get(name, ""),
        "left": left, "width": round(right - left, 1), "dot": place(found["r2"]["value"]),
        "zero": place(0.0) if axis["low"] < 0 else None,
    }  # fmt: skip


def _alike(alike: Mapping[str, Any], say: Texts) -> dict[str, Any]:
    names = list(alike["groups"])
    return {
        "columns": [{"label": say(f"worth.columns.{name}"), "groups": alike["groups"][name]} for name in names],
        "rows": [
            {"label": say.feature(feature), "values": [left[name] for name in names]}
            for feature, left in alike["left"].items()
        ],
    }
