"""Customer bases with a known truth: groups that buy alike and live apart, no groups, groups that rules see.

Every generator takes a seed, and draws from it the size of the base, how many groups there are, how large they are,
who belongs to none, and which columns are known. Orders are drawn one by one and measured as `lieudit train` does;
homes are real communes, or columns of numbers like those of no real place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from lieudit.catalogue import open_catalogue
from lieudit.config import RfmConfig
from lieudit.demo.groups import Habit
from lieudit.demo.orders import draw_orders
from lieudit.rfm_analysis import compute, segment_of
from lieudit.tables import connect, literal, open_table

NOBODY = -1
SIZES = (2000, 4000, 8000, 20_000)
AS_OF = pd.Timestamp("2025-12-31")
BEHAVIOUR = ["recency_days", "frequency", "monetary", "mean_basket", "tenure_days", "order_gap_cv"]
PLACE = [
    "income_per_inhabitant_eur", "density_per_km2", "share_under_20", "share_65_plus", "share_houses",
    "share_second_homes", "share_vacant_homes", "share_social_housing", "urban_class",
]  # fmt: skip

HABITS = {
    "loyal": Habit(14, 45, (900, 400), (20, 0), 4, 0.3),
    "big and rare": Habit(2.4, 320, (900, 400), (150, 0), 3, 0.3),
    "once": Habit(0.01, 40, (150, 20), (0, 0), 1, 0.35),
    "lapsed": Habit(7, 70, (1000, 700), (420, 270), 1.2, 0.3),
    "new": Habit(18, 55, (110, 50), (15, 0), 1, 0.3),
    "small and regular": Habit(6, 18, (1000, 500), (50, 0), 8, 0.3),
    "once and big": Habit(0.01, 400, (700, 300), (0, 0), 1, 0.35),
}
ANY_HABIT = Habit(5, 60, (1060, 20), (420, 0), 1, 0.9)

# Kinds of communes, as conditions on the columns of `communes`.
HOMES = {
    "metropolis": "density_per_km2 >= 3000 and population > 30000",
    "town": "5000 <= population <= 40000 and 200 <= density_per_km2 <= 1500",
    "countryside": "density_per_km2 < 60 and population < 2000",
    "well-off suburb": "income_per_inhabitant_eur > 22000 and density_per_km2 > 600 and population > 3000",
    "modest suburb": "income_per_inhabitant_eur < 13000 and density_per_km2 > 800 and population > 10000",
    "holiday": "share_second_homes > 0.45 and population > 300",
    "villages": "90 <= density_per_km2 <= 250 and 800 <= population <= 5000",
    "anywhere": "population > 0",
}
APART = [
    ("metropolis", "countryside"), ("metropolis", "holiday"), ("modest suburb", "countryside"), ("town", "holiday"),
    ("well-off suburb", "countryside"), ("modest suburb", "holiday"), ("well-off suburb", "holiday"),
    ("metropolis", "villages"),
]  # fmt: skip


@dataclass(frozen=True)
class Base:
    """Customers and the truth about them.

    Attributes
    ----------
    frame : DataFrame
        Behaviour and place, by customer.
    rules : Series of str
        Rule segments, from the same scores as `lieudit rfm` gives.
    truth : Series of int
        The planted group; -1 for none.
    twins : tuple of int
        Groups that buy like another one and live elsewhere.
    communes : ndarray of int or None
        Positions in `communes()`, where homes are real.
    orders : DataFrame or None
        ``customer_id``, ``date``, ``amount``, where orders were drawn.
    planted : tuple of (str, str)
        Habit and homes of each group, where they have names.
    """

    frame: pd.DataFrame
    rules: pd.Series
    truth: pd.Series
    twins: tuple[int, ...] = ()
    communes: np.ndarray | None = None
    orders: pd.DataFrame | None = None
    planted: tuple[tuple[str, str], ...] = ()


@cache
def communes() -> pd.DataFrame:
    """Return the communes whose indicators are all known."""
    catalogue = open_catalogue()

    def table(source: str) -> str:
        return f"read_parquet({literal(catalogue.source(source).path('table'))})"

    with connect() as con:
        frame = con.execute(
            f"""SELECT c.commune_code, c.commune_name, c.postcodes[1] AS postcode, c.population,
                i.income_per_inhabitant_eur, p.* EXCLUDE (commune_code)
            FROM {table("communes")} AS c JOIN {table("income")} AS i USING (commune_code)
            JOIN {table("profile")} AS p USING (commune_code)
            WHERE c.population > 0 AND len(c.postcodes) > 0 ORDER BY c.commune_code"""
        ).df()
    return frame.dropna(subset=PLACE, ignore_index=True)


def live(rng: np.random.Generator, kind: str, n: int) -> np.ndarray:
    """Draw communes of a kind by population."""
    return live_where(rng, HOMES[kind], n)


def live_where(rng: np.random.Generator, condition: str, n: int, power: float = 1.0) -> np.ndarray:
    """Draw communes of which a condition holds, by a power of population."""
    pool = communes().query(condition)
    weight = pool["population"].to_numpy(dtype=float) ** power
    return rng.choice(pool.index.to_numpy(), n, p=weight / weight.sum())


def buy(rng: np.random.Generator, habits: list[Habit], sizes: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw orders; return behaviour as `lieudit train` measures it, by customer 0, 1, …, and the orders."""
    parts, start = [], 0
    for habit, size in zip(habits, sizes, strict=True):
        own = draw_orders(rng, habit, size)
        parts.append(own.assign(customer=own["customer"] + start))
        start += size
    drawn = pd.concat(parts, ignore_index=True)
    orders = pd.DataFrame({
        "customer_id": drawn["customer"].astype(str).str.zfill(6),
        "date": AS_OF - pd.to_timedelta(drawn["ago"], unit="D"),
        "amount": drawn["cents"] / 100,
    })  # fmt: skip
    roles = {"customer": "customer_id", "date": "date", "amount": "amount"}
    with connect() as con:
        table = open_table(con, orders, name="orders")
        found = compute(con, table, roles, config=RfmConfig(), as_of=AS_OF.date(), behaviour=True).df()
    return found.set_index("customer_id").sort_index(), orders


def rules_of(frame: pd.DataFrame) -> pd.Series:
    """Score columns that did not come from orders, and return their rule segments."""
    worst_first = {
        "recency_days": -frame["recency_days"],
        "frequency": frame["frequency"],
        "monetary": frame["monetary"],
    }
    n = len(frame)
    scores = [1 + np.floor(4 * (values.rank(method="min") - 1) / n).astype(int) for values in worst_first.values()]
    return pd.Series([segment_of("".join(map(str, three))).slug for three in zip(*scores, strict=True)], frame.index)


def apart(seed: int) -> Base:
    """Plant groups at real communes, some of which buy alike and live apart; orders are drawn one by one."""
    rng = np.random.default_rng([1, seed])
    n, k = int(rng.choice(SIZES, p=[0.5, 0.3, 0.15, 0.05])), int(rng.integers(3, 9))
    pairs = 1 if k < 5 else int(rng.integers(1, 3))
    habits = list(rng.permutation(list(HABITS)))[: k - pairs]
    groups = [(habit, home) for habit in habits[:pairs] for home in APART[rng.integers(len(APART))]]
    for habit in habits[pairs:]:
        groups.append((habit, "anywhere" if rng.random() < 0.4 else list(HOMES)[rng.integers(len(HOMES) - 1)]))
    noise = float(rng.choice([0, 0.05, 0.1, 0.2, 0.3]))
    sizes = _sizes(rng, k, 2 * pairs, int(n * (1 - noise)))
    homes = [live(rng, home, size) for (_, home), size in zip(groups, sizes, strict=True)]
    base = _at_communes(rng, [HABITS[habit] for habit, _ in groups], sizes, homes, n)
    needed = {"density_per_km2", "share_second_homes", "income_per_inhabitant_eur"}
    spare = [column for column in PLACE if column not in needed]
    dropped = list(rng.permutation(spare))[: int(rng.integers(0, len(spare) + 1))]
    frame = _lose(rng, base.frame.drop(columns=dropped), float(rng.choice([0, 0.02, 0.08])))
    return Base(frame, base.rules, base.truth, tuple(range(2 * pairs)), base.communes, base.orders, tuple(groups))


def race(seed: int, n: int = 12_000) -> Base:
    """Plant six groups, two of which buy alike and live apart; one customer in twelve belongs to none."""
    rng = np.random.default_rng([6, seed])
    groups = (
        ("loyal", "metropolis"), ("loyal", "countryside"), ("big and rare", "well-off suburb"), ("once", "town"),
        ("lapsed", "villages"), ("new", "modest suburb"),
    )  # fmt: skip
    sizes = [int(n * share) for share in (0.17, 0.16, 0.15, 0.15, 0.15, 0.14)]
    homes = [live(rng, home, size) for (_, home), size in zip(groups, sizes, strict=True)]
    base = _at_communes(rng, [HABITS[habit] for habit, _ in groups], sizes, homes, n)
    return Base(base.frame, base.rules, base.truth, (0, 1), base.communes, base.orders, groups)


def apart_columns(seed: int) -> Base:
    """Plant groups in columns of numbers: skewed, correlated, with ties, categories, missing values."""
    rng = np.random.default_rng([2, seed])
    n, k = int(rng.choice(SIZES, p=[0.5, 0.3, 0.15, 0.05])), int(rng.integers(3, 9))
    pairs = 1 if k < 5 else int(rng.integers(1, 3))
    noise = float(rng.choice([0, 0.05, 0.1, 0.2, 0.3]))
    sizes = _sizes(rng, k, 2 * pairs, int(n * (1 - noise)))
    truth = np.repeat([*range(k), NOBODY], [*sizes, n - sum(sizes)])
    buys = np.array([*np.repeat(np.arange(pairs), 2), *range(pairs, k - pairs)])
    behaviour = _scatter(rng, _centres(rng, k - pairs, 3, 5.0)[buys], truth, float(rng.uniform(0, 0.6)))
    width = int(rng.integers(2, 9))
    centres = _centres(rng, k, width, 5.0)
    anywhere = np.append(np.zeros(2 * pairs, bool), rng.random(k - 2 * pairs) < 0.4)
    place = _scatter(rng, centres, truth, float(rng.uniform(0, 0.6)))
    lost = np.isin(truth, np.flatnonzero(anywhere)) | (truth == NOBODY)
    place[lost] = centres.mean(axis=0) + centres.std(axis=0) * 1.3 * rng.standard_normal((lost.sum(), width))
    frame = pd.DataFrame({
        "recency_days": np.ceil(np.exp(4 - 0.35 * behaviour[:, 0])),
        "frequency": np.maximum(1, np.round(np.exp(2.2 + 0.35 * behaviour[:, 1]))),
        "monetary": np.round(np.exp(5 + 0.4 * behaviour[:, 2]), 2),
    })  # fmt: skip
    frame["mean_basket"] = frame["monetary"] / frame["frequency"]
    for column, values in zip(PLACE, place.T, strict=False):
        frame[column] = np.exp(8 + 0.2 * values) if column.endswith(("eur", "km2")) else values
    if rng.random() < 0.5:
        frame["urban_class"] = np.where(place[:, 0] > np.median(place[:, 0]), "urban", "rural")
    rules = rules_of(frame)
    frame = _lose(rng, frame, float(rng.choice([0, 0.02, 0.08])))
    return _shuffled(rng, Base(frame, rules, pd.Series(truth), tuple(range(2 * pairs))))


def at_random(seed: int) -> Base:
    """Plant groups of buyers whose homes are drawn by population, whoever they are."""
    rng = np.random.default_rng([3, seed])
    n, k = int(rng.choice(SIZES[:2])), int(rng.integers(2, 7))
    sizes = _sizes(rng, k, 0, int(n * (1 - rng.choice([0, 0.1]))))
    habits = [HABITS[habit] for habit in list(rng.permutation(list(HABITS)))[:k]]
    homes = [live(rng, "anywhere", size) for size in sizes]
    return _at_communes(rng, habits, sizes, homes, n)


CLOUDS = ("gaussian", "student", "gamma", "counts", "habits")


def cloud(seed: int) -> Base:
    """Draw one skewed cloud: no groups. Dependence, tails, ties and the kind of homes change with the seed."""
    rng = np.random.default_rng([4, seed])
    n, kind = int(rng.choice(SIZES[:2])), CLOUDS[seed % len(CLOUDS)]
    homes = live(rng, "anywhere", n)
    if kind == "habits":
        return _at_communes(rng, [ANY_HABIT], [n], [homes], n)
    strength = float(rng.choice([0.0, 0.3, 0.6, 0.85]))
    loadings = rng.uniform(-1, 1, 5)
    scores = np.sqrt(strength) * np.outer(rng.standard_normal(n), np.sign(loadings))
    scores = scores + np.sqrt(1 - strength) * rng.standard_normal((n, 5))
    if kind == "student":
        scores = scores / np.sqrt(rng.chisquare(3, n) / 3)[:, np.newaxis]
    if kind == "gamma":
        scores = np.sign(scores) * np.abs(scores) ** 1.6
    frame = pd.DataFrame({
        "recency_days": np.ceil(np.exp(np.clip(4 + scores[:, 0], 0, 8))),
        "frequency": 1 + rng.poisson(np.exp(np.clip(0.4 + 0.8 * scores[:, 1], -5, 6)))
        if kind == "counts" else np.maximum(1, np.round(np.exp(np.clip(1.2 + 0.9 * scores[:, 1], 0, 8)))),
        "monetary": np.round(np.exp(np.clip(4.5 + 1.1 * scores[:, 2], -3, 15)), 2),
        "tenure_days": np.ceil(np.exp(np.clip(6 + 0.5 * scores[:, 3], 0, 9))),
    })  # fmt: skip
    frame["mean_basket"] = frame["monetary"] / frame["frequency"]
    if seed % 2:
        frame[PLACE] = communes().loc[homes, PLACE].to_numpy()
    else:
        # Places in the same cloud: what people earn goes with what they spend.
        own = 0.5 * scores[:, [2]] + rng.standard_normal((n, 6))
        frame["income_per_inhabitant_eur"], frame["density_per_km2"] = (
            np.exp(9.6 + 0.2 * own[:, 0]),
            np.exp(6 + own[:, 1]),
        )
        frame[PLACE[2:6]] = own[:, 2:]
    frame = frame.astype({column: float for column in frame.columns if column != "urban_class"})
    return _shuffled(rng, Base(frame, rules_of(frame), pd.Series(np.full(n, NOBODY))))


def rule_segments(seed: int) -> Base:
    """Plant groups of equal size that are each one rule segment, to the customer; homes at random."""
    rng = np.random.default_rng([5, seed])
    k, n = int(rng.choice([2, 4])), int(rng.choice(SIZES[:2]))
    truth = np.repeat(np.arange(k), n // k)
    # The k-th part has the k-th best recency, frequency and money: 111, 222, … or 11, 33 in quartiles.
    scores = 6 * truth[:, np.newaxis] + np.clip(rng.standard_normal((len(truth), 3)), -2.5, 2.5)
    frame = pd.DataFrame({
        "recency_days": np.ceil(np.exp(6 - 0.2 * scores[:, 0])),
        "frequency": np.round(np.exp(1.5 + 0.15 * scores[:, 1])),
        "monetary": np.round(np.exp(4 + 0.3 * scores[:, 2]), 2),
    })  # fmt: skip
    frame["mean_basket"] = frame["monetary"] / frame["frequency"]
    rules = rules_of(frame)
    frame[PLACE] = communes().loc[live(rng, "anywhere", len(frame)), PLACE].to_numpy()
    frame = frame.astype({column: float for column in frame.columns if column != "urban_class"})
    return _shuffled(rng, Base(frame, rules, pd.Series(truth)))


def _sizes(rng: np.random.Generator, k: int, even: int, n: int) -> list[int]:
    """Share customers out; the first `even` groups two by two alike, and now and then one group of 3 %."""
    shares = rng.dirichlet(np.full(k, 8.0))
    shares[:even] = np.repeat((shares[0:even:2] + shares[1:even:2]) / 2, 2) * np.tile(
        rng.uniform(0.9, 1.1, 2), even // 2
    )
    shares = np.maximum(shares / shares.sum(), 0.05)
    if k > even and rng.random() < 0.4:
        shares[-1] = 0.03 * shares[:-1].sum() / 0.97
    return [int(size) for size in n * shares / shares.sum()]


def _at_communes(
    rng: np.random.Generator, habits: list[Habit], sizes: list[int], homes: list[np.ndarray], n: int
) -> Base:
    """Draw orders of the groups, and of customers of no group up to `n`."""
    rest = n - sum(sizes)
    found, orders = buy(rng, [*habits, ANY_HABIT] if rest else habits, [*sizes, rest] if rest else sizes)
    where = np.concatenate([*homes, live(rng, "anywhere", rest)]).astype(int)
    frame = found[BEHAVIOUR].astype(float).reset_index(drop=True)
    frame[PLACE] = communes().loc[where, PLACE].reset_index(drop=True)
    truth = pd.Series(np.repeat([*range(len(sizes)), NOBODY], [*sizes, rest]))
    rules = found["rfm_segment"].reset_index(drop=True)
    return _shuffled(rng, Base(frame, rules, truth, communes=where, orders=orders))


def _shuffled(rng: np.random.Generator, base: Base) -> Base:
    """Give customers ids that say nothing of their group."""
    ids = pd.Index([f"c{number:06d}" for number in rng.permutation(len(base.frame))])
    orders = base.orders
    if orders is not None:
        orders = orders.assign(customer_id=ids[orders["customer_id"].astype(int)])
    frame, rules, truth = (one.set_axis(ids, axis=0) for one in (base.frame, base.rules, base.truth))
    return Base(frame, rules, truth, base.twins, base.communes, orders)


def _lose(rng: np.random.Generator, frame: pd.DataFrame, share: float) -> pd.DataFrame:
    """Lose the place of some customers altogether, and single values of others."""
    place = [column for column in frame.columns if column in PLACE]
    frame.loc[rng.random(len(frame)) < share / 8, place] = np.nan
    frame.loc[rng.random(len(frame)) < share, place[int(rng.integers(len(place)))]] = np.nan
    return frame


def _centres(rng: np.random.Generator, k: int, width: int, gap: float) -> np.ndarray:
    """Draw centres that stand apart by at least `gap` standard deviations."""
    spread = gap * 0.8
    while True:
        centres = rng.uniform(-spread, spread, (k, width))
        away = np.linalg.norm(centres[:, np.newaxis] - centres, axis=2) + gap * np.eye(k)
        if away.min() >= gap:
            return centres
        spread *= 1.02


def _scatter(rng: np.random.Generator, centres: np.ndarray, truth: np.ndarray, correlation: float) -> np.ndarray:
    """Scatter customers around their group's centre; those of no group, over all centres and beyond."""
    width = centres.shape[1]
    common = rng.standard_normal((len(truth), 1)) * rng.choice([-1, 1], width)
    points = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal((len(truth), width))
    inside = truth != NOBODY
    points[inside] += centres[truth[inside]]
    points[~inside] = centres.mean(axis=0) + 1.5 * centres.std(axis=0) * points[~inside]
    return points
