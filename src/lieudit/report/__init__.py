"""The page people look at: aggregates of a run, or of two, drawn as one HTML file.

Public names: :func:`summarise` and :func:`render`; :func:`render_comparison`; :data:`MIN_GROUP`.
"""

from lieudit.report.comparison import MIN_GROUP, render_comparison
from lieudit.report.page import render
from lieudit.report.summarise import summarise

__all__ = ["MIN_GROUP", "render", "render_comparison", "summarise"]
