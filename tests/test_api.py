"""The Python interface: what is visible is what is promised."""

import lieudit


def test_all_is_what_is_visible() -> None:
    assert dir(lieudit) == sorted(lieudit.__all__)


def test_every_name_resolves_to_something_documented() -> None:
    for name in lieudit.__all__:
        assert getattr(lieudit, name).__doc__, name


def test_functions_are_not_hidden_by_rooms() -> None:
    import lieudit.enrichment
    import lieudit.rfm_analysis

    assert callable(lieudit.enrich)
    assert callable(lieudit.rfm)
