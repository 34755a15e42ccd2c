"""Answers in categories that go together: where no density can be read, a score of them can.

A question alone always parts customers, by its answers: that is no group. Groups are there when the answers to one
question tell those to others, as latent classes do (Lazarsfeld and Henry 1968).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np

from lieudit.segment.model import Integers, Mask, Matrix
from lieudit.segment.valleys import FEWEST, Points, Valley, bottom_between, width_of

__all__ = ["Answers"]

# One question is left out at a time, and one answer is a step: with fewer there is nothing to read between two steps.
QUESTIONS: Final = 3


class Answers(NamedTuple):
    """The answers of customers.

    Attributes
    ----------
    codes : ndarray of int, shape (n_rows, n_questions)
        In an order that means nothing.
    order : ndarray of int, shape (n_rows,)
        The row of each.
    """

    codes: Integers
    order: Integers

    @classmethod
    def of(cls, X: Matrix, questions: Sequence[Integers], rng: np.random.Generator) -> Self:  # noqa: N803
        """Read the answers off the columns that flag them, some for each question."""
        order = rng.permutation(len(X))
        codes = [X[np.ix_(order, flags)].argmax(axis=1) for flags in questions]
        return cls(np.column_stack(codes) if codes else np.zeros((len(X), 0), dtype=np.int64), order)

    def between(self, low: Mask, high: Mask) -> float:
        """Return the depth of the valley between two sets of rows, 1 where there is none.

        Each customer is scored by the odds that the answers give one set over the other (learnt on every other
        customer, read on the rest), one question being left out; the shallowest of these valleys counts. What one
        question parts, the others must part, too.
        """
        if self.codes.shape[1] < QUESTIONS:
            return 1.0
        sides = [self.codes[rows[self.order]] for rows in (low, high)]
        if min(map(len, sides)) < FEWEST:
            return 1.0
        scores = [np.concatenate(parts) for parts in zip(*(_read(sides, own) for own in (0, 1)), strict=True)]
        depth = 0.0
        for left_out in range(self.codes.shape[1]):
            kept = np.arange(self.codes.shape[1]) != left_out
            found = _valley(*(side[:, kept] for side in scores))
            if found is None or not found.certain():
                return 1.0
            depth = max(depth, found.depth)
        return depth


def _read(sides: Sequence[Integers], own: int) -> list[Matrix]:
    """Score every other customer of two sets, question by question, by the log odds learnt on the rest."""
    learnt = [side[own::2] for side in sides]
    read = [side[1 - own :: 2] for side in sides]
    scores = [np.zeros(side.shape) for side in read]
    for question in range(sides[0].shape[1]):
        levels = 1 + max(int(side[:, question].max()) for side in sides)
        counts = [np.bincount(side[:, question], minlength=levels) + 0.5 for side in learnt]
        odds = np.log(counts[1] / counts[1].sum()) - np.log(counts[0] / counts[0].sum())
        for side, score in zip(read, scores, strict=True):
            score[:, question] = odds[side[:, question]]
    return scores


def _valley(low: Matrix, high: Matrix) -> Valley | None:
    """Look for a valley between the scores of two sets; a step of one answer is none."""
    totals = [side.sum(axis=1) for side in (low, high)]
    start, end = (float(total.mean()) for total in totals)
    within = float(np.sqrt(np.mean(np.concatenate([totals[0] - start, totals[1] - end]) ** 2)))
    if end <= start:
        return None
    if within == 0:
        return Valley(0.0, np.inf)
    both = np.concatenate([low, high])
    step = float(np.ptp(both, axis=0).max()) / within
    along = Points((np.concatenate(totals) - start) / within, np.ones(len(both)))
    width = max(width_of(along), step / 2)
    return bottom_between(along, 0.0, (end - start) / within, width)[0]
