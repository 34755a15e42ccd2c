"""Communes of today, their postcodes and the CEDEX codes."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from lieudit.catalogue.build.cog import Cog, read_json

__all__ = ["read_cedex", "read_communes", "read_postcodes"]

_CEDEX_NUMBER = re.compile(r"CEDEX (\d+)$")


def read_communes(cog: Cog, folder: Path) -> pd.DataFrame:
    """Build ``table.parquet``: one row a commune, with its department, region, EPCI, population and postcodes."""
    departments = {row["code"]: row["nom"] for row in read_json(folder / "departements.json")}
    regions = {row["code"]: row["nom"] for row in read_json(folder / "regions.json")}
    epci = {
        member["code"]: (row["code"], row["nom"])
        for row in read_json(folder / "epci.json")
        for member in row["membres"]
    }
    rows = [
        {
            "commune_code": code,
            "commune_name": row["nom"],
            "department_code": row["departement"],
            "department_name": departments[row["departement"]],
            "region_code": row["region"],
            "region_name": regions[row["region"]],
            "epci_code": epci.get(code, (None, None))[0],
            "epci_name": epci.get(code, (None, None))[1],
            "population": row.get("population"),
            "postcodes": sorted(row.get("codesPostaux", ())),
        }
        for code, row in sorted(cog.communes.items())
    ]
    return pd.DataFrame(rows).astype({"population": "Int64"})


def read_postcodes(cog: Cog, postcodes: Path) -> pd.DataFrame:
    """Build ``postcodes.parquet``: every postcode with the communes (and arrondissements) that it serves.

    Two lists are joined: the one of the COG of 2026, and the one of 2023 that has La Poste's routing labels.
    Several labels of one pair are joined with ``" / "``.
    """
    labels: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
    for row in cog.communes.values():
        for postcode in row.get("codesPostaux", ()):
            labels[postcode, row["code"], None] |= set()
    for code, row in cog.arrondissements.items():
        for postcode in row.get("codesPostaux", ()):
            labels[postcode, row["commune"], code] |= set()
    for pair in read_json(postcodes / "codes-postaux.json"):
        commune = cog.present(pair["codeCommune"])
        if commune is not None:
            key = (pair["codePostal"], commune, cog.arrondissement(pair["codeCommune"]))
            labels[key].add(pair["libelleAcheminement"])
    # A postcode of an arrondissement is listed for the whole city too: the finer row says the same and more.
    finer = {(postcode, commune) for postcode, commune, part in labels if part is not None}
    rows = [
        (*key, " / ".join(sorted(found)) or None)
        for key, found in labels.items()
        if key[2] is not None or key[:2] not in finer
    ]
    frame = pd.DataFrame(rows, columns=["postcode", "commune_code", "arrondissement_code", "routing_label"])
    return frame.sort_values(["postcode", "commune_code", "arrondissement_code"], ignore_index=True)


def read_cedex(cog: Cog, folder: Path) -> pd.DataFrame:
    """Build ``cedex.parquet``: the communes whose organisations have each CEDEX code.

    Where several stand, the label may decide; the arrondissement is given only where the code has one alone,
    or where the number of the label names one of those that the code has (``PARIS CEDEX 15``).
    """
    parts: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in _literal(folder / "cedex.py", "CEDEX"):
        own = str(row["insee"]).zfill(5)
        commune = cog.present(own)
        if commune is not None:  # Monaco and foreign countries have 99xxx
            parts[str(row["cedex"]).zfill(5), row["libelle"], commune] |= {own}
    rows = [
        (code, label, commune, _certain(label, found & cog.arrondissements.keys(), commune))
        for (code, label, commune), found in parts.items()
    ]
    frame = pd.DataFrame(rows, columns=["cedex_code", "label", "commune_code", "arrondissement_code"])
    return frame.sort_values(["cedex_code", "label", "commune_code"], ignore_index=True)


def read_splits(cog: Cog) -> pd.DataFrame:
    """Build ``splits.parquet``: the communes re-created since 2020, and the commune that each was a part of."""
    return pd.DataFrame(sorted(cog.splits.items()), columns=["commune_code", "left_code"])


def _certain(label: str, found: set[str], commune: str) -> str | None:
    number = _CEDEX_NUMBER.search(label)
    if number is not None:
        first = {"75056": "751", "69123": "6938", "13055": "132"}.get(commune, "")
        named = first + number[1].lstrip("0").rjust(5 - len(first), "0")
        if named in found:
            return named
    return next(iter(found)) if len(found) == 1 else None


def _literal(path: Path, name: str) -> list[dict[str, Any]]:
    """Read a Python file that is one literal assignment, without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return list(ast.literal_eval(node.value))
    raise KeyError(name)
