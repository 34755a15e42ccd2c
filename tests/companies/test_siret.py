"""One cell of a SIRET column, and whole columns of them."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from lieudit.companies.siret import SiretResult, clean_siret, identify, identify_pair
from lieudit.schema import SIRET_STATUSES

CASES = Path(__file__).parent / "data" / "siret_cases.csv"
SIRET, SIREN = "73282932000074", "732829320"
RIGHT = (SIRET, SIREN, "valid_siret")


def read_cases() -> list[tuple[str, tuple[str | None, str | None, str]]]:
    with CASES.open(encoding="utf-8") as file:
        return [
            (
                row["input"],
                (row["expected_siret"] or None, row["expected_siren"] or None, row["expected_status"]),
            )
            for row in csv.DictReader(file)
        ]


def told(value: str | None) -> tuple[str | None, str | None, str]:
    result = clean_siret(value)
    return result.siret, result.siren, result.status


@pytest.mark.parametrize(("cell", "expected"), read_cases())
def test_case_file(cell: str, expected: tuple[str | None, str | None, str]) -> None:
    assert told(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "732\u00a0829\u00a0320\u00a000074",  # no-break
        "732\u202f829\u202f320\u202f00074",  # narrow no-break
        "732\u2009829\u2009320\u200900074",  # thin
        "732\u3000829\u3000320\u300000074",  # ideographic
        "\ufeff73282932000074\u200b",  # byte-order mark, zero width
        "732-829-320-00074",
        "732\u2011829\u2011320\u201100074",  # no-break hyphen
        "732829320/00074",
        "732829320 (00074)",
        "SIREN 732829320 NIC 00074",
        "SIRET n°73282932000074",
        "Siret:73282932000074;",
        '="73282932000074"',
        "73282932000074.0",
        "73282932000074.00",
        "73,282,932,000,074.0",
        "73 282 932 000 074,00",
        "7,3282932000074E+13",
        "7.3282932000074e13",
        "7.32829320000740E+13",
        "73282932000074 €",
        "FR73282932000074",
        "73282932000074 / 73282932000074",
        "SIRET 732 829 320 00074 (SIREN 732 829 320)",
        "73282932000074 TVA FR44732829320",
        "732829320 00074 - 12 rue de la Paix 75002 PARIS",
        "tél. 01 42 34 56 78, siret 73282932000074",
    ],
)
def test_one_siret_however_written(cell: str) -> None:
    assert told(cell) == RIGHT


@pytest.mark.parametrize(
    "cell",
    [
        "1555013000015",
        "1 555 013 000 015",
        "1,555,013,000,015",
        "15 550 130 00015",
        "1555013000015.0",
        "1.555013000015E+12",
    ],
)
def test_zeros_lost_on_the_way(cell: str) -> None:
    assert told(cell) == ("01555013000015", "015550130", "valid_siret_repadded")


@pytest.mark.parametrize("cell", ["15/55/0130", "1555-01-30", "15.55.01.30"])
def test_a_date_is_no_siren(cell: str) -> None:
    assert clean_siret(cell.translate({47: None, 45: None, 46: None})).status == "siren_only_repadded"
    assert told(cell) == (None, None, "invalid_length")


@pytest.mark.parametrize(
    ("cell", "siren"),
    [
        ("R.C.S. Paris B 552 032 534", "552032534"),
        ("552032534 RCS PARIS 75001", "552032534"),
        ("5 5 2 0 3 2 5 3 4", "552032534"),
        ("552032534.0", "552032534"),
        ("N° TVA intracommunautaire : FR 44 732 829 320", SIREN),
        ("44732829320", SIREN),  # a VAT number without its FR
        ("FR 732829320", SIREN),
        ("K7399859412", None),  # the letters of a new-style key need their FR
        ("FRK7399859412", "399859412"),
        ("Société X, SIREN 732 829 320, 12bis rue Y", SIREN),
    ],
)
def test_siren_only(cell: str, siren: str | None) -> None:
    assert told(cell) == (None, siren, "siren_only" if siren else "invalid_format")


@pytest.mark.parametrize(
    "cell",
    [None, "", "  ", "-", "--", "?", "N/A", "n.c.", "nan", "<NA>", "#N/A", "NULL", "x", "XXX", "néant", "s/o",
     "inconnu", "Non renseigné", "non communiqué", "en attente", "à compléter", "SIRET :", "SIRET en cours",
     "En cours d’immatriculation"],
)  # fmt: skip
def test_nothing_said(cell: str | None) -> None:
    assert told(cell) == (None, None, "empty")


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("0", "invalid_placeholder"),
        ("000000000", "invalid_placeholder"),
        ("99999999999999", "invalid_placeholder"),
        ("0.00E+00", "invalid_format"),
        ("0.00000E+13", "invalid_placeholder"),
        ("5.52E+08", "unrecoverable_scientific"),
        ("7E13", "unrecoverable_scientific"),
        ("7.32829E-13", "invalid_format"),
        ("00074.0", "nic_only"),
        ("NIC 00074", "nic_only"),
        ("01000", "invalid_length"),  # a postcode: no NIC starts with 01 in practice
        ("01 42 34 56 78", "invalid_length"),
        ("+33 1 42 34 56 78", "invalid_length"),
        ("FR45000004605", "invalid_checksum"),
        ("FR53000004605", "monaco_vat"),
        ("TVA : FR 53 0000 04605", "monaco_vat"),
        ("DE 136695976", "foreign_vat"),
        ("TVA DE136695976", "foreign_vat"),
        ("BE 0403.170.701", "foreign_vat"),
        ("CHE-107.787.577 MWST", "foreign_vat"),
        ("NL004495445B01", "foreign_vat"),
        ("w751234567", "rna_association"),
        ("RNA : W2A1000123", "rna_association"),
        ("W9R1001234", "rna_association"),
        ("W9C1 001234", "rna_association"),
        ("WAB1001234", "invalid_format"),
        ("FR76 3000 6000 0112 3456 7890 189", "iban"),
        ("FR76 3000 6000 0112 3456 7890 188", "iban"),  # a wrong key does not make it a SIRET
        ("IBAN DE89370400440532013000", "iban"),
        ("Dupont SARL", "invalid_format"),
        ("12 rue de la Paix 75001 Paris", "invalid_format"),
        ("X732829320", "invalid_format"),  # part of a customer code
        ("732829320ABC", "invalid_format"),
        ("CLI5520135", "invalid_format"),
        ("S 5520 3253", "invalid_length"),  # S is a word here, not a 5
        ("l3282932000074", "invalid_format"),  # one letter too far from a right key
        ("٧32829320", "invalid_format"),
    ],
)
def test_nothing_usable(cell: str, status: str) -> None:
    assert told(cell) == (None, None, status)


@pytest.mark.parametrize(
    ("cell", "siren", "status"),
    [
        ("FR45732829320", SIREN, "invalid_checksum"),  # wrong key before a right SIREN
        ("732829320 / 73282932000079", SIREN, "invalid_checksum"),
        ("7.328293200007E+13", SIREN, "unrecoverable_scientific"),  # ten digits and more: the SIREN is whole
        ("7328293200007", SIREN, "invalid_length"),
        ("73282932000074 73282932000082", SIREN, "multiple"),  # two establishments of one company
        ("7328293200007455203253400646", None, "multiple"),  # with nothing between
        ("732829320 / 552032534", None, "multiple"),
        ("73282932000074 / 55203253400645", None, "multiple"),  # which one was meant?
        ("356 000 000 49838", "356000000", "invalid_checksum"),
    ],
)
def test_company_known_establishment_not(cell: str, siren: str | None, status: str) -> None:
    assert told(cell) == (None, siren, status)


@pytest.mark.parametrize(
    "cell",
    ["73282932OOOO74", "732 829 320 OOO74", "7328293200oo74", "732B2932000074", "Siret : 73282932000O74"],
)
def test_letters_read_as_digits(cell: str) -> None:
    assert told(cell) == (SIRET, SIREN, "valid_siret_ocr")


@pytest.mark.parametrize(
    "cell",
    [
        "7328293200007A",  # not a letter that looks like a digit
        "73L82932000074",  # a capital L does not look like a 1
        "7328293200OO75",  # wrong key
        "73OOOOO2000O74",  # more guesses than evidence
    ],
)
def test_letters_left_alone(cell: str) -> None:
    assert told(cell) == (None, None, "invalid_format")


def with_key(digits: str) -> str:
    return digits + luhn.calc_check_digit(digits)


sirens = st.integers(10_000_000, 99_999_999).map(lambda head: with_key(str(head)))
sirets = st.builds(lambda siren, order: with_key(siren + f"{order:04d}"), sirens, st.integers(1, 999))
spaces = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "-", ".", "'"])
prefixes = st.sampled_from(["", "SIRET ", "SIRET : ", "N° SIRET ", "siret n°", "'", " ", "\ufeff"])
suffixes = st.sampled_from(["", " ", ";", " RCS Lyon", " (siège)", " - RCS Paris B"])


@given(siret=sirets, space=spaces, prefix=prefixes, suffix=suffixes)
def test_a_grouped_siret_comes_back(siret: str, space: str, prefix: str, suffix: str) -> None:
    grouped = space.join([siret[:3], siret[3:6], siret[6:9], siret[9:]])
    assert told(prefix + grouped + suffix) == (siret, siret[:9], "valid_siret")


@given(siret=sirets, tail=st.sampled_from([".0", ",0", ".00", ",00"]))
def test_a_siret_that_was_a_float_comes_back(siret: str, tail: str) -> None:
    assert told(siret + tail) == (siret, siret[:9], "valid_siret")
    assert told(f"{siret[0]}.{siret[1:]}E+13") == (siret, siret[:9], "valid_siret")


@given(siret=sirets)
def test_full_width_digits_come_back(siret: str) -> None:
    assert clean_siret(siret.translate({48 + i: 0xFF10 + i for i in range(10)})).siret == siret


messy = st.text(alphabet="0123456789" * 3 + " .,-/'OISlBEFR+Wnc°|\u00a0\u0663", max_size=32)


@given(st.one_of(messy, st.text(max_size=20), sirets, sirens, st.tuples(sirets, messy).map("".join)))
@settings(max_examples=500)
def test_whatever_comes_the_keys_are_right(cell: str) -> None:
    result = clean_siret(cell)
    assert result.status in SIRET_STATUSES
    assert (result.siret is not None) == result.status.startswith("valid_siret")
    if result.siren is not None:
        assert luhn.is_valid(result.siren)
        assert result.siren != "000000000"
    if result.siret is not None:
        assert result.siret[:9] == result.siren
        assert luhn.is_valid(result.siret) or result.siren == "356000000"


@given(st.one_of(messy, sirets, sirens))
def test_cleaning_what_is_clean_changes_nothing(cell: str) -> None:
    first = clean_siret(cell)
    if first.siret:
        assert clean_siret(first.siret) == SiretResult(first.siret, first.siren, "valid_siret")
    elif first.siren:
        assert clean_siret(first.siren) == SiretResult(None, first.siren, "siren_only")


def column(con: duckdb.DuckDBPyConnection, cells: list[str | None]) -> list[tuple[str | None, ...]]:
    con.execute("CREATE OR REPLACE TABLE companies (id VARCHAR)")
    con.execute("INSERT INTO companies SELECT unnest(?::VARCHAR[])", [cells])
    return con.table(identify(con, "companies", "id")).fetchall()


digits_and_spaces = st.text(alphabet="0123456789", min_size=6, max_size=16).flatmap(
    lambda digits: st.sampled_from([digits, digits + ".0", digits + ",00", f"{digits[:3]} {digits[3:]}", f"'{digits}"])
)
damages = (
    "{n}", "0{n}", "{a}.{b}.{c}.{d}", "{a} {b} {c} {d}", "{a}/{b}{c}{d}", "N° Siret : {n}", "SIREN{n}",
    "siren n° {a} {b} {c} {d}", "sirét {n}", "Siret {n} ", "siren : {b}{c}{d}", "{b}{c}{d}", "{b} {c} {d}",
    "{b}{c}{d}.0", "{n}A",
)  # fmt: skip
damaged = st.builds(
    lambda n, form: form.format(n=n, a=n[:3], b=n[3:6], c=n[6:9], d=n[9:]),
    st.one_of(sirets, sirens),
    st.sampled_from(damages),
)
padded = st.integers(100_000, 9_999_999).map(lambda head: with_key(f"{head:08d}")).map(lambda siren: siren.lstrip("0"))


@given(st.lists(st.one_of(digits_and_spaces, damaged, padded, messy, st.none()), max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_column_is_read_as_its_cells_are(cells: list[str | None]) -> None:
    with duckdb.connect() as con:
        rows = column(con, cells)
    assert len(rows) == len(set(cells))
    assert {raw: tuple(result) for raw, *result in rows} == {cell: told(cell) for cell in cells}


@pytest.mark.parametrize(("sql_type", "cell"), [("BIGINT", SIRET), ("DOUBLE", SIRET), ("DECIMAL(16, 1)", SIRET)])
def test_a_column_of_numbers(sql_type: str, cell: str) -> None:
    with duckdb.connect() as con:
        con.execute(f'CREATE TABLE companies AS SELECT CAST({cell} AS {sql_type}) AS "n° siret"')
        rows = con.table(identify(con, "companies", "n° siret")).fetchall()
    assert [row[1:] for row in rows] == [RIGHT]


@pytest.mark.parametrize(
    ("siret", "siren", "expected"),
    [
        (SIRET, SIREN, RIGHT),
        (SIRET, None, RIGHT),
        (SIRET, "n/a", RIGHT),
        (None, SIREN, (None, SIREN, "siren_only")),
        ("en cours", SIREN, (None, SIREN, "siren_only")),
        (SIREN, SIRET, RIGHT),  # the columns were swapped
        (SIRET, "552032534", (None, None, "multiple")),
        ("73282932000079", SIREN, (None, SIREN, "invalid_checksum")),
        ("73282932000079", "552032534", (None, "552032534", "siren_only")),
        (SIRET, "55203253400645", RIGHT),
        (None, None, (None, None, "empty")),
        (None, "FR44732829320", (None, SIREN, "siren_only")),
        (SIRET, "FR44732829320", RIGHT),
        (SIRET, "FR83404833048", RIGHT),  # of a VAT group
        (None, "DE136695976", (None, None, "foreign_vat")),
        ("n/a", "73282932", (None, None, "invalid_length")),
    ],
)
def test_two_columns(siret: str | None, siren: str | None, expected: tuple[str | None, str | None, str]) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE companies AS SELECT ?::VARCHAR AS siret, ?::VARCHAR AS siren", [siret, siren])
        rows = con.table(identify_pair(con, "companies", "siret", "siren")).fetchall()
    assert rows == [(siret, siren, *expected)]
