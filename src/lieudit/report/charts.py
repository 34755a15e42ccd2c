"""The interactive charts, as the JSON that plotly.js draws.

Every label goes through :func:`safe`, because plotly reads a subset of HTML in the texts it draws.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from lieudit.report.formats import percent
from lieudit.report.palette import INK, NEUTRAL, mix
from lieudit.report.texts import Texts

__all__ = ["Node", "candidates_chart", "flows_chart", "plane_chart"]

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
_GRID = "#E4E7EB"
_SYMBOLS = {
    "kmeans": "circle",
    "gaussian_mixture": "diamond",
    "hdbscan_leaf": "triangle-up",
    "hdbscan_eom": "square",
    "valleys": "star",
}

Chart = dict[str, Any]


class Node(dict[str, Any]):
    """A cluster as charts show it: ``number``, ``name``, ``colour``."""


def safe(text: str, width: int | None = None) -> str:
    """Escape a label for plotly, cut to ``width`` characters."""
    cut = text if width is None or len(text) <= width else text[: width - 1].rstrip() + "…"
    return html.escape(cut)


def plane_chart(plane: Mapping[str, Any], nodes: Sequence[Node], say: Texts) -> Chart:
    """Draw a sample of customers on two axes, one trace a cluster, in the order of ``nodes``."""
    figure = go.Figure()
    for node in nodes:
        points = plane["clusters"].get(str(node["number"]), {"x": [], "y": []})
        figure.add_scatter(
            x=points["x"], y=points["y"], mode="markers", name=safe(node["name"]), hoverinfo="name",
            marker={"color": node["colour"], "size": 6, "opacity": 0.75, "line": {"color": "#FFFFFF", "width": 0.4}},
        )  # fmt: skip
    figure.update_layout(height=480, hovermode="closest", showlegend=False)
    known = [say("plane.explained", share=percent(share, say.lang)) for share in plane.get("explained") or []]
    x, y = [*known, "", ""][:2]
    figure.update_xaxes(title=say("plane.x", explained=x), showticklabels=False)
    figure.update_yaxes(title=say("plane.y", explained=y), showticklabels=False)
    return _chart(_with_axes(figure), say)


def flows_chart(
    table: Mapping[str, Mapping[str, int]], rules: Mapping[str, str], nodes: Sequence[Node], say: Texts
) -> Chart:
    """Draw the flows from rule segments to clusters.

    Parameters
    ----------
    table : mapping
        Rule slug → cluster → customers.
    rules : mapping
        Label of each rule slug, in the order in which they are drawn.
    nodes : sequence of Node
    say : Texts
    """
    left = [slug for slug in rules if slug in table]
    right = [node for node in nodes if any(str(node["number"]) in cells for cells in table.values())]
    links = [
        (i, len(left) + j, table[slug][str(node["number"])], node)
        for i, slug in enumerate(left)
        for j, node in enumerate(right)
        if str(node["number"]) in table[slug]
    ]
    names = [f"{node['number']} · {node['name']}" if node["number"] >= 0 else node["name"] for node in right]
    boxes = {
        "label": [safe(rules[slug]) for slug in left] + [safe(name, 40) for name in names],
        "color": [NEUTRAL] * len(left) + [node["colour"] for node in right],
        "pad": 12, "thickness": 14, "line": {"width": 0},
        "hovertemplate": "%{label}<br>%{value:,.0f}<extra></extra>",
    }  # fmt: skip
    bands = {
        "source": [source for source, *_ in links],
        "target": [target for _, target, *_ in links],
        "value": [n for _, _, n, _ in links],
        "color": [mix(node["colour"], "#FFFFFF", 0.45) for *_, node in links],
        "hovertemplate": "%{source.label} → %{target.label}<br>%{value:,.0f}<extra></extra>",
    }
    figure = go.Figure(go.Sankey(arrangement="fixed", node=boxes, link=bands))
    height = max(420, 40 * max(len(left), len(right)))
    figure.update_layout(height=height, margin={"l": 2, "r": 2, "t": 8, "b": 8})
    return _chart(figure, say)


def candidates_chart(candidates: Sequence[Mapping[str, Any]], say: Texts) -> Chart:
    """Draw stability against silhouette, one trace a method; the winner and the runner-up are ringed and named."""
    figure = go.Figure()
    known = [c for c in candidates if c.get("stability") is not None and c.get("silhouette") is not None]
    for method in dict.fromkeys(c["method"] for c in known):
        own = [c for c in known if c["method"] == method]
        figure.add_scatter(
            x=[c["stability"] for c in own], y=[c["silhouette"] for c in own], mode="markers",
            name=safe(say.known("methods", method)),
            text=[say.count("figures.n_clusters", c["n_clusters"]) for c in own],
            hovertemplate="%{text} · %{x:.2f} · %{y:.2f}<extra>%{fullData.name}</extra>",
            marker={"symbol": _SYMBOLS.get(method, "x"), "size": 10, "color": NEUTRAL, "opacity": 0.8},
        )  # fmt: skip
    for candidate in known:
        if candidate["role"]:
            text = f"<b>{safe(say('candidates.' + candidate['role']))}</b>"
            figure.add_annotation(
                x=candidate["stability"], y=candidate["silhouette"], text=text,
                ax=0, ay=-26 if candidate["role"] == "winner" else 26, arrowcolor=INK, arrowwidth=1, bgcolor="#FFFFFF",
            )  # fmt: skip
    figure.update_layout(height=360, showlegend=True, legend={"orientation": "h", "y": -0.25, "x": 0})
    figure.update_xaxes(title=say("candidates.stability"))
    figure.update_yaxes(title=say("candidates.silhouette"))
    return _chart(_with_axes(figure), say)


def _with_axes(figure: go.Figure) -> go.Figure:
    axis = {"gridcolor": _GRID, "linecolor": _GRID, "zeroline": False, "automargin": True, "title": {"standoff": 8}}
    figure.update_layout(margin={"l": 20, "r": 12, "t": 24, "b": 20})
    return figure.update_xaxes(axis).update_yaxes(axis)


def _chart(figure: go.Figure, say: Texts) -> Chart:
    figure.update_layout(
        template="none",
        font={"family": _FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        # Decimal and thousands separators.
        separators=",\u202f" if say.lang == "fr" else ".,",
    )
    chart: Chart = json.loads(figure.to_json())
    return {"data": chart["data"], "layout": chart["layout"]}
