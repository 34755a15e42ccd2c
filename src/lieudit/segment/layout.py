"""Which columns of the matrix belong together, as the methods need to know it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np

from lieudit.features import FEATURES, FittedColumn
from lieudit.segment.model import Integers, Mask, Matrix
from lieudit.segment.valleys import CLOSE

__all__ = ["SHARED", "Columns", "Layout"]

# Customers of one commune share all that is known of it.
SHARED: Final = ("place",)
# By how much groups differ at least in an amount, a number or a time (of 1 + x, as its logarithm is taken): where
# customers are much alike, a standardised column magnifies what hardly differs (two winters in which they began).
RATIO: Final = 1.5
# A growth is a rate already, though its logarithm is taken.
BY_RATIO: Final = frozenset(one.name for one in FEATURES if one.transform != "identity") - {"turnover_growth"}


class Columns(NamedTuple):
    """The numeric columns of a block.

    Attributes
    ----------
    positions : ndarray of int
    shared : bool
        Whether rows share these columns because they share a place: a commune then counts once, however many
        customers live there. A large city is otherwise a crest of its own.
    least : ndarray of shape (n_positions,), or of one for all
        How far apart two groups are at least where they differ in one column only.
    """

    positions: Integers
    shared: bool
    least: Matrix = np.array(CLOSE)


class Layout(NamedTuple):
    """The columns of a balanced matrix.

    Attributes
    ----------
    names : tuple of str
    numeric : ndarray of bool, shape (n_columns,)
        False for the indicators of categories.
    blocks : tuple of Columns
        In the order in which groups are searched; a block of categories alone is not one.
    members : dict of str to ndarray of bool, shape (n_columns,)
        The columns of each block, categories included.
    questions : tuple of ndarray of int
        The columns that flag the categories of each column, but for those of places.
    """

    names: tuple[str, ...]
    numeric: Mask
    blocks: tuple[Columns, ...]
    members: dict[str, Mask]
    questions: tuple[Integers, ...] = ()

    @classmethod
    def of(cls, columns: Sequence[FittedColumn]) -> Self:
        """Describe the columns that a fitted ``BlockScaler`` gives."""
        numeric = np.array([column.category is None for column in columns])
        names = dict.fromkeys(column.block for column in columns)
        members: dict[str, Mask] = {name: np.array([column.block == name for column in columns]) for name in names}
        least = np.array([_least(column) for column in columns])
        blocks = [
            Columns(np.flatnonzero(numeric & own), name in SHARED, least[numeric & own])
            for name, own in members.items()
            if (numeric & own).any()
        ]
        answered = dict.fromkeys(
            (column.block, column.feature)
            for column in columns
            if column.category is not None and column.block not in SHARED
        )
        questions = tuple(
            np.array([at for at, column in enumerate(columns) if (column.block, column.feature) == one])
            for one in answered
        )
        return cls(tuple(column.name for column in columns), numeric, tuple(blocks), members, questions)


def _least(column: FittedColumn) -> float:
    """Return the least difference of two groups in a column, in units of the balanced matrix.

    A component of a block has no ratio; nor has a rate, a share or an answer.
    """
    by_ratio = column.feature in BY_RATIO and column.block not in SHARED
    return math.log(RATIO) / column.scale if by_ratio else CLOSE
