"""``lieudit compare`` and ``lieudit report``: finished runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lieudit.cli.console import Console
from lieudit.cli.options import Lang, Quiet, Verbose

__all__ = ["compare", "report"]

Tracking = Annotated[str, typer.Option(metavar="URI", help="MLflow's store.")]
DEFAULT_TRACKING = "sqlite:///mlruns/mlflow.db"


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help="Folders of runs, run ids or run names.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the table here.")] = None,
    moves: Annotated[
        Path | None, typer.Option(metavar="FILE", help="List here who changed segment, entered or left (two folders).")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw both runs side by side here, as HTML (two folders).")
    ] = None,
    lang: Lang = None,
    tracking: Tracking = DEFAULT_TRACKING,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show finished runs side by side: what differed, what came of it, and who moved between two."""
    from lieudit.pipeline.runs import compare_runs

    console = Console(quiet=quiet, verbose=verbose)
    with console.working():
        compared = compare_runs(runs, tracking=tracking, out=out, moves=moves, page=page, lang=lang)
    console.say(compared.table.to_string())
    for line in compared.lines:
        console.say(line)
    for written in (out, moves, page):
        if written is not None:
            console.say(f"Written: {written}")


def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, run id or run name.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where to write the page.")] = None,
    lang: Lang = None,
    tracking: Tracking = DEFAULT_TRACKING,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Draw a run's report again."""
    from lieudit.pipeline.runs import draw_report

    console = Console(quiet=quiet, verbose=verbose)
    console.say(f"Report: {draw_report(run, out=out, lang=lang, tracking=tracking)}")
