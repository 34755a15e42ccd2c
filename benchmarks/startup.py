"""How long ``lieudit --help`` takes, beside a bare Python that does nothing."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
COMMAND = str(Path(sys.executable).with_name("lieudit"))


def seconds(command: list[str]) -> float:
    """Return the wall time of one run of a command."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> None:
    """Run both in turn and print medians."""
    bare, ours = [], []
    for _ in range(RUNS):
        bare.append(seconds([sys.executable, "-c", "pass"]))
        ours.append(seconds([COMMAND, "--help"]))
    print(f"lieudit --help: median {statistics.median(ours):.3f} s (bare python {statistics.median(bare):.3f} s)")


if __name__ == "__main__":
    main()
