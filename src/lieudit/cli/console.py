"""What a command prints: progress bars on a terminal, plain lines otherwise, nothing when quiet."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import typer

__all__ = ["Console"]

# Off a terminal, a step that goes on says so as often as this.
SECONDS_BETWEEN_LINES: Final = 20.0


class Console:
    """Prints for one command; a :class:`lieudit.pipeline.Progress` as well.

    Parameters
    ----------
    quiet : bool
        Print nothing but errors.
    verbose : bool
        Also print lieudit's own log, on the standard error stream.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._label = ""
        self._total: int | None = None
        self._done = 0
        self._began = 0.0
        handler: logging.Handler = logging.NullHandler() if quiet else logging.StreamHandler(sys.stderr)
        handler.setFormatter(
            logging.Formatter("%(levelname)s %(name)s: %(message)s" if verbose else "warning: %(message)s")
        )
        logger = logging.getLogger("lieudit")  # ours alone: other libraries and the root keep their own settings
        logger.handlers = [handler]
        logger.setLevel(logging.DEBUG if verbose else logging.WARNING)

    @contextmanager
    def working(self) -> Iterator[Console]:
        """Show progress while the block runs: a live bar on a terminal, plain lines elsewhere."""
        if self._quiet:
            yield self
            return
        if not sys.stderr.isatty():
            with self._beating():
                yield self
            return
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bar:
            self._bar = bar
            try:
                yield self
            finally:
                self._bar = None

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Say every so often that the step goes on, whether or not it is made of parts."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(SECONDS_BETWEEN_LINES):
                self.say_going_on()

        thread = threading.Thread(target=beat, name="lieudit-progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def say_going_on(self) -> None:
        """Print a line on the step at hand: how far it is, and since when."""
        elapsed = time.monotonic() - self._began
        if self._label and elapsed >= SECONDS_BETWEEN_LINES / 2:  # a step that has just begun has said so
            of = f" {self._done} of {self._total}," if self._total else ""
            typer.echo(f"  {self._label}:{of} {elapsed:.0f} s", err=True)

    def step(self, label: str, total: int | None = None) -> None:
        """Say that a step begins, with how many parts it has where that is known."""
        self._label, self._total, self._done, self._began = label, total, 0, time.monotonic()
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(label, total=total)
        elif not self._quiet:
            typer.echo(f"{label}…", err=True)

    def advance(self, detail: str = "") -> None:
        """Say that a part of the step is done."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=f"{self._label}: {detail}" if detail else self._label)

    def say(self, text: str) -> None:
        """Print a line of the result."""
        if not self._quiet:
            typer.echo(text)

    def say_counts(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Print how many rows have each value, a line for each thing counted."""
        for counted, by_value in counts.items():
            self.say(f"  {counted}: " + ", ".join(f"{value} {n:,}" for value, n in by_value.items()))

    def warn(self, text: str) -> None:
        """Print a warning on the standard error stream."""
        if not self._quiet:
            typer.echo(f"warning: {text}", err=True)
