"""A thread beside the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@contextmanager
def one_thread(con: duckdb.DuckDBPyConnection | None = None) -> Iterator[ThreadPoolExecutor]:
    """Give a pool of one thread, whose work has come to its end when the block is left, be it by Ctrl-C.

    The thread is there before it has anything to do: an interruption while it starts would leave it out of the pool,
    and what it works on would be closed under it.

    Parameters
    ----------
    con : DuckDBPyConnection, optional
        What it does for the thread is broken off where the block fails.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        try:
            yield pool
        except BaseException:
            if con is not None:
                con.interrupt()
            raise


def run(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Run a long statement so that Ctrl-C breaks it off.

    DuckDB 2.0 often hears of it only when the statement is done, where Python's main thread runs it.
    """
    with one_thread(con) as thread:
        thread.submit(con.execute, sql).result()
