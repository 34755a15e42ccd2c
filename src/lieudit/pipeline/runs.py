"""Finished runs: laid side by side, or their report drawn again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lieudit import tables, track
from lieudit.config import parse_language
from lieudit.errors import InputError
from lieudit.pipeline.compare import compare_customers, summary_lines, two_folders
from lieudit.pipeline.run_folder import REPORT, is_run_folder, read_run
from lieudit.report import render

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Compared", "compare_runs", "draw_report"]


@dataclass(frozen=True)
class Compared:
    """Runs side by side.

    Attributes
    ----------
    table : DataFrame of shape (n_items, n_runs)
        The parameters that differ, then every measure; index ``(kind, item)``.
    customers : dict or None
        What :func:`lieudit.pipeline.compare.compare_customers` gives; None unless two folders of runs were compared.
    lines : tuple of str
        The main figures of `customers`.
    """

    table: pd.DataFrame
    customers: dict[str, Any] | None = None
    lines: tuple[str, ...] = ()


def compare_runs(
    runs: Sequence[str],
    *,
    tracking: str,
    out: Path | None = None,
    moves: Path | None = None,
    page: Path | None = None,
    lang: str | None = None,
) -> Compared:
    """Lay finished runs side by side, and follow the customers of two.

    Parameters
    ----------
    runs : sequence of str
        Folders of runs, run ids, run names or ``latest``; of two folders, the earlier first. A run named twice
        is one.
    tracking : str
        MLflow's store, for runs that are not named by their folder.
    out : Path, optional
        Also write the table there, by the suffix.
    moves, page : Path, optional
        See :func:`lieudit.pipeline.compare.compare_customers`; they need two folders.
    lang : {"fr", "en"}, optional
        Of the page; by default the later run's.

    Raises
    ------
    InputError
        There is no such store or run, or a run did not finish.
    """
    language = parse_language(lang)
    sides = list({side.key: side for side in (_side(run, tracking) for run in runs)}.values())
    names = [side.name for side in sides]
    titles = [f"{one.name} {one.key}" if names.count(one.name) > 1 else one.name for one in sides]
    table = _telling(track.side_by_side(titles, [one.params for one in sides], [one.metrics for one in sides]))
    followed = len(sides) == 2 and all(is_run_folder(run) for run in runs)
    customers, lines = None, []
    if followed or moves is not None or page is not None:
        before, after = two_folders(runs)
        customers = compare_customers(before, after, moves=moves, page=page, measures=table,
                                      lang=language or after.report["about"]["lang"])  # fmt: skip
        lines = summary_lines(customers)
    if out is not None:
        with tables.connect() as con:
            flat = tables.open_table(con, table.reset_index(), name="compared")
            tables.write_table(con, f"SELECT * FROM {flat.sql}", out, names=flat.columns)
    return Compared(table, customers, tuple(lines))


def _telling(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the coverage of columns that all runs know alike: a line a column, saying nothing."""
    alike = [
        kind == "metric" and item.startswith("coverage.") and len(set(row)) == 1
        for (kind, item), row in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    ]
    return table.loc[[not one for one in alike]]


class _Side(NamedTuple):
    """A run as one column: a name, what tells it from another of that name, settings and figures."""

    name: str
    key: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]


def _side(run: str, tracking: str) -> _Side:
    if is_run_folder(run):
        folder = read_run(run)
        return _Side(folder.name, f"({Path(run)})", folder.params(), folder.metrics())
    record = track.find_finished(tracking, run)
    return _Side(record.name, record.run_id[:8], record.params, record.metrics)


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
    if is_run_folder(run):
        source, page = Path(run) / REPORT, Path(run) / "report.html"
    else:
        record = track.find_run(tracking, run)
        source, page = record.file(REPORT), Path(f"{record.name}.html")
    data = _read(source)
    page = out or page
    tables.write_text(render(data, lang=language or data["about"]["lang"]), page)
    return page


def _read(source: Path) -> dict[str, Any]:
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
        data["about"]["lang"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{source} holds no figures of a report: {error}.", expected=f"the {REPORT} of a run",
                         fix="Name the folder that lieudit train wrote, or an MLflow run.") from error  # fmt: skip
    return data if isinstance(data, dict) else {}
