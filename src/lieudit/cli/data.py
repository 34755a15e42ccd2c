"""``lieudit enrich`` and ``lieudit rfm``: a table in, a table out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lieudit.cli.console import Console
from lieudit.cli.options import AsOf, CustomerFile, Estimate, GeocoderAddress, Online, Out, OwnSources, Quiet, Verbose

__all__ = ["enrich", "rfm"]

Role = Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of that name, if not recognised.")]


def enrich(
    file: CustomerFile,
    out: Out,
    name: Role = None,
    address: Role = None,
    postcode: Role = None,
    city: Role = None,
    country: Role = None,
    siret: Role = None,
    siren: Role = None,
    naf: Role = None,
    lat: Role = None,
    lon: Role = None,
    source: Annotated[list[str] | None, typer.Option(help="Only these sources; may be given several times.")] = None,
    catalogue: OwnSources = None,
    estimate: Estimate = False,
    online: Online = False,
    geocoder: GeocoderAddress = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Add French open data to a customer or company file.

    Beside OUT stands OUT.sources.json: source, licence, vintage and attribution of every added column.
    """
    from lieudit.pipeline.enrich import enrich_file

    console = Console(quiet=quiet, verbose=verbose)
    columns = {"name": name, "address": address, "postcode": postcode, "city": city, "country": country,
               "siret": siret, "siren": siren, "naf": naf, "lat": lat, "lon": lon}  # fmt: skip
    with console.working():
        done = enrich_file(
            file, out, columns=columns, sources=source or None, catalogue=catalogue, estimate=estimate,
            online=online, geocoder=geocoder, progress=console,
        )  # fmt: skip
    for warning in done.warnings:
        console.warn(warning)
    console.say(f"{done.rows:,} rows, {len(done.added)} columns added.")
    for counted, by_value in done.counts.items():
        console.say(f"  {counted}: " + ", ".join(f"{value} {n:,}" for value, n in by_value.items()))
    if done.asked is not None:
        console.say(
            f"  {done.asked.service}: {done.asked.sent:,} addresses asked, {done.asked.remembered:,} known already, "
            f"{done.asked.deferred:,} deferred; {done.asked.kept:,} of {done.asked.rows:,} rows found"
        )
    console.say(f"Written: {done.out} and {done.sources.name}")


def rfm(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The transactions, one line of an order a row.")],
    out: Out,
    as_of: AsOf = None,
    customer: Role = None,
    date: Role = None,
    amount: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The amount: a column, or such as 'Quantity * Price'.")
    ] = None,
    order: Role = None,
    monetary: Annotated[str, typer.Option(metavar="total|mean", help="Money in all, or by order.")] = "total",
    window_days: Annotated[int | None, typer.Option(help="Only orders of the last so many days.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected lines go. Default: OUT.rejects.csv, if there are any.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Compute recency, frequency and monetary value, their scores and the rule segment of each customer."""
    from lieudit.pipeline.rfm import rfm_file

    console = Console(quiet=quiet, verbose=verbose)
    columns = {"customer": customer, "date": date, "amount": amount, "order": order}
    settings = {"monetary": monetary, "window_days": window_days}
    with console.working():
        done = rfm_file(file, out, columns=columns, as_of=as_of, settings=settings, rejects=rejects, progress=console)
    console.say(f"{done.counts.customers:,} customers from {done.counts.lines:,} lines, as of {done.as_of}.")
    for text in done.remarks:
        console.say(f"  {text}")
    console.say(f"Written: {done.out}" + (f", and {done.rejects}" if done.rejects else ""))
