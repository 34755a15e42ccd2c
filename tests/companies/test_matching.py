"""Companies without a SIRET found by name and place in a fictional stock."""

import datetime as dt

import duckdb
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.companies.matching import CONFIDENCE, METHODS, NAME_NOTES, match_names
from lieudit.companies.stock import Stock
from lieudit.schema import COMPANY_STATUSES
from lieudit.tables import connect

# siren, legal category, state, legal name, acronym, surname of a natural person
UNITS = [
    ("100000001", 5710, "A", "BOULANGERIE KERVADEC", None, None),
    ("100000002", 5499, "A", "BOULANGERIE KERVALEC", None, None),
    ("100000003", 6540, "A", "SCI KERVADEC", None, None),
    ("100000004", 5710, "A", "TRANSPORTS ZELMONT ET FILS", "TZF", None),
    ("100000005", 5710, "C", "GARAGE OSSBRO", None, None),
    ("100000006", 5710, "A", "GARAGE OSSBRO", None, None),
    ("100000007", 1000, "A", None, None, "PELLUCARD"),
    ("100000008", 5710, "A", "[ND]", None, None),
    ("100000009", 9220, "A", "LES AMIS DU LAVOIR BLEU", "ALB", None),
    ("100000010", 5710, "A", "MENUISERIE DOSSIGNAC", None, None),
    ("100000011", 5499, "A", "MENUISERIE DOSSIGNAC", None, None),
    ("100000012", 5710, "C", "CAVES DU GRUQUIN", None, None),
]
# siren, number, commune, city, postcode, state, trade name
SITES = [
    ("100000001", 1, "35238", "RENNES", "35000", "A", "LE FOURNIL D ARMANDINE"),
    ("100000001", 1, "35238", "RENNES", "35000", "A", "LE FOURNIL D ARMANDINE"),  # as some files repeat rows
    ("100000002", 1, "22278", "SAINT BRIEUC", "22000", "A", None),
    ("100000003", 1, "35238", "RENNES", "35000", "A", None),
    ("100000004", 1, "35238", "RENNES", "35000", "A", None),
    ("100000004", 2, "35238", "RENNES", "35200", "A", None),
    ("100000004", 3, "35238", "RENNES", "35700", "F", None),
    ("100000005", 1, "35288", "SAINT MALO", "35400", "F", None),
    ("100000006", 1, "35288", "SAINT MALO", "35400", "A", None),
    ("100000007", 1, "35238", "RENNES", "35000", "A", "PELLUCARD TRAITEUR"),
    ("100000008", 1, "35238", "RENNES", "35000", "A", "[ND]"),
    ("100000009", 1, "75112", "PARIS 12", "75012", "A", None),
    ("100000010", 1, "35238", "RENNES", "35000", "A", None),
    ("100000011", 1, "35238", "RENNES", "35000", "A", None),
    ("100000012", 1, "35288", "SAINT MALO", "35400", "F", None),
]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """The columns that matching reads, and two thousand other companies of Rennes, so that words have a weight."""
    folder = tmp_path_factory.mktemp("stock")
    con = duckdb.connect()
    con.execute("""CREATE TABLE units (siren VARCHAR, categorieJuridiqueUniteLegale BIGINT,
        etatAdministratifUniteLegale VARCHAR, denominationUniteLegale VARCHAR, sigleUniteLegale VARCHAR,
        nomUniteLegale VARCHAR, denominationUsuelle1UniteLegale VARCHAR, denominationUsuelle2UniteLegale VARCHAR,
        denominationUsuelle3UniteLegale VARCHAR)""")
    con.executemany("INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)", UNITS)
    con.execute("""CREATE TABLE sites (siren VARCHAR, number INTEGER, codeCommuneEtablissement VARCHAR,
        libelleCommuneEtablissement VARCHAR, codePostalEtablissement VARCHAR, etatAdministratifEtablissement VARCHAR,
        enseigne1Etablissement VARCHAR, enseigne2Etablissement VARCHAR, enseigne3Etablissement VARCHAR,
        denominationUsuelleEtablissement VARCHAR)""")
    con.executemany("INSERT INTO sites VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)", SITES)
    con.execute("""INSERT INTO units SELECT printf('2%08d', i), 5710, 'A', (['BOULANGERIE', 'TRANSPORTS', 'GARAGE',
        'MENUISERIE', 'CAVES', 'SALON'])[1 + i % 6] || ' ' || (['VOL', 'ZAN', 'MOU', 'TAL'])[1 + i % 4]
        || (['MARD', 'TOUR', 'BRIG'])[1 + i % 3] || printf('%c', 65 + i % 26) || printf('%c', 65 + i // 26 % 26),
        NULL, NULL, NULL, NULL, NULL FROM range(2000) AS r(i)""")
    con.execute("""INSERT INTO sites SELECT siren, 1, '35238', 'RENNES', '35000', 'A', NULL, NULL, NULL, NULL
        FROM units WHERE siren LIKE '2%'""")
    paths = [folder / name for name in ("StockUniteLegale.parquet", "StockEtablissement [1].parquet")]
    con.execute(f"COPY units TO '{paths[0]}'")
    con.execute(f"COPY (SELECT *, siren || printf('%05d', number) AS siret FROM sites) TO '{paths[1]}'")
    catalogue = open_catalogue()
    return Stock(*paths, None, dt.date(2026, 6, 30), catalogue.sources[0], catalogue)


def _match(stock: Stock, *rows: tuple[str | None, str | None, str | None]) -> tuple[list[dict], list[dict]]:
    with connect(threads=1) as con:
        con.execute("CREATE TABLE asked (key BIGINT, name VARCHAR, commune_code VARCHAR, postcode VARCHAR)")
        con.executemany("INSERT INTO asked VALUES (?, ?, ?, ?)", [(number, *row) for number, row in enumerate(rows)])
        matched = match_names(con, "asked", stock)
        answers = con.sql(f"FROM {matched.answers} ORDER BY key").to_arrow_table().to_pylist()
        candidates = con.sql(f"FROM {matched.candidates} ORDER BY key, rank").to_arrow_table().to_pylist()
    assert [answer["key"] for answer in answers] == list(range(len(rows)))
    for answer in answers:
        assert answer["status"] in COMPANY_STATUSES
        assert answer["note"] in (*NAME_NOTES, None)
        given = answer["status"] == "found"
        assert given == (answer["siren"] is not None) == (answer["method"] in METHODS)
        assert not given or CONFIDENCE <= answer["confidence"] <= 1
        assert answer["siret"] is None or answer["siret"].startswith(answer["siren"])
    return answers, candidates


def test_names_are_found_in_their_commune(stock):
    sirens = {
        "BOULANGERIE KERVADEC": "100000001",
        "S.A.S. Boulangerie Kervadec": "100000001",
        "kervadec boulangerie": "100000001",
        "Le Fournil d'Armandine": "100000001",
        "Transports Zelmont & Fils": "100000004",
        "Transport ZELMNOT et fils": "100000004",
        "TRANSP. ZELMONT ET FILS": "100000004",
    }
    answers, candidates = _match(stock, *((name, "35238", "35000") for name in sirens))
    assert [answer["siren"] for answer in answers] == list(sirens.values())
    assert {(answer["status"], answer["method"]) for answer in answers} == {("found", "name_commune")}
    assert candidates == []


def test_the_siret_is_given_where_one_establishment_is_meant(stock):
    answers, _ = _match(
        stock,
        ("BOULANGERIE KERVADEC", "35238", "35000"),
        ("TRANSPORTS ZELMONT ET FILS", "35238", None),
        ("TRANSPORTS ZELMONT ET FILS", "35238", "35200"),
    )
    assert [answer["siret"] for answer in answers] == ["10000000100001", None, "10000000400002"]
    assert [answer["note"] for answer in answers] == [None, "several_establishments", None]


def test_open_ones_are_preferred_and_closed_ones_told(stock):
    answers, _ = _match(stock, ("GARAGE OSSBRO", "35288", "35400"), ("CAVES DU GRUQUIN", "35288", "35400"))
    if answers[0]["status"] == "found":
        assert (answers[0]["siren"], answers[0]["note"]) == ("100000006", "open_preferred")
    assert answers[0]["siren"] != "100000005"
    assert (answers[1]["siren"], answers[1]["note"]) == ("100000012", "closed")


def test_two_that_are_alike_are_ambiguous_and_shown(stock):
    (answer,), candidates = _match(stock, ("MENUISERIE DOSSIGNAC", "35238", "35000"))
    assert (answer["status"], answer["siren"], answer["siret"]) == ("ambiguous", None, None)
    assert [row["rank"] for row in candidates] == list(range(1, len(candidates) + 1))
    assert {row["siret"] for row in candidates[:2]} == {"10000001000001", "10000001100001"}
    assert {row["name"] for row in candidates[:2]} == {"MENUISERIE DOSSIGNAC"}
    assert len(candidates) <= 3
    assert sum(row["confidence"] for row in candidates) <= 1.001


def test_the_walls_are_not_the_shop(stock):
    (answer,), _ = _match(stock, ("SCI KERVADEC", "35238", "35000"))
    assert answer["siren"] in ("100000003", None)


def test_natural_persons_and_masked_names_are_never_matched(stock):
    answers, candidates = _match(stock, *((name, "35238", "35000") for name in
                                          ("PELLUCARD", "PELLUCARD TRAITEUR", "[ND]", "ND")))  # fmt: skip
    assert {answer["siren"] for answer in answers} == {None}
    assert not {"100000007", "100000008"} & {row["siren"] for row in candidates}


def test_what_is_not_there_is_not_given(stock):
    names = ("BOULANGERIE", "SARL", "Rennes", "QUINCAILLERIE VORTUGNE", "Dupont", "ETS", "BOULANGERIE DOSSIGNAC")
    answers, _ = _match(stock, *((name, "35238", "35000") for name in names))
    assert {answer["siren"] for answer in answers} == {None}


def test_the_place_counts(stock):
    answers, _ = _match(
        stock,
        ("TRANSPORTS ZELMONT ET FILS", None, "35200"),  # the postcode alone
        ("BOULANGERIE KERVADEC", "13055", "13001"),  # another end of the country
        ("BOULANGERIE KERVALEC", "22278", "22000"),
        ("LES AMIS DU LAVOIR BLEU", "75056", "75012"),  # the stock says 75112
        ("BOULANGERIE KERVADEC", None, None),
    )
    assert [answer["siren"] for answer in answers] == ["100000004", None, "100000002", "100000009", None]
    assert answers[0]["method"] == "name_postcode"
    assert [answer["note"] for answer in answers][-1] == "no_place"


def test_empty_names_are_empty(stock):
    answers, _ = _match(stock, ("", "35238", None), (None, "35238", None), (" - ", None, None))
    assert [answer["status"] for answer in answers] == ["empty"] * 3


def test_neither_order_nor_company_changes_an_answer(stock):
    rows = [(name, "35238", "35000") for _, _, _, name, _, _ in UNITS if name] * 2
    answers, _ = _match(stock, *rows)
    turned, _ = _match(stock, *reversed(rows))
    told = [{**answer, "key": None} for answer in answers]
    assert told == [{**answer, "key": None} for answer in reversed(turned)]
    assert told[: len(rows) // 2] == told[len(rows) // 2 :]
    alone, _ = _match(stock, rows[0])
    assert {**alone[0], "key": None} == told[0]


def test_names_and_keys_with_nothing_in_the_stock(stock):
    answers, candidates = _match(stock, ("BOULANGERIE KERVADEC", "2A004", "20000"))
    assert (answers[0]["status"], candidates) == ("not_found", [])


@pytest.mark.slow
def test_precision_recall_and_confidence_hold_on_damaged_names(tmp_path):
    from benchmarks.matching import judge, precision, prepare, recall

    judged, _ = judge(prepare(tmp_path, rows=6_000, establishments=60_000, seed=7))
    given = judged[judged["status"] == "found"]
    assert precision(judged) >= 0.995
    assert recall(judged) >= 0.85
    wrong = (given["found"] != given["siren"]).sum()
    # The mistakes that the confidences promise, and three standard deviations more.
    promised = (1 - given["confidence"]).sum()
    assert wrong <= promised + 3 * promised**0.5
