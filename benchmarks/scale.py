"""What a training costs as customers grow: 10,000, 100,000 and a million, resamples and null tests included.

Run with ``make bench`` or ``python -m benchmarks.scale CUSTOMERS…``; needs 400 MB of disk. Customers are fictional,
at real communes, with some eleven orders each: six columns of behaviour and nine of place enter the clusters. A
training is ``lieudit train`` from files, with the default settings, in a process of its own, and so is the clustering
alone, on the same columns. Memory is the process's peak.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

SIZES = (10_000, 100_000, 1_000_000)
CHUNK = 50_000
AS_OF = "2025-12-31"


def generate(folder: Path, n: int) -> None:
    """Write customers.csv and orders.parquet."""
    from lieudit.catalogue import open_catalogue  # noqa: PLC0415 - only what a process measures is imported in it
    from lieudit.demo.groups import Habit  # noqa: PLC0415
    from lieudit.demo.orders import draw_orders  # noqa: PLC0415

    # Two groups that buy alike and live apart, two others, and those who belong to none.
    habits = [
        (Habit(9, 60, (900, 400), (30, 0), 3, 0.3), "dense"), (Habit(9, 60, (900, 400), (30, 0), 3, 0.3), "sparse"),
        (Habit(2, 250, (900, 400), (150, 0), 3, 0.3), "any"), (Habit(7, 40, (1000, 700), (420, 270), 1.2, 0.3), "any"),
        (Habit(5, 60, (1060, 20), (420, 0), 1, 0.9), "any"),
    ]  # fmt: skip
    catalogue = open_catalogue()
    communes = pd.read_parquet(catalogue.source("communes").path("table"))
    profile = pd.read_parquet(catalogue.source("profile").path("table"))
    communes = communes.merge(profile[["commune_code", "density_per_km2"]])
    communes = communes[(communes["population"] > 0) & (communes["postcodes"].str.len() > 0)]
    density = communes["density_per_km2"]
    homes = {"dense": density > 2_000, "sparse": density < 60, "any": density > 0}
    rng = np.random.default_rng(0)
    orders, customers = [], []
    for first in range(0, n, CHUNK):
        own = np.array_split(np.arange(first, min(first + CHUNK, n)), len(habits))
        for (habit, home), numbers in zip(habits, own, strict=True):
            pool = communes[homes[home]]
            share = (pool["population"] / pool["population"].sum()).to_numpy()
            lived = pool.iloc[rng.choice(len(pool), len(numbers), p=share)]
            ids = pd.Series(numbers).map("C{:08d}".format)
            address = {"code postal": lived["postcodes"].str[0].array, "ville": lived["commune_name"].array}
            customers.append(pd.DataFrame({"id": ids} | address))
            drawn = draw_orders(rng, habit, len(numbers))
            days = pd.Timestamp(AS_OF) - pd.to_timedelta(drawn["ago"], unit="D")
            bought = {"client": ids.to_numpy()[drawn["customer"]], "date": days, "montant": drawn["cents"] / 100}
            orders.append(pd.DataFrame(bought))
    shuffled = pd.concat(customers).sample(frac=1, random_state=0)
    shuffled.to_csv(folder / "customers.csv", sep=";", index=False)
    pd.concat(orders).to_parquet(folder / "orders.parquet", index=False)


class Steps:
    """A progress that notes when each step began."""

    def __init__(self) -> None:
        self.began: list[tuple[str, float]] = []

    def step(self, label: str, total: int | None = None) -> None:  # noqa: ARG002 - the protocol's
        """Note that a step begins."""
        self.began.append((label, time.perf_counter()))

    def advance(self, detail: str = "") -> None:
        """Do nothing."""

    def seconds(self) -> dict[str, float]:
        """Return how long each step took."""
        ends = [*(start for _, start in self.began[1:]), time.perf_counter()]
        return {text: round(end - start, 1) for (text, start), end in zip(self.began, ends, strict=True)}


def train(folder: Path) -> dict[str, object]:
    """Train from files; say how long each step took."""
    import lieudit  # noqa: PLC0415

    steps = Steps()
    run = lieudit.train(
        {
            "name": "scale", "customers": {"path": str(folder / "customers.csv")},
            "transactions": {"path": str(folder / "orders.parquet")}, "out": str(folder / "out"),
            "models": str(folder / "models"),
            "tracking": {"uri": f"sqlite:///{folder}/mlflow.db", "artifacts": str(folder / "artifacts")},
        },
        progress=steps,
    )  # fmt: skip
    return {"steps": steps.seconds(), "clusters": run.segments["winner"]["n_clusters"]}


def segment(folder: Path) -> dict[str, object]:
    """Cluster the columns that the training left."""
    from lieudit.config import TrainConfig  # noqa: PLC0415
    from lieudit.features import FEATURES  # noqa: PLC0415
    from lieudit.segment import segment_customers  # noqa: PLC0415

    customers = pd.read_parquet(folder / "out" / "customers.parquet").set_index("customer_id")
    frame = customers[[feature.name for feature in FEATURES if feature.name in customers]]
    start = time.perf_counter()
    found = segment_customers(frame, customers["rfm_segment"], TrainConfig())
    return {"steps": {"Clustering": round(time.perf_counter() - start, 1)}, "clusters": len(found.segments)}


def measure(kind: str, folder: Path) -> None:
    """Run one kind in this process, and print what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    told = {"train": train, "segment": segment}[kind](folder)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"seconds": wall, "cpu": cpu, "peak_gb": peak, **told}))


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure all sizes, one process after the other."""
    print("| customers | orders | what | time | processor | peak | clusters | steps (s) |")
    print("|---|---|---|---|---|---|---|---|")
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generate(folder, n)
            lines = len(pd.read_parquet(folder / "orders.parquet", columns=["client"]))
            for kind in ("train", "segment"):
                command = [sys.executable, "-m", "benchmarks.scale", kind, name]
                answer = subprocess.run(command, capture_output=True, check=True, text=True)
                took = json.loads(answer.stdout.splitlines()[-1])
                steps = ", ".join(f"{step} {seconds}" for step, seconds in took["steps"].items())
                print(
                    f"| {n:,} | {lines:,} | {kind} | {took['seconds']:.0f} s | {took['cpu']:.0f} s | "
                    f"{took['peak_gb']:.1f} GB | {took['clusters']} | {steps} |", flush=True,
                )  # fmt: skip
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    if sys.argv[1] in ("train", "segment"):
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main(tuple(int(size) for size in sys.argv[1:]))
