"""``lieudit sources fetch``: an official file into the user's catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lieudit.cli.console import Console
from lieudit.cli.options import Quiet, Verbose

if TYPE_CHECKING:
    from lieudit.catalogue import Catalogue, Source
    from lieudit.catalogue.official.download import Heard

__all__ = ["fetch"]


def fetch(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="An official source, as `lieudit sources list` names it.")
    ],
    given: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A copy on disk, as published; of sirene, the folder.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="URL", help="Download from here instead of the publisher's address.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Get an official file; from then on it is used before what comes with lieudit."""
    from lieudit.catalogue import open_catalogue
    from lieudit.catalogue.official.fetch import fetch as fetch_source

    console = Console(quiet=quiet, verbose=verbose)
    with _progress(console, quiet=quiet) as heard:
        fetched = fetch_source(name, given=given, address=address, heard=heard)
    for source in fetched.sources:
        console.say(f"{source.name}: {_rows_of(source)}, {source.manifest.vintage}")
        console.say(f"  {source.attribution}")
        console.say(f"  {source.folder}")
        for table in source.manifest.tables.values():
            if table.in_place is not None:
                console.say(f"  asked where it is: {table.in_place.path}")
    for column, count in fetched.estimated.items():
        if count:
            console.say(f"  {column}: {count:,} of communes that merged or split since")
    if fetched.lost:
        what = "name no company or no date" if fetched.by_siren else "are of no commune of today"
        console.warn(f"{fetched.lost:,} rows {what}, and were left out.")
    names = {source.name for source in fetched.sources}
    _say_stale(console, names, open_catalogue())
    for source in open_catalogue().sources:
        if source.name in names and source.manifest.excludes:
            console.say(
                f"  It is used instead of {', '.join(source.manifest.excludes)}, with which it cannot be mixed."
            )


def _rows_of(source: Source) -> str:
    """Count the rows; of several tables, each under its name."""
    tables = source.manifest.tables
    return ", ".join(f"{table.rows:,} {'rows' if name == 'table' else name}" for name, table in tables.items())


def _say_stale(console: Console, names: set[str], catalogue: Catalogue) -> None:
    """Say which tables were brought to today's communes before the movements of communes were there."""
    from lieudit.catalogue.cog import MOVEMENTS
    from lieudit.catalogue.official import OFFICIAL

    if MOVEMENTS not in names:
        return
    earlier = [
        source.name
        for source in catalogue.sources
        if source.origin == "fetched" and source.name in OFFICIAL and OFFICIAL[source.name].by_commune
    ]
    if earlier:
        console.warn(f"Brought to today's communes before this: {', '.join(earlier)}. Fetch them again to use it.")


@contextmanager
def _progress(console: Console, *, quiet: bool) -> Iterator[Heard | None]:
    """Show a download: a live bar on a terminal, a plain line elsewhere."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        console.step("Fetching")
        yield None
        return
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bar:
        task = bar.add_task("Fetching", total=None)

        def heard(there: int, total: int | None) -> None:
            done = total is not None and there == total
            bar.update(task, completed=there, total=total, description="Reading" if done else "Fetching")

        yield heard
