"""Estimates in the place of what is withheld, where the user asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb
import pandas as pd

from lieudit.catalogue import Catalogue, Source
from lieudit.catalogue.bring import ESTIMATED
from lieudit.catalogue.estimate import HELPER, estimate, read_surroundings
from lieudit.catalogue.indicators import key_of
from lieudit.schema import Column
from lieudit.tables import quote

__all__ = ["fill_in"]

# What is withheld of small communes, and varies smoothly from one commune to the next.
_NAMES: Final = frozenset(
    {HELPER, "median_income_eur", "share_in_poverty", "income_d1_eur", "income_d9_eur", "income_d9_d1_ratio",
     "share_social_benefits"}
)  # fmt: skip
_DECIMALS: Final = {"eur": 0, "share": 4, "ratio": 2}
_KEY: Final = "commune_code"
Pair = tuple[Source, Column]


def fill_in(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, pairs: Sequence[Pair], relations: dict[str, str]
) -> tuple[Pair, ...]:
    """Make tables in which estimates stand where values are withheld.

    Parameters
    ----------
    con : DuckDBPyConnection
    catalogue : Catalogue
    pairs : sequence of (Source, Column)
    relations : dict of str to str
        Those of the sources concerned are replaced.

    Returns
    -------
    tuple of (Source, Column)
        ``pairs``, each indicator that may be estimated followed by ``<indicator>_estimated``.
    """
    chosen = {(source.name, column.name) for source, column in pairs if _may_be(source, column)}
    for name in sorted({source for source, _ in chosen}):
        frame = con.execute(f"SELECT * FROM {relations[name]}").df().set_index(_KEY)
        for column in sorted(column for source, column in chosen if source == name):
            unit = next(each.unit for _, each in pairs if each.name == column)
            frame = _filled(frame, column, _DECIMALS[unit], catalogue)
        table = f"lieudit_estimated_{name}"
        con.register("lieudit_filled", frame.reset_index())
        con.execute(f"CREATE OR REPLACE TEMP TABLE {quote(table)} AS SELECT * FROM lieudit_filled")
        con.unregister("lieudit_filled")
        relations[name] = quote(table)
    flags = {(source, column + ESTIMATED) for source, column in chosen}
    kept = [pair for pair in pairs if (pair[0].name, pair[1].name) not in flags]
    return tuple(
        each
        for source, column in kept
        for each in ((source, column), *([(source, _flag(column))] if (source.name, column.name) in chosen else ()))
    )


def _may_be(source: Source, column: Column) -> bool:
    return column.name in _NAMES and source.origin != "own" and key_of(source) == _KEY


def _flag(column: Column) -> Column:
    return Column(
        column.name + ESTIMATED, "boolean", "", f"Valeur estimée : {column.fr}", f"Estimated value: {column.en}"
    )


def _filled(frame: pd.DataFrame, column: str, decimals: int, catalogue: Catalogue) -> pd.DataFrame:
    """Put estimates into a column, with a flag."""
    values = frame[column].astype("float64")
    helper = None if column == HELPER else _helper(catalogue)
    made = estimate(values, read_surroundings(catalogue), helper).round(decimals)
    wider = frame.reindex(frame.index.union(made.index).rename(_KEY))
    filled = values.reindex(wider.index).fillna(made)
    flag = wider[column + ESTIMATED] if column + ESTIMATED in wider else pd.Series(False, wider.index)
    flag = flag.astype("boolean").fillna(False) | wider.index.isin(made.index)
    wider[column] = filled
    wider[column + ESTIMATED] = flag.mask(filled.isna())
    return wider


def _helper(catalogue: Catalogue) -> pd.Series[float]:
    table = pd.read_parquet(catalogue.source("income").path(), columns=[_KEY, HELPER])
    values: pd.Series[float] = table.set_index(_KEY)[HELPER]
    return values
