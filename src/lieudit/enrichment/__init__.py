"""Address → commune → indicators; SIRET → status; NAF → sector.

The door is :func:`enrich_table`; :func:`read_ahead` prepares for it while the table is read.
"""

from lieudit.enrichment.added import AddedColumn, Enriched
from lieudit.enrichment.enrich import enrich_table
from lieudit.enrichment.index import read_ahead

__all__ = ["AddedColumn", "Enriched", "enrich_table", "read_ahead"]
