"""The geocoder against a real one: addok on 127.0.0.1, with an index of the communes of two departments."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from benchmarks import _addok

import lieudit
from lieudit.services import Address, open_geocoder

pytestmark = [
    pytest.mark.skipif(_addok.missing() != "", reason=_addok.missing() or "addok is installed"),
    pytest.mark.xdist_group("addok"),  # one server for all of them
]

STREET = {
    "name": "Rue de la Zibeline", "postcode": "38250", "city": "Corrençon-en-Vercors", "citycode": "38129",
}  # fmt: skip


@pytest.fixture(scope="module")
def addok() -> Iterator[str]:
    with _addok.running(["35", "38"], [STREET]) as base:
        yield base


def test_communes_are_found_by_their_names(addok: str) -> None:
    rennes = Address("", "35000", "RENNES")
    others = [Address("", "38250", 'VILLARD "DE" LANS;'), Address("12 rue de l'Étang", "35000", "ZZYZX"), rennes]
    with open_geocoder(addok) as geocoder:
        located = geocoder.locate(others)
    codes = [located.spots[address.key] for address in others]
    assert [spot and spot.code for spot in codes] == ["38548", None, "35238"]
    assert (located.asked, located.deferred) == (3, 0)
    spot = located.spots[rennes.key]
    assert spot is not None
    assert (spot.postcode, spot.kind, spot.score > 0.85) == ("35000", "municipality", True)


def test_chunks_of_every_size_come_back_whole(addok: str) -> None:
    names = ["RENNES", "VITRE", "REDON", "L HERMITAGE", "ZZYZX", ""]
    addresses = [Address(f"{n} allée d'{name[:3]}, n° {n}", "35000", name) for n in range(40) for name in names]
    with open_geocoder(addok) as geocoder:
        for size in (1, 2, 3, 200):
            assert geocoder.locate(addresses[:size]).deferred == 0
        assert len(geocoder.locate(addresses).spots) == 240


def test_enrich_finds_by_the_street_what_postcode_and_city_leave_open(addok: str) -> None:
    shop = pd.DataFrame({
        "adresse": ["1 rue de la Zibeline", "4 rue de la Zibeline", "4 rue de la Zzyzx", "4 rue de la Zibeline"],
        "cp": ["35000", "38250", "38250", "69003"],
        "ville": ["Rennes", "", "", "Les Bois Perdus"],
    })  # fmt: skip
    offline, found = lieudit.enrich(shop), lieudit.enrich(shop, online=True, geocoder=addok)
    assert offline["commune_status"].tolist()[:3] == ["matched", "ambiguous", "ambiguous"]
    assert found["commune_code"].fillna("").tolist()[:3] == ["35238", "38129", ""]
    assert found["commune_method"][1] == "geocoder"
    assert 0.7 <= found["commune_confidence"][1] <= 0.9
    assert found["commune_code"][3] != "38129"
    service = found.attrs["sources"]["services"]["geocoder"]
    assert (service["kept"], service["deferred"]) == (1, 0)
