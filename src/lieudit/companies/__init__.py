"""SIRET → company: identifiers, the activity that they lead to, and what is published of a company."""

from lieudit.companies.naf import label_naf
from lieudit.companies.siret import clean_siret, identify, identify_pair

__all__ = ["clean_siret", "identify", "identify_pair", "label_naf"]
