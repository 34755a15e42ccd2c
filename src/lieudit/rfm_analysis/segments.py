"""The eleven rule segments: each of the 64 scores belongs to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SEGMENTS", "Segment", "segment_of"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule segment.

    Attributes
    ----------
    slug : str
        As it stands in files.
    fr, en : str
        Labels.
    scores : tuple of str
        The scores ``rfm`` that make it.
    """

    slug: str
    fr: str
    en: str
    scores: tuple[str, ...]


def _segment(slug: str, fr: str, en: str, scores: str) -> Segment:
    return Segment(slug, fr, en, tuple(scores.split()))


SEGMENTS: Final = (
    _segment("champions", "Champions", "Champions", "444"),
    _segment("loyal", "Fidèle", "Loyal", "334 342 343 344 433 434 443"),
    _segment("potential_loyal", "Potentiel fidèle", "Potential loyalist",
             "332 333 341 412 413 414 421 422 423 424 431 432 441 442"),
    _segment("new", "Nouveau client", "New customer", "411"),
    _segment("promising", "Prometteur", "Promising", "311 312 313 331"),
    _segment("needs_attention", "Besoin d'attention", "Needs attention",
             "212 213 214 231 232 233 241 314 321 322 323 324"),
    _segment("about_to_sleep", "Bientôt dormant", "About to sleep", "211"),
    _segment("at_risk", "À risque", "At risk", "112 113 114 121 122 123 124 131 132 133 142 221 222 223 224"),
    _segment("dormant", "Dormant", "Hibernating", "141"),
    _segment("lost", "Perdus", "Lost", "111"),
    _segment("cant_lose", "À ne pas perdre", "Can't lose them", "134 143 144 234 242 243 244"),
)  # fmt: skip

_BY_SCORE: Final = {score: segment for segment in SEGMENTS for score in segment.scores}


def segment_of(score: str) -> Segment:
    """Return the segment of a score.

    Examples
    --------
    >>> segment_of("444").slug, segment_of("111").fr
    ('champions', 'Perdus')
    """
    return _BY_SCORE[score]
