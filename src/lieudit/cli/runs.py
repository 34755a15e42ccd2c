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
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help="Run ids, run names or folders of runs.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the table here.")] = None,
    tracking: Tracking = DEFAULT_TRACKING,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show finished runs side by side: what differed, and what came of it."""
    from lieudit.pipeline.runs import compare_runs

    console = Console(quiet=quiet, verbose=verbose)
    table = compare_runs(runs, tracking=tracking, out=out)
    console.say(table.to_string())
    if out is not None:
        console.say(f"Written: {out}")


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
