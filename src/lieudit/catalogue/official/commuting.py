"""Commuting: who works in another commune, and how many jobs there are for each worker (census)."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lieudit.catalogue.bring import KEY
from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official.published import Published
from lieudit.catalogue.official.rows import decimal

__all__ = ["read"]

_COLUMNS: Final = {"home": ("CODGEO",), "work": ("DCLT",), "workers": ("NBFLUX_C*",)}


def read(published: Published, passage: Passage) -> pd.DataFrame:
    """Read flows between communes.

    Both ends are brought to the communes of today before anything is added up, so that those who worked in a commune
    that has merged with theirs since do not count as commuters.

    Returns
    -------
    DataFrame
        ``commune_code``, ``workers`` who live there, ``share_working_elsewhere``, ``jobs_per_worker``; communes, and
        arrondissements of Paris, Lyon and Marseille.
    """
    flows = published.table(_COLUMNS)
    flows["workers"] = decimal(flows["workers"]).fillna(0.0)
    wards = flows[["home", "work"]].isin(list(passage.arrondissements)).any(axis=1)
    found = _summarise(_mapped(flows, passage))
    own = _summarise(flows[wards])
    return pd.concat([found, own[own[KEY].isin(list(passage.arrondissements))]], ignore_index=True)


def _mapped(flows: pd.DataFrame, passage: Passage) -> pd.DataFrame:
    present = {code: passage.present(code) for code in pd.unique(pd.concat([flows["home"], flows["work"]]))}
    # A place of work abroad is no commune, and is not that of the home either.
    return flows.assign(home=flows["home"].map(present), work=flows["work"].map(present).fillna(""))


def _summarise(flows: pd.DataFrame) -> pd.DataFrame:
    living = flows.groupby("home")["workers"].sum()
    working = flows.groupby("work")["workers"].sum()
    staying = flows[flows["home"] == flows["work"]].groupby("home")["workers"].sum()
    living = living[living > 0]
    share = 1 - staying.reindex(living.index, fill_value=0.0) / living
    jobs = working.reindex(living.index, fill_value=0.0) / living
    return pd.DataFrame(
        {
            KEY: living.index.astype("str"),
            "workers": living.round().astype("Int64").to_numpy(),
            "share_working_elsewhere": share.clip(0, 1).round(4).to_numpy(),
            "jobs_per_worker": jobs.round(4).to_numpy(),
        }
    )
