"""``lieudit demo``: fictional customers, the real job, and how well it found what was planted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lieudit.demo.b2b import SOURCES, write_b2b
from lieudit.demo.recovery import recovery
from lieudit.demo.write import write_demo
from lieudit.pipeline.train import train

if TYPE_CHECKING:
    from lieudit.pipeline.progress import Progress
    from lieudit.pipeline.run import Run

__all__ = ["Shown", "run_demo"]

_PEOPLE: Final = 5000
_COMPANIES: Final = 2500


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


def run_demo(
    folder: Path, *, customers: int | None, seed: int, lang: str | None, progress: Progress, b2b: bool = False
) -> Shown:
    """Write fictional customers and orders, train on them, and compare with what was planted.

    Parameters
    ----------
    folder : Path
        For the demo's files; the run's own go to ``out/`` in it.
    customers : int or None
        How many; None for a number that shows something within a minute.
    seed : int
        Of the generator.
    lang : {"fr", "en"} or None
    progress : Progress
    b2b : bool, default False
        Companies, with a fictional register, rather than people.

    Returns
    -------
    Shown
    """
    progress.step("Writing fictional customers")
    write, size = (write_b2b, _COMPANIES) if b2b else (write_demo, _PEOPLE)
    files = write(folder, customers=customers or size, seed=seed)
    run = train(files.config, lang=lang, progress=progress)
    new = f"{files.customers} --transactions {files.orders}" + (f" --catalogue {folder / SOURCES}" if b2b else "")
    truth = pd.read_parquet(files.truth).set_index("customer_id")["group"]
    found = run.customers.set_index("customer_id")["cluster"]
    return Shown(
        run=run,
        groups=int(truth[truth >= 0].nunique()),
        recovery=recovery(truth, found.reindex(truth.index)),
        next_commands=(
            f"lieudit score {new} --model {run.bundle} -o scored.parquet",
            f"lieudit report {run.out} --lang en",
            "mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db",
        ),
    )
