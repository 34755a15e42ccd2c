"""What the rows of the Sirene stock mean for each company that is asked for."""

from __future__ import annotations

import datetime as dt
from typing import Final

from lieudit.catalogue import Catalogue
from lieudit.schema import NAF_COLUMNS, STOCK_COLUMNS
from lieudit.tables import literal

__all__ = ["stock_values"]

# u: the company, e: the establishment, c: what establishments say of the company, k: the key.
_KNOWN: Final = "(u.siren IS NOT NULL OR e.siret IS NOT NULL)"
_CEASED: Final = "coalesce(u.state = 'C', false)"
_SHUT: Final = "coalesce(k.siret IS NOT NULL AND e.state = 'F', false)"
# Until 2023 those who objected were not given out at all.
_WITHHELD: Final = "coalesce(u.status = 'N', false) OR coalesce(e.status = 'N', false)"

_VALUES: Final = {
    "naf": "n.code",
    "naf_label": "n.label",
    "naf_section": "n.section",
    # The company's stands for the establishment's where they have one activity.
    "naf_2025": """coalesce(CASE WHEN k.siret IS NOT NULL THEN e.naf_2025 END,
        CASE WHEN k.siret IS NULL OR e.naf IS NULL OR e.naf = u.naf THEN u.naf_2025 END)""",
    "legal_form": "u.legal_form",
    "legal_form_label": "coalesce(f.label, g.label)",  # of the family where the form is not in the nomenclature
    "company_category": "u.category",
    "headcount_min": "b.headcount_min",
    "headcount_max": "b.headcount_max",
    # A company that ceased keeps the sign of an employer; of many there is no sign, and the band says it: NN is none.
    "employer": f"""CASE WHEN {_CEASED} THEN false ELSE coalesce(u.employer, c.employer,
        CASE WHEN b.headcount_min > 0 THEN true WHEN u.band = 'NN' THEN false END) END""",
    "founded": "u.founded",
    "company_age_years": "CASE WHEN u.founded <= {day} THEN CAST(date_sub('year', u.founded, {day}) AS INTEGER) END",
    "head_office": "CASE WHEN k.siret IS NOT NULL THEN e.head END",
    "open_establishments": f"CASE WHEN {_KNOWN} THEN CAST(coalesce(c.open, 0) AS INTEGER) END",
    "company_state": f"""CASE WHEN {_CEASED} OR {_SHUT} THEN 'closed'
        WHEN coalesce(CASE WHEN k.siret IS NOT NULL THEN e.state END, u.state) = 'A' THEN 'open' END""",
    "closed_on": f"CASE WHEN {_SHUT} THEN e.since WHEN {_CEASED} THEN u.since END",
    "successor_siret": f"CASE WHEN {_CEASED} OR {_SHUT} THEN s.successor_siret END",
    "diffusible": "coalesce(u.status = 'O', false) AND coalesce(e.siret IS NULL OR e.status = 'O', false)",
}


def stock_values(catalogue: Catalogue, day: dt.date, name: str) -> str:
    """Return the query of :func:`lieudit.companies.stock.read_stock`'s table.

    Parameters
    ----------
    catalogue : Catalogue
    day : date
        Of the stock.
    name : str
        Prefix of the temporary tables.
    """
    values = {
        column.name: _VALUES[column.name].replace("{day}", f"DATE '{day}'") for column in (*NAF_COLUMNS, *STOCK_COLUMNS)
    }
    shown = ", ".join(
        f"CASE WHEN {_KNOWN} THEN {value} END AS {column}"
        if column == "diffusible"
        else f"CASE WHEN NOT ({_WITHHELD}) THEN {value} END AS {column}"
        for column, value in values.items()
    )
    return f"""
        SELECT k.siret, k.siren, {shown},
               CASE WHEN NOT ({_WITHHELD}) THEN e.commune_code END AS establishment_commune_code,
               CASE WHEN NOT {_KNOWN} THEN 'not_in_stock' WHEN {_WITHHELD} THEN 'not_diffused'
                    WHEN k.siret IS NOT NULL AND e.siret IS NULL THEN 'establishment_unknown'
                    WHEN u.siren IS NULL THEN 'unit_unknown'
                    WHEN e.siret IS NULL THEN 'head_office_unknown' END AS company_note
        FROM {name}_keys AS k
        LEFT JOIN {name}_units AS u ON u.siren = k.company
        LEFT JOIN {name}_companies AS c ON c.siren = k.company
        LEFT JOIN {name}_chosen AS e ON e.number = k.number
        LEFT JOIN {name}_successors AS s ON s.siret = e.siret
        LEFT JOIN {_table(catalogue, "naf")} AS n
          ON n.code = coalesce(CASE WHEN k.siret IS NOT NULL THEN e.naf END, u.naf)
        LEFT JOIN {_table(catalogue, "legal_forms")} AS f ON f.code = u.legal_form
        LEFT JOIN {_table(catalogue, "legal_forms")} AS g ON g.code = left(u.legal_form, 2)
        LEFT JOIN {_table(catalogue, "headcount_bands")} AS b ON b.band = u.band"""


def _table(catalogue: Catalogue, name: str) -> str:
    return f"read_parquet({literal(catalogue.source(name).path())})"
