"""RFM on ten million transactions, beside the bare DuckDB aggregate of the same file.

Run with ``make bench`` or ``python -m benchmarks rfm``; needs 200 MB of disk and some minutes. Each measure is a
process of its own, the two kinds take turns, and what counts is the median of the ratios: a busy machine slows both.
Memory is the process's peak.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

LINES, PAIRS = 10_000_000, 5

# A file without order among its rows: every order has 2.5 lines on average, every customer four orders.
GENERATE = """COPY (
    SELECT {customer} AS customer_id, {order} AS order_id, {date} AS order_date, {amount} AS amount
    FROM (SELECT hash(o) % {customers} AS c, o, DATE '2023-01-01' + CAST(hash(o + 1) % 1000 AS INTEGER) AS d,
                 (CAST(hash(i * 11) % 20000 AS INTEGER) - 500) / 100.0 AS a
          FROM (SELECT i, hash(i * 7) % {orders} AS o FROM range({lines}) AS t(i)))
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""
TYPED = {"customer": "CAST(c AS BIGINT)", "order": "CAST(o AS BIGINT)", "date": "d", "amount": "CAST(a AS DOUBLE)"}
TEXT = {
    "customer": "'C' || lpad(CAST(c AS VARCHAR), 8, '0')", "order": "'F' || CAST(o AS VARCHAR)",
    "date": "CAST(d AS VARCHAR)", "amount": "CAST(CAST(a AS DECIMAL(9, 2)) AS VARCHAR)",
}  # fmt: skip


def bare(path: Path) -> None:
    """Aggregate the file as anyone would by hand: no checks, no scores, floats summed as they come."""
    con = duckdb.connect()
    con.execute(
        f"""CREATE TABLE customers AS
        SELECT customer_id, min(order_date), max(order_date), count(DISTINCT order_id), sum(CAST(amount AS DOUBLE))
        FROM read_parquet('{path}') GROUP BY customer_id"""
    )


def ours(path: Path) -> None:
    """Values, scores and segments, through the room's own door."""
    from lieudit.config import RfmConfig  # noqa: PLC0415 - only what a process measures is imported in it
    from lieudit.rfm_analysis import compute  # noqa: PLC0415
    from lieudit.schema import TRANSACTION_ROLES  # noqa: PLC0415
    from lieudit.tables import connect, open_table, recognise  # noqa: PLC0415

    con = connect()
    table = open_table(con, path, name="transactions")
    compute(con, table, recognise(table, TRANSACTION_ROLES, {}), config=RfmConfig())


def measure(kind: str, path: Path) -> None:
    """Run one kind in this process, and print what it took."""
    if kind == "ours":
        import lieudit.rfm_analysis  # noqa: F401, PLC0415 - imports are no part of the measure
    wall, cpu = time.perf_counter(), time.process_time()
    {"bare": bare, "ours": ours}[kind](path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": wall, "cpu": cpu, "peak_mb": peak}))


def compare(path: Path) -> None:
    """Let the two kinds take turns, and print medians."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
    for _ in range(PAIRS):
        for kind, results in runs.items():
            command = [sys.executable, "-m", "benchmarks.rfm", kind, str(path)]
            results.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    for kind, results in runs.items():
        seconds, cpu, memory = (statistics.median(run[key] for run in results) for key in ("seconds", "cpu", "peak_mb"))
        print(f"  {kind}: {seconds:.2f} s, {cpu:.2f} s of processor, {memory:.0f} MB at most")
    for key, label in (("seconds", "time"), ("cpu", "processor")):
        ratios = [mine[key] / theirs[key] for mine, theirs in zip(runs["ours"], runs["bare"], strict=True)]
        low, high = min(ratios), max(ratios)
        print(f"  ratio of {label}: {statistics.median(ratios):.2f} (from {low:.2f} to {high:.2f}, {PAIRS} pairs)")


def main() -> None:
    """Generate the two files and compare on each."""
    with tempfile.TemporaryDirectory() as folder:
        for title, types in (("numbers and dates", TYPED), ("all text", TEXT)):
            path = Path(folder) / "transactions.parquet"
            size = {"lines": LINES, "customers": LINES // 10, "orders": LINES * 4 // 10}
            duckdb.connect().execute(GENERATE.format(path=path, **size, **types))
            print(f"{title}: {LINES} lines, {LINES // 10} customers")
            compare(path)


if __name__ == "__main__":
    measure(sys.argv[1], Path(sys.argv[2]))
