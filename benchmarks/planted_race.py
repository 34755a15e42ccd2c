"""One planted base of 12,000 customers, and ways to segment it side by side: ARI, processor time, memory.

Each runs in a process of its own. FactoMineR is left out without Rscript.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from benchmarks._planted import BEHAVIOUR, NOBODY, PLACE, race

R_SCRIPT = """
suppressMessages(library(FactoMineR)); a <- commandArgs(TRUE); d <- read.csv(a[1], stringsAsFactors = TRUE)
f <- d[, c({columns})]
m <- MFA(f, group = c({behaviour}, {place}, 1), type = c("s", "s", "n"), ncp = 5, graph = FALSE)
found <- as.integer(HCPC(m, nb.clust = -1, graph = FALSE)$data.clust$clust)
write.csv(data.frame(cluster = found), a[2], row.names = FALSE)
"""


def ours(data: pd.DataFrame) -> np.ndarray:
    """Segment with the defaults of `lieudit train`."""
    from lieudit.config import TrainConfig  # noqa: PLC0415 (the others do not pay for the import)
    from lieudit.segment import segment_customers  # noqa: PLC0415

    found = segment_customers(data[BEHAVIOUR + PLACE], data["rule"], TrainConfig())
    print([(segment.name.en, segment.size, segment.status) for segment in found.segments], file=sys.stderr)
    return found.customers["cluster"].to_numpy()


def kmeans(data: pd.DataFrame) -> np.ndarray:
    """Standardise, one-hot, and take the number of clusters with the best silhouette on 5,000."""
    matrix = StandardScaler().fit_transform(_one_hot(data))
    tried = [KMeans(count, n_init=10, random_state=0).fit_predict(matrix) for count in range(2, 11)]
    return max(tried, key=lambda labels: silhouette_score(matrix, labels, sample_size=5000, random_state=0))


def pycaret_style(data: pd.DataFrame) -> np.ndarray:
    """Do as PyCaret's `setup` and `create_model("kmeans")` do: impute, one-hot, four clusters, no scaling."""
    return KMeans(4, n_init=10, random_state=0).fit_predict(_one_hot(data))


def rules(data: pd.DataFrame) -> np.ndarray:
    """Take the 11 rule segments for groups."""
    return data["rule"].to_numpy()


def _one_hot(data: pd.DataFrame) -> pd.DataFrame:
    numbers = data[BEHAVIOUR + PLACE].drop(columns="urban_class")
    return pd.concat([numbers.fillna(numbers.mean()), pd.get_dummies(data["urban_class"], dtype=float)], axis=1)


WAYS = {"lieudit": ours, "k-means, best silhouette": kmeans, "PyCaret's defaults": pycaret_style, "11 RFM rules": rules}


def main() -> None:
    """Run every way, and print the table."""
    base = race(0)
    planted = (base.truth != NOBODY).to_numpy()
    print("| way | clusters | ARI | processor s | memory, MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "customers.csv", Path(folder) / "labels.csv"
        base.frame.assign(rule=base.rules).to_csv(given)
        commands = {way: [sys.executable, "-m", "benchmarks.planted_race", way, str(given), str(out)] for way in WAYS}
        if rscript := shutil.which("Rscript"):
            commands["FactoMineR: MFA, HCPC"] = [rscript, "-e", _r_script(), str(given), str(out)]
        for way, command in commands.items():
            process = subprocess.Popen(command)
            _, status, used = os.wait4(process.pid, 0)
            if status:
                print(f"| {way} | failed | | {used.ru_utime + used.ru_stime:.0f} | {used.ru_maxrss / 1024:.0f} |")
                continue
            labels = pd.read_csv(out)["cluster"].to_numpy()
            ari = adjusted_rand_score(base.truth[planted], labels[planted])
            cpu = used.ru_utime + used.ru_stime
            print(
                f"| {way} | {len(np.unique(labels))} | {ari:.3f} | {cpu:.0f} | {used.ru_maxrss / 1024:.0f} |",
                flush=True,
            )


def _r_script() -> str:
    numbers = [column for column in PLACE if column != "urban_class"]
    columns = ", ".join(f'"{column}"' for column in [*BEHAVIOUR, *numbers, "urban_class"])
    return R_SCRIPT.format(columns=columns, behaviour=len(BEHAVIOUR), place=len(numbers))


def _work(way: str, given: str, out: str) -> None:
    labels = WAYS[way](pd.read_csv(given, index_col=0))
    pd.DataFrame({"cluster": labels}).to_csv(out, index=False)


if __name__ == "__main__":
    _work(*sys.argv[1:]) if len(sys.argv) > 1 else main()
