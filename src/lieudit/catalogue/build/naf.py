"""The French nomenclature of activities (NAF rev. 2) and the headcount bands of Sirene."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd

from lieudit.catalogue.build.cog import read_json

__all__ = ["read_headcount_bands", "read_naf"]

LEVELS = {"section": "section", "division": "division", "groupe": "group", "classe": "class"}

# trancheEffectifs of Sirene, from INSEE's description of the variables: code, fewest and most employees.
_BANDS = (
    ("NN", None, None), ("00", 0, 0), ("01", 1, 2), ("02", 3, 5), ("03", 6, 9), ("11", 10, 19), ("12", 20, 49),
    ("21", 50, 99), ("22", 100, 199), ("31", 200, 249), ("32", 250, 499), ("41", 500, 999), ("42", 1_000, 1_999),
    ("51", 2_000, 4_999), ("52", 5_000, 9_999), ("53", 10_000, None),
)  # fmt: skip


def read_naf(naf: Path, sirene: Path) -> dict[str, pd.DataFrame]:
    """Build ``table.parquet`` (the 732 sub-classes) and ``levels.parquet`` (every code of the five levels)."""
    records = sorted(read_json(naf / "db").values(), key=lambda record: record["code"])
    english = _english_sections(sirene / "naf.zip")
    table = pd.DataFrame(
        {
            "code": record["code"],
            "label": record["description"].strip(),
            "section": record["section"]["code"],
            "section_label": _sentence(record["section"]["description"]),
            "section_label_en": english[record["section"]["code"]],
            "division": record["division"]["code"],
            "division_label": record["division"]["description"].strip(),
        }
        for record in records
    )
    rows: set[tuple[str, str, str, str | None]] = set()
    for record in records:
        parent = None
        for level, name in LEVELS.items():
            label = record[level]["description"].strip()
            rows.add((record[level]["code"], name, _sentence(label) if level == "section" else label, parent))
            parent = record[level]["code"]
        rows.add((record["code"], "subclass", record["description"].strip(), parent))
    levels = pd.DataFrame(sorted(rows), columns=["code", "level", "label", "parent_code"])
    return {"table": table, "levels": levels}


def read_headcount_bands() -> pd.DataFrame:
    """Build ``table.parquet``: the bands in which Sirene tells the number of employees."""
    return pd.DataFrame(
        [(band, _band_label(low, high), low, high) for band, low, high in _BANDS],
        columns=["band", "label", "headcount_min", "headcount_max"],
    ).astype({"headcount_min": "Int64", "headcount_max": "Int64"})


def _band_label(low: int | None, high: int | None) -> str:
    if low is None:
        return "Non employeur ou effectif inconnu"
    if high is None:
        return f"{low:_} salariés et plus".replace("_", " ")
    if high == 0:
        return "0 salarié"
    return f"{low:_} à {high:_} salariés".replace("_", " ")


def _english_sections(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read("naf2008/int_eng_na_2008_a21.csv").decode("latin-1")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    return {row[1].strip(): _sentence(row[2]) for row in rows if len(row) > 2 and row[1].strip()}


def _sentence(text: str) -> str:
    return " ".join(text.split()).capitalize()
