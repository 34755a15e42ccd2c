"""One colour for each cluster, the same in every chart of the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["INK", "NEUTRAL", "NOISE", "colours", "mix", "readable_on"]

# Paul Tol's "muted" scheme (SRON/EPS/TN/09-002, issue 3.2), told apart with every kind of colour blindness.
_MUTED: Final = ("#332288", "#44AA99", "#CC6677", "#88CCEE", "#117733", "#DDCC77", "#882255", "#999933", "#AA4499")
NOISE: Final = "#8A8F98"
NEUTRAL: Final = "#6B7785"
INK: Final = "#1C2430"
_PAPER: Final = "#FFFFFF"


def colours(clusters: Iterable[int]) -> dict[int, str]:
    """Give each cluster its colour, by its number.

    Beyond nine clusters colours come again, lighter then darker; the cluster's number stands beside its colour
    everywhere, so that colour never carries the meaning alone.

    Examples
    --------
    >>> colours([1, -1, 0])
    {-1: '#8A8F98', 0: '#332288', 1: '#44AA99'}
    """
    ordered = sorted(set(clusters))
    noise = {number: NOISE for number in ordered if number < 0}
    return noise | {number: _shade(rank) for rank, number in enumerate(n for n in ordered if n >= 0)}


def _shade(rank: int) -> str:
    base, turn = _MUTED[rank % len(_MUTED)], rank // len(_MUTED) % 3
    return base if turn == 0 else mix(base, _PAPER if turn == 1 else INK, 0.55)


def mix(colour: str, other: str, share: float) -> str:
    """Return ``share`` of ``colour`` laid over ``other``.

    Examples
    --------
    >>> mix("#000000", "#FFFFFF", 0.2)
    '#CCCCCC'
    """
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in pairs)


def readable_on(colour: str) -> str:
    """Return black or white, whichever reads better on ``colour``: their contrast is over 4.5 on any colour.

    Examples
    --------
    >>> readable_on("#332288"), readable_on("#DDCC77")
    ('#FFFFFF', '#000000')
    """
    return max(("#000000", _PAPER), key=lambda text: contrast(colour, text))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, 1.4.3).

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
