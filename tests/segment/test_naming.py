"""Names: short, unlike one another, the same on every run, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lieudit.features import FEATURES
from lieudit.segment.describe import Trait, traits
from lieudit.segment.naming import MAX_WORDS, NOISE_NAME, Name, name_clusters

COLUMNS = [
    (f.name, f.block) if f.kind == "numeric" else (f"{f.name}={level}", f.block)
    for f in FEATURES
    for level in (("urban", "rural") if f.kind == "categorical" else (None,))
]
EFFECTS = st.lists(st.floats(-3, 3), min_size=len(COLUMNS), max_size=len(COLUMNS))


def trait(feature: str, effect: float) -> Trait:
    return Trait(feature, dict(COLUMNS).get(feature, "declared"), 0.0, 0.0, 10 * effect, effect)


def profile(effects: list[float]) -> list[Trait]:
    own = [trait(feature, effect) for (feature, _), effect in zip(COLUMNS, effects, strict=True)]
    return sorted(own, key=lambda one: -abs(one.v_test))


def test_the_strongest_behaviour_then_the_strongest_place() -> None:
    own = [trait("density_per_km2", 2.0), trait("frequency", 1.5), trait("recency_days", -1.0)]
    assert name_clusters({0: own})[0] == Name("Achats fréquents, communes denses", "Frequent orders, dense places")
    low = [trait("density_per_km2", -2.0), trait("frequency", -1.5)]
    assert name_clusters({0: low})[0].en == "Rare orders, sparse places"


def test_answers_and_places_make_a_name_without_behaviour() -> None:
    own = [trait("urban_class=urban", 0.8), trait("delivery=store", 0.4)]
    assert name_clusters({0: own})[0] == Name("Delivery store, en ville", "Delivery store, urban")


def test_the_strongest_two_blocks_are_named_not_a_weak_behaviour() -> None:
    own = [trait("density_per_km2", 2.0), trait("diet=vegan", 1.5), trait("frequency", 0.3)]
    assert name_clusters({0: own})[0].en == "Diet vegan, dense places"


def test_of_two_clusters_alike_the_second_takes_its_next_strongest_pair() -> None:
    own = [trait("frequency", 2.0), trait("density_per_km2", 1.5), trait("share_houses", -1.4),
           trait("recency_days", -0.5)]  # fmt: skip
    names = name_clusters({0: own, 1: own})
    assert (names[0].en, names[1].en) == ("Frequent orders, dense places", "Frequent orders, flats")


def test_what_is_certain_but_small_names_nothing() -> None:
    small = Trait("frequency", "behaviour", 5.0, 4.9, 40.0, 0.05)
    assert name_clusters({0: [small]})[0] == Name("Clients moyens", "Average customers")


def test_a_column_without_words_of_its_own_still_names() -> None:
    assert name_clusters({0: [trait("children=two_or_more", 2.0)]})[0].en == "Children two or more"
    assert name_clusters({0: [trait("panel_score", -2.0)]})[0] == Name("Panel score faible", "Low panel score")


@settings(max_examples=50, deadline=None)
@given(st.lists(EFFECTS, min_size=1, max_size=8))
def test_five_words_at_most_and_no_two_alike(profiles: list[list[float]]) -> None:
    described = {cluster: profile(effects) for cluster, effects in enumerate(profiles)}
    names = name_clusters(described)
    backwards = dict(reversed(described.items()))
    assert name_clusters(backwards) == names
    assert list(names) == list(described)
    for lang in ("fr", "en"):
        texts = [getattr(name, lang) for name in (*names.values(), NOISE_NAME)]
        assert len(set(texts)) == len(texts)
        assert all(0 < len(text.split()) <= MAX_WORDS and text[0].isupper() for text in texts)


def test_twelve_clusters_alike_have_twelve_names() -> None:
    own = [trait("frequency", 1.0)]
    names = name_clusters(dict.fromkeys(range(12), own))
    assert {len({getattr(name, lang) for name in names.values()}) for lang in ("fr", "en")} == {12}
    assert names[1] == Name("Achats fréquents 2", "Frequent orders 2")


def test_names_do_not_depend_on_the_order_of_customers() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f.name: rng.lognormal(0, 1, 300) for f in FEATURES if f.kind == "numeric"})
    labels = rng.integers(0, 3, 300)
    frame.loc[labels == 1, "frequency"] *= 5
    order = rng.permutation(300)
    names = name_clusters(traits(frame, FEATURES, labels))
    assert name_clusters(traits(frame.iloc[order], FEATURES, labels[order])) == names
    assert names[1].fr.startswith("Achats fréquents")
