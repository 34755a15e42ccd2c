"""MLflow, and nothing else knows MLflow.

:func:`track_run` writes a run: a parent, a child for each candidate, files, and the bundle as a registered model.
:func:`find_run` and :func:`find_finished` read them again; :func:`side_by_side` lays several beside one another.
"""

from lieudit.track.digest import file_digest, relation_digest
from lieudit.track.runs import RunRecord, find_finished, find_run, side_by_side
from lieudit.track.tracker import TrackedCandidate, Tracker, check_store, track_run

__all__ = [
    "RunRecord",
    "TrackedCandidate",
    "Tracker",
    "check_store",
    "file_digest",
    "find_finished",
    "find_run",
    "relation_digest",
    "side_by_side",
    "track_run",
]
