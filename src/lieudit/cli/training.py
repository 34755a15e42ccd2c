"""``lieudit demo``, ``lieudit train`` and ``lieudit score``: learn a segmentation, and use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lieudit.cli.console import Console
from lieudit.cli.options import (
    AsOf,
    CompanySearch,
    CustomerFile,
    Force,
    GeocoderAddress,
    Lang,
    Online,
    Out,
    OutFolder,
    OwnSources,
    Purpose,
    Quiet,
    SireneAddress,
    Verbose,
)

if TYPE_CHECKING:
    from lieudit.pipeline.run import Run

__all__ = ["demo", "score", "train"]


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the demo's files.")] = Path("lieudit-demo"),
    b2b: Annotated[
        bool, typer.Option("--b2b", help="Companies, with a fictional register, rather than people.")
    ] = False,
    customers: Annotated[
        int | None, typer.Option(help="How many fictional customers. Default: 5000, and 2500 companies.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the generator and of the training.")] = 0,
    lang: Lang = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run the whole job on fictional customers at real communes."""
    from lieudit.demo import run_demo

    console = Console(quiet=quiet, verbose=verbose)
    with console.working():
        shown = run_demo(out, customers=customers, seed=seed, lang=lang, progress=console, b2b=b2b)
    _summary(console, shown.run)
    console.say(f"Planted groups: {shown.groups}, recovered with ARI {shown.recovery:.2f} (1 is perfect, 0 is chance)")
    console.say("")
    console.say("Next:")
    for command in shown.next_commands:
        console.say(f"  {command}")


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file; see configs/default.yaml.")],
    out: OutFolder = None,
    lang: Lang = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Enrich, compute RFM, cluster, compare with the 11 rules, track, report, and save a bundle."""
    from lieudit.pipeline.train import train as run_training

    console = Console(quiet=quiet, verbose=verbose)
    with console.working():
        run = run_training(config, out=out, lang=lang, progress=console)
    for warning in run.warnings:
        console.warn(warning)
    _summary(console, run)


def score(
    file: CustomerFile,
    model: Annotated[Path, typer.Option(metavar="BUNDLE", help="Folder of a trained bundle, such as models/demo.")],
    out: Out,
    transactions: Annotated[str | None, typer.Option(metavar="FILE", help="Their orders, where they have any.")] = None,
    as_of: AsOf = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=COLUMN", help="A column called otherwise than in training, as postcode=zip."),
    ] = None,
    catalogue: OwnSources = None,
    purpose: Purpose = None,
    force: Force = False,
    online: Online = False,
    geocoder: GeocoderAddress = None,
    company_search: CompanySearch = None,
    sirene_api: SireneAddress = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Put new customers into a trained segmentation."""
    from lieudit.pipeline.score import score_file

    console = Console(quiet=quiet, verbose=verbose)
    with console.working():
        done = score_file(
            file, model, out, transactions=transactions, as_of=as_of, columns=column or (), catalogue=catalogue,
            purpose=purpose, force=force, online=online, geocoder=geocoder, company_search=company_search,
            sirene_api=sirene_api, progress=console,
        )  # fmt: skip
    for warning in done.warnings:
        console.warn(warning)
    console.say(f"{done.rows:,} customers scored with {done.bundle}.")
    console.say_counts(done.counts)
    console.say(f"Written: {done.out}")


def _summary(console: Console, run: Run) -> None:
    console.say("")
    for line in run.summary():
        console.say(line)
    console.say(f"Report: {run.report}")
    console.say(f"Bundle: {run.bundle}    MLflow run: {run.run_id}")
