"""How often companies without a SIRET are found in the Sirene stock by their damaged names, and how fast.

Run with ``python -m benchmarks.matching``. The stock is fictional, its names are drawn to be hard to tell apart, and
one company in five is not in it. ``python -m benchmarks.matching --fit`` fits ``matching_score.UTILITY`` again.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import minimize

import lieudit
from benchmarks._company_damages import KINDS, cases
from benchmarks._company_names import rename
from lieudit.catalogue import open_catalogue
from lieudit.companies.matching import match_names
from lieudit.companies.matching_score import FEATURES
from lieudit.companies.stock import Stock
from lieudit.demo.stock import write_stock
from lieudit.enrichment.index import read_index
from lieudit.enrichment.resolve import Resolver
from lieudit.tables import connect

ROWS = 20_000
ESTABLISHMENTS = 200_000
FITTED_SEED, SEED = 1, 2  # the coefficients were fitted on another stock than the one they are judged on
_FILES = ("StockUniteLegale_utf8.parquet", "StockEtablissement_utf8.parquet")
_BOUNDS = {"matched": (0, None), "whole": (0, None), "commune": (0, None), "postcode": (0, None), "open": (0, None)}


class Bench(NamedTuple):
    """Names to be found, and the stock in which they are looked for."""

    names: pd.DataFrame
    stock: Stock


def prepare(folder: Path, rows: int, establishments: int, seed: int) -> Bench:
    """Make a stock, damage the names of some of its companies, and take a fifth of these out of it.

    The commune of each is what ``lieudit.enrich`` makes of its postcode and city, or what the city alone names.
    """
    rename(write_stock(folder, establishments, seed), seed)
    drawn, absent = cases(folder, rows, seed)
    names = pd.DataFrame(drawn)
    places = lieudit.enrich(names[["postcode", "city"]])
    resolver = Resolver(read_index(open_catalogue()))
    open_ones = places["commune_status"] == "ambiguous"
    named = [
        resolver.named_commune(*cells) if left else None
        for left, *cells in zip(open_ones, names["postcode"], names["city"], strict=True)
    ]
    names["commune_code"] = places["commune_code"].fillna(pd.Series(named, dtype=str).replace("", None)).to_numpy()
    names["postcode"] = names["postcode"].mask(names["postcode"] == "")
    names.insert(0, "key", range(len(names)))
    con = duckdb.connect()
    con.register("absent", pd.DataFrame({"siren": absent}))
    for file in _FILES:
        kept = f"SELECT * FROM '{folder / file}' WHERE siren NOT IN (FROM absent)"
        con.execute(f"COPY ({kept}) TO '{folder / 'kept.parquet'}'")
        (folder / "kept.parquet").replace(folder / file)
    catalogue = open_catalogue()
    stock = Stock(folder / _FILES[0], folder / _FILES[1], None, dt.date.today(), catalogue.sources[0], catalogue)
    return Bench(names, stock)


def judge(bench: Bench) -> tuple[pd.DataFrame, float]:
    """Match the names; return them with ``status, found, confidence`` and the processor's seconds that it took."""
    with connect() as con:
        con.register("names", bench.names)
        start = time.process_time()  # of all threads: other programs do not count
        matched = match_names(con, "names", bench.stock)
        seconds = time.process_time() - start
        answers = con.execute(f"SELECT key, status, siren AS found, confidence FROM {matched.answers}").df()
    return bench.names.merge(answers, on="key"), seconds


def precision(judged: pd.DataFrame) -> float:
    """Of the companies given, the share that is right."""
    given = judged[judged["status"] == "found"]
    return float((given["found"] == given["siren"]).mean())


def recall(judged: pd.DataFrame) -> float:
    """Of the companies that are in the stock, the share that is given, and right."""
    there = judged[judged["siren"] != ""]
    return float((there["found"] == there["siren"]).mean())


def fit(folder: Path) -> dict[str, float]:
    """Fit the conditional logit: each name is one of its candidates', or (utility 0) of a company that is not there."""
    bench = prepare(folder, ROWS, ESTABLISHMENTS, FITTED_SEED)
    with connect() as con:
        con.register("names", bench.names)
        match_names(con, "names", bench.stock)
        # All is one batch here: its features are still there.
        pairs = con.execute("""
            SELECT f.*, n.siren = f.siren AS hit, k.key FROM lieudit_features AS f
            JOIN lieudit_asked_keys_of AS k USING (number) JOIN names AS n USING (key) ORDER BY key, bearer""").df()
    values = pairs[list(FEATURES)].assign(
        matched=pairs["matched"].clip(upper=30), missing=np.sqrt(pairs["missing"]), extra=np.sqrt(pairs["extra"])
    )
    design = np.column_stack([np.ones(len(values)), values.to_numpy()])
    _, name = np.unique(pairs["key"], return_inverse=True)
    weights = np.array([-3.0, *(0.5 if key == "matched" else 0.0 for key in FEATURES)])
    bounds = [(None, None), *(_BOUNDS.get(key, (None, 0)) for key in FEATURES)]
    for _ in range(4):  # which name of a company is most like depends on the weights
        best = pd.Series(design @ weights).groupby([name, pairs["siren"].to_numpy()]).idxmax().to_numpy()
        loss = _Loss(design[best], name[best], pairs["hit"].to_numpy()[best])
        weights = minimize(loss, weights, jac=True, method="L-BFGS-B", bounds=bounds).x
    return dict(zip(("constant", *FEATURES), weights.round(2).tolist(), strict=True))


class _Loss:
    """Minus the mean log-likelihood, with a whiff of ridge, and its gradient."""

    def __init__(self, design: np.ndarray, name: np.ndarray, hit: np.ndarray) -> None:
        self.design, self.name, self.hit, self.names = design, name, hit, name.max() + 1

    def __call__(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        utility = self.design @ weights
        odds = np.exp(utility)
        total = 1 + np.bincount(self.name, odds, minlength=self.names)
        chance = odds / total[self.name]
        likelihood = utility[self.hit].sum() - np.log(total).sum()
        slope = self.design[self.hit].sum(0) - chance @ self.design
        return 0.0005 * weights @ weights - likelihood / self.names, 0.001 * weights - slope / self.names


def main() -> None:
    """Print precision, recall, calibration and speed, or the coefficients of a new fit."""
    with tempfile.TemporaryDirectory(prefix="lieudit-") as folder:
        if "--fit" in sys.argv:
            print(fit(Path(folder)))
            return
        bench = prepare(Path(folder), ROWS, ESTABLISHMENTS, SEED)
        judged, seconds = judge(bench)
    print(f"{ROWS:,} names, {ESTABLISHMENTS:,} establishments: {seconds:.1f} s of one processor")
    print(f"precision {precision(judged):.2%}, recall {recall(judged):.2%}")
    for kind in KINDS:
        rows = judged[judged["kind"] == kind]
        given = rows["status"] == "found"
        wrong = given & (rows["found"] != rows["siren"])
        print(f"  {kind:20} {len(rows):6,} rows, {1 - wrong.sum() / max(given.sum(), 1):7.2%} right of those given, "
              f"{given.mean():7.2%} given, {(rows['status'] == 'ambiguous').mean():7.2%} ambiguous")  # fmt: skip
    given = judged[judged["status"] == "found"]
    for low, high in ((0.95, 0.97), (0.97, 0.98), (0.98, 0.99), (0.99, 1.0001)):
        rows = given[given["confidence"].between(low, high, inclusive="left")]
        print(f"  confidence from {low}: {len(rows):6,} given, {(rows['found'] == rows['siren']).mean():7.2%} right")


if __name__ == "__main__":
    main()
