"""What a training writes: customers, segments, the report and its figures, the parts of the bundle."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lieudit import tables
from lieudit.report import render, summarise
from lieudit.segment import plane, rounded, typical_customers

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lieudit.config import Config
    from lieudit.enrichment import Enriched
    from lieudit.pipeline.prepare import Prepared
    from lieudit.pipeline.worth import Worth
    from lieudit.segment import Candidate, Identity, Segmentation

__all__ = ["coverage_of", "stage"]

# Added columns that say which commune or how a value was made, not what is known of the place or the company.
_NOT_INDICATORS = ("commune_", "arrondissement_", "income_years", "urban_class_source", "website_status")
_CODES = frozenset({"naf", "naf_label", "naf_2025", "legal_form"})  # naf_section and legal_form_label stand for them
_VERSIONS = ("lieudit", "scikit-learn", "hdbscan", "duckdb")


def coverage_of(enriched: Enriched) -> dict[str, Any]:
    """Say what the enrichment found: rows by outcome, and the share of rows that each indicator is known for."""
    indicators = {
        column.name: column.coverage
        for column in enriched.added
        if column.source is not None
        and column.column.name not in _CODES
        and not column.column.name.startswith(_NOT_INDICATORS)
    }
    return {"rows": enriched.rows, **enriched.counts, "indicators": indicators}


def stage(
    con: duckdb.DuckDBPyConnection,
    config: Config,
    prepared: Prepared,
    segmentation: Segmentation,
    worth: Worth,
    identity: Identity | None,
    folder: Path,
) -> dict[str, Any]:
    """Write the run's files into a folder.

    Returns
    -------
    dict
        The content of ``segments.json``.
    """
    segments = segmentation.to_json() | {
        "enrichment": {"value_added": worth.value_added(), "sentence": worth.sentence._asdict()},
        "worth": worth.to_json(),
        "previous": rounded(identity.to_json()) if identity else None,
    }
    if identity is not None:
        for segment in segments["segments"]:
            was = identity.was(segment["cluster"])
            segment["was"] = rounded(was) if was else None
    customers = _write_customers(con, prepared, segmentation, folder / "customers.parquet")
    tables.write_json(segments, folder / "segments.json")
    if config.train.typical:  # ids: beside the customers, never in MLflow nor in the report
        con.register("lieudit_typical", typical_customers(segmentation, prepared.frame))
        tables.write_table(con, "SELECT * FROM lieudit_typical", folder / "typical.csv")
    data = summarise(
        name=config.name,
        customers=customers,
        segments=segments,
        candidates=[_candidate_row(candidate) for candidate in segmentation.candidates],
        sources=_sources(prepared.enriched),
        coverage=coverage_of(prepared.enriched),
        plane=plane(segmentation, prepared.frame),
        about=_about(config, prepared, segmentation),
    )
    tables.write_json(data, folder / "report.json")
    tables.write_text(render(data, lang=config.lang), folder / "report.html")
    rejects = folder / "rejects.csv"
    if prepared.rfm is not None and not sum(prepared.rfm.counts.rejected.values()):
        rejects.unlink(missing_ok=True)
    return segments


def _write_customers(
    con: duckdb.DuckDBPyConnection, prepared: Prepared, segmentation: Segmentation, out: Path
) -> pd.DataFrame:
    """Write ids, added columns, RFM, cluster and segment; no name and no address of the input."""
    labels = segmentation.customers.reset_index(names="customer_id")
    con.register("lieudit_labels", labels.assign(position=range(len(labels))))
    given = len(prepared.customers.columns)
    added = list(zip(prepared.assembled.columns[given:], prepared.assembled.sql_columns[given:], strict=True))
    own = [column for column in labels.columns if column != "customer_id"]
    selected = ["l.customer_id", *(f"a.{tables.quote(sql)}" for _, sql in added), *(f"l.{name}" for name in own)]
    query = (
        f"SELECT {', '.join(selected)} FROM {tables.quote(prepared.assembled.name)} AS a "
        "JOIN lieudit_labels AS l ON l.position = a.rowid ORDER BY a.rowid"
    )
    # None of the input's columns is in this file, so ours bear the schema's names whatever the input had.
    schema = {sql: name for name, sql in prepared.assembled.places.items()}
    names = ["customer_id", *(schema.get(sql, name) for name, sql in added), *own]
    tables.write_table(con, query, out, names=names)
    written: pd.DataFrame = con.sql(query).df().set_axis(names, axis=1)
    return written


def _candidate_row(candidate: Candidate) -> dict[str, Any]:
    return {
        "method": candidate.method,
        "params": candidate.params,
        "n_clusters": candidate.n_clusters,
        **candidate.metrics,
        "stability": candidate.metrics.get("stability_mean"),  # none where no cluster was found
        "seconds": round(candidate.seconds, 2),
    }


def _sources(enriched: Enriched) -> list[dict[str, Any]]:
    used = {name: source.manifest for name, source in enriched.used.items()}
    return [
        {"name": name, "title": m.title, "publisher": m.publisher, "licence": m.licence, "vintage": m.vintage,
         "attribution": m.attribution}
        for name, m in used.items()
    ]  # fmt: skip


def _about(config: Config, prepared: Prepared, segmentation: Segmentation) -> dict[str, Any]:
    runner_up = segmentation.candidates[segmentation.runner_up] if segmentation.runner_up is not None else None
    rfm = prepared.rfm
    return {
        "lang": config.lang,
        "as_of": rfm.as_of.isoformat() if rfm else None,
        "seed": config.train.seed,
        "monetary": config.rfm.monetary,
        "versions": {package: version(package) for package in _VERSIONS},
        "note": config.note,
        "warnings": [remark._asdict() for remark in (*prepared.remarks, *segmentation.warnings)],
        "runner_up": {"method": runner_up.method, "params": runner_up.params} if runner_up else None,
        "reason": segmentation.reason._asdict(),
        "rfm": {"lines": rfm.counts.lines, "rejected": sum(rfm.counts.rejected.values())} if rfm else None,
    }
