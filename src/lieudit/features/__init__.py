"""Columns of customers become one balanced matrix.

The door is :class:`BlockScaler`: fitted once on the customers of a training, it turns any later customers into
the same columns. The features of every customer file are the rows of :data:`FEATURES`, with their blocks and
transforms; :func:`declared_features` adds the answers that customers gave. :func:`assemble` joins what orders say
to customers, in training and in scoring.
"""

from lieudit.features.assemble import Assembled, assemble
from lieudit.features.blocks import BLOCKS, FEATURES, Feature
from lieudit.features.columns import FittedColumn
from lieudit.features.declared import declared_features
from lieudit.features.scaler import BlockScaler

__all__ = [
    "BLOCKS",
    "FEATURES",
    "Assembled",
    "BlockScaler",
    "Feature",
    "FittedColumn",
    "assemble",
    "declared_features",
]
