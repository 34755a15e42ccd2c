"""Filosofi: standards of living, poverty and inequality by commune (INSEE, DGFiP, CNAF, CNAV, CCMSA).

INSEE publishes it in two forms: one column an indicator (``MED21``), with ``s`` for what is withheld and ``nd`` for
what does not exist, and one row an observation, with a status. The vintages up to 2021 and from 2023 on are not
comparable.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from lieudit.catalogue.bring import KEY
from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official.published import Published
from lieudit.catalogue.official.rows import decimal
from lieudit.errors import CatalogueError

__all__ = ["read_2021", "read_2023"]


class _Measure(NamedTuple):
    """How an indicator is called in each form, and what its values are multiplied by."""

    column: str
    observation: str
    factor: float = 1.0
    whole: bool = False


_PERCENT: Final = 0.01
_MEASURES: Final = {
    "median_income_eur": _Measure("MED21", "MED_SL"),
    "share_in_poverty": _Measure("TP6021", "PR_MD60", _PERCENT),
    "income_d1_eur": _Measure("D121", "D1_SL"),
    "income_d9_eur": _Measure("D921", "D9_SL"),
    "income_d9_d1_ratio": _Measure("RD21", "IR_D9_D1_SL"),
    "share_social_benefits": _Measure("PPSOC21", "S_SOC_BEN_DI", _PERCENT),
    "fiscal_households": _Measure("NBMENFISC21", "NUM_HH", whole=True),
}
_OBSERVATIONS: Final = {
    "measure": ("FILOSOFI_MEASURE",),
    KEY: ("GEO",),
    "level": ("GEO_OBJECT",),
    "status": ("CONF_STATUS",),
    "period": ("TIME_PERIOD",),
    "value": ("OBS_VALUE",),
}
_WITHHELD: Final = "C"  # of CONF_STATUS


def read_2021(published: Published, passage: Passage) -> pd.DataFrame:
    """Read incomes of 2021, in either form.

    Returns
    -------
    DataFrame
        ``commune_code``, and the columns of the manifest: euros a year, shares in [0, 1], households.
    """
    del passage
    if published.holds(_OBSERVATIONS):
        return _observations(published, "2021")
    columns = {name: (measure.column,) for name, measure in _MEASURES.items()}
    return _scaled(published.table({KEY: ("CODGEO",), **columns}))


def read_2023(published: Published, passage: Passage) -> pd.DataFrame:
    """Read incomes of 2023; INSEE gives the median and the poverty rate of communes, and nothing else."""
    del passage
    frame = _observations(published, "2023")
    return frame[[KEY, "median_income_eur", "share_in_poverty"]]


def _observations(published: Published, year: str) -> pd.DataFrame:
    """Turn observations of communes and arrondissements into one row each."""
    names = {measure.observation: name for name, measure in _MEASURES.items()}
    where = {"level": ("COM", "ARM"), "period": (year,), "measure": tuple(names)}
    long = published.table(_OBSERVATIONS, where=where)
    if long.duplicated([KEY, "measure"]).any():
        raise CatalogueError(f"{published.name} gives several values of one measure for one commune.", expected="one",
                             fix="The publisher may have changed the file: use a newer lieudit.")  # fmt: skip
    long["value"] = long["value"].where(long["status"] != _WITHHELD, "")
    wide = long.assign(measure=long["measure"].map(names)).pivot(index=KEY, columns="measure", values="value")
    lacking = {name: "" for name in _MEASURES if name not in wide}
    return _scaled(wide.assign(**lacking).fillna("").reset_index())


def _scaled(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn text into numbers, percentages into shares."""
    columns = {KEY: frame[KEY]}
    for name, measure in _MEASURES.items():
        values = decimal(frame[name]).mul(measure.factor).round(4)
        columns[name] = values.round().astype("Int64") if measure.whole else values
    return pd.DataFrame(columns)
