"""Names of companies brought to one spelling."""

import pytest

from lieudit.companies.names import FAMILIES, family_of_code, name_macros
from lieudit.tables import connect, fetch_one


@pytest.fixture(scope="module")
def con():
    with connect(threads=1) as con:
        name_macros(con)
        yield con


def _core(con, name: str) -> str:
    return fetch_one(con, "SELECT name_core(name_plain(name_fold(?)))", [name])[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DUPONT SARL", "S.A.R.L. Dupont"),
        ("SOCIETE PAR ACTIONS SIMPLIFIEE DUPONT", "Dupont (SAS)"),
        ("SOCIETE ANONYME DES EAUX", "SA des Eaux"),
        ("S.N.C.F. RESEAU", "s n c f réseau"),
        ("BOULANGERIE DUPONT ET FILS", "Boulangerie Dupont & Fils"),
        ("DUPONT ET CIE", "Dupont & Cie."),
        ("ETABLISSEMENTS DUPONT", "Éts Dupont"),
        ("SOCIETE SAINTE MARIE", "Sté Ste-Marie"),
        ("TRANSPORTS SAINT MICHEL", "Transp. St Michel"),
        ("L ATELIER D ANNA", "L’Atelier d'Anna"),
        ("COEUR DE BOEUF", "Cœur de Bœuf"),
        ("LES JARDINS DU LAC", "Jardin du Lac"),
        ("DUPONT FRERES", "Dupont Frères"),
        ("ASSOCIATION LES AMIS DU LAC", "Asso. Amis du Lac"),
        ("CAFE & BAR", "Café &amp; Bar"),
    ],
)
def test_one_company_has_one_core(con, one, other):
    assert _core(con, one) == _core(con, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DUPONT", "DUPOND"), ("DUPONT", "DUPONT FILS"), ("GARAGE 2000", "GARAGE 3000"), ("3M", "4M"),
        ("MARTIN PEINTURE", "MARTIN PLOMBERIE"), ("ABC", "ACB"),
    ],
)  # fmt: skip
def test_two_companies_have_two(con, one, other):
    assert _core(con, one) != _core(con, other)


@pytest.mark.parametrize("name", ["SARL", "La Société", "ETS", "Les", "S.A.", "& Cie"])
def test_a_name_of_common_words_alone_is_kept(con, name):
    assert _core(con, name)


@pytest.mark.parametrize("name", ["", "   ", "--", "''", "()"])
def test_no_name_is_none(con, name):
    assert fetch_one(con, "SELECT name_fold(?)", [name])[0] == ""


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("SCI du Moulin", "property"), ("Dupont S.A.S.U.", "commercial"), ("EARL DES PRES", "farm"),
        ("Société civile immobilière du Lac", "property"), ("Asso Sportive", "association"), ("Dupont", None),
        ("SCIERIE DUPONT", None), ("SASHA COIFFURE", None),
    ],
)  # fmt: skip
def test_the_legal_form_is_told_by_whole_words(con, name, family):
    assert fetch_one(con, "SELECT name_form(name_fold(?))", [name])[0] == family


@pytest.mark.parametrize(("code", "family"), [("5499", "commercial"), ("5710", "commercial"), ("6540", "property"),
                                              ("9220", "association"), ("6533", "farm"), ("7210", None)])  # fmt: skip
def test_codes_are_of_the_same_families(con, code, family):
    assert fetch_one(con, f"SELECT {family_of_code('?')}".replace("?", f"'{code}'"))[0] == family
    assert family is None or family in FAMILIES
