"""Public services, asked only where the user says so: the geocoder of the Géoplateforme.

The door is :func:`open_geocoder`; :func:`forget` erases what services answered.
"""

from lieudit.services.geocoder import Address, Geocoder, Located, Spot
from lieudit.services.journal import Journal, forget
from lieudit.services.open import open_geocoder

__all__ = ["Address", "Geocoder", "Journal", "Located", "Spot", "forget", "open_geocoder"]
