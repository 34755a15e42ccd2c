"""MLflow, and nothing else knows MLflow.

:func:`track_run` writes a run: a parent, a child for each candidate, files, and the bundle as a registered model.
:func:`find_run` and :func:`compare_runs` read finished ones.
"""

from lieudit.track.digest import file_digest, relation_digest
from lieudit.track.runs import RunRecord, compare_runs, find_run
from lieudit.track.tracker import TrackedCandidate, Tracker, track_run

__all__ = [
    "RunRecord",
    "TrackedCandidate",
    "Tracker",
    "compare_runs",
    "file_digest",
    "find_run",
    "relation_digest",
    "track_run",
]
