"""The page people look at: aggregates of a run, drawn as one HTML file.

Public names: :func:`summarise` and :func:`render`.
"""

from lieudit.report.page import render
from lieudit.report.summarise import summarise

__all__ = ["render", "summarise"]
