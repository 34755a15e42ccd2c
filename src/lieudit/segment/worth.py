"""What groups are worth: how much of what customers spend later they explain, and how alike their members are.

Nothing here knows how groups were made: labels and amounts in, estimates with their intervals out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from lieudit.segment.model import Integers, Matrix

__all__ = ["METRIC", "Estimate", "Explained", "explain", "homogeneity"]

# Spending is heavy-tailed: in euros, the square of a few large customers would be all that there is to explain.
METRIC: Final = "R² of log(1 + spend after the cut), held-out customers"
FOLDS: Final = 5
DRAWS: Final = 1_000
LEVEL: Final = 0.95
# Draws made at once: memory is so many rows of as many columns as there are customers.
_CHUNK: Final = 50
_TOP: Final = 0.1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval, by the percentiles of a bootstrap over customers."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Explained:
    """What a way of grouping customers says of their later spending.

    Attributes
    ----------
    groups : int
        How many groups there are.
    r2 : Estimate
        Share of the variance of log(1 + spend) explained, on held-out customers; under 0 where the groups' means say
        less than the mean of all.
    lift : Estimate
        What the tenth of the customers expected to spend most did spend, over what as many at random would have.
    """

    groups: int
    r2: Estimate
    lift: Estimate


def explain(
    spend: Matrix,
    groupings: Mapping[str, Sequence[Integers]],
    differences: Sequence[tuple[str, str]],
    seed: int,
) -> tuple[dict[str, Explained], dict[tuple[str, str], Estimate]]:
    """Explain spending by groups, each customer by means learnt on others.

    Customers are dealt into five folds; what one fold's customers are expected to spend is learnt on the other four.
    Means of small groups lean towards those of the larger groups that they are part of, by as much as
    credibility theory says (Bühlmann 1967; by levels, Jewell 1975), so that fine groups are not punished for being
    fine: where they say nothing more, they explain as much as the coarse ones.

    Parameters
    ----------
    spend : ndarray of shape (n_customers,)
        After the cut; 0 and more.
    groupings : mapping of str to sequence of ndarray of shape (n_customers,)
        Labels; several are taken one inside the other, the first one first.
    differences : sequence of (str, str)
        Pairs of groupings to compare: the first less the second, on the same draws of customers.
    seed : int
        Of the folds and of the draws. Results depend on the order of customers.

    Returns
    -------
    explained : dict of str to Explained
    differences : dict of (str, str) to Estimate
        Differences of R².

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels, other = rng.integers(0, 2, 500), rng.integers(0, 2, 500)
    >>> spend = np.exp(labels + rng.normal(0, 1, 500))
    >>> explained, differences = explain(spend, {"real": [labels], "chance": [other]}, [("real", "chance")], 0)
    >>> round(explained["real"].r2.value, 1), differences["real", "chance"].low > 0
    (0.3, True)
    """
    rng = np.random.default_rng(seed)
    folds = rng.permutation(len(spend)) % FOLDS
    target = np.log1p(spend)
    cells = {name: _crossed(labels) for name, labels in groupings.items()}
    scores = {}
    for name, levels in cells.items():
        log_mean, mean = _expected(levels, target, folds), _expected(levels, spend, folds)
        scores[name] = _Score.of(target, spend, log_mean, mean)
    whole = {name: score.of_draws(np.ones((1, len(spend)))) for name, score in scores.items()}
    drawn = _draws(scores, len(spend), rng)
    explained = {
        name: Explained(
            groups=int(levels[-1].max()) + 1,
            r2=_estimate(whole[name][0], drawn[name][0]),
            lift=_estimate(whole[name][1], drawn[name][1]),
        )
        for name, levels in cells.items()
    }
    return explained, {
        (one, other): _estimate(whole[one][0] - whole[other][0], drawn[one][0] - drawn[other][0])
        for one, other in differences
    }


def homogeneity(matrix: pd.DataFrame, groupings: Mapping[str, Integers]) -> dict[str, dict[str, float]]:
    """Return the standard deviation left within groups, as a share of that of all customers.

    More groups leave less, whatever they are: it compares groupings of about as many groups.

    Parameters
    ----------
    matrix : DataFrame of shape (n_customers, n_columns)
        Numbers, on the scale on which they are compared.
    groupings : mapping of str to ndarray of shape (n_customers,)

    Returns
    -------
    dict of str to dict of str to float
        By column, then by grouping: 1 where groups say nothing, 0 where their members are all alike. Degrees of
        freedom are counted, so that groups at random give 1. Columns that do not vary are left out.

    Examples
    --------
    >>> table = pd.DataFrame({"recency_days": [1.0, 1.2, 5.0, 5.2]})
    >>> round(homogeneity(table, {"rules": np.array([0, 0, 1, 1])})["recency_days"]["rules"], 3)
    0.061
    """
    found = {}
    for name in matrix.columns:
        values = matrix[name].to_numpy(dtype=np.float64)
        total = float(values.var(ddof=1)) if len(values) > 1 else 0.0
        if total > 0:
            found[str(name)] = {
                grouping: float(np.sqrt(_within(_codes(labels), values) / total))
                for grouping, labels in groupings.items()
            }
    return found


def _within(codes: Integers, values: Matrix) -> float:
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=values) / sizes
    left = len(values) - len(sizes)
    return float(((values - means[codes]) ** 2).sum() / left) if left else 0.0


def _codes(labels: Integers) -> Integers:
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def _crossed(labellings: Sequence[Integers]) -> list[Integers]:
    """Return the groups of each level: of the first labels, of the first two crossed, and so on."""
    levels: list[Integers] = []
    for labels in labellings:
        own = _codes(labels)
        levels.append(own if not levels else _codes(levels[-1] * (int(own.max()) + 1) + own))
    return levels


def _expected(levels: Sequence[Integers], values: Matrix, folds: Integers) -> Matrix:
    """Return what each customer is expected to have, by the means of the groups, learnt without its fold."""
    expected = np.empty_like(values)
    for fold in range(FOLDS):
        held = folds == fold
        known, left = values[~held], np.zeros(int(held.sum()))
        for codes in levels:
            means = _credible(codes[~held], known, int(codes.max()) + 1)
            known = known - means[codes[~held]]
            left = left + means[codes[held]]
        expected[held] = left
    return expected


def _credible(codes: Integers, values: Matrix, groups: int) -> Matrix:
    """Return the mean of each group, drawn to that of all: n / (n + within variance / between variance) is its own."""
    sizes = np.bincount(codes, minlength=groups).astype(np.float64)
    overall, count, present = float(values.mean()), len(values), int((sizes > 0).sum())
    if present < 2 or count <= present:
        return np.full(groups, overall)
    away = np.bincount(codes, weights=values - overall, minlength=groups) / np.maximum(sizes, 1)
    among = float((sizes * away**2).sum())
    within = (float(((values - overall) ** 2).sum()) - among) / (count - present)
    between = (among - (present - 1) * within) / (count - float((sizes**2).sum()) / count)
    if between <= 0:
        return np.full(groups, overall)
    own = np.divide(sizes, sizes + max(within, 0.0) / between, out=np.zeros(groups), where=sizes > 0)
    return np.asarray(overall + own * away)


@dataclass(frozen=True, slots=True)
class _Score:
    """Sums over customers from which R² and lift follow, so that a draw of customers is a product of matrices.

    Attributes
    ----------
    squares : ndarray of shape (n_customers, 3)
        Of the residual; the target, centred; its square.
    cells : sparse array of shape (n_cells, n_customers)
        Customers of each expected value, the highest first.
    spent : ndarray of shape (n_customers,)
    """

    squares: Matrix
    cells: csr_array
    spent: Matrix

    @classmethod
    def of(cls, target: Matrix, spend: Matrix, log_mean: Matrix, mean: Matrix) -> _Score:
        centred = target - target.mean()
        squares = np.column_stack([(target - log_mean) ** 2, centred, centred**2])
        _, codes = np.unique(-mean, return_inverse=True)
        ones, rows = np.ones(len(codes)), np.arange(len(codes))
        return cls(squares, csr_array((ones, (codes, rows)), shape=(int(codes.max()) + 1, len(codes))), spend)

    def of_draws(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Return R² and lift for each row of weights, which say how often each customer was drawn."""
        residual, total, square = (weights @ self.squares).T
        count = weights.sum(axis=1)
        variance = square - total**2 / count
        r2 = 1 - np.divide(residual, variance, out=np.ones_like(residual), where=variance > 0)
        sizes = (self.cells @ weights.T).T
        money = (self.cells @ (weights * self.spent).T).T
        # Customers expected to spend the same are as good as one another: the last of them count in part.
        before = np.cumsum(sizes, axis=1) - sizes
        taken = np.clip(_TOP * count[:, np.newaxis] - before, 0, sizes)
        top = (taken * np.divide(money, sizes, out=np.zeros_like(money), where=sizes > 0)).sum(axis=1)
        whole = money.sum(axis=1)
        return r2, np.divide(top, _TOP * whole, out=np.ones_like(top), where=whole > 0)


def _draws(scores: Mapping[str, _Score], count: int, rng: np.random.Generator) -> dict[str, tuple[Matrix, Matrix]]:
    """Draw customers with replacement, the same ones for all groupings."""
    parts: dict[str, list[tuple[Matrix, Matrix]]] = {name: [] for name in scores}
    for _ in range(DRAWS // _CHUNK):
        positions = rng.integers(0, count, (_CHUNK, count)) + np.arange(_CHUNK)[:, np.newaxis] * count
        weights = np.bincount(positions.ravel(), minlength=_CHUNK * count).reshape(_CHUNK, count).astype(np.float64)
        for name, score in scores.items():
            parts[name].append(score.of_draws(weights))
    return {
        name: (np.concatenate([r2 for r2, _ in own]), np.concatenate([lift for _, lift in own]))
        for name, own in parts.items()
    }


def _estimate(value: npt.ArrayLike, drawn: Matrix) -> Estimate:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(np.ravel(value)[0]), float(low), float(high))
