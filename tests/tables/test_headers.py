"""Which column is what."""

import pandas as pd
import pytest

from lieudit.errors import TableError
from lieudit.schema import CUSTOMER_ROLES, TRANSACTION_ROLES
from lieudit.tables import Table, columns_of, compile_expression, connect, identifier, open_table, recognise
from lieudit.tables.synonyms import CUSTOMER, TRANSACTION


def table(*columns: str) -> Table:
    return Table("t", columns, "clients.csv")


def test_every_role_has_synonyms_and_no_synonym_has_two_roles():
    assert set(CUSTOMER) == set(CUSTOMER_ROLES)
    assert set(TRANSACTION) == set(TRANSACTION_ROLES)
    for roles in (CUSTOMER, TRANSACTION):
        names = [name for synonyms in roles.values() for name in synonyms]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Code postal", "postcode"), ("CP", "postcode"), ("cp_livraison", "postcode"), ("zip", "postcode"),
        ("CODE_POSTAL_FACTURATION", "postcode"), ("codePostal", "postcode"), ("Billing Zip Code", "postcode"),
        ("ville", "city"), ("City", "city"), ("commune", "city"), ("Localité", "city"), ("Shipping City", "city"),
        ("adresse", "address"), ("Adresse 1", "address"), ("Adresse de livraison", "address"), ("Street", "address"),
        ("n° siret", "siret"), ("N°SIRET", "siret"), ("Numéro SIRET", "siret"), ("SIREN", "siren"),
        ("SIRET / SIREN", "siret"), ("SIRET (14 chiffres)", "siret"), ("Siret entreprise", "siret"),
        ("sirenUniteLegale", "siren"), ("SIREN société", "siren"), ("www", "website"),
        ("Customer ID", "id"), ("client_id", "id"), ("N° client", "id"), ("identifiant", "id"), ("Réf. client", "id"),
        ("Raison sociale", "name"), ("Nom du client", "name"), ("Code APE", "naf"), ("Pays", "country"),
        ("Latitude", "lat"), ("lng", "lon"),
        ("N° TVA", "siren"), ("TVA intracommunautaire", "siren"), ("Numéro de TVA", "siren"), ("VAT ID", "siren"),
    ],
)  # fmt: skip
def test_customer_headers(header, role):
    assert recognise(table("x", header, "y"), CUSTOMER_ROLES, {}) == {role: header}


def test_a_siren_column_comes_before_vat_numbers_and_rates_are_none():
    headers = ("n° tva", "SIREN", "TVA", "taux TVA")
    assert recognise(table(*headers), CUSTOMER_ROLES, {}) == {"siren": "SIREN"}
    assert recognise(table("TVA", "taux TVA", "montant TVA"), CUSTOMER_ROLES, {}) == {}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"),
         {"customer": "Customer ID", "date": "InvoiceDate", "order": "Invoice"}),
        (("client_id", "date_commande", "montant TTC", "montant HT", "id_commande"),
         {"customer": "client_id", "date": "date_commande", "amount": "montant TTC", "order": "id_commande"}),
        (("N° commande", "Date", "Client", "Total"),
         {"customer": "Client", "date": "Date", "amount": "Total", "order": "N° commande"}),
        (("customer_id", "order_id", "order_date", "amount"),
         {"customer": "customer_id", "date": "order_date", "amount": "amount", "order": "order_id"}),
        (("Nom", "Date de la commande", "Prix total TTC (en euros)", "N° de client"),
         {"customer": "N° de client", "date": "Date de la commande", "amount": "Prix total TTC (en euros)"}),
        (("email", "created_at", "total_amount"),
         {"customer": "email", "date": "created_at", "amount": "total_amount"}),
        (("numéro client", "date d'achat", "chiffre d'affaires"),
         {"customer": "numéro client", "date": "date d'achat", "amount": "chiffre d'affaires"}),
    ],
)  # fmt: skip
def test_transaction_headers(headers, expected):
    assert recognise(table(*headers), TRANSACTION_ROLES, {}) == expected


def test_an_address_is_not_put_together_from_two():
    headers = ("N° client", "adresse_livraison", "Adresse facturation", "cp_livraison", "CP facturation",
               "Ville Facturation", "ville livraison")  # fmt: skip
    assert recognise(table(*headers), CUSTOMER_ROLES, {}) == {
        "id": "N° client", "address": "Adresse facturation", "postcode": "CP facturation", "city": "Ville Facturation",
    }  # fmt: skip


def test_what_the_user_names_wins():
    clients = table("id", "cp", "cp_livraison", "VILLE")
    found = recognise(clients, CUSTOMER_ROLES, {"postcode": "cp_livraison", "city": "ville", "id": None})
    assert found == {"id": "id", "postcode": "cp_livraison", "city": "VILLE"}


def test_a_column_plays_one_role():
    assert recognise(table("client", "date"), TRANSACTION_ROLES, {"order": "client"}) == {
        "order": "client",
        "date": "date",
    }


def test_an_unknown_column_is_refused_with_the_nearest():
    with pytest.raises(TableError, match=r"clients.csv has no column 'code_postl'\. .*Did you mean 'code_postal'"):
        recognise(table("id", "code_postal"), CUSTOMER_ROLES, {"postcode": "code_postl"})
    with pytest.raises(TableError, match=r"Expected: one of 'id', 'cp'"):
        recognise(table("id", "cp"), CUSTOMER_ROLES, {"city": "wxyz"})


def test_two_equal_claims_are_refused_with_the_way_out():
    with pytest.raises(TableError, match=r"'Code postal' and 'code_postal'.*--postcode 'Code postal'"):
        recognise(table("Code postal", "code_postal"), CUSTOMER_ROLES, {})
    chosen = recognise(table("Code postal", "code_postal"), CUSTOMER_ROLES, {"postcode": "code_postal"})
    assert chosen == {"postcode": "code_postal"}


lines = table("Quantity", "Unit price", "Unit price (net)", "a-b", 'say "x"', "Prix", "prix2")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("Quantity * Unit price", '("Quantity" * "Unit price")'),
        ("quantity*UNIT PRICE", '("Quantity" * "Unit price")'),
        ("Unit price (net) * (Quantity)", '("Unit price (net)" * "Quantity")'),
        ("a-b - Prix", '("a-b" - "Prix")'),
        ('"say ""x""" + [Prix] + `prix2`', '(("say ""x""" + "Prix") + "prix2")'),
        ("1 + 2 * Prix - 3 / 4", "((1 + (2 * \"Prix\")) - (3 / 4))"),
        ("-(Prix + -1.5)", '(-("Prix" + (-1.5)))'),
        ("Prix * 1.2 - prix2", '(("Prix" * 1.2) - "prix2")'),
    ],
)  # fmt: skip
def test_expressions(text, sql):
    assert compile_expression(text, lines, lines.ref) == sql
    assert recognise(lines, TRANSACTION_ROLES, {"amount": text})["amount"] == text


@pytest.mark.parametrize(
    "text",
    [
        "Prix; DROP TABLE t", "Prix * (SELECT 1)", "Prix * pi()", "Prix -- x", "Prix /* x */ * 2", "'a' * Prix",
        "Prix * 1e3", "Prix *", "* Prix", "(Prix", "Prix)", "Prix Prix", "Prix ** 2",
        "Prixx * 2", '"Prix * 2', "Prix * 2x",
        "Prix * 1.2.3", "()", "Prix + [nothing]", "(" * 60 + "Prix" + ")" * 60, "-" * 5000 + "Prix",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(TableError):
        columns_of(text, lines)
    with pytest.raises(TableError):
        recognise(lines, TRANSACTION_ROLES, {"amount": text})


def test_a_column_called_like_an_expression_is_a_column():
    odd = table("client", "date", "Quantity * Price")
    assert recognise(odd, TRANSACTION_ROLES, {"amount": "Quantity * Price"})["amount"] == "Quantity * Price"
    assert columns_of("Prix + quantity * Prix", lines) == ("Prix", "Quantity")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([13085.0, None, 7.0], ["13085", None, "7"]),
        (["13085.0", "007.0", "7"], ["13085", "007", "7"]),
        (["13085.0", "A7"], ["13085.0", "A7"]),
        ([" 01000 ", "NA", "nan", "-", "", "  ", "Null"], ["01000", None, None, None, None, None, None]),
        ([1.5, 2.0], ["1.5", "2.0"]),
        ([1, 20_000_000_000], ["1", "20000000000"]),
        ([float("nan"), float("inf"), 3.0], [None, None, "3"]),
        (["v1.0", "é"], ["v1.0", "é"]),
    ],
)  # fmt: skip
def test_identifiers(values, expected):
    with connect(threads=1) as con:
        column = open_table(con, pd.DataFrame({"id": values, "n": range(len(values))}), name="t")
        found = con.execute(f"SELECT {identifier(con, column, 'id').text} FROM t ORDER BY n").fetchall()
    assert [text for (text,) in found] == expected
