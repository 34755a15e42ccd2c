"""How long it takes to clean a million distinct company identifiers.

Run with ``python -m benchmarks.siret``. The mix is that of a customer file: nine cells in ten are digits,
plain or with spaces, a float's ``.0`` or zeros lost; one in ten needs a closer look.
"""

from __future__ import annotations

import time

import duckdb
import numpy as np
import pandas as pd

from lieudit.companies.siret import identify

ROWS = 1_000_000
SEED = 0


def luhn_digit(numbers: np.ndarray, length: int) -> np.ndarray:
    """Return the digit that makes Luhn's key right when put after each number of `length` digits."""
    total = np.zeros(len(numbers), dtype=np.int64)
    for place in range(length):
        digit = numbers // 10**place % 10
        doubled = 2 * digit
        total += np.where(doubled > 9, doubled - 9, doubled) if place % 2 == 0 else digit
    return -total % 10


def make_identifiers(rows: int, seed: int = SEED) -> pd.Series:
    """Return distinct cells of a SIRET column: random numbers with right keys, written in many ways."""
    rng = np.random.default_rng(seed)
    head = rng.choice(90_000_000, rows, replace=False) + 10_000_000
    siren = head * 10 + luhn_digit(head, 8)
    stem = siren * 10_000 + rng.integers(1, 30, rows)
    siret = pd.Series(stem * 10 + luhn_digit(stem, 13)).astype(str)
    grouped = siret.str[:3] + " " + siret.str[3:6] + " " + siret.str[6:9] + " " + siret.str[9:]
    kinds = [
        (0.60, siret),
        (0.15, grouped),
        (0.05, siret.str[:9]),
        (0.05, siret + ".0"),
        (0.05, siret.str[:13] + "0"),
        (0.04, "SIRET : " + grouped),
        (0.02, siret.str[:9] + " RCS PARIS"),
        (0.02, siret.str[:1] + "." + siret.str[1:] + "E+13"),
        (0.01, siret.str.replace("0", "O", n=1)),
        (0.01, siret + " / " + siret.shift(1, fill_value="73282932000074")),
    ]
    kind = rng.choice(len(kinds), rows, p=[share for share, _ in kinds])
    return pd.Series(np.choose(kind, [cells.to_numpy(dtype=object) for _, cells in kinds]), name="siret")


def main() -> None:
    """Print the time and the outcome."""
    con = duckdb.connect()
    con.register("frame", make_identifiers(ROWS).to_frame())
    con.execute("CREATE TABLE companies AS SELECT CAST(siret AS VARCHAR) AS siret FROM frame")
    start = time.perf_counter()
    name = identify(con, "companies", "siret")
    seconds = time.perf_counter() - start
    (distinct,) = con.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)
    print(f"{distinct:,} distinct identifiers in {seconds:.2f} s")
    for status, rows in con.execute(f"SELECT siret_status, count(*) FROM {name} GROUP BY ALL ORDER BY ALL").fetchall():
        print(f"  {status:26} {rows:>9,}")


if __name__ == "__main__":
    main()
