"""The B2B demo's files: fictional companies at real communes, their register, their orders, the truth about them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import yaml

from lieudit.catalogue import open_catalogue
from lieudit.config import shipped
from lieudit.demo.addresses import write_names as write_people
from lieudit.demo.company_cells import write_identifiers, write_names
from lieudit.demo.company_choice import choose_companies, read_establishments
from lieudit.demo.company_groups import COMPANY_GROUPS
from lieudit.demo.company_sources import write_accounts, write_register
from lieudit.demo.groups import BACKGROUND, BACKGROUND_HABIT
from lieudit.demo.orders import draw_orders, order_lines
from lieudit.demo.write import DemoFiles, check_size, write_csv, write_truth
from lieudit.tables import write_text

__all__ = ["SOURCES", "write_b2b"]

_EACH: Final = 100  # establishments of the register for a customer: the groups are choosy
_FEWEST: Final = 20_000
SOURCES: Final = "sources"

_README: Final = """\
# Données fictives · Fictional data

Tout est inventé par `lieudit demo --b2b` : entreprises, SIRET, répertoire, comptes, commandes. Seules les communes et
la nomenclature d'activités sont réelles. Si un SIREN est aussi celui d'une entreprise réelle, c'est un hasard : rien de
ce qui est écrit ici ne la concerne.

Everything is made up by `lieudit demo --b2b`: companies, SIRETs, the register, accounts, orders. Only communes and the
nomenclature of activities are real. Where a SIREN happens to be that of a real company, nothing here is about it.

sources/ holds the fictional register and accounts: a catalogue of this demo's own, which demo.yaml names, and which no
other run reads. truth.parquet holds the group that each customer was planted in, -1 for none. It is not read in
training; it only serves to say how well the groups were found again.

{customers} customers, seed {seed}. Both CSV files are as a French firm's software often writes them: semicolons,
Windows-1252, decimal commas, SIRETs that went through a spreadsheet.
"""


def write_b2b(folder: Path, *, customers: int = 2500, seed: int = 0) -> DemoFiles:
    """Write fictional companies, a register that knows them, their orders, and a configuration to train on them.

    Six groups are planted, two of which buy alike and differ only by what companies they are; about one customer in
    twelve belongs to none. docs/demo.md says how.

    Parameters
    ----------
    folder : Path
        Made if need be; files of the same names are replaced.
    customers : int
        How many, 100 at least.
    seed : int
        The same seed and catalogue give the same files.

    Returns
    -------
    DemoFiles

    Raises
    ------
    InputError
        Too few customers.
    """
    check_size(customers, len(COMPANY_GROUPS))
    files = DemoFiles.within(folder, "companies.csv")
    content = yaml.safe_load(shipped("demo_b2b.yaml").read_text(encoding="utf-8")) | {"train": {"seed": seed}}
    rng = np.random.default_rng(seed)
    register = write_register(folder / SOURCES, max(_EACH * customers, _FEWEST), seed)
    companies, orders = _draw(rng, register, customers)
    write_accounts(rng, folder / SOURCES, companies)
    cells = write_identifiers(rng, companies["siret"])
    names = companies["name"].where(companies["name"].notna(), write_people(rng, customers))
    write_csv(pd.DataFrame({
        "N° client": companies["id"], "Raison sociale": write_names(rng, names), "SIRET": cells["siret"],
        "Code postal": companies["postcode"], "Ville": companies["city"].str.replace("œ", "oe").str.replace("Œ", "Oe"),
    }), files.customers)  # fmt: skip
    write_csv(order_lines(rng, orders, pd.Timestamp(content["as_of"])), files.orders)
    named = {number: group.name for number, group in enumerate(COMPANY_GROUPS)}
    write_truth(companies.assign(spelling=cells["spelling"]), named, files.truth, ["siret", "spelling"])
    write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), files.config)
    write_text(_README.format(customers=customers, seed=seed), files.readme)
    return files


def _draw(rng: np.random.Generator, register: Path, customers: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the companies, in the order of ids that say nothing of their group, and their orders."""
    left = read_establishments(register, open_catalogue())
    sizes = [int(group.share * customers) for group in COMPANY_GROUPS]
    planted = [*enumerate(COMPANY_GROUPS), (BACKGROUND, None)]
    chosen, orders, count = [], [], 0
    for (number, group), size in zip(planted, [*sizes, customers - sum(sizes)], strict=True):
        drawn = left.iloc[choose_companies(rng, left, group, size)]
        left = left.drop(index=drawn.index)
        chosen.append(drawn.assign(group=number))
        own = draw_orders(rng, group.habit if group else BACKGROUND_HABIT, size)
        orders.append(own.assign(customer=own["customer"] + count))
        count += size
    companies = pd.concat(chosen, ignore_index=True)
    position = rng.permutation(customers)
    companies["id"] = "E" + pd.Series(position + 1).astype(str).str.zfill(len(str(customers)))
    all_orders = pd.concat(orders, ignore_index=True)
    all_orders["customer"] = companies["id"].to_numpy()[all_orders["customer"]]
    return companies.sort_values("id", ignore_index=True), all_orders
