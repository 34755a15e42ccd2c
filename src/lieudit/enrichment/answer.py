"""What is said of an address."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["CONFIDENCE", "Answer", "refuse"]

# How often answers of each kind are right, rounded down: measured on damaged real addresses
# (benchmarks/enrich_damage.py) and on the annuaire's schools; tests hold that none is right less often.
CONFIDENCE: Final = {
    "postcode_name": 0.99,
    "former_commune": 0.97,
    "cedex": 0.95,
    "cedex/part": 0.9,
    "department_name": 0.95,
    "department_name/part": 0.9,
    "insee_code": 0.97,
    "postcode_typo": 0.9,
    "fuzzy": 0.9,
    "fuzzy/spacing": 0.95,
    "fuzzy/articles": 0.95,
    "name_only": 0.9,
    "postcode_only": 0.95,
    "postcode_only/unknown_locality": 0.7,
    "coordinates": 0.99,
}


class Answer(NamedTuple):
    """A row's columns of ``schema.COMMUNE_COLUMNS``, but for the name.

    ``note`` says why there is no commune, or what is odd about the one there is.
    """

    commune: str
    arrondissement: str
    status: str
    method: str
    confidence: float
    note: str = ""


def refuse(status: str, note: str) -> Answer:
    """Give no commune."""
    return Answer("", "", status, "", 0.0, note)
