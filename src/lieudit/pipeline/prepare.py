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
from lieudit.features import FEATURES, Assembled, Feature, assemble, declared_features
from lieudit.pipeline.online import opened_services
from lieudit.pipeline.remarks import remarks_on_customers, remarks_on_enrichment, remarks_on_lines
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
    customers : tables.Table
        The customer file, or the customers of the transactions.
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
    customers: tables.Table
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
        Where transaction lines that were set aside go; beside it the companies that ambiguous names may be of.

    Raises
    ------
    TableError
        A file cannot be read, a customer has no id, or an id stands twice.
    """
    inputs: dict[str, tables.Table] = {}
    roles: dict[str, dict[str, str]] = {}
    progress.step("Reading")
    features: tuple[Feature, ...] = FEATURES
    if config.customers is not None:
        given = config.customers.model_dump(exclude={"path", "declared"})
        inputs["customers"] = tables.open_table(con, config.customers.path, name="customers")
        roles["customers"] = tables.recognise(inputs["customers"], CUSTOMER_ROLES, given)
        _check_ids(con, inputs["customers"], roles["customers"].get("id"))
        features += declared_features(con, inputs["customers"], config.customers.declared, roles["customers"])
    rfm = None
    if config.transactions is not None:
        given = config.transactions.model_dump(exclude={"path"})
        lines = inputs["transactions"] = tables.open_table(con, config.transactions.path, name="transactions")
        roles["transactions"] = tables.recognise(lines, TRANSACTION_ROLES, given)
        progress.step("Computing RFM")
        rfm = compute(con, lines, roles["transactions"], config=config.rfm, as_of=config.as_of, rejects=rejects,
                      behaviour=True, lang=config.lang)  # fmt: skip
    customers = inputs.get("customers") or _customers_of_transactions(con)
    found = roles.setdefault("customers", {"id": "customer_id"})
    progress.step("Adding open data")
    with opened_services(config.enrich, progress) as services:
        enriched = enrich_table(con, customers, found, catalogue, settings=config.enrich, services=services)
    if enriched.candidates is not None:
        tables.write_table(con, f"FROM {enriched.candidates} ORDER BY row, rank", rejects.with_name("candidates.csv"))
    assembled = assemble(con, enriched, found["id"], rfm.name if rfm else None, features)
    remarks = remarks_on_enrichment(enriched.asked, **enriched.objections)
    if rfm is not None:
        remarks += [*remarks_on_lines(rfm.counts), *remarks_on_customers(assembled)]
    frame = assembled.frame(con).set_axis(assembled.ids(con), axis=0)
    return Prepared(inputs, roles, customers, frame, enriched, rfm, assembled, tuple(remarks))


def _customers_of_transactions(con: duckdb.DuckDBPyConnection) -> tables.Table:
    """Take the customers from the RFM table, where no customer file was given."""
    con.execute("CREATE OR REPLACE TEMP VIEW customers AS SELECT customer_id FROM rfm")
    return tables.Table("customers", ("customer_id",), "the customers of the transactions")


def _check_ids(con: duckdb.DuckDBPyConnection, customers: tables.Table, column: str | None) -> None:
    """Refuse customers without an id of their own, before any work is done."""
    if column is None:
        raise TableError(
            f"{customers.origin} has no customer id that lieudit recognises: {', '.join(customers.columns)}.",
            expected="a column that identifies each customer",
            fix="Name it in the configuration: customers: {id: COLUMN}.",
        )
    key = tables.identifier(con, customers, column).text
    rows, present, different = tables.fetch_one(
        con, f"SELECT count(*), count({key}), count(DISTINCT {key}) FROM {customers.sql}"
    )
    # Counts, never ids: messages end up in logs.
    if missing := rows - present:
        raise TableError(f"{missing:,} of {rows:,} rows of {customers.origin} have no id in '{column}'.",
                         expected="an id on every row", fix="Complete or remove those rows.")  # fmt: skip
    if present != different:
        found = f"{customers.origin} has {rows:,} rows but only {different:,} different ids in '{column}'."
        raise TableError(found, expected="one row a customer", fix="Remove the duplicates, or name the id column.")
