"""Address → commune → indicators; SIRET → status; NAF → sector.

The door is :func:`enrich_table`.
"""

from lieudit.enrichment.added import AddedColumn, Enriched
from lieudit.enrichment.enrich import enrich_table

__all__ = ["AddedColumn", "Enriched", "enrich_table"]
