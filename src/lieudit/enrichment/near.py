"""Names that are not spelt like the one looked for, but can hardly be another.

Each test looks among few names (those of one postcode, or of one department) and answers only when the names
that pass it belong to one commune: two answers are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from lieudit.enrichment.index import Name
from lieudit.enrichment.normalise import UNREADABLE, core, squash

__all__ = ["Near", "near_local", "nearest"]

# Words that say nothing of which place is meant.
_COMMON_WORDS: Final = """
    SAINT SAINTE SAINTS SAINTES NOTRE DAME LE LA LES L D DE DES DU AU AUX EN ET SUR SOUS A VILLE BOURG VILLAGE CENTRE
    HAMEAU LIEU DIT GARE EGLISE MAIRIE CHATEAU MOULIN PORT PONT MONT VAL ZONE ZA ZI ZAC INDUSTRIELLE ARTISANALE
    COMMERCIALE GRAND GRANDE PETIT PETITE HAUT HAUTE BAS BASSE VIEUX VIEILLE NEUF NEUVE NOUVEAU NOUVELLE NORD SUD EST
    OUEST CHAPELLE FERME PLACE CROIX PARC PLAGE MER LAC QUARTIER RESIDENCE
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())


class Near(NamedTuple):
    """A name found near another.

    ``commune`` is ``""`` when several passed the same test.
    """

    commune: str
    how: str
    distance: int = 0


def near_local(name: str, names: Sequence[Name]) -> Near | None:
    """Look among the names of one postcode.

    Parameters
    ----------
    name : str
        A key.
    names : sequence of Name

    Returns
    -------
    Near or None
        By the first test that any name passes.
    """
    if UNREADABLE in name:
        return _unreadable(name, names)
    own_squash, own_core = squash(name), core(name)
    for how, test in (
        ("spacing", lambda other: other.squash == own_squash),
        ("articles", lambda other: other.core == own_core),
        ("abbreviation", _abbreviates(name)),
        ("part", _shares(name)),
    ):
        if found := _only([other for other in names if test(other)], how):
            return found
    return nearest(name, names, margin=1)


def nearest(name: str, names: Sequence[Name], margin: int, strict: bool = False) -> Near | None:
    """Return the name at the least edit distance, if it is small enough and no other is about as near.

    Parameters
    ----------
    name : str
        A key.
    names : sequence of Name
    margin : int
        By how many edits the second commune must be farther.
    strict : bool
        One edit at most, in a name of nine letters or more.
    """
    own_squash, own_core = squash(name), core(name)
    allowed = _allowed(own_squash, strict)
    if not allowed:
        return None
    best: dict[str, int] = {}
    for other in names:
        limit = min(allowed, _allowed(other.squash, strict))
        found = min(
            OSA.distance(own_squash, other.squash, score_cutoff=limit + margin),
            OSA.distance(own_core, other.core, score_cutoff=limit + margin) if len(own_core) > 4 else 99,
        )
        if found <= limit + margin and found < best.get(other.commune, 99):
            best[other.commune] = found
    if not best:
        return None
    (distance, commune), *others = sorted((found, commune) for commune, found in best.items())
    if distance > allowed:
        return None
    if others and others[0][0] < distance + margin:
        return Near("", "edits", distance)
    return Near(commune, "edits", distance)


def _allowed(text: str, strict: bool) -> int:
    """Return how many edits a name of this length may bear."""
    length = len(text)
    if strict:
        return int(length >= 9)
    return 0 if length < 4 else 1 if length < 6 else 2 if length < 12 else 3


def _only(found: Sequence[Name], how: str) -> Near | None:
    communes = {name.commune for name in found}
    if not communes:
        return None
    return Near(communes.pop(), how) if len(communes) == 1 else Near("", how)


def _abbreviates(name: str) -> Callable[[Name], bool]:
    """Tell whether each word is the other's, shortened: ``ISSY LES MLX``, ``BOULOGNE BILLANC``, ``CLERMONT FD``."""
    words = [word for word in name.split() if word not in _COMMON or word in {"SAINT", "SAINTE"}]
    if not any(len(word) > 3 and word not in _COMMON for word in words):
        return lambda _other: False

    def test(other: Name) -> bool:
        theirs = [word for word in other.key.split() if word not in _COMMON or word in {"SAINT", "SAINTE"}]
        return (
            len(theirs) == len(words)
            and any(mine == word and len(mine) > 3 for mine, word in zip(words, theirs, strict=True))
            and all(_shortens(mine, word) for mine, word in zip(words, theirs, strict=True))
        )

    return test


def _shortens(short: str, word: str) -> bool:
    """Tell whether the letters of ``short`` stand in ``word`` in this order, from its first on."""
    if short == word:
        return True
    if not short or short[0] != word[0] or len(short) >= len(word):
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def _shares(name: str) -> Callable[[Name], bool]:
    """Tell whether one name holds the other, with a word that means something: ``LILLE CENTRE``."""
    mine = f" {name} "

    def test(other: Name) -> bool:
        theirs = f" {other.key} "
        shared = other.key if theirs in mine else name if mine in theirs else ""
        return len(shared) > 3 and any(word not in _COMMON and len(word) > 2 for word in shared.split())

    return test


def _unreadable(name: str, names: Sequence[Name]) -> Near | None:
    """Let each lost character stand for any one or two."""
    pattern = re.compile(re.escape(squash(name)).replace(re.escape(UNREADABLE), "[A-Z]{0,2}"))
    if len(squash(name).replace(UNREADABLE, "")) < 3:
        return None
    return _only([other for other in names if pattern.fullmatch(other.squash)], "unreadable")
