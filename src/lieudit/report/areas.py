"""The map: its shapes, its figures and the words that the page's script fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lieudit.catalogue import open_catalogue
from lieudit.report.charts import Node
from lieudit.report.france import HEIGHT, INSETS, WIDTH, outlines
from lieudit.report.texts import Texts

__all__ = ["map_view"]


def map_view(cells: Mapping[str, Any], nodes: Sequence[Node], say: Texts) -> dict[str, Any] | None:
    """Return what the template and the script need to draw the map; None where no cell may be shown."""
    if not cells["areas"]:
        return None
    source = open_catalogue().source("contours")
    shapes = outlines(cells["level"], source.path("departments"))
    shown = {
        str(node["number"])
        for node in nodes
        if any(str(node["number"]) in a["clusters"] for a in cells["areas"].values())
    }
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "insets": INSETS if cells["level"] == "department" else INSETS[1:],
        "shapes": shapes,
        "credit": source.attribution,
        "choices": [node for node in nodes if str(node["number"]) in shown],
        "script": {
            "names": {shape.code: shape.name for shape in shapes},
            "areas": cells["areas"],
            "colours": {str(node["number"]): node["colour"] for node in nodes},
            "texts": {key: say(f"map.{key}") for key in ("share_of", "count_of")} | {"customers": say("customers")},
        },
    }
