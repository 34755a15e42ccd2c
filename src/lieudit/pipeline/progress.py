"""What the pipeline says while it works."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Hears of the steps of a run; the command line draws them."""

    def step(self, label: str, total: int | None = None) -> None:
        """Hear that a step begins, with how many parts it has where that is known."""

    def advance(self, detail: str = "") -> None:
        """Hear that a part of the step is done."""


class Silent:
    """Hears and says nothing."""

    def step(self, label: str, total: int | None = None) -> None:
        """Do nothing."""

    def advance(self, detail: str = "") -> None:
        """Do nothing."""
