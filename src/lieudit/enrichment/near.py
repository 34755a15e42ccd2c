"""Names that are not spelt like the one looked for, but can hardly be another.

Each test looks among few names (those of one postcode, or of one department) and answers only when the names
that pass it belong to one commune: two answers are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from lieudit.enrichment.normalise import ARTICLES, LINK_WORDS, UNREADABLE, core, squash

__all__ = ["Candidate", "Near", "is_common", "near_local", "nearest"]

# Words that say nothing of which place is meant.
_COMMON_WORDS: Final = """
    SAINT SAINTE SAINTS SAINTES NOTRE DAME VILLE BOURG VILLAGE CENTRE HAMEAU LIEU DIT GARE EGLISE MAIRIE CHATEAU MOULIN
    PORT PONT MONT VAL ZONE ZA ZI ZAC INDUSTRIELLE ARTISANALE COMMERCIALE GRAND GRANDE PETIT PETITE HAUT HAUTE BAS BASSE
    VIEUX VIEILLE NEUF NEUVE NOUVEAU NOUVELLE NORD SUD EST OUEST CHAPELLE FERME PLACE CROIX PARC PLAGE MER LAC QUARTIER
    RESIDENCE
"""
_COMMON: Final = LINK_WORDS | frozenset(_COMMON_WORDS.split())
_BESIDE: Final = frozenset({"LES", "LEZ", "SUR", "SOUS", "EN", "PRES"})  # CUQ, written CUQ LES VIELMUR
_CUT: Final = 12  # letters after which a name may have been cut within a word


class Candidate(NamedTuple):
    """A name that may have been meant, in its three spellings."""

    key: str
    squash: str
    core: str
    commune: str


class Near(NamedTuple):
    """A name found near another.

    ``commune`` is ``""`` when several passed the same test.
    """

    commune: str
    how: str


def is_common(name: str) -> bool:
    """Tell whether a key holds only words that are found everywhere: ``LE BOURG``, ``LE MOULIN NEUF``."""
    return all(word in _COMMON for word in name.split())


def near_local(name: str, names: Sequence[Candidate]) -> Near | None:
    """Look among the names of one postcode.

    Parameters
    ----------
    name : str
        A key.
    names : sequence of Candidate

    Returns
    -------
    Near or None
        By the first test that any name passes.
    """
    if not names:
        return None
    if UNREADABLE in name:
        return _unreadable(name, names)
    own_squash, own_core = squash(name), core(name)
    if found := [other for other in names if other.squash == own_squash]:
        return _only(found, "spacing")
    if found := [other for other in names if other.core == own_core]:
        return _only(found, "articles")
    if is_common(name):
        return _held(name, [other for other in names if len(other.key.split()) > 1])
    return (
        _cut(name, names)
        or nearest(name, names, margin=1)
        or _abbreviated(name, names)
        or _held(name, names)
        or _part(name, names)
    )


def nearest(name: str, names: Iterable[Candidate], margin: int, strict: bool = False) -> Near | None:
    """Return the name at the least edit distance, if it is small enough and no other is about as near.

    Parameters
    ----------
    name : str
        A key.
    names : iterable of Candidate
    margin : int
        By how many edits the second commune must be farther.
    strict : bool
        One edit at most, in a name of nine letters or more.
    """
    own_squash, own_core = squash(name), core(name)
    allowed = int(len(own_core) >= 9) if strict else _allowed(own_core)
    if not allowed or is_common(name):
        return None
    best: dict[str, int] = {}
    for _, other_squash, other_core, commune in names:
        limit = min(allowed, _allowed(other_core))
        found = OSA.distance(own_squash, other_squash, score_cutoff=limit + margin)
        if found and len(own_core) > 4:
            found = min(found, OSA.distance(own_core, other_core, score_cutoff=limit + margin))
        if found <= limit + margin and found < best.get(commune, 99):
            best[commune] = found if found <= limit else limit + margin
    if not best:
        return None
    (distance, commune), *others = sorted((found, commune) for commune, found in best.items())
    if distance > allowed:
        return None
    return Near("" if others and others[0][0] < distance + margin else commune, "edits")


def _allowed(text: str) -> int:
    """Return how many edits a name may bear, from the letters of its core."""
    length = len(text)
    return 0 if length < 4 else 1 if length < 7 else 2 if length < 15 else 3


def _only(found: Sequence[Candidate], how: str) -> Near | None:
    communes = {name.commune for name in found}
    if not communes:
        return None
    return Near(communes.pop() if len(communes) == 1 else "", how)


def _cut(name: str, names: Sequence[Candidate]) -> Near | None:
    """Find what begins like this: ``BOULOGNE``, ``SAINT GERMAIN LA`` (the article of a cut name is its end)."""
    first, _, rest = name.partition(" ")
    ways = (name, f"{rest} {first}") if first in ARTICLES and rest else (name,)
    found = [
        other for way in ways for other in names
        if other.key.startswith(way + " ") or (len(way) >= _CUT and other.squash.startswith(squash(way)))
    ]  # fmt: skip
    return _only(found, "cut")


def _abbreviated(name: str, names: Sequence[Candidate]) -> Near | None:
    """Find what each word shortens: ``ISSY LES MLX``, ``BOULOGNE BILLANC``, ``CLERMONT FD``."""
    words = [word for word in name.split() if word not in LINK_WORDS]
    if not any(len(word) > 3 and word not in _COMMON for word in words):
        return None
    found = []
    for other in names:
        theirs = [word for word in other.key.split() if word not in LINK_WORDS]
        if len(theirs) == len(words) and all(_shortens(*pair) for pair in zip(words, theirs, strict=True)):
            found.append(other)
    return _only(found, "abbreviation")


def _shortens(short: str, word: str) -> bool:
    """Tell whether the letters of ``short`` stand in ``word`` in this order, from its first on."""
    if short == word:
        return True
    if not short or short[0] != word[0] or len(short) >= len(word):
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def _held(name: str, names: Sequence[Candidate]) -> Near | None:
    """Find the longest name that this one holds: ``LILLE CENTRE``, ``COURCHEVEL 1850``, ``CUQ LES VIELMUR``."""
    mine = f" {name} "
    found = []
    for other in names:
        theirs = f" {other.key} "
        if mine.startswith(theirs):
            if len(other.key) > 2 or mine.removeprefix(theirs).partition(" ")[0] in _BESIDE:
                found.append(other)
        elif theirs in mine and len(other.key) > 3 and not is_common(other.key):
            found.append(other)
    longest = max((len(other.key) for other in found), default=0)
    return _only([other for other in found if len(other.key) == longest], "part")


def _part(name: str, names: Sequence[Candidate]) -> Near | None:
    """Find the name that holds this one: ``CAP FERRET`` of Lège-Cap-Ferret."""
    if len(name) < 4:
        return None
    return _only([other for other in names if f" {name} " in f" {other.key} "], "part")


def _unreadable(name: str, names: Sequence[Candidate]) -> Near | None:
    """Let each lost character stand for any one or two, or none."""
    if len(squash(name).replace(UNREADABLE, "")) < 3:
        return None
    pattern = re.compile(re.escape(squash(name)).replace(re.escape(UNREADABLE), "[A-Z]{0,2}"))
    return _only([other for other in names if pattern.fullmatch(other.squash)], "unreadable")
