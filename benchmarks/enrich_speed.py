"""How long a million customers take, beside DuckDB that only turns the same CSV into Parquet.

Run with ``python -m benchmarks.enrich_speed``, or with a number of millions behind it. Both sides are whole processes,
from the start of Python to its end, in turn: ``lieudit enrich`` as users call it, and bare DuckDB. How many misspelt
names are resolved in a second is printed, too.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks._enrich_damages import World, typo
from lieudit.catalogue import open_catalogue
from lieudit.enrichment.index import read_index
from lieudit.enrichment.resolve import Resolver

MILLION, MISSPELT, RUNS, SEED = 1_000_000, 100_000, 5, 0


class Cost(NamedTuple):
    """What a process took: seconds on the clock, seconds of processors, and GB of memory at most."""

    clock: float
    processor: float
    memory: float


def write_customers(path: Path, rows: int = MILLION, *, wide: bool = False) -> None:
    """Write customers at real communes, the populous ones more often, spelt as in a real export.

    The narrow file has what identifies a customer and six columns in all; the wide one the sixteen of an export.
    """
    rng, world = np.random.default_rng(SEED), World()
    places = pd.DataFrame(world.places)
    weight = np.array([len(world.postcodes[commune]) + 1.0 for commune in places["commune"]])
    chosen = places.iloc[rng.choice(len(places), rows, p=weight / weight.sum())].reset_index(drop=True)
    kind = rng.random(rows)
    city = chosen["name"].where(kind > 0.4, chosen["name"].str.upper())
    city = city.where((kind < 0.4) | (kind > 0.5), city.str.replace("-", " ").str.replace("Saint", "St"))
    city = city.where(kind < 0.98, city.str[:-1])
    numbers = pd.Series(rng.integers(1, 99_999, rows)).astype(str)
    columns = {
        "id": np.arange(rows), "nom": "Client " + numbers, "adresse": numbers + " rue de la Paix",
        "code_postal": chosen["postcode"], "ville": city, "email": numbers + "@exemple.fr",
    }  # fmt: skip
    if wide:
        days = pd.Timestamp("2020-01-01") + pd.to_timedelta(pd.Series(rng.integers(0, 2_000, rows)), unit="D")
        columns |= {
            "civilite": rng.choice(["M.", "Mme"], rows), "prenom": "Prénom " + numbers.str[:3],
            "complement": pd.Series(np.where(kind < 0.2, "Bât. " + numbers.str[:2], None)), "pays": "FRANCE",
            "telephone": "06" + pd.Series(rng.integers(10_000_000, 99_999_999, rows)).astype(str),
            "date_naissance": (days - pd.Timedelta(days=15_000)).dt.strftime("%d/%m/%Y"),
            "date_creation": days.dt.strftime("%Y-%m-%d"), "magasin": "Boutique " + numbers.str[:2],
            "consentement": rng.choice(["oui", "non"], rows), "points": rng.integers(0, 5_000, rows),
        }  # fmt: skip
    pd.DataFrame(columns).to_csv(path, index=False)


def bare(source: Path, out: Path) -> Cost:
    """Turn CSV into Parquet, and nothing else."""
    query = f"COPY (FROM read_csv('{source}', all_varchar = true)) TO '{out}' (FORMAT parquet)"
    return cost("-c", f'import duckdb; duckdb.connect().execute("{query}")')


def ours(source: Path, out: Path) -> Cost:
    """Enrich as users do."""
    return cost("-m", "lieudit", "enrich", str(source), "-o", str(out), "--quiet")


def cost(*arguments: str) -> Cost:
    """Run Python in a process of its own, which keeps the modules that it compiles, as users' does."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"exit {process.returncode}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)


def misspelt(count: int = MISSPELT) -> float:
    """Return how many different misspelt pairs are resolved in a second."""
    world, rng = World(), random.Random(SEED)  # noqa: S311
    long = [place for place in world.places if len(place.name) > 5]
    pairs = {(place.postcode, typo(rng, place.name)) for place in rng.choices(long, k=count)}
    resolver = Resolver(read_index(open_catalogue()))
    began = time.perf_counter()
    for postcode, city in sorted(pairs):
        resolver.resolve(postcode, city)
    return len(pairs) / (time.perf_counter() - began)


def race(rows: int, *, wide: bool = False) -> None:
    """Print what each side costs, and the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "customers.csv", Path(folder) / "out.parquet"
        write_customers(source, rows, wide=wide)
        runs = [(bare(source, out), ours(source, out)) for _ in range(RUNS if rows == MILLION else 1)]
    theirs, mine = (Cost(*map(statistics.median, zip(*side, strict=True))) for side in zip(*runs, strict=True))
    most = max(run[1].memory for run in runs)
    print(f"{rows:,} customers of {16 if wide else 6} columns, CSV to Parquet, whole processes:")
    print(f"  bare DuckDB     {theirs.clock:6.2f} s, {theirs.processor:6.2f} s of processors, {theirs.memory:.2f} GB")
    print(f"  lieudit enrich  {mine.clock:6.2f} s, {mine.processor:6.2f} s of processors, {most:.2f} GB at most")
    ratios = sorted(run[1].clock / run[0].clock for run in runs)
    print(f"  {statistics.median(ratios):.1f} times as long ({ratios[0]:.1f} to {ratios[-1]:.1f}), "
          f"{mine.processor / theirs.processor:.1f} times the processors")  # fmt: skip


def main(millions: int = 1) -> None:
    """Print the race, and the speed of misspelt names."""
    race(millions * MILLION)
    race(millions * MILLION, wide=True)
    if millions == 1:
        print(f"misspelt (postcode, city) pairs, all different: {misspelt():,.0f} a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
