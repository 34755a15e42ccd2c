"""How often a map alone has a valley that `valleys` takes for customers' own: homes of nobody in particular.

Run with ``python -m benchmarks map_valleys``. One habit of buying, homes drawn by population: whoever is cut is cut by
the map. Each draw has 3,000 to 30,000 customers and two to eight place columns.
"""

from __future__ import annotations

import numpy as np

from benchmarks._planted import PLACE, communes, live_where
from lieudit.features import FEATURES, BlockScaler
from lieudit.segment.layout import Columns
from lieudit.segment.splitting import split_by_valleys

DRAWS = 8
DEPTH = 0.55
REGIONS = {
    "the country": (),
    "Île-de-France": ("75", "77", "78", "91", "92", "93", "94", "95"),
    "Bretagne": ("22", "29", "35", "56"),
    "Provence-Alpes-Côte d'Azur": ("04", "05", "06", "13", "83", "84"),
    "Ille-et-Vilaine": ("35",),
    "Haute-Garonne": ("31",),
    "Rhône": ("69",),
    "Paris, Hauts-de-Seine, Finistère and Morbihan": ("75", "92", "29", "56"),
}


def is_cut(departments: tuple[str, ...], rng: np.random.Generator) -> bool:
    """Draw homes in some departments, all if none is named, and tell whether customers come back in several groups."""
    where = f"commune_code.str[:2].isin({list(departments)})" if departments else "population > 0"
    homes = live_where(rng, where, int(rng.choice([3_000, 10_000, 30_000])))
    numbers = [column for column in PLACE if column != "urban_class"]
    columns = set(rng.permutation(numbers)[: int(rng.integers(2, len(numbers) + 1))])
    frame = communes().loc[homes, sorted(columns)].reset_index(drop=True)
    scaler = BlockScaler(tuple(feature for feature in FEATURES if feature.name in columns)).fit(frame)
    points = scaler.transform(frame).to_numpy()
    block = Columns(np.arange(points.shape[1]), shared=True)
    found = split_by_valleys(points, [block], DEPTH, len(points) // 100, int(rng.integers(2**31)))
    return bool(found.max() > 0)


def main() -> None:
    """Print how many draws of each region are cut."""
    print(f"| homes in | cut, of {DRAWS} draws |\n|---|---|")
    for number, (name, departments) in enumerate(REGIONS.items()):
        cut = [is_cut(departments, np.random.default_rng([number, seed])) for seed in range(DRAWS)]
        print(f"| {name} | {sum(cut)} |", flush=True)


if __name__ == "__main__":
    main()
