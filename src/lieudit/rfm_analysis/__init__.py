"""From transactions to recency, frequency, monetary value, scores and the 11 rule segments.

Public names: :func:`compute`, :class:`Rfm`, :class:`Counts`, :func:`score_values`, :class:`Thresholds`,
:class:`Segment`, :data:`SEGMENTS`, :func:`segment_of`, :data:`BEHAVIOUR_COLUMNS`.
"""

from lieudit.rfm_analysis.compute import BEHAVIOUR_COLUMNS, Counts, Rfm, compute
from lieudit.rfm_analysis.pace import count_paces
from lieudit.rfm_analysis.segments import SEGMENTS, Segment, segment_of
from lieudit.rfm_analysis.spending import spend_between
from lieudit.rfm_analysis.thresholds import Thresholds, score_values

__all__ = [
    "BEHAVIOUR_COLUMNS",
    "SEGMENTS",
    "Counts",
    "Rfm",
    "Segment",
    "Thresholds",
    "compute",
    "count_paces",
    "score_values",
    "segment_of",
    "spend_between",
]
