"""What cells hold, read: names, encodings, postcodes, cities, lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieudit.enrichment.city import read_city
from lieudit.enrichment.countries import country_code, foreign_ending
from lieudit.enrichment.encoding import repair
from lieudit.enrichment.normalise import core, fold, key, squash
from lieudit.enrichment.one_line import read_lines
from lieudit.enrichment.postcode import departments_of, read_postcode


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Œuilly", "OEUILLY"),
        ("L’Isle-d’Abeau", "L ISLE D ABEAU"),
        ("HAVRE (LE)", "LE HAVRE"),
        ("MANS LE", "LE MANS"),
        ("LA SEYNE S/MER", "LA SEYNE SUR MER"),
        ("NEUILLY S/ SEINE", "NEUILLY SUR SEINE"),
        ("FONTENAY S/S BOIS", "FONTENAY SOUS BOIS"),
        ("St-Maur-des-Fossés", "SAINT MAUR DES FOSSES"),
        ("STES MARIES DE LA MER", "SAINTES MARIES DE LA MER"),
        ("Moÿ-de-l'Aisne", "MOY DE L AISNE"),
        ("Y", "Y"),
        ("", ""),
    ],
)
def test_names_have_one_key(text: str, expected: str) -> None:
    assert key(text) == expected


@given(st.text(max_size=40))
def test_keys_do_not_change_twice(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert set(squash(key(text))) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789?")
    assert len(core(key(text))) <= len(squash(key(text)))


@pytest.mark.parametrize("name", ["Besançon", "Saint-Étienne", "L’Haÿ-les-Roses", "Nîmes", "Alès", "Évreux", "Œuilly"])
@pytest.mark.parametrize(("written", "read"), [("utf-8", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "cp850")])
def test_misread_names_are_read_again(name: str, written: str, read: str) -> None:
    assert repair(name.encode(written).decode(read))[0] == name


def test_right_names_are_left_alone_and_lost_letters_marked() -> None:
    assert repair("Saint-Étienne") == ("Saint-Étienne",)
    assert repair("Chƒteauroux")[0] == "Châteauroux"
    assert repair("Orl\ufffdans") == ("Orl?ans",)
    assert repair("BesanÃƒÂ§on") == ("Besançon",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("35000", "35000"), (" 35000\u00a0", "35000"), ("1000", "01000"), ("1000.0", "01000"), ("75001,0", "75001"),
        ("7,5011E+04", "75011"), ("3.5E+04", "35000"), ("3.5e4", "35000"), ("F-35000", "35000"), ("FR 35000", "35000"),
        ("CP 33000", "33000"), ("'06000", "06000"), ("35 000", "35000"), ("35.000", "35000"), ("O6OOO", "06000"),
        ("35000 Rennes", "35000"), ("2A004", "2A004"), ("2b 033", "2B033"), ("", ""), ("n/a", ""), ("00000", ""),
        ("7.50E+05", ""), ("inconnu", ""), ("Rennes", ""),
    ],
)  # fmt: skip
def test_postcodes_are_read(text: str, code: str) -> None:
    assert read_postcode(text).code == code


@pytest.mark.parametrize(
    "text",
    ["SW1A 1AA", "B-1000", "CH-1003", "L-1249", "D-50667", "1012 AB", "H2X 1Y4", "1000-001", "00-950", "75201-1234"],
)
def test_foreign_postcodes_are_known(text: str) -> None:
    assert read_postcode(text).country == "foreign"
    assert read_postcode(text).code == ""


def test_postcodes_of_nowhere() -> None:
    assert read_postcode("98000").country == "monaco"
    assert read_postcode("00200").country == "military"
    assert read_postcode("99132").country == "foreign"
    assert read_postcode("35").department == "35"
    assert read_postcode("1").department == "01"
    assert read_postcode("971").department == "971"
    assert read_postcode("35000 Rennes").rest == "Rennes"
    assert departments_of("20137") == ("2A", "2B")


@given(st.text(max_size=30))
def test_anything_can_be_typed(text: str) -> None:
    read = read_postcode(text)
    assert read.code == "" or len(read.code) == 5
    read_city(text)
    read_lines(text)


def test_cities_hold_more_than_a_name() -> None:
    assert read_city("Rennes").keys == ("RENNES",)
    assert read_city("RENNES CEDEX 7") == read_city("RENNES CEDEX 7")._replace(keys=("RENNES",), cedex=True)
    assert read_city("35000 Rennes").postcode == "35000"
    assert read_city("Rennes (35)").department == "35"
    assert read_city("Rennes (35000)").postcode == "35000"
    assert read_city("PARIS 16").number == 16
    assert read_city("Paris XVI").number == 16
    assert read_city("Marseille 8e arrondissement").number == 8
    assert read_city("BP 501 TOULON").keys == ("TOULON",)
    assert read_city("LILLE FRANCE").keys == ("LILLE",)
    assert read_city("FORT DE FRANCE").keys == ("FORT DE FRANCE",)
    assert read_city("Castillon (Canton de Lembeye)").keys[0] == "CASTILLON CANTON DE LEMBEYE"
    assert read_city("non renseigné").keys == ()


def test_lines_are_taken_apart_from_their_end() -> None:
    assert read_lines("5 rue de Lyon 75012 Paris").tails[0] == ("75012", "Paris")
    assert read_lines("8 rue des Lilas\n59800 LILLE").tails[0] == ("59800", "LILLE")
    assert read_lines("CS 20001 59000 LILLE").tails == (("59000", "LILLE"),)
    assert read_lines("Rennes, 35000").tails[0] == ("35000", "Rennes")
    assert read_lines("12 rue X, Rennes").tails[0] == ("", "Rennes")
    assert read_lines("1 quai X, 97200 Fort-de-France").tails[0] == ("97200", "Fort-de-France")
    assert read_lines("1 rue X 35000 Rennes France").tails[0] == ("35000", "Rennes")
    assert read_lines("10 Downing Street, London SW1A 2AA").foreign
    assert read_lines("Rue de la Loi 16, 1000 Bruxelles, Belgique").foreign
    assert not read_lines("1 rue de Belgique, 35000 Rennes").foreign


def test_countries_are_known_by_name_and_code() -> None:
    assert [country_code(text) for text in ("Belgique", "belgium", "BE", "BEL")] == ["BE"] * 4
    assert [country_code(text) for text in ("France", "FR", "La Réunion", "GP", "fra")] == ["FR"] * 5
    assert country_code("Bretagne") == ""
    assert foreign_ending("BRUXELLES BELGIQUE") == "BE"
    assert foreign_ending("BELGIQUE") == ""
