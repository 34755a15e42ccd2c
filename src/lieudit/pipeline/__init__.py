"""The order of the rooms, and nothing more: files in, files out."""

from lieudit.pipeline.enrich import EnrichedFile, enrich, enrich_file
from lieudit.pipeline.progress import Progress, Silent
from lieudit.pipeline.rfm import RfmFile, rfm, rfm_file
from lieudit.pipeline.runs import compare_runs, draw_report
from lieudit.pipeline.score import ScoredFile, score, score_file
from lieudit.pipeline.train import Run, train

__all__ = [
    "EnrichedFile",
    "Progress",
    "RfmFile",
    "Run",
    "ScoredFile",
    "Silent",
    "compare_runs",
    "draw_report",
    "enrich",
    "enrich_file",
    "rfm",
    "rfm_file",
    "score",
    "score_file",
    "train",
]
