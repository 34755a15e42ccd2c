"""The resolver beside addok, on the same damaged addresses of communes: right, wrong, silent, and how fast.

Run with ``python -m benchmarks.addok``; it needs what :mod:`benchmarks._addok` says. Addok has the same communes, set
up as for the Base Adresse Nationale, and its answers are taken as they come: over its own least score of 0.5.

What each side does once, before the first row, is timed apart: addok loads its index into redis and starts its server,
we read ours. Both then answer other rows, so that neither's caches are empty, and race on rows that neither has seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from benchmarks._addok import missing, running
from benchmarks._enrich_damages import Case, cases
from benchmarks.enrich_damage import Outcome
from lieudit.catalogue import open_catalogue
from lieudit.enrichment.index import read_index
from lieudit.enrichment.resolve import Resolver
from lieudit.services.chunk import read_chunk, write_chunk
from lieudit.services.client import Client
from lieudit.services.terms import Limits

ROWS, OTHERS = 10_000, 2_000
_COLUMNS = [("columns", name) for name in ("street", "postcode", "city")]


def main() -> None:
    """Print what each finds, and their speeds."""
    if absent := missing():
        print(f"left out: {absent}")
        return
    others, found = list(cases(OTHERS, seed=2)), list(cases(ROWS, seed=1))
    began = time.perf_counter()
    resolver = Resolver(read_index(open_catalogue()))
    ready = time.perf_counter() - began
    began = time.perf_counter()
    with running() as base:
        theirs_ready = time.perf_counter() - began
        client = Client(base, Limits(per_second=1_000, silence=300))
        _, theirs_first = _timed(lambda: _ask(client, others))
        _, ours_first = _timed(lambda: _resolve(resolver, others))
        asked, theirs = _timed(lambda: _ask(client, found))
        resolved, ours = _timed(lambda: _resolve(resolver, found))
        client.close()
    rows = len(found)
    print(f"before the first row: lieudit {ready:.1f} s, addok {theirs_ready:.1f} s")
    print(f"first {len(others):,} other rows: lieudit {ours_first:.2f} s, addok {theirs_first:.2f} s "
          f"({theirs_first / ours_first:.0f} times as long)")  # fmt: skip
    for name, communes, seconds in (("lieudit", resolved, ours), ("addok", asked, theirs)):
        right, wrong, silent = _count(found, communes)
        print(f"{name:8} {right / rows:7.2%} right {wrong / rows:7.2%} wrong {silent / rows:7.2%} silent, "
              f"{rows / seconds:8,.0f} rows/s")  # fmt: skip
    print(f"{rows:,} rows: lieudit is {theirs / ours:.0f} times faster")


def _cells(case: Case) -> tuple[str, str, str]:
    address, postcode, city = (" ".join(text.split()) for text in (case.address, case.postcode, case.city))
    return address, postcode, city


def _resolve(resolver: Resolver, found: list[Case]) -> list[str]:
    return [resolver.resolve_address(*_cells(case)).commune for case in found]


def _ask(client: Client, found: list[Case]) -> list[str]:
    rows = {str(number): _cells(case) for number, case in enumerate(found)}
    files = {"data": ("addresses.csv", write_chunk(rows), "text/csv")}
    results: Mapping[str, Mapping[str, str]] = client.post(
        "/search/csv", lambda reply: read_chunk(reply.content, rows), data=_COLUMNS, files=files
    )
    if results.keys() != rows.keys():
        raise RuntimeError(f"{len(rows) - len(results)} rows did not come back")
    return [results[number]["result_citycode"] for number in rows]


def _count(found: list[Case], communes: list[str]) -> Outcome:
    pairs = list(zip(found, communes, strict=True))
    right = sum(case.commune == commune for case, commune in pairs)
    wrong = sum(commune not in (case.commune, "") for case, commune in pairs)
    return Outcome(right, wrong, len(pairs) - right - wrong)


def _timed(work: Callable[[], list[str]]) -> tuple[list[str], float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


if __name__ == "__main__":
    main()
