"""What was found, in three sentences that say no more than the figures do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lieudit.report.formats import money, number, percent, typeset
from lieudit.report.texts import Texts

__all__ = ["name_of", "rule_label", "tell"]

# The thresholds of the contract: a cluster is stable from this Jaccard on.
STABLE = 0.75
MAX_NAMES = 3
WEAK = ("unstable", "chance")


def tell(data: Mapping[str, Any], say: Texts) -> list[str]:
    """Return a few sentences: the groups, those without a name, rules that they split, and how sure all this is.

    Parameters
    ----------
    data : mapping
        What ``summarise`` gave.
    say : Texts
        The language.
    """
    return [_groups(data, say), _unnamed(data, say), *_splits(data, say), _certainty(data, say)]


def name_of(segment: Mapping[str, Any], lang: str) -> str:
    """Return a segment's name in ``lang``, or the one name that it has."""
    return str((segment.get("names") or {}).get(lang) or segment["name"])


def rule_label(slug: str, playbooks: Mapping[str, Any], say: Texts) -> str:
    """Return the label of a rule segment."""
    return typeset(playbooks[slug]["label"][say.lang], say.lang) if slug in playbooks else slug


def _groups(data: Mapping[str, Any], say: Texts) -> str:
    totals, segments = data["totals"], data["segments"]
    basis = _basis(data, say)
    noise_share = totals["noise"] / totals["customers"] if totals["customers"] else 0.0
    noise = say("found.noise", share=percent(noise_share, say.lang)) if totals["noise"] else ""
    figures = {"customers": number(totals["customers"], say.lang), "basis": basis, "noise": noise}
    if (absent := _absent(data)) is not None:
        return say.count("found.no_structure", len(segments), sentence=typeset(absent[say.lang], say.lang), **figures)
    return say.count("found.groups", len(segments), stable=_stability(segments, say), **figures)


def _absent(data: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return the sentence which says that there is no structure; None where there is, or nothing was tested."""
    structure = data.get("structure") or {}
    sentence: Mapping[str, str] | None = structure.get("sentence")
    return sentence if structure.get("found") is False else None


def _basis(data: Mapping[str, Any], say: Texts) -> str:
    """Say what groups rest on."""
    blocks = data.get("blocks", [])
    if {"company", "declared"} & set(blocks):
        *others, last = [say(f"found.basis.parts.{block}") for block in blocks]
        return say("found.basis.several", parts=", ".join(others) + say("and") + last if others else last)
    bought, located = data["totals"]["buyers"] > 0, data["totals"]["located"] > 0
    return say("found.basis." + ("both" if bought and located else "place" if located else "behaviour"))


def _stability(segments: list[dict[str, Any]], say: Texts) -> str:
    values = [segment["stability"] for segment in segments if segment["stability"] is not None]
    if not values:
        return ""
    n_stable = sum(value >= STABLE for value in values)
    if n_stable == 0:
        return say("found.stable.none")
    if n_stable < len(segments):
        return say.count("found.stable.some", n_stable)
    low, high = (number(value, say.lang, 2) for value in (min(values), max(values)))
    return say("found.stable.same" if low == high else "found.stable.all", low=low, high=high)


def _unnamed(data: Mapping[str, Any], say: Texts) -> str:
    if data["agreement"]["ami"] is None:
        return say("found.no_rules")
    unnamed = [segment for segment in data["segments"] if segment["status"] == "unnamed"]
    if not unnamed:
        named = [segment["closest_rule"]["f1"] for segment in data["segments"] if segment["status"] == "named"]
        return say("found.all_named", f1=number(min(named), say.lang, 2)) if named else say("found.nothing")
    closest = [segment["closest_rule"]["f1"] for segment in unnamed if segment["closest_rule"]]
    shares = [segment["value"]["revenue_share"] for segment in unnamed if _has_revenue(segment)]
    known = len(shares) == len(unnamed)
    revenue = say("found.unnamed_revenue", share=percent(sum(shares), say.lang)) if known else ""
    return say.count(
        "found.unnamed",
        len(unnamed),
        names=_enumerate([name_of(segment, say.lang) for segment in unnamed], say),
        share=percent(sum(segment["share"] for segment in unnamed), say.lang),
        revenue=revenue,
        f1=number(max(closest, default=0.0), say.lang, 2),
    )


def _splits(data: Mapping[str, Any], say: Texts) -> list[str]:
    """Name the rule segments that are several populations, with what the least and the most valuable spend."""
    splits = data.get("rule_splits") or []
    shown = []
    for split in splits[:MAX_NAMES]:
        medians = [part["median"] for part in split["parts"]]
        low, high = money(min(medians), say.lang), money(max(medians), say.lang)
        rule = rule_label(split["rule"], data["playbooks"], say)
        shown.append(say("found.split", rule=rule, low=low, high=high))
    if len(splits) > MAX_NAMES:
        shown.append(say.count("others", len(splits) - MAX_NAMES))
    return [say.count("found.splits", len(splits), names=", ".join(shown))] if splits else []


def _has_revenue(segment: Mapping[str, Any]) -> bool:
    return (segment.get("value") or {}).get("revenue_share") is not None


def _certainty(data: Mapping[str, Any], say: Texts) -> str:
    parts = [_structure(data.get("structure"), say)] if _absent(data) is None else []
    weak = sum(segment["status"] in WEAK for segment in data["segments"])
    if weak:
        parts.append(say.count("found.weak", weak))
    ami = data["agreement"]["ami"]
    if ami is not None:
        parts.append(say("found.ami", ami=number(ami, say.lang, 2)))
    totals = data["totals"]
    lost = totals["customers"] - totals["located"]
    if totals["located"] and lost:
        parts.append(say("found.unlocated", share=percent(lost / totals["customers"], say.lang, 1)))
    separator = "\u202f; " if say.lang == "fr" else "; "
    return say("found.certainty", parts=separator.join(parts))


def _structure(structure: Mapping[str, Any] | None, say: Texts) -> str:
    if not structure or structure.get("p_value") is None:
        return say("found.no_test")
    p_value = number(structure["p_value"], say.lang, 3 if structure["p_value"] < 0.01 else 2)
    return say("found.p_value" if structure.get("found") else "found.doubt", p=p_value)


def _enumerate(names: list[str], say: Texts) -> str:
    """Put names in guillemets or quotes, with commas and a last *and*; beyond a few, count the others."""
    quoted = [f"«\u00a0{name}\u00a0»" if say.lang == "fr" else f"“{name}”" for name in names]
    if len(quoted) > MAX_NAMES + 1:
        quoted = [*quoted[:MAX_NAMES], say.count("others", len(quoted) - MAX_NAMES)]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + say("and") + quoted[-1]
