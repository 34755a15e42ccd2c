"""Accounts that companies filed (INPI), as the ministry of the economy publishes them with their ratios."""

from __future__ import annotations

from typing import Final

from lieudit.catalogue.official.by_siren import day, euros, pick, siren
from lieudit.tables import Table

__all__ = ["rows"]

_COLUMNS: Final = {
    "siren": ("siren",),
    "closed_on": ("date_cloture_exercice",),
    "turnover": ("chiffre_d_affaires",),
    "result": ("resultat_net",),
    "kind": ("type_bilan",),
}
_OPTIONAL: Final = {"confidentiality": ("confidentiality", "confidentialite")}


def rows(table: Table) -> str:
    """Return the SELECT of a published file: one row a company, closing date and kind of balance sheet.

    What is not public is empty: of confidential accounts both figures, whatever stands there; of those that are public
    in part, a zero, which the publisher writes for what is withheld.
    """
    cell = pick(table, _COLUMNS, _OPTIONAL)
    # ``Public`` alone is public: ``Public Partiel``, ``Public sauf compte de résultat`` are in part.
    state = f"strip_accents(lower(coalesce({cell['confidentiality']}, 'public')))"
    figures = ", ".join(
        f"CASE WHEN public THEN nullif({name}, CASE WHEN partly THEN 0 END) END AS {name}"
        for name in ("turnover_eur", "net_result_eur")
    )
    return f"""
    SELECT siren, closed_on, CAST(NULL AS INTEGER) AS months, accounts_kind, {figures},
           partly AS confidential
    FROM (SELECT {siren(cell["siren"])} AS siren, {day(cell["closed_on"])} AS closed_on,
                 CASE upper({cell["kind"]}) WHEN 'C' THEN 'full' WHEN 'S' THEN 'simplified'
                                            WHEN 'K' THEN 'consolidated' END AS accounts_kind,
                 {euros(cell["turnover"])} AS turnover_eur, {euros(cell["result"])} AS net_result_eur,
                 {state} LIKE 'public%' AS public, {state} <> 'public' AS partly
          FROM {table.sql})"""
