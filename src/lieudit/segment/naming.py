"""Names of clusters in French and English, from their strongest traits, the same on every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

from lieudit.segment.describe import Trait

__all__ = ["NOISE_NAME", "Name", "name_clusters"]

Language = Literal["fr", "en"]
MAX_WORDS: Final = 5
# A trait under a fifth of a standard deviation is not worth a name, however many customers make it certain.
SMALLEST_EFFECT: Final = 0.2
# What customers do and say comes before what and where they are.
_ORDER: Final = ("behaviour", "declared", "company", "place")


class Name(NamedTuple):
    """What a cluster is called."""

    fr: str
    en: str


class _Words(NamedTuple):
    high: Name
    low: Name | None


NOISE_NAME: Final = Name("Hors segment", "No segment")

_WORDS: Final[dict[str, _Words]] = {
    "recency_days": _Words(Name("clients inactifs", "inactive"), Name("achats récents", "recent orders")),
    "frequency": _Words(Name("achats fréquents", "frequent orders"), Name("achats rares", "rare orders")),
    "monetary": _Words(Name("fortes dépenses", "big spenders"), Name("faibles dépenses", "small spenders")),
    "mean_basket": _Words(Name("gros paniers", "big baskets"), Name("petits paniers", "small baskets")),
    "tenure_days": _Words(Name("clients anciens", "long-standing"), Name("nouveaux clients", "newcomers")),
    "order_gap_cv": _Words(Name("rythme irrégulier", "irregular rhythm"), Name("rythme régulier", "steady rhythm")),
    "income_per_inhabitant_eur": _Words(Name("communes aisées", "well-off places"),
                                        Name("communes modestes", "modest places")),
    "median_income_eur": _Words(Name("communes aisées", "well-off places"),
                                Name("communes modestes", "modest places")),
    "density_per_km2": _Words(Name("communes denses", "dense places"), Name("communes peu denses", "sparse places")),
    "share_under_20": _Words(Name("communes jeunes", "young places"), Name("peu de jeunes", "few under-20s")),
    "share_65_plus": _Words(Name("communes âgées", "older places"), Name("peu de seniors", "few over-65s")),
    "share_houses": _Words(Name("communes pavillonnaires", "houses"), Name("habitat collectif", "flats")),
    "share_second_homes": _Words(Name("communes de villégiature", "holiday places"),
                                 Name("résidences principales", "main homes")),
    "share_vacant_homes": _Words(Name("logements vacants", "vacant homes"), Name("logements occupés", "few vacancies")),
    "share_social_housing": _Words(Name("parc social", "social housing"),
                                   Name("peu de HLM", "little social housing")),
    "urban_class=urban": _Words(Name("en ville", "urban"), None),
    "urban_class=periurban": _Words(Name("en périurbain", "periurban"), None),
    "urban_class=rural": _Words(Name("en zone rurale", "rural"), None),
    "company_category=PME": _Words(Name("PME", "small businesses"), None),
    "company_category=ETI": _Words(Name("ETI", "mid-sized companies"), None),
    "company_category=GE": _Words(Name("grandes entreprises", "large companies"), None),
    "headcount_min": _Words(Name("gros effectifs", "many employees"), Name("petits effectifs", "few employees")),
    "company_age_years": _Words(Name("entreprises anciennes", "old companies"),
                                Name("jeunes entreprises", "young companies")),
    "turnover_eur": _Words(Name("gros chiffre d'affaires", "high turnover"),
                           Name("petit chiffre d'affaires", "low turnover")),
    "turnover_growth": _Words(Name("en croissance", "growing"), Name("en recul", "shrinking")),
}  # fmt: skip
# The sections of NAF rev. 2, in a word or two.
_SECTIONS: Final = {
    "A": Name("agriculture", "farming"), "B": Name("extraction", "mining"), "C": Name("industrie", "manufacturing"),
    "D": Name("énergie", "energy"), "E": Name("eau et déchets", "water and waste"),
    "F": Name("construction", "construction"), "G": Name("commerce", "trade"), "H": Name("transport", "transport"),
    "I": Name("hôtels et restaurants", "hotels and restaurants"), "J": Name("information", "information"),
    "K": Name("finance", "finance"), "L": Name("immobilier", "real estate"),
    "M": Name("conseil et études", "professional services"), "N": Name("services de soutien", "support services"),
    "O": Name("administration", "administration"), "P": Name("enseignement", "education"),
    "Q": Name("santé et social", "health and care"), "R": Name("arts et loisirs", "arts and leisure"),
    "S": Name("autres services", "other services"), "T": Name("ménages employeurs", "households"),
    "U": Name("organismes internationaux", "international bodies"),
}  # fmt: skip
_WORDS.update({f"naf_section={letter}": _Words(name, None) for letter, name in _SECTIONS.items()})


def name_clusters(traits: Mapping[int, Sequence[Trait]]) -> dict[int, Name]:
    """Name every cluster by its two strongest traits of different blocks: what customers do, then where they live.

    Parameters
    ----------
    traits : dict of int to list of Trait
        Strongest first. Clusters are named in order, so that the largest takes the plainest name.

    Returns
    -------
    dict of int to Name
        At most five words each, no two alike in either language.
    """
    names: dict[int, Name] = {}
    for cluster in sorted(traits):
        taken = {text for name in names.values() for text in name}
        names[cluster] = next(name for name in _proposals(traits[cluster]) if not taken & set(name))
    return names


def _proposals(traits: Sequence[Trait]) -> Iterator[Name]:
    pieces = [(trait, piece) for trait in traits if (piece := _piece(trait)) is not None]
    pairs = [(one, other) for one, other in combinations(pieces, 2) if one[0].block != other[0].block]
    # Sorting is stable: of pairs as strong, that of the stronger trait comes first.
    pairs.sort(key=lambda pair: -round(sum(abs(trait.v_test) for trait, _ in pair), 6))
    yield from _joined(tuple(piece for _, piece in sorted(pair, key=_said_first)) for pair in pairs)
    everything = [piece for _, piece in pieces]
    yield from _joined((first,) for first in everything)
    yield from _joined((first, second) for first in everything for second in everything if first != second)
    base = next(_joined((piece,) for piece in everything), Name("Clients moyens", "Average customers"))
    yield base
    number = 2
    while True:
        yield Name(f"{base.fr} {number}", f"{base.en} {number}")
        number += 1


def _said_first(piece: tuple[Trait, Name]) -> int:
    return _ORDER.index(piece[0].block) if piece[0].block in _ORDER else len(_ORDER)


def _joined(groups: Iterable[tuple[Name, ...]]) -> Iterator[Name]:
    for group in groups:
        texts = [", ".join(getattr(piece, lang) for piece in group) for lang in ("fr", "en")]
        if all(len(text.split()) <= MAX_WORDS for text in texts):
            yield Name(*(text[:1].upper() + text[1:] for text in texts))


def _piece(trait: Trait) -> Name | None:
    if abs(trait.effect) < SMALLEST_EFFECT:
        return None
    words = _WORDS.get(trait.feature)
    if words is None:
        plain = trait.feature.replace("=", " ").replace("_", " ")
        words = (
            _Words(Name(plain, plain), None)
            if "=" in trait.feature
            else _Words(Name(f"{plain} élevé", f"high {plain}"), Name(f"{plain} faible", f"low {plain}"))
        )
    return words.high if trait.effect > 0 else words.low
