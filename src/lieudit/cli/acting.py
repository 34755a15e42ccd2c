"""``lieudit triggers``: whom to act upon today."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lieudit.cli.console import Console
from lieudit.cli.options import AsOf, Lang, Out, Quiet, Verbose

__all__ = ["triggers"]


def triggers(
    file: Annotated[str, typer.Argument(metavar="TRANSACTIONS", help="The orders, up to now.")],
    out: Out,
    as_of: AsOf = None,
    before: Annotated[Path | None, typer.Option(metavar="RUN", help="Folder of the earlier of two runs.")] = None,
    after: Annotated[Path | None, typer.Option(metavar="RUN", help="Folder of the later one.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Triggers of your own.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="ROLE=COLUMN", help="A column that its header does not give away.")
    ] = None,
    lang: Lang = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """List customers gone silent, slower than their own pace, in or out of a segment, and what to ask them."""
    from lieudit.pipeline.score import parse_roles
    from lieudit.pipeline.triggers import trigger_file

    console = Console(quiet=quiet, verbose=verbose)
    with console.working():
        done = trigger_file(
            file, out, as_of=as_of, columns=parse_roles(column or ()), before=before, after=after, config=config,
            lang=lang, progress=console,
        )  # fmt: skip
    for warning in done.warnings:
        console.warn(warning)
    console.say(f"As of {done.as_of}:")
    console.say_counts({"triggers": done.counts})
    console.say_counts({f"{name}, by kind of segment": counted for name, counted in done.kinds.items()})
    if before is None:
        console.say("  Name two runs with --before and --after to see who entered or left a segment.")
    console.say(f"Written: {done.out}")
