"""Whether a name speaks of another place than the one that the postcode announces.

Such a name stands against the postcode: neither is then believed. A name that no list holds proves nothing, unless it
reads like a lieu-dit's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lieudit.enrichment.index import CURRENT, SPOKEN_OF, Index
from lieudit.enrichment.near import is_common
from lieudit.enrichment.normalise import ARTICLES, LINK_WORDS

__all__ = ["heads_of", "is_commune", "is_elsewhere", "is_site", "is_spot", "shares", "town_ahead"]

# What the name of a spot, a street or a site begins with; a village's may begin with anything.
_SPOT_WORDS: Final = """
    ALLEE AVENUE BOIS BORIE BOULEVARD BOURG CENTRE CHATEAU CHEMIN CITE CLOS COTE COUR CROIX DOMAINE ECART
    ESPACE FERME GARE GRANGE HAMEAU HAUT HAUTS IMPASSE LIEU LIEUDIT LOTISSEMENT LOT MAISON MANOIR MAS METAIRIE
    MOULIN PARC PASSAGE PLACE QUAI QUARTIER RESIDENCE ROUTE RUE SITE SQUARE TECHNOPOLE VILLA VILLAGE VOIE ZA
    ZAC ZI ZONE
"""
_BINDING: Final = LINK_WORDS - ARTICLES
_SITES: Final = frozenset(_SPOT_WORDS.split())
_SPOTS: Final = ARTICLES | _SITES


def is_commune(index: Index, name: str) -> bool:
    """Tell whether a key is exactly the name of a commune of today; ``LE BOURG`` says nothing."""
    known = index.names.get(name)
    return known is not None and not is_common(name) and any(found.rank == CURRENT for found in known)


def is_spot(name: str) -> bool:
    """Tell whether a key begins as a lieu-dit, a street or a site does: ``MAS DE LA SOURCE``, ``LES CLOS``."""
    return name.partition(" ")[0] in _SPOTS


def is_site(name: str) -> bool:
    """Tell whether a key begins, but for its article, with the name of a kind of site: ``LA CROIX BLANCHE``."""
    words = name.split()
    return len(words) > 1 and (words[1] if words[0] in ARTICLES else words[0]) in _SITES


def shares(name: str, names: Iterable[str]) -> bool:
    """Tell whether a key has a word that says something in common with one of some names: ``ROISSY CDG``."""
    words = {word for word in name.split() if len(word) > 3 and not is_common(word)}
    return any(not words.isdisjoint(other.split()) for other in names)


def heads_of(name: str) -> list[str]:
    """Return the leading words of a key that say something, the longest first: ``MERIGNAC`` of ``MERIGNAC AEROPORT``.

    Not those that a link word binds to what follows: ``CHALON SUR SAONE`` does not begin with ``CHALON``.
    """
    words = name.split()
    heads = (" ".join(words[:end]) for end in range(len(words) - 1, 0, -1) if words[end] not in _BINDING)
    return [head for head in heads if len(head) > 2 and not is_common(head)]


def is_elsewhere(index: Index, name: str, departments: frozenset[str]) -> bool:
    """Tell whether a key names, or begins with the name of, a place that a list knows.

    Parameters
    ----------
    index : Index
    name : str
        A key that is the name of no place which the postcode serves.
    departments : frozenset of str
        Those that the postcode announces: a small place of these is meant as well as a town of 5,000 anywhere.
    """
    if is_common(name):
        return False
    known = index.names.get(name, ())
    if is_commune(index, name) or any(n.department in departments for n in known) or name in index.town_heads:
        return True
    if any(department in departments for label in index.cedex_words(name) for department, _ in label):
        return True
    return any(
        found.rank == CURRENT and (found.department in departments or index.population[found.commune] > SPOKEN_OF)
        for head in heads_of(name)
        for found in index.names.get(head, ())
    )


def town_ahead(index: Index, name: str, departments: frozenset[str]) -> str:
    """Return the town of 5,000 of the department whose name a key begins with, or ``""``.

    No other name of the department may begin so, and what follows may be no other place's name; nor may the whole be a
    CEDEX label: ``ORLY AEROGARE`` lies in several communes.
    """
    if name in index.cedex_names:
        return ""
    for head in heads_of(name):
        found = {n.commune for n in index.names.get(head, ()) if n.department in departments and n.rank == CURRENT}
        if not found:
            continue
        rest = name.removeprefix(head).strip()
        rivals = {n.commune for n in index.names.get(rest, ()) if n.department in departments}
        if rest in index.town_heads:
            return ""  # ``PARIS ORLY``
        regional = index.department_names(departments)
        rivals |= {c for key, c in zip(regional.keys, regional.communes, strict=True) if key.startswith(f"{head} ")}
        town = min(found)
        return town if found | rivals == {town} and index.population[town] > SPOKEN_OF else ""
    return ""
