"""Public services, asked only where the user says so: a geocoder, directories of companies.

The doors are :func:`open_geocoder`, :func:`open_company_search` and :func:`open_sirene_api`; :func:`forget` erases what
services answered.
"""

from lieudit.services.company import Company, Looked
from lieudit.services.company_search import CompanySearch
from lieudit.services.geocoder import Address, Geocoder, Located, Spot
from lieudit.services.insee import SireneApi
from lieudit.services.journal import Journal, forget
from lieudit.services.open import open_company_search, open_geocoder, open_sirene_api

__all__ = [
    "Address",
    "Company",
    "CompanySearch",
    "Geocoder",
    "Journal",
    "Located",
    "Looked",
    "SireneApi",
    "Spot",
    "forget",
    "open_company_search",
    "open_geocoder",
    "open_sirene_api",
]
