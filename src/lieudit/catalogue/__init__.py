"""Open-data sources: find, verify, open, attribute.

The door is :func:`open_catalogue`. What it gives stands on disk as one folder a source: in ``enrich/`` of a checkout
or inside an installed wheel (:mod:`lieudit.catalogue.build` makes those), in the user's data folder
(:mod:`lieudit.catalogue.official` fetches those), or in a folder of the user's own.
"""

from lieudit.catalogue.catalogue import Catalogue, open_catalogue
from lieudit.catalogue.check import Problem
from lieudit.catalogue.coverage import Coverage
from lieudit.catalogue.places import locate
from lieudit.catalogue.source import Manifest, Source, Table

__all__ = ["Catalogue", "Coverage", "Manifest", "Problem", "Source", "Table", "locate", "open_catalogue"]
