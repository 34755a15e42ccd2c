"""A catalogue of the demo's own: a fictional register and fictional accounts, which say that they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from lieudit.catalogue.source import MANIFEST, sha256
from lieudit.companies.stock import SIRENE
from lieudit.demo.company_groups import COMPANY_GROUPS
from lieudit.demo.stock import STOCK_DAY, write_stock
from lieudit.tables import write_text

__all__ = ["write_accounts", "write_register"]

_ACCOUNTS: Final = "ratios_inpi_bce"
_REGISTER: Final = {
    "units": "StockUniteLegale_utf8.parquet",
    "establishments": "StockEtablissement_utf8.parquet",
    "successions": "StockEtablissementLiensSuccession_utf8.parquet",
}
_TITLES: Final = {
    SIRENE: ("Répertoire d'entreprises fictives", "Register of fictional companies"),
    _ACCOUNTS: ("Comptes d'entreprises fictives", "Accounts of fictional companies"),
}
_YEARS: Final = (2022, 2023, 2024)
_FILED: Final = 0.85  # share of companies whose accounts are public
_COMPANIES: Final = pa.schema(
    [("siren", pa.string()), ("closed_on", pa.date32()), ("months", pa.int32()), ("accounts_kind", pa.string()),
     ("turnover_eur", pa.int64()), ("net_result_eur", pa.int64()), ("confidential", pa.bool_())]
)  # fmt: skip


def write_register(catalogue: Path, establishments: int, seed: int) -> Path:
    """Write the fictional stock as the source ``sirene`` of a catalogue, and return its folder."""
    folder = write_stock(catalogue / SIRENE, establishments, seed)
    _write_manifest(folder, {table: (file, ["siret"]) for table, file in _REGISTER.items()})
    return folder


def write_accounts(rng: np.random.Generator, catalogue: Path, companies: pd.DataFrame) -> None:
    """Write three years of accounts of most companies, as the source ``ratios_inpi_bce`` of a catalogue.

    Parameters
    ----------
    rng : Generator
    catalogue : Path
    companies : DataFrame
        ``siren``, ``headcount`` and ``group``, the number of the planted group or -1.
    """
    filed = companies.drop_duplicates("siren").reset_index(drop=True)
    filed = filed[rng.random(len(filed)) < _FILED].reset_index(drop=True)
    per_head, growth = (_by_group(filed["group"], name) for name in ("turnover_per_head", "growth"))
    staff = filed["headcount"].clip(lower=0).to_numpy(dtype=np.float64) + 1.5
    last = staff * per_head * np.exp(0.2 * rng.normal(size=len(filed)))
    yearly = 1 + growth + 0.02 * rng.normal(size=len(filed))
    margin = 0.05 + 0.04 * rng.normal(size=len(filed))
    rows = []
    for back, year in enumerate(reversed(_YEARS)):
        turnover = np.round(last / yearly**back).astype(np.int64)
        rows.append(
            pd.DataFrame({
                "siren": filed["siren"], "closed_on": dt.date(year, 12, 31), "months": 12, "accounts_kind": "full",
                "turnover_eur": turnover, "net_result_eur": np.round(turnover * margin).astype(np.int64),
                "confidential": False,
            })
        )  # fmt: skip
    folder = catalogue / _ACCOUNTS
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.concat(rows).sort_values(["siren", "closed_on"], ignore_index=True)
    pq.write_table(pa.Table.from_pandas(frame, _COMPANIES, preserve_index=False), folder / "table.parquet")
    _write_manifest(folder, {"table": ("table.parquet", ["siren", "closed_on", "accounts_kind"])})


def _by_group(groups: pd.Series, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a value of each company's group; companies of no group have that of the groups' median."""
    values = [float(getattr(group, name)) for group in COMPANY_GROUPS]
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = np.array([*values, np.median(values)])[groups.to_numpy()]
    return found


def _write_manifest(folder: Path, tables: Mapping[str, tuple[str, list[str]]]) -> None:
    """Say of a source what it is: made up, in the shape of a real one."""
    fr, en = _TITLES[folder.name]
    content = {
        "title": {"fr": fr, "en": en},
        "publisher": "lieudit demo",
        "producer": "lieudit demo",
        "licence": "CC0",
        "licence_url": "",
        "attribution": f"{fr} : données inventées par lieudit demo.",
        "landing_page": "",
        "vintage": "données fictives",
        "updated": dt.date.fromisoformat(STOCK_DAY),
        "packages": [],
        "tables": {
            name: {
                "file": file,
                "sha256": sha256(folder / file),
                "rows": pq.read_metadata(folder / file).num_rows,
                "key": key,
                "columns": [_column(field) for field in pq.read_schema(folder / file)],
            }
            for name, (file, key) in tables.items()
        },
    }
    write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), folder / MANIFEST)


def _column(field: pa.Field) -> dict[str, str]:
    kinds = {"int64": "integer", "int32": "integer", "bool": "boolean", "date32[day]": "date"}
    return {"name": field.name, "type": kinds.get(str(field.type), "text"), "fr": field.name, "en": field.name}
