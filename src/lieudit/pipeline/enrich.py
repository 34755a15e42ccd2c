"""A customer or company file, with open data added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lieudit import tables
from lieudit.pipeline.progress import Progress, Silent
from lieudit.pipeline.remarks import remarks_on_enrichment
from lieudit.tables.thread import one_thread

if TYPE_CHECKING:
    import pandas as pd

    from lieudit.enrichment.asked import Asked

__all__ = ["EnrichedFile", "enrich", "enrich_file"]


@dataclass(frozen=True)
class EnrichedFile:
    """What :func:`enrich_file` wrote.

    Attributes
    ----------
    out, sources : Path
        The enriched table, and the sources of its columns.
    candidates : Path or None
        The companies that ambiguous names may be of; None where there are none.
    rows : int
    added : tuple of str
        Names of the added columns.
    counts : dict
        Rows by value of ``commune_status``, ``siret_status``, …
    asked : tuple of Asked
        What was asked of services: those that were to be.
    left_out : int
        Rows that are not in the output, for their purpose.
    warnings : tuple of str
    """

    out: Path
    sources: Path
    candidates: Path | None
    rows: int
    added: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    asked: tuple[Asked, ...]
    left_out: int
    warnings: tuple[str, ...]


def enrich(  # noqa: PLR0913 - each is an option of the command
    customers: pd.DataFrame,
    *,
    columns: Mapping[str, str | None] | None = None,
    sources: Sequence[str] | None = None,
    catalogue: str | Path | None = None,
    estimate: bool = False,
    purpose: str | None = None,
    force: bool = False,
    online: bool = False,
    geocoder: str | None = None,
    company_search: str | None = None,
    sirene_api: str | None = None,
    websites: bool = False,
) -> pd.DataFrame:
    """Add French open data to each row.

    Parameters
    ----------
    customers : DataFrame of shape (n, p)
        With an address (``postcode``, ``city``, ``address``), coordinates, or a SIRET, SIREN or NAF column.
    columns : mapping of role to column, optional
        For columns that their headers do not give away: ``{"postcode": "zone"}``.
    sources : sequence of str, optional
        Only these sources of the catalogue.
    catalogue : str or Path, optional
        A folder of your own sources, used before all others (docs/sources.md).
    estimate : bool, default False
        Estimate what is withheld of small communes; ``<indicator>_estimated`` says where.
    purpose : {"prospecting"}, optional
        Leaves out companies that are not to be canvassed, and warns of how many (docs/companies.md).
    force : bool, default False
        Read a SIRET column even where most of its cells look like no identifier.
    online : bool
        Public services may be asked for the addresses that stay unresolved, and for companies that no register on
        disk holds (docs/online.md).
    geocoder, company_search, sirene_api : str, optional
        Other addresses of these services.
    websites : bool, default False
        With ``online``, read the home pages that the column of websites names.

    Returns
    -------
    DataFrame of shape (n, p + added)
        The same rows in the same order (for prospecting, without those that are left out), every input column
        unchanged, then the added columns.
        ``attrs["sources"]`` holds source, licence, vintage and attribution of each, ``attrs["warnings"]`` what to know.

    Raises
    ------
    TableError
        No column to start from, or an unknown one.

    Examples
    --------
    >>> import pandas as pd
    >>> shop = pd.DataFrame({"cp": ["1000", "35000"], "ville": ["Bourg en Bresse", "RENNES CEDEX"]})
    >>> enrich(shop)[["commune_code", "commune_name"]].values.tolist()
    [['01053', 'Bourg-en-Bresse'], ['35238', 'Rennes']]
    """
    from lieudit.catalogue import open_catalogue  # noqa: PLC0415 - as below
    from lieudit.pipeline.open_data import add_open_data  # noqa: PLC0415
    from lieudit.pipeline.settings import enrich_settings  # noqa: PLC0415

    settings = enrich_settings(
        online=online, geocoder=geocoder, company_search=company_search, sirene_api=sirene_api, sources=sources,
        catalogue=catalogue, estimate=estimate, purpose=purpose, force=force, websites=websites,
    )  # fmt: skip
    with tables.connect() as con:
        opened = open_catalogue(own=settings.catalogue)
        table = tables.open_table(con, customers, name="customers")
        enriched = add_open_data(con, table, columns or {}, opened, settings, Silent())
        frame: pd.DataFrame = con.sql(f"SELECT * FROM {tables.quote(enriched.name)}").df()
    if enriched.kept is not None:
        customers = customers[enriched.kept.to_numpy(zero_copy_only=False)]
    import pandas as pd  # noqa: PLC0415 - the caller has it; the command line, which takes files, does not need it

    # The caller's own columns, whatever their types, rather than what a database made of them.
    added = frame.iloc[:, len(customers.columns) :].set_axis(customers.index, axis=0)
    frame = pd.concat([customers, added.set_axis([column.name for column in enriched.added], axis=1)], axis=1)
    frame.attrs["sources"] = enriched.sources()
    frame.attrs["warnings"] = [text.en for text in remarks_on_enrichment(enriched.asked, **enriched.objections)]
    return frame


def enrich_file(
    source: str | Path,
    out: Path,
    *,
    columns: Mapping[str, str | None] | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> EnrichedFile:
    """Enrich a file into another, out of core; ``OUT.sources.json`` stands beside it.

    ``given`` holds keys of the configuration's ``enrich``: ``sources``, ``online``, …

    Raises
    ------
    ConfigError
        A key or a value is wrong.
    CatalogueError
        There is no such source, or one of your own is not what it should be.
    TableError
        The input cannot be read, or the output cannot be written.
    """
    progress = progress or Silent()
    progress.step("Reading")
    tables.check_out(out)
    with tables.connect(bounded=True) as con, tables.part_of(out) as part:
        # Parquet begins with the columns of the file, unless rows are to be left out.
        stored = part if out.suffix.lower() == ".parquet" and given.get("purpose") is None else None
        with one_thread(con) as thread:
            opening = thread.submit(tables.open_table, con, source, name="customers", stored=stored)
            # While DuckDB reads the file (and stops where something is wrong), Python checks the settings, imports what
            # comes next and reads the index of communes.
            from lieudit.pipeline.settings import enrich_settings  # noqa: PLC0415

            settings = enrich_settings(**given)
            from lieudit.catalogue import open_catalogue  # noqa: PLC0415
            from lieudit.enrichment.index import read_index  # noqa: PLC0415
            from lieudit.pipeline.open_data import add_open_data, write_candidates  # noqa: PLC0415

            catalogue = open_catalogue(own=settings.catalogue)
            if not opening.done():
                read_index(catalogue)
            table = opening.result()
        tables.check_out(out, con=con)
        enriched = add_open_data(con, table, columns or {}, catalogue, settings, progress)
        progress.step("Writing")
        enriched.write(con, out, begun=table.stored)
        candidates = write_candidates(con, enriched, out.with_name(out.name + ".candidates.csv"))
    beside = out.with_name(out.name + ".sources.json")
    tables.write_json(enriched.sources(), beside)
    return EnrichedFile(
        out=out,
        sources=beside,
        candidates=candidates,
        rows=enriched.rows,
        added=tuple(column.name for column in enriched.added),
        counts=enriched.counts,
        asked=enriched.asked,
        left_out=enriched.left_out,
        warnings=tuple(text.en for text in remarks_on_enrichment(enriched.asked, **enriched.objections)),
    )
