"""How long a million customers take, beside DuckDB that only turns the same CSV into Parquet.

Run with ``python -m benchmarks.enrich_speed``. Each side runs in a process of its own, in turn. How many misspelt names
are resolved in a second is printed, too.
"""

from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks._enrich_damages import World, typo
from lieudit.catalogue import open_catalogue
from lieudit.enrichment.index import read_index
from lieudit.enrichment.resolve import Resolver
from lieudit.pipeline.enrich import enrich_file

ROWS, MISSPELT, RUNS, SEED = 1_000_000, 100_000, 3, 0


def write_customers(path: Path, rows: int = ROWS) -> None:
    """Write customers at real communes, the populous ones more often, spelt as in a real export."""
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
    pd.DataFrame(columns).to_csv(path, index=False)


def bare(source: Path, out: Path) -> None:
    """Turn CSV into Parquet."""
    duckdb.connect().execute(f"COPY (FROM read_csv('{source}', all_varchar = true)) TO '{out}' (FORMAT parquet)")


def seconds(what: str, source: Path, out: Path) -> tuple[float, float]:
    """Run one side; return its time without imports, and its peak memory in GB."""
    command = [sys.executable, "-m", "benchmarks.enrich_speed", what, str(source), str(out)]
    spent, memory = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(spent), float(memory)


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


def main() -> None:
    """Print medians and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "customers.csv", Path(folder) / "out.parquet"
        write_customers(source)
        runs = [(seconds("bare", source, out), seconds("ours", source, out)) for _ in range(RUNS)]
    bare_time, ours_time = (statistics.median(run[side][0] for run in runs) for side in (0, 1))
    memory = max(run[1][1] for run in runs)
    print(f"{ROWS:,} customers, CSV to enriched Parquet: {ours_time:.2f} s, {memory:.2f} GB at most")
    print(f"  bare DuckDB, CSV to Parquet: {bare_time:.2f} s; ratio {ours_time / bare_time:.1f}")
    print(f"misspelt (postcode, city) pairs, all different: {misspelt():,.0f} a second")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        side, source, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
        began = time.perf_counter()
        bare(source, out) if side == "bare" else enrich_file(source, out)
        print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
    else:
        main()
