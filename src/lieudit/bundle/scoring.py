"""New customers into a trained segmentation, out of core."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lieudit import tables
from lieudit.bundle.bundle import Bundle
from lieudit.bundle.values import known_roles, rfm_of_file, rfm_of_orders
from lieudit.bundle.vintages import changes
from lieudit.catalogue import Catalogue, open_catalogue
from lieudit.config import EnrichConfig
from lieudit.enrichment import enrich_table
from lieudit.enrichment.added import final_names
from lieudit.enrichment.asked import Asked, Services
from lieudit.errors import TableError
from lieudit.features import Assembled, assemble
from lieudit.rfm_analysis import Counts
from lieudit.schema import CLUSTER_COLUMNS, CUSTOMER_ROLES, Text
from lieudit.segment import label_customers
from lieudit.tables import Table, quote
from lieudit.tables.table import sql_names

if TYPE_CHECKING:
    import duckdb


__all__ = ["Scored", "score_frame", "score_table"]

log = logging.getLogger(__name__)

# Rows in Python at a time: what is kept of each is 100 bytes of labels; the rest stays in DuckDB, which can spill.
BATCH: Final = 50_000
_LABELS: Final = "lieudit_labels"
_SCORED: Final = "scored"
_DEFAULTS: Final = EnrichConfig()
_OFFLINE: Final = Services()


@dataclass(frozen=True)
class Scored:
    """Customers with what a bundle says of them.

    Attributes
    ----------
    name : str
        A view of the connection, in the customers' order.
    columns : tuple of str
        Names for files, in the view's order; its own names may differ by case.
    added : int
        How many of them, at the end, are not the customer file's.
    rows : int
    counts : dict of str to dict of str to int
        Rows by ``commune_status``, ``cluster_basis``, ``segment``, …
    as_of : date or None
        Day of reference of the orders; None where there were none.
    orders : Counts or None
        What became of the transaction lines.
    assembled : Assembled
        The customers before they were labelled.
    asked : tuple of Asked
        What was asked of services: those that were to be.
    objections : dict of str to int
        As of :class:`lieudit.enrichment.Enriched`.
    warnings : tuple of Text
        What the reader should know.
    """

    name: str
    columns: tuple[str, ...]
    added: int
    rows: int
    counts: dict[str, dict[str, int]]
    as_of: date | None
    orders: Counts | None
    assembled: Assembled
    asked: tuple[Asked, ...]
    objections: dict[str, int]
    warnings: tuple[Text, ...]


def score_table(  # noqa: PLR0913 - all but the first are said by name
    con: duckdb.DuckDBPyConnection,
    customers: Table,
    transactions: Table | None,
    bundle: Bundle,
    *,
    as_of: date | None = None,
    given: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    settings: EnrichConfig = _DEFAULTS,
    services: Services = _OFFLINE,
) -> Scored:
    """Score customers of a table of a connection.

    Parameters
    ----------
    con : DuckDBPyConnection
    customers, transactions : Table, Table or None
        From :func:`lieudit.tables.open_table`.
    bundle : Bundle
    as_of : date, optional
        Day of reference: by default the training's, or the day after the last order if that is later.
    given : mapping of role to column, optional
        For columns that are called neither as in training nor as their headers give away.
    catalogue : Catalogue, optional
        The one that comes with lieudit by default.
    settings : EnrichConfig, optional
        Its ``purpose`` and ``force`` are read; the rest is the training's.
    services : Services, optional
        As for ``enrichment.enrich_table``. That the training was online asks for none: each run says so by itself.

    Returns
    -------
    Scored
        Every row once, in order (for prospecting, without those that are left out); columns as :meth:`Bundle.score`
        describes them. ``tables.write_table`` writes it.

    Raises
    ------
    TableError, BundleError
        As :meth:`Bundle.score`.
    """
    catalogue = catalogue or open_catalogue()
    roles = tables.recognise(customers, CUSTOMER_ROLES, known_roles(customers, bundle.columns["customers"], given))
    asked_for = {"purpose": settings.purpose, "force": settings.force or bundle.enrich.force}
    settings = bundle.enrich.model_copy(update=asked_for)
    enriched = enrich_table(con, customers, roles, catalogue, settings=settings, services=services)
    asked, objections = enriched.asked, enriched.objections
    rfm = None
    if transactions is None:
        enriched = rfm_of_file(con, enriched, bundle)
    else:
        rfm = rfm_of_orders(con, transactions, bundle, as_of, given)
    assembled = assemble(con, enriched, roles.get("id"), rfm.name if rfm else None, bundle.scaler.features_)
    _label(con, assembled, bundle)
    if transactions is None and not {"address", "postcode", "city", "lat"} & roles.keys():
        _refuse_nothing_known(con, customers)
    columns = (*assembled.columns, *final_names(assembled.columns, [column.name for column in CLUSTER_COLUMNS]))
    _view(con, assembled, columns)
    return Scored(
        name=_SCORED,
        columns=columns,
        added=len(columns) - len(customers.columns),
        rows=assembled.rows,
        counts={**enriched.counts, **{name: _count(con, name) for name in ("cluster_basis", "segment")}},
        as_of=rfm.as_of if rfm else None,
        orders=rfm.counts if rfm else None,
        assembled=assembled,
        asked=asked,
        objections=objections,
        warnings=tuple(changes(bundle.sources, catalogue, settings.sources)),
    )


def score_frame(
    bundle: Bundle,
    customers: pd.DataFrame | str | Path,
    transactions: pd.DataFrame | str | Path | None,
    *,
    as_of: date | None,
    catalogue: Catalogue | None,
) -> pd.DataFrame:
    """Score customers into a DataFrame; see :meth:`Bundle.score`."""
    with tables.connect() as con:
        opened = tables.open_table(con, customers, name="customers")
        orders = None if transactions is None else tables.open_table(con, transactions, name="transactions")
        scored = score_table(con, opened, orders, bundle, as_of=as_of, catalogue=catalogue)
        frame: pd.DataFrame = con.execute(f"SELECT * FROM {_SCORED}").df().set_axis(list(scored.columns), axis=1)
    if isinstance(customers, pd.DataFrame):
        # The caller's own columns, whatever their types, rather than what a database made of them.
        added = frame.iloc[:, len(customers.columns) :].set_axis(customers.index, axis=0)
        frame = pd.concat([customers, added], axis=1)
    frame.attrs["warnings"] = [warning.en for warning in scored.warnings]
    for warning in scored.warnings:
        log.warning(warning.en)
    return frame


def _refuse_nothing_known(con: duckdb.DuckDBPyConnection, customers: Table) -> None:
    """Refuse a file in which the bundle can read nothing: every customer would be in no segment, without a word."""
    if _count(con, "cluster_basis").keys() == {"none"}:
        found = f"{customers.origin} has nothing that this segmentation reads: {', '.join(customers.columns)}."
        raise TableError(
            found,
            expected="an address, or orders, or the columns recency_days, frequency and monetary",
            fix="Name the columns, for instance --column postcode=COLUMN, or add --transactions FILE.",
        )


def _label(con: duckdb.DuckDBPyConnection, assembled: Assembled, bundle: Bundle) -> None:
    """Give each row its cluster, a batch at a time, in a table beside."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_LABELS} (cluster BIGINT, segment VARCHAR, strength DOUBLE, unnamed BOOLEAN,
        cluster_basis VARCHAR)"""
    )
    names = {named.cluster: named.names[bundle.lang] for named in bundle.clusters}
    unnamed = [named.cluster for named in bundle.clusters if named.status == "unnamed"]
    features = list(dict.fromkeys(column.feature for column in bundle.scaler.columns_))
    for start in range(0, assembled.rows, BATCH):
        frame = assembled.frame(con, features, start=start, stop=start + BATCH)
        labels = label_customers(bundle.scaler, bundle.model, frame)
        batch = pd.DataFrame({
            "cluster": labels["cluster"],
            "segment": labels["cluster"].map(names),
            "strength": labels["strength"],
            "unnamed": labels["cluster"].isin(unnamed),
            "cluster_basis": labels["cluster_basis"],
        })  # fmt: skip
        con.register("lieudit_batch", batch)
        con.execute(f"INSERT INTO {_LABELS} SELECT * FROM lieudit_batch")
        con.unregister("lieudit_batch")


def _view(con: duckdb.DuckDBPyConnection, assembled: Assembled, columns: tuple[str, ...]) -> None:
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW {_SCORED}({", ".join(map(quote, sql_names(columns)))}) AS
        SELECT * FROM {quote(assembled.name)} POSITIONAL JOIN {_LABELS}"""
    )


def _count(con: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    query = f"SELECT {column}, count(*) FROM {_LABELS} GROUP BY 1 ORDER BY 2 DESC, 1"
    return dict(con.execute(query).fetchall())
