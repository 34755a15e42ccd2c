"""``lieudit enrich`` and ``lieudit rfm``: a table in, a table out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lieudit.cli.console import Console
from lieudit.cli.options import (
    AsOf,
    CompanySearch,
    CustomerFile,
    Estimate,
    Force,
    GeocoderAddress,
    Online,
    Out,
    OwnSources,
    PrivateWebsites,
    Purpose,
    Quiet,
    ReadWebsites,
    SireneAddress,
    Verbose,
)

__all__ = ["enrich", "rfm"]


def _column(what: str) -> Any:
    return typer.Option(metavar="COLUMN", help=f"The column of {what}, where its header does not give it away.")


def enrich(
    file: CustomerFile,
    out: Out,
    name: Annotated[str | None, _column("names")] = None,
    address: Annotated[str | None, _column("streets or whole addresses")] = None,
    postcode: Annotated[str | None, _column("postcodes")] = None,
    city: Annotated[str | None, _column("cities")] = None,
    country: Annotated[str | None, _column("countries")] = None,
    siret: Annotated[str | None, _column("SIRETs")] = None,
    siren: Annotated[str | None, _column("SIRENs")] = None,
    naf: Annotated[str | None, _column("NAF codes")] = None,
    lat: Annotated[str | None, _column("latitudes in degrees")] = None,
    lon: Annotated[str | None, _column("longitudes in degrees")] = None,
    website: Annotated[str | None, _column("websites")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only these sources; may be given several times.")] = None,
    catalogue: OwnSources = None,
    estimate: Estimate = False,
    purpose: Purpose = None,
    force: Force = False,
    online: Online = False,
    geocoder: GeocoderAddress = None,
    company_search: CompanySearch = None,
    sirene_api: SireneAddress = None,
    websites: ReadWebsites = False,
    private_websites: PrivateWebsites = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Add French open data to a customer or company file.

    Beside OUT stands OUT.sources.json: source, licence, vintage and attribution of every added column.
    """
    # Nothing here is linear algebra, and numpy's threads for it would take turns with those that read the file.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Arrow's own allocator is slow to start, and holds a tenth of a GB more.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # The thread that reads the file waits ten times less for the one that imports, each time that they take turns.
    sys.setswitchinterval(0.0005)
    from lieudit.pipeline.enrich import enrich_file

    console = Console(quiet=quiet, verbose=verbose)
    columns = {"name": name, "address": address, "postcode": postcode, "city": city, "country": country,
               "siret": siret, "siren": siren, "naf": naf, "lat": lat, "lon": lon, "website": website}  # fmt: skip
    with console.working():
        done = enrich_file(
            file, out, columns=columns, sources=source or None, catalogue=catalogue, estimate=estimate,
            purpose=purpose, force=force, online=online, geocoder=geocoder, company_search=company_search,
            sirene_api=sirene_api, websites=websites, private_websites=private_websites, progress=console,
        )  # fmt: skip
    for warning in done.warnings:
        console.warn(warning)
    console.say(f"{done.rows:,} rows, {len(done.added)} columns added.")
    console.say_counts(done.counts)
    for asked in done.asked:
        console.say(
            f"  {asked.service}: {asked.sent:,} {asked.what.en} asked, {asked.remembered:,} known already, "
            f"{asked.deferred:,} deferred; {asked.kept:,} of {asked.rows:,} rows found"
        )
    console.say(f"Written: {done.out} and {done.sources.name}")
    if done.candidates is not None:
        console.say(f"Companies that ambiguous names may be of: {done.candidates}")


def rfm(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The transactions, one line of an order a row.")],
    out: Out,
    as_of: AsOf = None,
    customer: Annotated[str | None, _column("customer ids")] = None,
    date: Annotated[str | None, _column("dates")] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The amount: a column, or such as 'Quantity * Price'.")
    ] = None,
    order: Annotated[str | None, _column("order ids")] = None,
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
