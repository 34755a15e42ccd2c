"""Finished runs: laid side by side, or their report drawn again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lieudit import tables, track
from lieudit.config import parse_language
from lieudit.errors import InputError
from lieudit.report import render

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_runs", "draw_report"]

REPORT_DATA = "report.json"


def compare_runs(runs: Sequence[str], *, tracking: str, out: Path | None = None) -> pd.DataFrame:
    """Lay finished runs side by side.

    Parameters
    ----------
    runs : sequence of str
        Run ids, run names or ``latest``.
    tracking : str
        MLflow's store.
    out : Path, optional
        Also write the table there, by the suffix.

    Returns
    -------
    DataFrame of shape (n_items, n_runs)
        The parameters that differ, then every measure.

    Raises
    ------
    InputError
        There is no such store or run, or a run did not finish.
    """
    table = track.compare_runs(tracking, runs)
    if out is not None:
        with tables.connect() as con:
            flat = tables.open_table(con, table.reset_index(), name="compared")
            tables.write_table(con, f"SELECT * FROM {flat.sql}", out, names=flat.columns)
    return table


def draw_report(run: str, *, tracking: str, out: Path | None = None, lang: str | None = None) -> Path:
    """Draw a run's report again, from the aggregated figures that were kept with it.

    Parameters
    ----------
    run : str
        The folder of a run, a run id, a run name or ``latest``.
    tracking : str
        MLflow's store, where `run` is not a folder.
    out : Path, optional
        The page; by default ``report.html`` in the run's folder, or ``<name>.html`` where the command is run.
    lang : {"fr", "en"}, optional
        By default the run's.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        There is no such run, or it kept no figures.
    """
    language = parse_language(lang)
    if Path(run).is_dir():
        source, page = Path(run) / REPORT_DATA, Path(run) / "report.html"
    else:
        record = track.find_run(tracking, run)
        source, page = record.file(REPORT_DATA), Path(f"{record.name}.html")
    data = _read(source)
    page = out or page
    tables.write_text(render(data, lang=language or data["about"]["lang"]), page)
    return page


def _read(source: Path) -> dict[str, Any]:
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
        data["about"]["lang"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{source} holds no figures of a report: {error}.", expected=f"the {REPORT_DATA} of a run",
                         fix="Name the folder that lieudit train wrote, or an MLflow run.") from error  # fmt: skip
    return data if isinstance(data, dict) else {}
