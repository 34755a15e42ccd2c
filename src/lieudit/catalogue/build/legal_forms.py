"""The legal forms of companies: INSEE's catégories juridiques."""

from __future__ import annotations

from importlib.resources import files

import pandas as pd

__all__ = ["read_legal_forms"]


def read_legal_forms() -> pd.DataFrame:
    """Build ``table.parquet``: the families (two digits) and the forms (four), each form with its family's label."""
    with files(__package__).joinpath("legal_forms.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    families = table[table["code"].str.len() == 2].set_index("code")["label"]
    return table.assign(family=table["code"].str[:2], family_label=table["code"].str[:2].map(families))
