"""Infogreffe's key figures: the last three years of the companies whose accounts the registries hold."""

from __future__ import annotations

from typing import Final

from lieudit.catalogue.official.by_siren import day, euros, number_of_months, pick, siren
from lieudit.tables import Table

__all__ = ["rows"]

_YEARS: Final = (1, 2, 3)
_FIGURES: Final = {f"{ours}_{n}": (f"{theirs}_{n}",) for n in _YEARS
                   for ours, theirs in (("turnover", "ca"), ("result", "resultat"), ("year", "millesime"))}  # fmt: skip
# An extract may hold the last year alone.
_COLUMNS: Final = {"siren": ("siren",), **{name: known for name, known in _FIGURES.items() if name.endswith("_1")}}
_OPTIONAL: Final = {
    **{name: known for name, known in _FIGURES.items() if name not in _COLUMNS},
    **{f"closed_{n}": (f"date_de_cloture_exercice_{n}", f"date_cloture_exercice_{n}") for n in _YEARS},
    **{f"months_{n}": (f"duree_{n}",) for n in _YEARS},
}


def rows(table: Table) -> str:
    """Return the SELECT of a published file: one row a company and year.

    Its column headers are the technical names (``ca_1``) or the labels (``CA 1``). A year without a closing date is
    taken to close on 31 December. Whether the accounts are full or simplified is not said; consolidated ones are not
    in it.
    """
    cell = pick(table, _COLUMNS, _OPTIONAL)
    return " UNION ALL BY NAME ".join(_one_year(table, cell, n) for n in _YEARS)


def _one_year(table: Table, cell: dict[str, str], n: int) -> str:
    year = f"TRY_CAST(TRY_CAST({cell[f'year_{n}']} AS DOUBLE) AS INTEGER)"
    end_of_year = f"CASE WHEN {year} BETWEEN 1980 AND 2200 THEN make_date({year}, 12, 31) END"
    withheld = " OR ".join(f"{cell[f'{what}_{n}']} ILIKE 'confid%'" for what in ("turnover", "result"))
    turnover, result = euros(cell[f"turnover_{n}"]), euros(cell[f"result_{n}"])
    # Companies with fewer years have empty columns for the others: they say nothing, and are no rows.
    return f"""
    SELECT {siren(cell["siren"])} AS siren,
           coalesce({day(cell[f"closed_{n}"])}, {end_of_year}) AS closed_on,
           {number_of_months(cell[f"months_{n}"])} AS months, CAST(NULL AS VARCHAR) AS accounts_kind,
           {turnover} AS turnover_eur, {result} AS net_result_eur, coalesce({withheld}, false) AS confidential
    FROM {table.sql}
    WHERE coalesce({cell[f"turnover_{n}"]}, {cell[f"result_{n}"]}) IS NOT NULL"""
