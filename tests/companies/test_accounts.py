"""Which accounts of a company are chosen, and what is reckoned from them. All companies are fictional."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.official.fetch import fetch
from lieudit.companies.accounts import answered_accounts, read_accounts
from lieudit.schema import ACCOUNTS_COLUMNS, ACCOUNTS_KINDS
from lieudit.tables import connect

NAMES = [column.name for column in ACCOUNTS_COLUMNS]
SIREN = "100000009"
RATIOS = "siren;date_cloture_exercice;chiffre_d_affaires;resultat_net;type_bilan;confidentiality"
KEY_FIGURES = "siren;millesime_1;date_de_cloture_exercice_1;duree_1;ca_1;resultat_1"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Fetch files of these lines, and return what is said of the company, as a dict; None where nothing is."""
    monkeypatch.setenv("LIEUDIT_DATA", str(tmp_path / "data"))

    def tell(*ratios: str, infogreffe: tuple[str, ...] = (), finances: dict | None = None) -> dict | None:
        for name, header, lines in (("ratios_inpi_bce", RATIOS, ratios), ("infogreffe", KEY_FIGURES, infogreffe)):
            if lines:
                path = tmp_path / f"{name}.csv"
                path.write_text("\n".join([header, *(f"{SIREN};{line}" for line in lines)]) + "\n", encoding="utf-8")
                fetch(name, given=path)
        with connect(threads=1) as con:
            con.execute("CREATE TABLE asked AS SELECT unnest([?, NULL, '999999999', ?]) AS siren", [SIREN, SIREN])
            answered = None if finances is None else answered_accounts(con, {SIREN: finances})
            relation = read_accounts(con, open_catalogue(), "asked", answered)
            if relation is None:
                return None
            table = con.sql(f"FROM {relation}").to_arrow_table()
        assert table.column_names == ["siren", *NAMES]
        rows = table.to_pylist()
        assert len(rows) <= 1
        return rows[0] if rows else None

    return tell


def _values(row: dict | None, *names: str) -> tuple:
    assert row is not None
    return tuple(row[name] for name in names)


def test_without_a_source_there_is_nothing(told):
    assert told() is None


def test_a_company_without_a_row_has_published_nothing(told, tmp_path):
    told("2023-12-31;1000;10;C;Public")
    with connect() as con:
        con.execute("CREATE TABLE others AS SELECT '999999999' AS siren")
        relation = read_accounts(con, open_catalogue(), "others")
        assert con.execute(f"FROM {relation}").fetchall() == []


@pytest.mark.parametrize(
    ("lines", "kind", "year", "turnover"),
    [
        # Its own accounts before its group's, even older ones.
        (["2023-12-31;9000;1;K;Public", "2022-12-31;1000;1;C;Public"], "full", 2022, 1000),
        (["2023-12-31;9000;1;K;Public", "2022-12-31;1000;1;S;Public"], "simplified", 2022, 1000),
        (["2023-12-31;9000;1;K;Public"], "consolidated", 2023, 9000),
        # Full and simplified are both its own: the latest stands, and the full ones of one day.
        (["2018-12-31;5000;1;C;Public", "2023-12-31;1000;1;S;Public"], "simplified", 2023, 1000),
        (["2023-12-31;1001;1;S;Public", "2023-12-31;1000;1;C;Public"], "full", 2023, 1000),
        # The latest closing of a year with two.
        (["2023-03-31;5;1;C;Public", "2023-12-31;6;1;C;Public"], "full", 2023, 6),
        # What is confidential says nothing: the last published year stands, with its year.
        (["2023-12-31;0;0;C;Confidentiel", "2022-12-31;1000;1;C;Public"], "full", 2022, 1000),
    ],
)
def test_one_kind_then_the_latest_closing(told, lines, kind, year, turnover):
    for order in (lines, lines[::-1]):
        row = told(*order)
        assert _values(row, "accounts_kind", "accounts_year", "turnover_eur") == (kind, year, turnover)
        assert kind in ACCOUNTS_KINDS


def test_confidential_is_empty_never_zero(told):
    row = told("2023-12-31;0;0;C;Confidentiel")
    assert _values(row, "turnover_eur", "net_result_eur", "net_margin", "turnover_growth") == (None,) * 4
    assert _values(row, "accounts_year", "accounts_kind", "accounts_source") == (2023, "full", "ratios_inpi_bce")


def test_the_greatest_integer_is_no_turnover(told):
    row = told("2022-12-31;500;5;C;Public", "2023-12-31;2147483647;5;C;Public")
    assert _values(row, "turnover_eur", "net_result_eur", "accounts_year") == (None, 5, 2023)
    assert _values(row, "turnover_growth", "net_margin") == (None, None)


def _years(*turnovers: object, kind: str = "C", end: int = 2023) -> list[str]:
    first = end - len(turnovers) + 1
    return [f"{first + n}-12-31;{turnover};1;{kind};Public" for n, turnover in enumerate(turnovers)]


@pytest.mark.parametrize(
    ("lines", "growth", "years"),
    [
        (_years(100, 110), 0.1, 1),
        (_years(100, 110, 121), 0.1, 2),
        (_years(100, 50, 400), 1.0, 2),
        (_years(100), None, None),
        (_years(100, 0), -1.0, 1),
        (_years(100, -5), None, None),
        (_years(0, 100), None, None),
        (_years(-3, 100), None, None),
        (_years(100, "", 121), None, None),  # a year that is withheld ends the run
        (_years(50, 0, 100, 110), 0.1, 1),  # and so does one without a turnover to start from
        (_years(100, kind="K", end=2022) + _years(110), None, None),  # never between kinds
        (_years(100, end=2021) + _years(110), None, None),  # a year is missing
        (["2022-12-31;100;1;C;Public", "2023-06-30;60;1;C;Public"], None, None),  # a period of six months
        (["2022-12-31;100;1;C;Public", "2023-12-30;110;1;C;Public"], 0.1, 1),
        (["2020-02-29;100;1;C;Public", "2021-02-28;110;1;C;Public"], 0.1, 1),
    ],
)
def test_growth_is_yearly_within_one_kind(told, lines, growth, years):
    assert _values(told(*lines), "turnover_growth", "turnover_growth_years") == (growth, years)


def test_a_margin_of_nothing_has_no_sign(told):
    (margin,) = _values(told("2023-12-31;1234568;-13;C;Public"), "net_margin")
    assert str(float(margin)) == "0.0"


@pytest.mark.parametrize(("line", "margin"), [("1000;50", 0.05), ("1000;-1500", -1.5), ("0;50", None), ("-10;50", None),
                                              ("1000;", None), (";50", None), ("3;1", 0.3333)])  # fmt: skip
def test_margin_needs_a_turnover(told, line, margin):
    assert _values(told(f"2023-12-31;{line};C;Public"), "net_margin") == (margin,)


def test_two_sources_never_mix_in_a_row(told):
    row = told("2023-12-31;;50;C;Public", infogreffe=("2023;2023-12-31;12;1000;40",))
    assert _values(row, "turnover_eur", "net_result_eur", "accounts_source") == (1000, 40, "infogreffe")
    row = told("2023-12-31;900;50;C;Public")
    assert _values(row, "turnover_eur", "net_result_eur", "accounts_source") == (900, 50, "ratios_inpi_bce")
    row = told(infogreffe=("2024;2024-12-31;12;2000;40",))
    assert _values(row, "turnover_eur", "accounts_year", "accounts_source") == (2000, 2024, "infogreffe")
    assert row["turnover_growth"] is None


def test_a_period_of_eighteen_months_is_no_year(told):
    row = told(infogreffe=("2023;2023-12-31;18;1500;40",))
    assert _values(row, "turnover_eur", "turnover_growth") == (1500, None)


def test_a_service_is_read_by_the_same_rule(told):
    finances = {"2022": {"ca": 100, "resultat_net": 5}, "2023": {"ca": 110, "resultat_net": -11}, "bilan": {"ca": 1},
                "2021": None, "2024": {"ca": "[NON-DIFFUSIBLE]", "resultat_net": None}}  # fmt: skip
    row = told(finances=finances)
    assert row == {
        "siren": SIREN, "turnover_eur": 110, "net_result_eur": -11, "accounts_year": 2023, "accounts_kind": None,
        "accounts_source": "recherche_entreprises", "turnover_growth": 0.1, "turnover_growth_years": 1,
        "net_margin": -0.1,
    }  # fmt: skip
    assert _values(told("2023-12-31;200;5;C;Public", finances=finances), "turnover_eur") == (200,)
    assert _values(told(finances={"2024": {"ca": 2147483647, "resultat_net": 1}}), "turnover_eur") == (None,)


def test_nothing_answered_is_nothing(told):
    assert told(finances={}) is None


FILED = st.tuples(
    st.integers(2015, 2024),
    st.one_of(st.none(), st.integers(-50, 10_000)),
    st.one_of(st.none(), st.integers(-10_000, 10_000)),
    st.sampled_from(["full", "consolidated", None]),
    st.sampled_from(["ratios_inpi_bce", "infogreffe"]),
)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(FILED, min_size=1, max_size=12), rng=st.randoms(use_true_random=False))
def test_a_row_is_of_one_filing_and_the_order_never_matters(rows, rng):
    unique = list({(year, kind, source): row for row in rows for year, _, _, kind, source in [row]}.values())
    shuffled = rng.sample(unique, len(unique))
    found = []
    with connect(threads=1) as con:
        catalogue = open_catalogue()
        for name, order in (("a", unique), ("b", shuffled)):
            con.execute(f"""CREATE TABLE {name} (year INTEGER, turnover_eur BIGINT, net_result_eur BIGINT,
                            accounts_kind VARCHAR, source VARCHAR)""")
            con.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)", order)
            filed = f"""(SELECT '{SIREN}' AS siren, make_date(year, 12, 31) AS closed_on, 12 AS months, *
                         FROM {name})"""
            con.execute(f"CREATE OR REPLACE TABLE asked AS SELECT '{SIREN}' AS siren")
            fetched = type(catalogue)(catalogue.folder, ())
            found.append(
                con.execute(f"SELECT {', '.join(NAMES)} FROM {read_accounts(con, fetched, 'asked', filed)}").fetchall()
            )
    assert found[0] == found[1]
    ((turnover, result, year, kind, source, *_),) = found[0]
    assert (year, turnover, result, kind, source) in unique
