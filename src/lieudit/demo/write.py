"""The demo's files: fictional customers at real communes, their orders, and the truth about them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import pandas as pd
import yaml

from lieudit.catalogue import open_catalogue
from lieudit.config import shipped
from lieudit.demo.addresses import write_addresses, write_names
from lieudit.demo.groups import BACKGROUND, BACKGROUND_HABIT, GROUPS
from lieudit.demo.orders import draw_orders, order_lines
from lieudit.demo.places import choose_communes, read_communes
from lieudit.errors import InputError
from lieudit.tables import connect, write_table, write_text

__all__ = ["DemoFiles", "check_size", "write_csv", "write_demo", "write_truth"]

FEWEST: Final = 100

_README: Final = """\
# Données fictives · Fictional data

customers.csv et orders.csv sont inventés par `lieudit demo` : personnes, rues, numéros, commandes et articles
n'existent pas. Seules les communes sont réelles. Toute ressemblance serait un hasard.

customers.csv and orders.csv are made up by `lieudit demo`: people, streets, numbers, orders and articles do not
exist. Only the communes are real. Any resemblance would be chance.

truth.parquet holds the group that each customer was planted in, -1 for none. It is not read in training; it only
serves to say how well the groups were found again.

{customers} customers, seed {seed}. Both CSV files are as a French shop's software often writes them: semicolons,
Windows-1252, decimal commas, addresses in disorder.
"""


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """What :func:`write_demo` wrote.

    Attributes
    ----------
    folder : Path
    customers, orders : Path
        CSV, semicolons, Windows-1252, French headers.
    config : Path
        ``demo.yaml``, for ``lieudit train``.
    truth : Path
        Parquet: ``customer_id``, ``group`` (-1 for none), ``group_name``, ``commune_code``.
    readme : Path
        Says that all of this is fictional.
    """

    folder: Path
    customers: Path
    orders: Path
    config: Path
    truth: Path
    readme: Path

    @classmethod
    def within(cls, folder: Path, customers: str) -> Self:
        """Name the files of a folder, the customers' as given."""
        names = (customers, "orders.csv", "demo.yaml", "truth.parquet", "README.txt")
        return cls(folder, *(folder / name for name in names))


def write_demo(folder: Path, *, customers: int = 5000, seed: int = 0) -> DemoFiles:
    """Write fictional customers at real communes, their orders, and a configuration to train on them.

    Six groups are planted, two of which buy alike and differ only by where they live; about one customer in
    twelve belongs to none. docs/demo.md says how.

    Parameters
    ----------
    folder : Path
        Made if need be; files of the same names are replaced.
    customers : int
        How many, 100 at least.
    seed : int
        The same seed and catalogue give the same files, byte for byte.

    Returns
    -------
    DemoFiles

    Raises
    ------
    InputError
        Too few customers.
    """
    check_size(customers, len(GROUPS))
    files = DemoFiles.within(folder, "customers.csv")
    content = yaml.safe_load(shipped("demo.yaml").read_text(encoding="utf-8")) | {"train": {"seed": seed}}
    as_of = pd.Timestamp(content["as_of"])
    rng = np.random.default_rng(seed)
    people, orders = _draw(rng, customers)
    joined = as_of - pd.to_timedelta(orders.groupby("customer")["ago"].max().reindex(people["id"]).to_numpy(), unit="D")
    written = write_addresses(rng, people)
    write_csv(pd.DataFrame({
        "N° client": people["id"], "Nom": write_names(rng, customers), "Adresse": written["address"],
        "Code postal": written["postcode"], "Ville": written["city"], "Inscription": joined.strftime("%d/%m/%Y"),
    }), files.customers)  # fmt: skip
    write_csv(order_lines(rng, orders, as_of), files.orders)
    write_truth(people, {number: group.name for number, group in enumerate(GROUPS)}, files.truth)
    write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), files.config)
    write_text(_README.format(customers=customers, seed=seed), files.readme)
    return files


def _draw(rng: np.random.Generator, customers: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the customers, in the order of ids that say nothing of their group, and their orders."""
    communes = read_communes(open_catalogue())
    sizes = [int(group.share * customers) for group in GROUPS]
    planted = [*enumerate(GROUPS), (BACKGROUND, None)]
    groups, places, orders, count = [], [], [], 0
    for (number, group), size in zip(planted, [*sizes, customers - sum(sizes)], strict=True):
        groups += [number] * size
        places.append(choose_communes(rng, communes, group, size))
        own = draw_orders(rng, group.habit if group else BACKGROUND_HABIT, size)
        orders.append(own.assign(customer=own["customer"] + count))
        count += size
    people = communes.iloc[np.concatenate(places)].reset_index(drop=True).assign(group=groups)
    position = rng.permutation(customers)
    people["id"] = "C" + pd.Series(position + 1).astype(str).str.zfill(len(str(customers)))
    all_orders = pd.concat(orders, ignore_index=True)
    all_orders["customer"] = people["id"].to_numpy()[all_orders["customer"]]
    return people.sort_values("id", ignore_index=True), all_orders


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write as a French shop's software does: semicolons, Windows-1252."""
    text = io.StringIO()
    frame.to_csv(text, sep=";", index=False, lineterminator="\n")
    write_text(text.getvalue(), path, encoding="cp1252")


def write_truth(people: pd.DataFrame, groups: Mapping[int, str], path: Path, also: Sequence[str] = ()) -> None:
    """Write who was planted where.

    Parameters
    ----------
    people : DataFrame
        ``id``, ``group``, ``commune_code``.
    groups : mapping of int to str
        The groups' names.
    path : Path
    also : sequence of str
        Further columns of `people`.
    """
    truth = pd.DataFrame({
        "customer_id": people["id"], "group": people["group"].astype("int64"),
        "group_name": people["group"].map({**groups, BACKGROUND: "none"}), "commune_code": people["commune_code"],
        **{name: people[name] for name in also},
    })  # fmt: skip
    with connect() as con:
        con.register("truth", truth)
        write_table(con, "SELECT * FROM truth", path)


def check_size(customers: int, groups: int) -> None:
    """Refuse too few customers.

    Raises
    ------
    InputError
    """
    if customers < FEWEST:
        raise InputError(f"{customers} customers are too few for {groups} groups.",
                         expected=f"at least {FEWEST}", fix=f"Give --customers {FEWEST} or more.")  # fmt: skip
