"""From the configured files to customers with open data and RFM values, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lieudit import tables
from lieudit.catalogue import Catalogue
from lieudit.enrichment import Enriched, enrich_table
from lieudit.errors import TableError
from lieudit.features import Assembled, assemble
from lieudit.pipeline.remarks import remarks_on_customers, remarks_on_lines
from lieudit.rfm_analysis import Rfm, compute
from lieudit.schema import CUSTOMER_ROLES, TRANSACTION_ROLES, Text

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lieudit.config import Config
    from lieudit.pipeline.progress import Progress

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """Customers with open data, and their RFM values where there are transactions.

    Attributes
    ----------
    inputs : dict of str to tables.Table
        ``customers``, and ``transactions`` where given.
    columns : dict of str to dict of str to str
        For each input, which column plays which role.
    frame : DataFrame
        The features of each customer by id, in the customers' order.
    enriched : Enriched
    rfm : Rfm or None
    assembled : Assembled
        Both, joined, in the customers' order.
    remarks : tuple of Text
        What a reader of the results should know.
    """

    inputs: Mapping[str, tables.Table]
    columns: Mapping[str, Mapping[str, str]]
    frame: pd.DataFrame
    enriched: Enriched
    rfm: Rfm | None
    assembled: Assembled
    remarks: tuple[Text, ...]


def prepare(
    con: duckdb.DuckDBPyConnection, config: Config, catalogue: Catalogue, progress: Progress, rejects: Path
) -> Prepared:
    """Read, enrich, compute RFM, join.

    Parameters
    ----------
    con : connection
    config : Config
    catalogue : Catalogue
    progress : Progress
    rejects : Path
        Where transaction lines that were set aside go.

    Raises
    ------
    TableError
        A file cannot be read, a customer has no id, or an id stands twice.
    """
    progress.step("Reading")
    customers = tables.open_table(con, config.customers.path, name="customers")
    roles = {"customers": tables.recognise(customers, CUSTOMER_ROLES, config.customers.model_dump(exclude={"path"}))}
    ids = _ids(con, customers, roles["customers"].get("id"))
    inputs, rfm = {"customers": customers}, None
    if config.transactions is not None:
        lines = inputs["transactions"] = tables.open_table(con, config.transactions.path, name="transactions")
        given = config.transactions.model_dump(exclude={"path"})
        roles["transactions"] = tables.recognise(lines, TRANSACTION_ROLES, given)
        progress.step("Computing RFM")
        rfm = compute(con, lines, roles["transactions"], config=config.rfm, as_of=config.as_of, rejects=rejects,
                      behaviour=True, lang=config.lang)  # fmt: skip
    progress.step("Adding open data")
    enriched = enrich_table(con, customers, roles["customers"], catalogue, sources=config.enrich.sources)
    assembled = assemble(con, enriched, roles["customers"]["id"], rfm.name if rfm else None)
    remarks = [] if rfm is None else [*remarks_on_lines(rfm.counts), *remarks_on_customers(assembled)]
    frame = assembled.frame(con).set_axis(ids.to_numpy(), axis=0)
    return Prepared(inputs, roles, frame, enriched, rfm, assembled, tuple(remarks))


def _ids(con: duckdb.DuckDBPyConnection, customers: tables.Table, column: str | None) -> pd.Series[str]:
    """Return the ids as text; every customer must have one of its own."""
    if column is None:
        raise TableError(
            f"{customers.origin} has no customer id that lieudit recognises: {', '.join(customers.columns)}.",
            expected="a column that identifies each customer",
            fix="Name it in the configuration: customers: {id: COLUMN}.",
        )
    key = tables.identifier(con, customers, column).text
    ids: pd.Series[str] = con.sql(f"SELECT {key} AS customer_id FROM {customers.sql}").df()["customer_id"]
    # Counts, never ids: messages end up in logs.
    if missing := int(ids.isna().sum()):
        raise TableError(f"{missing:,} of {len(ids):,} rows of {customers.origin} have no id in '{column}'.",
                         expected="an id on every row", fix="Complete or remove those rows.")  # fmt: skip
    if len(ids) != (different := ids.nunique()):
        found = f"{customers.origin} has {len(ids):,} rows but only {different:,} different ids in '{column}'."
        raise TableError(found, expected="one row a customer", fix="Remove the duplicates, or name the id column.")
    return ids
