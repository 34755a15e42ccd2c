"""Options that several commands share, with one spelling and one help text each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print details, and tracebacks of faults.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write; the suffix gives the format.")]
OutFolder = Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the run's files.")]
AsOf = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Day of reference. Default: the day after the last order.")
]
Lang = Annotated[str | None, typer.Option(metavar="fr|en", help="Language of the report and of segment names.")]
CustomerFile = Annotated[str, typer.Argument(metavar="FILE", help="CSV, Parquet, Excel, JSON lines or duckdb:///…")]
OwnSources = Annotated[
    Path | None,
    typer.Option("--catalogue", metavar="FOLDER", help="A folder of your own sources, used before all others."),
]
Estimate = Annotated[
    bool, typer.Option("--estimate", help="Estimate what is withheld of small communes; a column says where.")
]
Purpose = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="prospecting", help="Leave out companies that are not to be canvassed, and count them."
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Read a SIRET column even where most of its cells look like no identifier.")
]
Online = Annotated[
    bool, typer.Option("--online", help="Ask public services for what stays unresolved (docs/online.md).")
]
ReadWebsites = Annotated[
    bool, typer.Option("--websites", help="With --online, read the home pages of the column of websites.")
]
PrivateWebsites = Annotated[
    bool, typer.Option("--private-websites", help="Let that column lead to addresses of your own network.")
]
CompanySearch = Annotated[
    str | None, typer.Option("--company-search", metavar="URL", help="Ask this directory of companies instead.")
]
SireneAddress = Annotated[
    str | None, typer.Option("--sirene-api", metavar="URL", help="Ask this Sirene API, where INSEE's key is set.")
]
GeocoderAddress = Annotated[str | None, typer.Option("--geocoder", metavar="URL", help="Ask this geocoder instead.")]
