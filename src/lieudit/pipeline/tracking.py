"""What a training tells MLflow: settings, measures, checksums and aggregates, never a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lieudit import tables
from lieudit.pipeline.outputs import coverage_of
from lieudit.track import TrackedCandidate, Tracker, file_digest, relation_digest, track_run

if TYPE_CHECKING:
    import duckdb

    from lieudit.config import Config
    from lieudit.enrichment import Enriched
    from lieudit.pipeline.prepare import Prepared
    from lieudit.pipeline.worth import Worth
    from lieudit.segment import Segmentation

__all__ = ["log_run"]

# customers.parquet and rejects.csv hold people: they stay out.
_FILES = ("segments.json", "report.json", "report.html")


def log_run(
    con: duckdb.DuckDBPyConnection,
    config: Config,
    prepared: Prepared,
    segmentation: Segmentation,
    worth: Worth,
    files: Path,
    bundle: Path,
) -> str:
    """Log a training as a parent run with a child for each candidate, and register its bundle as a model.

    Returns
    -------
    str
        The parent's run id.
    """
    with track_run(config) as tracker:
        _log_data(con, tracker, prepared)
        winner = segmentation.candidates[segmentation.winner]
        tracker.params({"winner": {"method": winner.method, **winner.params}})
        tracker.metrics(_metrics(prepared, segmentation) | worth.metrics())
        tracker.candidates(_candidates(segmentation))
        tracker.sources(_sources(prepared.enriched))
        tracker.table("rules_by_cluster", segmentation.agreement.table)
        tracker.artifacts(files / name for name in _FILES)
        tracker.model(bundle)
        return tracker.run_id


def _sources(enriched: Enriched) -> dict[str, dict[str, str]]:
    used = {name: source.manifest for name, source in enriched.used.items()}
    return {
        name: {"vintage": manifest.vintage, "licence": manifest.licence, "attribution": manifest.attribution}
        for name, manifest in used.items()
    }


def _log_data(con: duckdb.DuckDBPyConnection, tracker: Tracker, prepared: Prepared) -> None:
    for role, table in prepared.inputs.items():
        digest = file_digest(table.path) if table.path is not None else relation_digest(con, table.sql)
        (rows,) = tables.fetch_one(con, f"SELECT count(*) FROM {table.sql}")
        tracker.data(role, digest, rows=rows, columns=len(table.columns))


def _metrics(prepared: Prepared, segmentation: Segmentation) -> dict[str, float | None]:
    winner, agreement = segmentation.candidates[segmentation.winner], segmentation.agreement
    unnamed = [segment for segment in segmentation.segments if segment.status == "unnamed"]
    coverage = {f"coverage.{name}": share for name, share in coverage_of(prepared.enriched)["indicators"].items()}
    return {
        "n_clusters": winner.n_clusters,
        "n_unnamed": len(unnamed),
        "noise_share": segmentation.noise_share,
        "ami": agreement.ami,
        "ari": agreement.ari,
        "v_measure": agreement.v_measure,
        **winner.metrics,
        **coverage,
    }


def _candidates(segmentation: Segmentation) -> list[TrackedCandidate]:
    found = []
    for position, candidate in enumerate(segmentation.candidates):
        setting = " ".join(f"{key}={value}" for key, value in candidate.params.items())
        metrics = {**candidate.metrics, "n_clusters": candidate.n_clusters, "seconds": candidate.seconds}
        name = f"{candidate.method} {setting}"
        params = {"method": candidate.method, **candidate.params}
        found.append(TrackedCandidate(name, params, metrics, winner=position == segmentation.winner))
    return found
