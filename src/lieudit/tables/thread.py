"""A thread beside the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[ThreadPoolExecutor]:
    """Give a pool of one thread, whose work has come to its end when the block is left, be it by Ctrl-C.

    The thread is there before it has anything to do: an interruption while it starts would leave it out of the pool,
    and what it works on would be closed under it.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        yield pool
