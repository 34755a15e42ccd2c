"""Public services, asked only where the user says so: a geocoder, directories of companies, their websites.

The doors are :func:`open_geocoder`, :func:`open_company_search`, :func:`open_sirene_api` and :func:`open_websites`;
:func:`forget` erases what they answered.
"""

from lieudit.services.company import Company, Looked
from lieudit.services.company_search import CompanySearch
from lieudit.services.geocoder import Address, Geocoder, Located, Spot
from lieudit.services.insee import SireneApi
from lieudit.services.journal import Journal, forget
from lieudit.services.open import open_company_search, open_geocoder, open_sirene_api, open_websites
from lieudit.services.website import Visited, Website
from lieudit.services.websites import Websites

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
    "Visited",
    "Website",
    "Websites",
    "forget",
    "open_company_search",
    "open_geocoder",
    "open_sirene_api",
    "open_websites",
]
