"""New customers into a trained segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lieudit import tables
from lieudit.bundle import Bundle, load_bundle, score_table
from lieudit.catalogue import open_catalogue
from lieudit.errors import ConfigError
from lieudit.pipeline.online import opened_services
from lieudit.pipeline.progress import Progress, Silent
from lieudit.pipeline.remarks import remarks_on_customers, remarks_on_enrichment, remarks_on_lines
from lieudit.pipeline.rfm import parse_day
from lieudit.pipeline.settings import enrich_settings
from lieudit.schema import CUSTOMER_ROLES, TRANSACTION_ROLES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ScoredFile", "parse_roles", "score", "score_file"]


@dataclass(frozen=True)
class ScoredFile:
    """What :func:`score_file` wrote.

    Attributes
    ----------
    out : Path
    bundle : str
        The bundle's name.
    rows : int
    counts : dict of str to dict of str to int
        Rows by ``commune_status``, ``cluster_basis``, ``segment``, …
    warnings : tuple of str
    """

    out: Path
    bundle: str
    rows: int
    counts: dict[str, dict[str, int]]
    warnings: tuple[str, ...]


def score(
    customers: pd.DataFrame | str | Path,
    bundle: Bundle | str | Path,
    *,
    transactions: pd.DataFrame | str | Path | None = None,
    as_of: date | str | None = None,
    catalogue: str | Path | None = None,
) -> pd.DataFrame:
    """Put customers into a trained segmentation.

    Parameters
    ----------
    customers : DataFrame or path, shape (n, p)
    bundle : Bundle or path
        The folder of a bundle, such as ``models/demo``.
    transactions : DataFrame or path, optional
        Their orders.
    as_of : date or str, optional
        Day of reference for recency.
    catalogue : str or Path, optional
        The folder of your own sources, where the training had one.

    Returns
    -------
    DataFrame of shape (n, p + added)
        As :meth:`lieudit.Bundle.score`.

    Raises
    ------
    BundleError
        The bundle is missing or damaged.
    TableError
        A file cannot be read.
    """
    loaded = bundle if isinstance(bundle, Bundle) else load_bundle(bundle)
    opened = open_catalogue(own=catalogue)
    return loaded.score(customers, transactions, as_of=parse_day(as_of), catalogue=opened)


def score_file(
    source: str | Path,
    bundle: str | Path,
    out: Path,
    *,
    transactions: str | Path | None = None,
    as_of: date | str | None = None,
    columns: Sequence[str] = (),
    catalogue: str | Path | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> ScoredFile:
    """Score a file into another, out of core.

    ``columns`` holds texts such as ``"postcode=zip"``: roles of columns called neither as in training nor as their
    headers give away. ``given`` holds those keys of the configuration's ``enrich`` that each run says by itself:
    ``online`` and the addresses of services, ``purpose``, ``force``.

    Raises
    ------
    ConfigError
        A key or a value is wrong.
    BundleError
        The bundle is missing or damaged; nothing is written then.
    TableError
        A file cannot be read or written.
    """
    progress = progress or Silent()
    roles = parse_roles(columns)
    settings = enrich_settings(**given)
    day, loaded = parse_day(as_of), load_bundle(bundle)
    with tables.connect() as con, opened_services(settings, progress) as services:
        progress.step("Reading")
        customers = tables.open_table(con, source, name="customers")
        orders = None if transactions is None else tables.open_table(con, transactions, name="transactions")
        tables.check_out(out, con=con)
        progress.step("Scoring")
        opened = open_catalogue(own=catalogue)
        scored = score_table(con, customers, orders, loaded, as_of=day, given=roles, catalogue=opened,
                             settings=settings, services=services)  # fmt: skip
        progress.step("Writing")
        tables.write_table(con, f"SELECT * FROM {tables.quote(scored.name)}", out, names=scored.columns)
    remarks = [*scored.warnings, *remarks_on_enrichment(scored.asked, **scored.objections)]
    if scored.orders is not None:
        remarks += [*remarks_on_lines(scored.orders), *remarks_on_customers(scored.assembled)]
    return ScoredFile(out, loaded.name, scored.rows, scored.counts, tuple(remark.en for remark in remarks))


def parse_roles(columns: Sequence[str]) -> dict[str, str]:
    """Read ``ROLE=COLUMN`` texts.

    Raises
    ------
    ConfigError
        One is none, or names no role.
    """
    known = (*CUSTOMER_ROLES, *TRANSACTION_ROLES)
    found = {}
    for text in columns:
        role, separator, column = text.partition("=")
        if role not in known or not separator or not column:
            expected = f"ROLE=COLUMN, with a role of: {', '.join(known)}"
            raise ConfigError(f"--column {text} names no role.", expected=expected, fix="Write --column postcode=zip.")
        found[role] = column
    return found
