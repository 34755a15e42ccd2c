"""SIRET → company: identifiers, the activity that they lead to, and what is published of a company."""

from lieudit.companies.naf import label_naf
from lieudit.companies.siret import clean_siret, identify, identify_pair
from lieudit.companies.stock import Stock, open_stock, read_stock

__all__ = ["Stock", "clean_siret", "identify", "identify_pair", "label_naf", "open_stock", "read_stock"]
