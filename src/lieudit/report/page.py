"""From what ``summarise`` gave to one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from lieudit.config.model import Language
from lieudit.report import palette
from lieudit.report.areas import map_view
from lieudit.report.cards import cards, share_text
from lieudit.report.charts import Node, candidates_chart, flows_chart, plane_chart
from lieudit.report.formats import date_text, money, number, percent, typeset
from lieudit.report.story import name_of, rule_label, tell
from lieudit.report.texts import Texts
from lieudit.report.worth import span_text, worth_view

__all__ = ["asset", "environment", "policy", "render", "trusted"]


def render(data: Mapping[str, Any], *, lang: Language = "fr") -> str:
    """Draw the report.

    Parameters
    ----------
    data : mapping
        What ``summarise`` gave, or the same read again from JSON.
    lang : {"fr", "en"}
        Language of texts, numbers and dates.

    Returns
    -------
    str
        An HTML page with its style, script and charts inside. Its content security policy lets it run no other
        script and contact nothing.
    """
    say = Texts(lang)
    colours = palette.colours([segment["cluster"] for segment in data["segments"]] + [-1])
    nodes = _nodes(data, colours, say)
    the_map = map_view(data["map"], nodes, say)
    labels = {slug: rule_label(slug, data["playbooks"], say) for slug in data["playbooks"]}
    charts = _charts(data, nodes, labels, say)
    script = asset("page.js")
    island = {"lang": lang, "charts": charts, "map": the_map["script"] if the_map else None}
    template = environment(say).get_template("page.html.j2")
    return template.render(
        data=data, say=say, lang=lang, nodes=nodes, charts=charts, map=the_map, sentences=tell(data, say),
        cards=cards(data, colours, say), grid=_grid(data["rules"]["grid"]), rules=_rules(data, labels), labels=labels,
        names={segment["cluster"]: name_of(segment, say.lang) for segment in data["segments"]},
        worth=worth_view(data, say), style=trusted(asset("style.css")),
        script=trusted(script), plotly=_packed_plotly(), policy=policy([script, *([get_plotlyjs()] if charts else [])]),
        island=_island(island),
    )  # fmt: skip


def _nodes(data: Mapping[str, Any], colours: Mapping[int, str], say: Texts) -> list[Node]:
    """List clusters with their names and colours; customers in no group come last."""
    named = [(segment["cluster"], name_of(segment, say.lang)) for segment in data["segments"]]
    if data["totals"]["noise"] and not any(number == -1 for number, _ in named):
        named.append((-1, say("noise")))
    return [
        Node(number=number, name=name, colour=colours[number], ink=palette.readable_on(colours[number]))
        for number, name in named
    ]


def _charts(data: Mapping[str, Any], nodes: Sequence[Node], labels: Mapping[str, str], say: Texts) -> dict[str, Any]:
    charts = {}
    if data["plane"]["n_points"]:
        charts["plane"] = plane_chart(data["plane"], nodes, say)
    if data["agreement"]["table"]:
        charts["flows"] = flows_chart(data["agreement"]["table"], labels, nodes, say)
    if data["candidates"]:
        charts["candidates"] = candidates_chart(data["candidates"], say)
    return charts


def _grid(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Shade the cells of the R × F grid by mean spending, light enough for dark ink."""
    means = [cell["mean_revenue"] for cell in cells if cell["mean_revenue"] is not None]
    lowest = min(means, default=0.0)
    spread = max(means, default=0.0) - lowest
    shaded = []
    for cell in cells:
        share = (cell["mean_revenue"] - lowest) / spread if cell["mean_revenue"] is not None and spread > 0 else 0.0
        shaded.append({**cell, "tint": palette.mix("#3B6EA5", "#FFFFFF", 0.1 + 0.5 * share)})
    return shaded


def _rules(data: Mapping[str, Any], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """List the 11 rule segments in the order of the playbooks, bars scaled to the widest."""
    segments = data["rules"]["segments"]
    shares = [row[key] or 0.0 for row in segments.values() for key in ("share", "revenue_share")]
    widest = max(shares, default=0.0) or 1.0
    rows = []
    for slug, label in labels.items():
        row = segments.get(slug)
        widths = {
            key: round(100 * max((row or {}).get(key) or 0.0, 0.0) / widest, 1) for key in ("share", "revenue_share")
        }
        rows.append({"label": label, "row": row, "widths": widths})
    return rows


def _in_language(texts: Any, lang: Language) -> str:
    """Return a text that is given in both languages, or in one."""
    return str(texts[lang]) if isinstance(texts, Mapping) else str(texts)


def environment(say: Texts) -> Environment:
    """Return what draws a template, with the ways of writing numbers in the language of the texts."""
    drawn = Environment(
        loader=PackageLoader("lieudit.report", "parts"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    drawn.globals.update(
        num=lambda value, decimals=0: number(value, say.lang, decimals),
        pct=lambda value, decimals=0: percent(value, say.lang, decimals),
        share=lambda value: share_text(value, say),
        span=lambda estimate, decimals: span_text(estimate, decimals, say),
        eur=lambda value: money(value, say.lang),
        day=lambda value: date_text(value, say.lang),
        in_lang=lambda texts: typeset(_in_language(texts, say.lang), say.lang),
    )
    return drawn


def asset(name: str) -> str:
    """Return the text of a file that comes with the templates."""
    return files("lieudit.report").joinpath("parts", name).read_text(encoding="utf-8")


@cache
def _packed_plotly() -> str:
    """Return plotly.js as gzip in base64: two fifths of its size, which is nearly all of the page's."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


def policy(scripts: Sequence[str]) -> str:
    """Allow the page's own scripts, by their hashes, and no network at all."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _island(content: Mapping[str, Any]) -> Markup:
    """Write JSON that no HTML parser can leave: ``<``, ``>`` and ``&`` become escapes of JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return trusted(text)


def trusted(text: str) -> Markup:
    """Let a text of ours, or one that was escaped, into the page as it is."""
    return Markup(text)  # noqa: S704
