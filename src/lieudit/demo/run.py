"""``lieudit demo``: fictional customers, the real job, and how well it found what was planted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lieudit.demo.recovery import recovery
from lieudit.demo.write import write_demo
from lieudit.pipeline.train import train

if TYPE_CHECKING:
    from lieudit.pipeline.progress import Progress
    from lieudit.pipeline.run import Run

__all__ = ["Shown", "run_demo"]


@dataclass(frozen=True)
class Shown:
    """What the demo has to show.

    Attributes
    ----------
    run : Run
    groups : int
        How many groups were planted.
    recovery : float
        Adjusted Rand index of the clusters on the customers that belong to a planted group.
    next_commands : tuple of str
        What to try next.
    """

    run: Run
    groups: int
    recovery: float
    next_commands: tuple[str, ...]


def run_demo(folder: Path, *, customers: int, seed: int, lang: str | None, progress: Progress) -> Shown:
    """Write fictional customers and orders, train on them, and compare with what was planted.

    Parameters
    ----------
    folder : Path
        For the demo's files; the run's own go to ``out/`` in it.
    customers : int
    seed : int
        Of the generator.
    lang : {"fr", "en"} or None
    progress : Progress

    Returns
    -------
    Shown
    """
    progress.step("Writing fictional customers")
    files = write_demo(folder, customers=customers, seed=seed)
    run = train(files.config, lang=lang, progress=progress)
    truth = pd.read_parquet(files.truth).set_index("customer_id")["group"]
    found = run.customers.set_index("customer_id")["cluster"]
    return Shown(
        run=run,
        groups=int(truth[truth >= 0].nunique()),
        recovery=recovery(truth, found.reindex(truth.index)),
        next_commands=(
            f"lieudit score {files.customers} --transactions {files.orders} --model {run.bundle} -o scored.parquet",
            f"lieudit report {run.out} --lang en",
            "mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db",
        ),
    )
