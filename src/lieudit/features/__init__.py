"""Columns of customers become one balanced matrix.

The door is :class:`BlockScaler`: fitted once on the customers of a training, it turns any later customers into
the same columns. The features, their blocks and their transforms are the rows of :data:`FEATURES`.
:func:`assemble` joins what orders say to customers, in training and in scoring.
"""

from lieudit.features.assemble import Assembled, assemble
from lieudit.features.blocks import BLOCKS, FEATURES, Feature
from lieudit.features.scaler import BlockScaler, FittedColumn

__all__ = ["BLOCKS", "FEATURES", "Assembled", "BlockScaler", "Feature", "FittedColumn", "assemble"]
