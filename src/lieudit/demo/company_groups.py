"""The groups that are planted among fictional companies: how they buy, and what companies they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lieudit.demo.groups import Habit

__all__ = ["COMPANY_GROUPS", "CompanyGroup"]


@dataclass(frozen=True, slots=True)
class CompanyGroup:
    """A planted group of companies.

    Attributes
    ----------
    name : str
        For people who look at the truth; no step of the training sees it.
    share : float
        Of all customers.
    habit : Habit
    sections : str
        NAF sections that most of its companies are of, a letter each.
    headcount : tuple of int
        Lower bound of the headcount bands that most of them are in, at least and at most.
    age : tuple of float
        Years, at least and at most; a few are younger or older.
    urban_class : str
        Where most of them are.
    turnover_per_head : float
        Median, in euros.
    growth : float
        Median yearly growth of turnover.
    """

    name: str
    share: float
    habit: Habit
    sections: str
    headcount: tuple[int, int]
    age: tuple[float, float]
    urban_class: str
    turnover_per_head: float
    growth: float


_STEADY: Final = Habit(orders_a_year=14, basket=140, first=(1000, 420), last=(28, 0), regularity=6)

# Groups 0 and 1 buy alike, by the same Habit, in the same kind of place: only what companies they are tells them apart.
COMPANY_GROUPS: Final = (
    CompanyGroup("steady small orders, young shops", 0.17, _STEADY, "G", (1, 1), (1, 5), "urban", 90_000, 0.14),
    CompanyGroup(
        "steady small orders, old industrial firms", 0.16, _STEADY, "C", (10, 50), (20, 60), "urban", 210_000, 0.01
    ),
    CompanyGroup(
        "rare big orders, builders out of town", 0.15,
        Habit(orders_a_year=2.6, basket=2600, first=(1000, 500), last=(150, 0), regularity=3),
        "F", (3, 6), (10, 18), "periurban", 120_000, 0.06,
    ),
    CompanyGroup(
        "frequent orders, growing software firms", 0.15,
        Habit(orders_a_year=30, basket=420, first=(1000, 420), last=(14, 0), regularity=2),
        "J", (6, 20), (4, 9), "urban", 150_000, 0.32,
    ),
    CompanyGroup(
        "lapsed, shrinking farms", 0.15,
        Habit(orders_a_year=7, basket=320, first=(1060, 720), last=(430, 270), regularity=1.5),
        "A", (0, 1), (18, 40), "rural", 60_000, -0.1,
    ),
    CompanyGroup(
        "newcomers, hauliers", 0.14,
        Habit(orders_a_year=10, basket=240, first=(110, 12), last=(40, 0), regularity=1.2),
        "H", (6, 20), (8, 16), "periurban", 110_000, 0.04,
    ),
)  # fmt: skip
