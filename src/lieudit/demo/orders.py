"""The orders of fictional customers."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.demo.groups import Habit

__all__ = ["draw_orders", "order_lines"]

Integers = npt.NDArray[np.int64]

# Standard deviation, between orders of one customer, of the logarithm of the amount.
WITHIN: Final = 0.35
# Shares of lines.
REFUNDED: Final = 0.03
NO_CUSTOMER: Final = 0.004

_ARTICLES = (
    "Savon d'Orlune", "Bougie Brindelune", "Thé des Collines", "Plaid Fauvette", "Bol Grésille", "Carnet Vélandre",
    "Coussin Mirebelle", "Huile Solambre", "Lampe Pâquerêve", "Tablier Ventdoux",
)  # fmt: skip


def draw_orders(rng: np.random.Generator, habit: Habit, n: int) -> pd.DataFrame:
    """Draw the orders of `n` customers of one habit.

    Each customer's gaps follow a gamma law, from a first order to the day on which the customer stops.

    Returns
    -------
    DataFrame
        One row an order: ``customer`` (from 0 to n - 1), ``ago`` (whole days before the day of reference, at
        least 1), ``cents``. Every customer has an order.
    """
    first = rng.uniform(habit.first[1], habit.first[0], n)
    last = np.minimum(rng.uniform(habit.last[1], habit.last[0], n), first)
    mean_gap = 365 / (habit.orders_a_year * np.exp(habit.spread * rng.normal(size=n)))
    basket = habit.basket * np.exp(habit.spread * rng.normal(size=n))
    # Half as many again as the fastest customer needs on average, and some: nobody's orders are cut short.
    most = int(1.5 * (first / mean_gap).max(initial=0)) + 10
    gaps = rng.gamma(habit.regularity, 1 / habit.regularity, (n, most)) * mean_gap[:, np.newaxis]
    ago = first[:, np.newaxis] - np.cumsum(gaps, axis=1) + gaps[:, :1]
    ordered = ago >= last[:, np.newaxis]
    ordered[:, 0] = True
    customer = np.nonzero(ordered)[0]
    amount = basket[customer] * np.exp(WITHIN * rng.normal(size=len(customer)))
    return pd.DataFrame(
        {
            "customer": customer,
            "ago": np.floor(ago[ordered]).astype(np.int64) + 1,
            "cents": np.maximum(np.round(100 * amount), 100).astype(np.int64),
        }
    )


def order_lines(rng: np.random.Generator, orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Turn orders into the lines of a shop's export: articles, refunds, a few sales to nobody known.

    Parameters
    ----------
    rng : Generator
    orders : DataFrame
        ``customer`` (text), ``ago``, ``cents``; in an order that is the same on every run.
    as_of : Timestamp

    Returns
    -------
    DataFrame of text
        In French, as a shop would export it: dates as 31/12/2025, amounts as 1234,50, refunds negative and under
        the number and date of the order that they refund.
    """
    orders = orders.sort_values(["ago", "customer"], ascending=[False, True], kind="stable", ignore_index=True)
    orders["number"] = "CMD-" + pd.Series(np.arange(len(orders)) + 100_001).astype(str)
    articles = rng.choice([1, 2, 3], len(orders), p=[0.6, 0.3, 0.1])
    lines = orders.loc[orders.index.repeat(articles)].assign(cents=_split(rng, orders["cents"].to_numpy(), articles))
    lines = lines.reset_index(names="order")
    lines["article"] = rng.choice(_ARTICLES, len(lines))
    refunds = lines[rng.random(len(lines)) < REFUNDED].assign(cents=lambda refund: -refund["cents"])
    lines = pd.concat([lines, refunds]).sort_values("order", kind="stable", ignore_index=True)
    # A sale at the till, or a guest's order: more lines, so that no customer's own are lost.
    nobody = lines.sample(int(NO_CUSTOMER * len(lines)), random_state=rng).assign(
        customer="", number=lambda sale: sale["number"].str.replace("CMD", "CAISSE")
    )
    lines = pd.concat([lines, nobody.loc[nobody["cents"] > 0]]).sort_values("order", kind="stable")
    size = lines["cents"].abs()
    day = as_of - pd.to_timedelta(lines["ago"], unit="D")
    return pd.DataFrame(
        {
            "N° client": lines["customer"],
            "Date de commande": day.dt.strftime("%d/%m/%Y"),
            "N° de commande": lines["number"],
            "Article": lines["article"],
            "Montant TTC": np.where(lines["cents"] < 0, "-", "")
            + (size // 100).astype(str)
            + ","
            + (size % 100).astype(str).str.zfill(2),
        }
    ).reset_index(drop=True)


def _split(rng: np.random.Generator, cents: Integers, parts: Integers) -> Integers:
    """Split each amount into so many parts, of at least one cent, that sum to it exactly."""
    starts = np.cumsum(parts) - parts
    weight = rng.uniform(0.3, 1, parts.sum())
    share = weight / np.repeat(np.add.reduceat(weight, starts), parts)
    split: Integers = np.floor(np.repeat(cents, parts) * share).astype(np.int64)
    split[starts] += cents - np.add.reduceat(split, starts)
    return split
