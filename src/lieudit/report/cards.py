"""What the card of each segment shows, ready to be laid out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any, Final

from lieudit.report.formats import money, number, percent, typeset
from lieudit.report.palette import readable_on
from lieudit.report.story import name_of, rule_label
from lieudit.report.texts import Texts, unit_of

__all__ = ["cards", "feature_value", "share_text"]

MAX_TRAITS: Final = 8
# A segment that takes more rule segments than this to describe is what is left of the others: no playbook fits it.
MAX_RULES: Final = 3
# A v-test under 2 in absolute value is what chance gives one time in twenty.
MIN_V_TEST: Final = 2.0

# What to ask about a trait, where no playbook exists. Features not named here are asked about openly.
_ASK: Final = {
    "recency_days": "recency",
    "frequency": "frequency",
    "monetary": "money",
    "mean_basket": "money",
    "order_gap_cv": "rhythm",
    "tenure_days": "tenure",
    "income_per_inhabitant_eur": "income",
    "median_income_eur": "income",
    "density_per_km2": "density",
    "density_class": "density",
    "urban_class": "density",
    "share_under_20": "age",
    "share_65_plus": "age",
    "share_houses": "housing",
    "share_second_homes": "housing",
    "share_vacant_homes": "housing",
    "share_social_housing": "housing",
    "naf_section": "company",
    "company_category": "company",
    "headcount_min": "company",
    "company_age_years": "company",
    "turnover_eur": "company",
    "turnover_growth": "company",
}
_BOUGHT: Final = ("recency", "frequency", "money", "rhythm", "tenure")
MAX_QUESTIONS: Final = 4


def share_text(value: float | None, say: Texts) -> str:
    """Write a share, with a decimal under 10 %, where it matters."""
    return percent(value, say.lang, 1 if value is not None and 0 < value < 0.1 else 0)


# How a value is written; the other units stand in the feature's label.
_WRITERS: Final[dict[str, Callable[[float, Texts], str]]] = {
    "eur": lambda value, say: money(value, say.lang),
    "currency": lambda value, say: money(value, say.lang),
    "share": share_text,
    "orders": lambda value, say: number(value, say.lang, 1),
    "ratio": lambda value, say: number(value, say.lang, 2),
    "class": lambda value, say: number(value, say.lang, 1),
}


def feature_value(feature: str, value: float | None, say: Texts) -> str:
    """Write the value of a feature in its unit."""
    if value is None:
        return "–"
    write = _WRITERS.get(unit_of(feature))
    return write(value, say) if write else number(value, say.lang, 0 if abs(value) >= 10 else 2)


def cards(data: Mapping[str, Any], colours: Mapping[int, str], say: Texts) -> list[dict[str, Any]]:
    """Describe every segment: the unnamed first, then from the largest to the smallest."""
    ordered = sorted(data["segments"], key=lambda s: (s["status"] != "unnamed", -s["size"], s["cluster"]))
    return [_card(segment, data, colours[segment["cluster"]], say) for segment in ordered]


def _card(segment: Mapping[str, Any], data: Mapping[str, Any], colour: str, say: Texts) -> dict[str, Any]:
    status = segment["status"]
    traits = _traits(segment["traits"], say)
    small = segment["size"] < data["min_group"]
    rule = segment.get("closest_rule")
    closest = _closest(rule, data["playbooks"], say)
    return {
        "number": segment["cluster"],
        "name": name_of(segment, say.lang),
        "colour": colour,
        "ink": readable_on(colour),
        "status": status,
        "explained": _explained(segment, say),
        "figures": [
            ("size", say("small", n=data["min_group"]) if small else number(segment["size"], say.lang)),
            ("share", "–" if small else share_text(segment["share"], say)),
            ("revenue", share_text((segment.get("value") or {}).get("revenue_share"), say)),
            ("stability", _stability(segment, say)),
        ],
        "small": small,
        "traits": traits,
        "closest": closest,
        "part_of": _part_of(segment.get("part_of"), data["playbooks"], say) if status == "unnamed" else "",
        "rule": segment.get("rule"),
        "rule_worth": _rule_worth(segment, say),
        "many_rules": status == "named" and rule is not None and len(rule["segments"]) > MAX_RULES,
        "playbook": _playbook(segment, data["playbooks"], say),
        "asks": _asks(segment["traits"], say) if status == "unnamed" else [],
    }


def _stability(segment: Mapping[str, Any], say: Texts) -> str:
    mean, spread = segment["stability"], segment.get("stability_sd")
    return number(mean, say.lang, 2) + ("" if spread is None else f" ± {number(spread, say.lang, 2)}")


def _rule_worth(segment: Mapping[str, Any], say: Texts) -> str:
    precision, recall = segment.get("rule_precision"), segment.get("rule_recall")
    if precision is None or recall is None:
        return ""
    return say("cards.rule_worth", precision=percent(precision, say.lang), recall=percent(recall, say.lang))


def _strong(traits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the traits that are more than chance, strongest first, one a column: all rural is none urban."""
    first: dict[str, dict[str, Any]] = {}
    for trait in traits:
        if abs(trait["v_test"] or 0.0) >= MIN_V_TEST:
            first.setdefault(trait["feature"].partition("=")[0], trait)
    return list(first.values())


def _traits(traits: list[dict[str, Any]], say: Texts) -> list[dict[str, Any]]:
    return [
        {
            "label": say.feature(trait["feature"]),
            "value": feature_value(trait["feature"], trait["value"], say),
            "overall": feature_value(trait["feature"], trait["overall"], say),
            "higher": trait["v_test"] > 0,
            "v_test": number(trait["v_test"], say.lang, 1),
        }
        for trait in _strong(traits)[:MAX_TRAITS]
    ]


def _explained(segment: Mapping[str, Any], say: Texts) -> str:
    """Say what the status means, and which test decided, with its figures."""
    status = segment["status"]
    rules = segment.get("closest_rule")
    meaning = say("status.explained." + ("no_rules" if status == "unnamed" and not rules else status))
    why = segment.get("why")
    return f"{meaning} {typeset(why[say.lang], say.lang)}" if why else meaning


def _closest(closest: Mapping[str, Any] | None, playbooks: Mapping[str, Any], say: Texts) -> str:
    """Name the closest rule segments; a union of nearly all of them is none."""
    if not closest or not closest["segments"]:
        return ""
    f1 = number(closest["f1"], say.lang, 2)
    if not closest.get("telling", True):
        return say("cards.closest_none", f1=f1)
    labels = [rule_label(slug, playbooks, say) for slug in closest["segments"]]
    if len(labels) > MAX_RULES + 1:
        labels = [*labels[:MAX_RULES], say.count("others", len(labels) - MAX_RULES)]
    return say("cards.closest_value", names=" + ".join(labels), f1=f1)


def _part_of(part: Mapping[str, Any] | None, playbooks: Mapping[str, Any], say: Texts) -> str:
    if not part:
        return ""
    return say("cards.part_of", name=rule_label(part["rule"], playbooks, say), inside=share_text(part["inside"], say),
               share=share_text(part["share"], say))  # fmt: skip


def _playbook(segment: Mapping[str, Any], playbooks: Mapping[str, Any], say: Texts) -> dict[str, Any] | None:
    """Return the playbook of the rule segment that covers most of a segment which rules describe."""
    closest = segment.get("closest_rule")
    if segment["status"] != "named" or not closest or not closest["segments"]:
        return None
    slug = closest["segments"][0]
    if slug not in playbooks or len(closest["segments"]) > MAX_RULES:
        return None
    own = {part: texts[say.lang] for part, texts in playbooks[slug].items()}
    return {
        part: typeset(text, say.lang) if isinstance(text, str) else [typeset(item, say.lang) for item in text]
        for part, text in own.items()
    }


def _asks(traits: list[dict[str, Any]], say: Texts) -> list[str]:
    """Choose questions by what sets an unnamed segment apart: what they buy, where they live, and an open one.

    The strongest traits of an unnamed segment are often all of its place, so both kinds take turns.
    """
    themes = dict.fromkeys(_ASK.get(trait["feature"].partition("=")[0], "other") for trait in _strong(traits))
    bought = [theme for theme in themes if theme in _BOUGHT]
    lived = [theme for theme in themes if theme not in _BOUGHT and theme != "other"]
    turns = [theme for pair in zip_longest(bought, lived) for theme in pair if theme is not None]
    return [say(f"ask.{theme}") for theme in [*turns[: MAX_QUESTIONS - 1], "other"]]
