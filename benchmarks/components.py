"""Whether components kept by parallel analysis help clustering: the same methods on all columns and on these.

Run with ``make bench`` or ``python -m benchmarks components``. On planted bases, each method is told the number of
groups; ARI is taken on customers who belong to a group.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks._planted import NOBODY, Base, apart, apart_columns
from lieudit.config import TrainConfig
from lieudit.features import FEATURES, BlockScaler
from lieudit.segment.layout import Layout
from lieudit.segment.methods import fit_model

SEEDS = range(8)
METHODS = {"kmeans": "n_clusters", "ward": "n_clusters", "gaussian_mixture": "n_components"}


def scores(base: Base, components: str) -> tuple[list[float], int]:
    """Return the ARI of each method, and how many columns it was given."""
    scaler = BlockScaler(FEATURES, components=components).fit(base.frame)
    complete = scaler.block_mask(base.frame).all(axis=1)
    given = scaler.transform(base.frame[complete])
    truth = base.truth[complete].to_numpy()
    groups = len(np.unique(truth[truth != NOBODY]))
    found = []
    for method, name in METHODS.items():
        model = fit_model(method, given.to_numpy(), Layout.of(scaler.outputs_), {name: groups}, TrainConfig().seed)
        labels = np.zeros(len(given)) if model is None else model.predict(given.to_numpy()).labels
        found.append(float(adjusted_rand_score(truth[truth != NOBODY], labels[truth != NOBODY])))
    return found, given.shape[1]


def main() -> None:
    """Print the mean ARI of each method, on all columns and on components."""
    print(f"| bases ({len(SEEDS)} seeds) | given | columns | {' | '.join(METHODS)} |")
    print(f"|---|---|---|{'---|' * len(METHODS)}")
    for make in (apart, apart_columns):
        bases = [make(seed) for seed in SEEDS]
        for components in ("all", "parallel"):
            every = [scores(base, components) for base in bases]
            aris = np.array([found for found, _ in every]).mean(axis=0)
            width = np.mean([width for _, width in every])
            cells = " | ".join(f"{ari:.3f}" for ari in aris)
            print(f"| {make.__name__} | {components} | {width:.1f} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
