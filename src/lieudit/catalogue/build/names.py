"""Every name under which a commune of today is, or was, known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from lieudit.catalogue.build.cog import Cog, Record, read_json

__all__ = ["KINDS", "fold", "read_names"]

KINDS = ("current", "arrondissement", "delegated", "associated", "former", "routing")
_PART_KINDS = {"commune-deleguee": "delegated", "commune-associee": "associated"}
_TRAILING_ARTICLE = re.compile(r"^(.*?)\s*\((L'?|LA|LE|LES)\s*\)$", re.IGNORECASE)
_HISTORY_PARTS = ("COMA", "COMD", "COMP")


class Name(NamedTuple):
    """A row of ``names.parquet``."""

    name: str
    kind: str
    own_code: str | None
    commune_code: str
    department_code: str
    arrondissement_code: str | None = None
    postcode: str | None = None


def fold(name: str) -> str:
    """Write a name in capitals without accents or abbreviations, its article first, to compare names.

    Examples
    --------
    >>> fold("Saint-Œuf-l'Évêque"), fold("ST OEUF L EVEQUE"), fold("BERNARD (LE)")
    ('SAINT OEUF L EVEQUE', 'SAINT OEUF L EVEQUE', 'LE BERNARD')
    """
    name = _TRAILING_ARTICLE.sub(r"\2 \1", name)
    text = name.upper().replace("Œ", "OE").replace("Æ", "AE")
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return " ".join({"ST": "SAINT", "STE": "SAINTE"}.get(word, word) for word in words)


def read_names(cog: Cog, history: Path, postcodes: Path) -> pd.DataFrame:
    """Build ``names.parquet``.

    Parameters
    ----------
    cog : Cog
    history : Path
        Unpacked folder that holds ``historique-communes.json``.
    postcodes : Path
        Unpacked folder of the postcodes with La Poste's routing labels.

    Returns
    -------
    DataFrame
        Columns of :class:`Name`, one row for each name, commune and department. A name that stands under an
        earlier kind for the same commune and department is not repeated under a later one.
    """
    rows = [
        *_of_today(cog),
        *_of_2020(cog),
        *_of_history(cog, read_json(history / "historique-communes.json")),
    ]
    pairs = read_json(postcodes / "codes-postaux.json")
    rows += _of_2023(cog, pairs)
    rows += _of_routing(cog, [*pairs, *read_json(postcodes / "codes-postaux-full.json")])
    frame = pd.DataFrame(_first(rows), columns=Name._fields)
    return frame.sort_values(
        ["commune_code", "name", "kind", "department_code", "own_code", "postcode"], ignore_index=True
    )


def _first(rows: Iterable[Name]) -> Iterator[Name]:
    """Keep the first row of what reads the same; a row with a postcode only where none holds everywhere."""
    seen = set()
    for row in sorted(rows, key=lambda row: KINDS.index(row.kind)):
        everywhere = (fold(row.name), row.commune_code, row.department_code, row.arrondissement_code)
        if everywhere not in seen and (*everywhere, row.postcode) not in seen:
            seen.add(everywhere if row.postcode is None else (*everywhere, row.postcode))
            yield row


def _of_today(cog: Cog) -> Iterator[Name]:
    for code, row in cog.communes.items():
        yield Name(row["nom"], "current", code, code, row["departement"])
    for code, row in cog.arrondissements.items():
        yield Name(row["nom"], "arrondissement", code, row["commune"], row["departement"], code)
    for row in cog.parts:
        yield from _in_departments(cog, row["nom"], _PART_KINDS[row["type"]], row["code"], row["chefLieu"])


def _of_2020(cog: Cog) -> Iterator[Name]:
    for row in cog.older:
        if row["type"] != "arrondissement-municipal":
            yield from _in_departments(cog, row["nom"], "former", row["code"], cog.present(row["code"]))


def _of_2023(cog: Cog, pairs: list[Record]) -> Iterator[Name]:
    for row in pairs:
        if row["codeCommune"] not in cog.arrondissements:
            yield from _in_departments(
                cog, row["nomCommune"], "former", row["codeCommune"], cog.present(row["codeCommune"])
            )


def _of_history(cog: Cog, records: list[Record]) -> Iterator[Name]:
    """Bring each dated record of a name to 2026: by its own code, else by what became of it until 2019.

    The own code stands first because it knows of the communes re-created since. A code that is alive although
    its record ends without a successor named a group that was dissolved: that name is ambiguous, and left out.
    """
    by_id = {record["id"]: record for record in records}
    for record in records:
        last = _last(record, by_id)
        if last is None and record["code"] in cog.communes:
            continue
        commune = cog.present(record["code"]) or (cog.present(last["code"]) if last else None)
        yield from _in_departments(cog, record["nom"], "former", record["code"], commune,
                                   until=record.get("dateFin", ""))  # fmt: skip


def _last(record: Record, by_id: dict[str, Any]) -> Record | None:
    seen = set()
    while record["id"] not in seen:
        seen.add(record["id"])
        if "dateFin" in record:
            following = record.get("successeur")
        elif record["type"] in _HISTORY_PARTS:
            following = record.get("pole")
        else:
            return record
        if following not in by_id:
            return None
        record = by_id[following]
    return None


def _in_departments(cog: Cog, name: str, kind: str, own: str, commune: str | None, until: str = "") -> Iterator[Name]:
    """Yield the name under the department of today, and under the one of its own code where it was in another.

    The departments of before 1976 (Seine, Seine-et-Oise, undivided Corsica) are left out: nobody writes them,
    and 75 and 78 mean something else today.
    """
    if commune is None or _was_split(cog, name, own, commune):
        return
    present = cog.communes[commune]["departement"]
    yield Name(name, kind, own, commune, present)
    before = own[:3] if own.startswith(("97", "98")) else own[:2]
    if before != present and not (until and until <= "1976-01-01"):
        yield Name(name, kind, own, commune, before)


def _was_split(cog: Cog, name: str, own: str, commune: str) -> bool:
    """Tell whether the name meant more than the commune that still bears its code, others having left it since."""
    return own == commune and own in cog.splits.values() and name not in _names_within(cog, own)


def _names_within(cog: Cog, code: str) -> set[str]:
    return {cog.communes[code]["nom"], *(row["nom"] for row in cog.parts if row["chefLieu"] == code)}


def _of_routing(cog: Cog, pairs: list[Record]) -> Iterator[Name]:
    """Labels that La Poste routes by: a name of the commune, a locality, a neighbour's post office.

    A label that is the name of a commune of the department says nothing new, or belongs to that one.
    """
    claimed = {(row["departement"], fold(row["nom"])) for row in cog.communes.values()}
    for postcode, code, label in sorted({(p["codePostal"], p["codeCommune"], p["libelleAcheminement"]) for p in pairs}):
        commune = cog.present(code)
        if commune is None:
            continue
        department = cog.communes[commune]["departement"]
        if (department, fold(label)) not in claimed:
            yield Name(label, "routing", None, commune, department, cog.arrondissement(code), postcode)
