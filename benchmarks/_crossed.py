"""Customer bases where a few habits of buying are crossed with a few kinds of places.

Unlike in `_planted.apart`, nearly every group shares its habit with groups that live elsewhere, and places are shared
too: behaviour alone finds two or three groups, place alone at most five, and only both together find all of them.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from benchmarks._planted import Base, _at_communes, live_where
from lieudit.demo.groups import Habit

HABITS = {
    "every other week, small": Habit(26, 28, (480, 330), (12, 0), 6, 0.2),
    "every other season, dear": Habit(2.6, 420, (900, 650), (120, 20), 5, 0.2),
    "gone for a year and more": Habit(9, 75, (850, 740), (560, 420), 5, 0.2),
    "came once, lately": Habit(0.01, 45, (60, 15), (0, 0), 1, 0.2),
    "every season, middling": Habit(4.2, 130, (800, 560), (60, 10), 6, 0.2),
    "every few days": Habit(60, 85, (260, 180), (4, 0), 4, 0.2),
}

# Kinds of communes, as conditions on the columns of `communes`, and the power of population that homes go by: where it
# is below 1, small communes have their say beside the large ones of their kind.
PLACES = {
    "dense city": ("urban_class == 'urban' and density_per_km2 > 3500 and population > 30000", 0.7),
    "remote rural": (
        "urban_class == 'rural' and density_per_km2 < 25 and income_per_inhabitant_eur < 13500"
        " and share_second_homes < 0.3",
        0.5,
    ),
    "rich periurban": (
        "urban_class == 'periurban' and density_per_km2 < 500 and income_per_inhabitant_eur > 19000"
        " and share_second_homes < 0.1",
        0.5,
    ),
    "resort": ("share_second_homes > 0.6 and density_per_km2 < 200 and income_per_inhabitant_eur > 13000", 0.5),
    "small poor town": (
        "urban_class == 'urban' and 250 <= density_per_km2 <= 1300 and 4000 <= population <= 40000"
        " and income_per_inhabitant_eur < 12400",
        0.5,
    ),
}
CUSTOMERS = (3000, 12_000)
GROUPS = (4, 7)
# Of customers of a group.
SHARES = (0.08, 0.35)
MOST_NOBODY = 0.12


def crossed(seed: int) -> Base:
    """Plant four to seven groups, each a habit at a kind of place, with few habits and places for so many groups."""
    rng = np.random.default_rng([7, seed])
    n, k = (int(rng.integers(least, most + 1)) for least, most in (CUSTOMERS, GROUPS))
    groups = _cells(rng, k)
    planted = n * (1 - rng.uniform(0, MOST_NOBODY))
    sizes = [int(planted * share) for share in _shares(rng, k)]
    homes = []
    for (_, place), size in zip(groups, sizes, strict=True):
        condition, power = PLACES[place]
        homes.append(live_where(rng, condition, size, power))
    base = _at_communes(rng, [HABITS[habit] for habit, _ in groups], sizes, homes, n)
    habits = [habit for habit, _ in groups]
    twins = tuple(group for group, habit in enumerate(habits) if habits.count(habit) > 1)
    return replace(base, twins=twins, planted=groups)


def _cells(rng: np.random.Generator, k: int) -> tuple[tuple[str, str], ...]:
    """Draw `k` pairs of a habit and a place: two or three habits, all of which occur, and a place that occurs twice."""
    own = rng.permutation(list(HABITS))[: 2 if k < 6 else 3].tolist()
    cells = list(product(own, PLACES))
    while True:
        drawn = tuple(cells[cell] for cell in rng.choice(len(cells), k, replace=False))
        if {habit for habit, _ in drawn} == set(own) and len({place for _, place in drawn}) < k:
            return drawn


def _shares(rng: np.random.Generator, k: int) -> np.ndarray:
    """Share customers out, until no group is too small or too large."""
    while True:
        shares = rng.dirichlet(np.full(k, 3.0))
        if shares.min() >= SHARES[0] and shares.max() <= SHARES[1]:
            return shares
