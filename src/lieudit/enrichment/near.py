"""Names that are not spelt like the one looked for, but can hardly be another.

Each test looks among few names (those of one postcode, or of one department) and answers only when the names
that pass it belong to one commune: two answers are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from lieudit.enrichment.normalise import ARTICLES, LINK_WORDS, UNREADABLE, core, squash

__all__ = ["Name", "Names", "Near", "is_common", "near_local", "nearest"]

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


class Near(NamedTuple):
    """A name found near another.

    ``commune`` is ``""`` when several passed the same test.
    """

    commune: str
    how: str


class Name(NamedTuple):
    """A name of a commune, in three spellings.

    ``postcode`` is ``""`` unless the name holds with that one only.
    """

    key: str
    squash: str
    core: str
    commune: str
    department: str
    rank: int
    postcode: str


class Names:
    """Names that may have been meant.

    Parameters
    ----------
    names : sequence of Name
    """

    def __init__(self, names: Sequence[Name]) -> None:
        self.keys = [name.key for name in names]
        self.squashes = [name.squash for name in names]
        self.cores = [name.core for name in names]
        self.communes = [name.commune for name in names]
        # All in one text each: a search in it tells at once that no name begins with, or holds, some letters.
        self.text = "\n".join(("", *self.keys))
        self.squashed_text = "\n".join(("", *self.squashes))

    def only(self, places: Sequence[int], how: str) -> Near | None:
        """Return the commune of the names at these places, if it is one; None for no place."""
        if not places:
            return None
        communes = {self.communes[place] for place in places}
        return Near(communes.pop() if len(communes) == 1 else "", how)


def is_common(name: str) -> bool:
    """Tell whether a key holds only words that are found everywhere: ``LE BOURG``, ``LE MOULIN NEUF``."""
    return _COMMON.issuperset(name.split())


def near_local(name: str, names: Names, slips: bool = True) -> Near | None:
    """Look among the names of one postcode.

    Parameters
    ----------
    name : str
        A key.
    names : Names
    slips : bool
        Allow letters that were mistyped; not in what is exactly another commune's name.

    Returns
    -------
    Near or None
        By the first test that any name passes.
    """
    if not names.keys:
        return None
    if UNREADABLE in name:
        return _unreadable(name, names)
    own_squash, own_core = squash(name), core(name)
    if own_squash in names.squashes:
        return names.only([place for place, other in enumerate(names.squashes) if other == own_squash], "spacing")
    if own_core in names.cores:
        return names.only([place for place, other in enumerate(names.cores) if other == own_core], "articles")
    if is_common(name):
        return _held(name, names)
    return (
        _cut(name, names)
        or _edited(own_squash, own_core, names, 1, _allowed(own_core) if slips else 0)
        or _abbreviated(name, names)
        or _held(name, names)
        or _part(name, names)
    )


def nearest(name: str, names: Names, margin: int, strict: bool = False) -> Near | None:
    """Return the name at the least edit distance, if it is small enough and no other is about as near.

    Parameters
    ----------
    name : str
        A key.
    names : Names
    margin : int
        By how many edits the second commune must be farther.
    strict : bool
        One edit at most, in a name of nine letters or more.
    """
    if is_common(name):
        return None
    own_core = core(name)
    return _edited(squash(name), own_core, names, margin, int(len(own_core) >= 9) if strict else _allowed(own_core))


def _edited(own_squash: str, own_core: str, names: Names, margin: int, allowed: int) -> Near | None:
    if not allowed:
        return None
    found = extract(own_squash, names.squashes, scorer=OSA.distance, score_cutoff=allowed + margin, limit=None)
    if len(own_core) > 4:
        found += extract(own_core, names.cores, scorer=OSA.distance, score_cutoff=allowed + margin, limit=None)
    best: dict[str, int] = {}
    for _, distance, place in found:
        # a short name bears fewer edits; beyond what it bears it only stands in the way of others
        limit = min(allowed, _allowed(names.cores[place]))
        if distance <= limit + margin:
            commune = names.communes[place]
            best[commune] = min(best.get(commune, 99), distance if distance <= limit else limit + margin)
    if not best:
        return None
    (distance, commune), *rest = sorted((distance, commune) for commune, distance in best.items())
    if distance > allowed:
        return None
    return Near("" if rest and rest[0][0] < distance + margin else commune, "edits")


def _allowed(text: str) -> int:
    """Return how many edits a name may bear, from the letters of its core."""
    length = len(text)
    return 0 if length < 4 else 1 if length < 7 else 2 if length < 15 else 3


def _cut(name: str, names: Names) -> Near | None:
    """Find what begins like this: ``BOULOGNE``, ``SAINT GERMAIN LA`` (the article of a cut name is its end)."""
    first, _, rest = name.partition(" ")
    places: list[int] = []
    for way in (name, f"{rest} {first}") if first in ARTICLES and rest else (name,):
        whole, letters = way + " ", squash(way)
        if f"\n{whole}" in names.text:
            places += [place for place, other in enumerate(names.keys) if other.startswith(whole)]
        if len(letters) >= _CUT and f"\n{letters}" in names.squashed_text:
            places += [place for place, other in enumerate(names.squashes) if other.startswith(letters)]
    return names.only(places, "cut")


def _abbreviated(name: str, names: Names) -> Near | None:
    """Find what each word shortens: ``ISSY LES MLX``, ``BOULOGNE BILLANC``, ``CLERMONT FD``."""
    words = [word for word in name.split() if word not in LINK_WORDS]
    if not any(len(word) > 3 and word not in _COMMON for word in words):
        return None
    places = []
    for place, other in enumerate(names.keys):
        if other[0] != words[0][0] and other.split()[0] not in LINK_WORDS:
            continue
        theirs = [word for word in other.split() if word not in LINK_WORDS]
        if len(theirs) == len(words) and all(_shortens(*pair) for pair in zip(words, theirs, strict=True)):
            places.append(place)
    return names.only(places, "abbreviation")


def _shortens(short: str, word: str) -> bool:
    """Tell whether the letters of ``short`` stand in ``word`` in this order, from its first on."""
    if short == word:
        return True
    if not short or short[0] != word[0] or len(short) >= len(word):
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def _held(name: str, names: Names) -> Near | None:
    """Find the longest name that this one holds: ``LILLE CENTRE``, ``COURCHEVEL 1850``, ``CUQ LES VIELMUR``.

    In the midst of the name it must say something (not ``VILLENEUVE``); of a name that says nothing, it must be the
    beginning and more than a word (``PONT CROIX GARE``).
    """
    mine, common = f" {name} ", is_common(name)
    found = []
    for place, other in enumerate(names.keys):
        theirs = f" {other} "
        if theirs not in mine:
            continue
        if mine.startswith(theirs):
            beside = mine.removeprefix(theirs).partition(" ")[0] in _BESIDE
            if " " in other if common else len(other) > 2 or beside:
                found.append(place)
        elif not common and len(other) > 3 and not is_common(other):
            found.append(place)
    longest = max((len(names.keys[place]) for place in found), default=0)
    return names.only([place for place in found if len(names.keys[place]) == longest], "part")


def _part(name: str, names: Names) -> Near | None:
    """Find the name that holds this one: ``CAP FERRET`` of Lège-Cap-Ferret."""
    if len(name) < 4 or name not in names.text:
        return None
    mine = f" {name} "
    return names.only([place for place, other in enumerate(names.keys) if mine in f" {other} "], "part")


def _unreadable(name: str, names: Names) -> Near | None:
    """Let each lost character stand for any one or two, or none."""
    letters = squash(name)
    if len(letters.replace(UNREADABLE, "")) < 3:
        return None
    pattern = re.compile(re.escape(letters).replace(re.escape(UNREADABLE), "[A-Z]{0,2}"))
    return names.only([place for place, other in enumerate(names.squashes) if pattern.fullmatch(other)], "unreadable")
