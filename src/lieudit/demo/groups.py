"""The groups that are planted among the fictional customers: how they buy, and what their communes are like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["BACKGROUND", "BACKGROUND_HABIT", "GROUPS", "Group", "Habit", "Leaning"]

# Customers who belong to no group.
BACKGROUND: Final = -1


@dataclass(frozen=True, slots=True)
class Habit:
    """How customers buy; each draws a rate, a basket and dates of their own.

    Attributes
    ----------
    orders_a_year : float
        Median rate while the customer buys.
    basket : float
        Median order, in euros.
    first : tuple of int
        The first order falls so many days before the day of reference, at most and at least.
    last : tuple of int
        Nothing is ordered from so many days before the day of reference on, at most and at least.
    regularity : float
        Shape of the gamma law of gaps between orders: 1 is pure chance, 8 nearly a clock.
    spread : float
        Standard deviation, between customers, of the logarithms of rate and basket.
    """

    orders_a_year: float
    basket: float
    first: tuple[int, int]
    last: tuple[int, int]
    regularity: float
    spread: float = 0.45


@dataclass(frozen=True, slots=True)
class Leaning:
    """A preference for communes above a value of an indicator, or under it where the width is negative.

    The weight of a commune is multiplied by ``1 / (1 + exp(-(x - at) / width))``: a slope and no border, so that
    groups overlap.
    """

    indicator: str
    at: float
    width: float


@dataclass(frozen=True, slots=True)
class Group:
    """A planted group.

    Attributes
    ----------
    name : str
        For people who look at the truth; no step of the training sees it.
    share : float
        Of all customers.
    habit : Habit
    urban_class : str
        Where most of its customers live.
    leanings : tuple of Leaning
        What their communes are like, beside being drawn by population.
    """

    name: str
    share: float
    habit: Habit
    urban_class: str
    leanings: tuple[Leaning, ...]


# Communes are no cloud: seaside resorts, and old towns beside young suburbs, stand apart from the others. A group
# that lived in both would be two groups, and rightly found to be.
_NO_RESORT: Final = Leaning("share_second_homes", 0.12, -0.015)

_SMALL_AND_REGULAR: Final = Habit(orders_a_year=10, basket=24, first=(1000, 420), last=(28, 0), regularity=6)

# Groups 0 and 1 buy alike, by the same Habit: only where they live tells them apart.
GROUPS: Final = (
    Group(
        "small regular baskets, modest dense suburbs", 0.17, _SMALL_AND_REGULAR, "urban",
        (
            Leaning("density_per_km2", 2500, 300),
            Leaning("income_per_inhabitant_eur", 13_500, -600),
            Leaning("share_under_20", 0.285, 0.01),
            Leaning("population", 200_000, -20_000),
        ),
    ),
    Group(
        "small regular baskets, countryside of second homes", 0.15, _SMALL_AND_REGULAR, "rural",
        (
            Leaning("density_per_km2", 50, -6),
            Leaning("share_second_homes", 0.28, 0.04),
            Leaning("share_second_homes", 0.60, -0.04),
        ),
    ),
    Group(
        "rare big baskets, well-off suburbs", 0.14,
        Habit(orders_a_year=2.6, basket=260, first=(1000, 500), last=(150, 0), regularity=3), "urban",
        (
            Leaning("income_per_inhabitant_eur", 22_500, 1000),
            Leaning("density_per_km2", 800, 100),
            Leaning("density_per_km2", 6000, -500),
        ),
    ),
    Group(
        "frequent baskets, regional cities", 0.16,
        Habit(orders_a_year=24, basket=75, first=(1000, 420), last=(14, 0), regularity=2), "urban",
        (
            Leaning("population", 60_000, 6_000),
            Leaning("population", 350_000, -15_000),
            Leaning("density_per_km2", 1500, 150),
            Leaning("density_per_km2", 7000, -500),
            _NO_RESORT,
        ),
    ),
    Group(
        "lapsed, villages of houses around towns", 0.16,
        Habit(orders_a_year=7, basket=60, first=(1060, 720), last=(430, 270), regularity=1.5), "periurban",
        (
            Leaning("share_houses", 0.88, 0.02),
            Leaning("density_per_km2", 60, 8),
            Leaning("density_per_km2", 200, -20),
            _NO_RESORT,
        ),
    ),
    Group(
        "newcomers, small towns", 0.14,
        Habit(orders_a_year=9, basket=45, first=(110, 12), last=(40, 0), regularity=1.2), "periurban",
        (
            Leaning("population", 5_000, 600),
            Leaning("population", 25_000, -2500),
            Leaning("density_per_km2", 350, 30),
            Leaning("density_per_km2", 1200, -100),
            Leaning("share_houses", 0.75, -0.03),
            _NO_RESORT,
        ),
    ),
)  # fmt: skip

# What is left of the shares buys and lives in no particular way.
BACKGROUND_HABIT: Final = Habit(orders_a_year=5, basket=60, first=(1060, 20), last=(420, 0), regularity=1, spread=0.9)
