"""Learn a segmentation: the order of the rooms, from the configuration to the report."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lieudit import tables
from lieudit.bundle import BundleParts, save_bundle
from lieudit.catalogue import open_catalogue
from lieudit.config import Config, load, parse_language
from lieudit.pipeline.outputs import coverage_of, stage
from lieudit.pipeline.prepare import Prepared, prepare
from lieudit.pipeline.previous import earlier_of, open_previous
from lieudit.pipeline.progress import Progress, Silent
from lieudit.pipeline.run import Run
from lieudit.pipeline.tracking import log_run
from lieudit.pipeline.worth import measure_worth
from lieudit.segment import Candidate, Segmentation, keep_identity, segment_customers
from lieudit.segment.methods import grid_of
from lieudit.track import check_store

if TYPE_CHECKING:
    import duckdb

__all__ = ["train"]


def train(
    config: str | Path | Mapping[str, Any] | Config,
    *,
    out: Path | None = None,
    lang: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Enrich, compute RFM, cluster, compare with the 11 rules, track, report, and save a bundle.

    Parameters
    ----------
    config : path, mapping or Config
        A YAML file or its content; ``configs/default.yaml`` explains every key.
    out : Path, optional
        Instead of the configuration's ``out``.
    lang : {"fr", "en"}, optional
        Instead of the configuration's ``lang``.
    progress : Progress, optional
        Hears of the steps.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        The configuration or the files are wrong; nothing is written then.
    """
    began = time.perf_counter()
    settled = _settle(load(config), out, lang)
    progress = progress or Silent()
    for folder in (settled.out, settled.models):
        tables.check_folder(folder)
    check_store(settled)
    catalogue = open_catalogue(own=settled.enrich.catalogue)
    previous = open_previous(settled.train.previous)
    with tables.scratch_folder() as scratch, tables.connect() as con:
        staging = Path(scratch)
        prepared = prepare(con, settled, catalogue, progress, staging / "rejects.csv")
        earlier = earlier_of(previous, prepared) if previous is not None else None
        segmentation, identity = _segment(con, settled, prepared, progress), None
        if earlier is not None:
            segmentation, identity = keep_identity(segmentation, earlier)
        progress.step("Measuring what the groups are worth")
        worth = measure_worth(con, settled, prepared, segmentation)
        progress.step("Drawing the report")
        segments = stage(con, settled, prepared, segmentation, worth, identity, staging)
        thresholds, as_of = (prepared.rfm.thresholds, prepared.rfm.as_of) if prepared.rfm else (None, None)
        parts = BundleParts(settled, prepared.columns, segmentation, thresholds, as_of, catalogue)
        # Logged from the staging folder: if the store cannot be written, neither out nor the bundle has changed.
        progress.step("Tracking in MLflow")
        run_id = log_run(con, settled, prepared, segmentation, worth, staging,
                         save_bundle(staging / "models", parts))  # fmt: skip
        bundle = save_bundle(settled.models, parts)
        _deliver(staging, settled.out)
    return Run(
        name=settled.name,
        out=settled.out,
        bundle=bundle,
        run_id=run_id,
        segments=segments,
        coverage=coverage_of(prepared.enriched),
        warnings=tuple(text.en for text in (*prepared.remarks, *segmentation.warnings)),
        seconds=time.perf_counter() - began,
    )


def _settle(config: Config, out: Path | None, lang: str | None) -> Config:
    """Apply what the command line says instead of the configuration."""
    return config.model_copy(update={"out": Path(out or config.out), "lang": parse_language(lang) or config.lang})


def _segment(con: duckdb.DuckDBPyConnection, config: Config, prepared: Prepared, progress: Progress) -> Segmentation:
    """Cluster the customers and compare the clusters with the rule segments."""
    frame = prepared.frame
    rules, revenue = pd.Series(index=frame.index, dtype="str"), None
    if prepared.rfm is not None:
        rules = prepared.assembled.frame(con, ["rfm_segment"])["rfm_segment"].set_axis(frame.index)
        revenue = frame["monetary"] * (frame["frequency"] if config.rfm.monetary == "mean" else 1)
    progress.step("Clustering", total=len(grid_of(config.train)))

    def heard(candidate: Candidate) -> None:
        progress.advance(f"{candidate.method} {candidate.n_clusters or 'no'} clusters")

    return segment_customers(frame, rules, config.train, features=prepared.assembled.features, lang=config.lang,
                             revenue=revenue, on_candidate=heard)  # fmt: skip


def _deliver(staging: Path, out: Path) -> None:
    """Move what was made into the output folder, each file whole."""
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(path for path in staging.iterdir() if path.is_file()):
        with tables.whole(out / file.name) as part:
            shutil.copyfile(file, part)
