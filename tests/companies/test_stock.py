"""What the Sirene stock says of a company, on stocks written by hand and on a fictional one."""

import datetime as dt
from itertools import pairwise

import pandas as pd
import pytest

from lieudit import enrich
from lieudit.catalogue.official.fetch import fetch
from lieudit.companies import open_stock, read_stock
from lieudit.companies.stock import NOTES
from lieudit.errors import CatalogueError
from lieudit.schema import COMPANY_STATES, NAF_COLUMNS, STOCK_COLUMNS
from lieudit.tables import connect

SIREN = "732829320"
HEAD, BRANCH, OTHER = SIREN + "00014", SIREN + "00074", SIREN + "00082"
COLUMNS = [column.name for column in (*NAF_COLUMNS, *STOCK_COLUMNS)]


def test_a_siret_gives_its_establishment_and_its_company(register, look_up):
    register.unit(SIREN, trancheEffectifsUniteLegale="12", categorieEntreprise="PME", caractereEmployeurUniteLegale="O")
    register.establishment(HEAD)
    register.establishment(BRANCH, activitePrincipaleNAF25Etablissement="47.11Y", codeCommuneEtablissement="75114")
    register.establishment(OTHER, etatAdministratifEtablissement="F")
    found = look_up(register.write(), (BRANCH, SIREN)).iloc[0]
    assert found[["naf", "naf_section", "naf_2025"]].tolist() == ["47.11D", "G", "47.11Y"]
    assert found["naf_label"] == "Supermarchés"
    assert found[["legal_form", "legal_form_label"]].tolist() == ["5710", "Société par actions simplifiée (SAS)"]
    assert found[["company_category", "headcount_min", "headcount_max"]].tolist() == ["PME", 20, 49]
    assert found["employer"]
    assert not found["head_office"]
    assert found["open_establishments"] == 2
    assert found[["company_state", "establishment_commune_code"]].tolist() == ["open", "75114"]
    assert found["founded"] == pd.Timestamp("2010-07-01")
    assert found["company_age_years"] == 15  # one day short of sixteen years
    assert found["diffusible"]
    assert found[["closed_on", "successor_siret", "company_note"]].isna().all()


def test_rows_that_the_file_repeats_count_once(register, look_up, caplog):
    for since in (dt.date(2024, 1, 1), dt.date(2022, 1, 1), dt.date(2024, 1, 1)):
        register.unit(SIREN, dateDebut=since, categorieEntreprise="ETI" if since.year == 2024 else "PME")
        register.establishment(HEAD, dateDebut=since)
        register.establishment(BRANCH, dateDebut=since, etatAdministratifEtablissement="AF"[since.year == 2024])
    found = look_up(register.write(), (BRANCH, SIREN), (None, SIREN))
    assert len(found) == 2
    assert found["open_establishments"].tolist() == [1, 1]
    assert found["company_category"].tolist() == ["ETI", "ETI"]  # of the latest period
    assert found["company_state"].tolist() == ["closed", "open"]
    assert "more than once" in caplog.text
    assert SIREN not in caplog.text


@pytest.mark.parametrize(("own", "naf_2025"), [("62.01Z", "62.10Y"), ("47.11D", None), (None, "62.10Y")])
def test_the_companys_naf_2025_stands_for_an_establishment_of_the_same_activity_only(register, look_up, own, naf_2025):
    register.unit(SIREN, activitePrincipaleNAF25UniteLegale="62.10Y")
    register.establishment(BRANCH, activitePrincipaleEtablissement=own)
    found = look_up(register.write(), (BRANCH, SIREN), (None, SIREN))["naf_2025"]
    assert found.astype(object).where(found.notna(), None).tolist() == [naf_2025, "62.10Y"]


def test_a_siren_gives_the_company_and_the_place_of_its_head_office(register, look_up):
    register.unit(SIREN, nicSiegeUniteLegale="00074")
    register.establishment(HEAD, etablissementSiege=False)
    register.establishment(BRANCH, codeCommuneEtablissement="75114")
    found = look_up(register.write(), (None, SIREN)).iloc[0]
    assert found[["naf", "establishment_commune_code", "company_state"]].tolist() == ["62.01Z", "75114", "open"]
    assert pd.isna(found["head_office"])
    assert pd.isna(found["company_note"])


def test_the_marked_head_office_stands_in_for_one_that_is_not_named(register, look_up):
    register.unit(SIREN, nicSiegeUniteLegale=None)
    register.establishment(BRANCH, etablissementSiege=True, codeCommuneEtablissement="2A004")
    assert look_up(register.write(), (None, SIREN))["establishment_commune_code"].tolist() == ["2A004"]


@pytest.mark.parametrize(
    ("key", "note"),
    [
        ((HEAD, SIREN), None),
        ((BRANCH, SIREN), "establishment_unknown"),
        (("35600000000048", "356000000"), "not_in_stock"),
        ((None, "356000000"), "not_in_stock"),
        (("44306184100047", "443061841"), "unit_unknown"),
        ((None, "552100554"), "head_office_unknown"),
        ((None, "542107651"), "not_diffused"),
        ((HEAD, None), None),
        ((None, None), "not_in_stock"),
        (("abc", "def"), "not_in_stock"),
    ],
)
def test_what_is_not_there_is_said(register, look_up, key, note):
    register.unit(SIREN)
    register.establishment(HEAD)
    register.establishment("44306184100047")
    register.unit("552100554")
    register.unit("542107651", statutDiffusionUniteLegale="N")
    found = look_up(register.write(), key).iloc[0]
    assert found["company_note"] == note if note else pd.isna(found["company_note"])
    assert note is None or note in NOTES
    if note == "not_in_stock":
        assert found[COLUMNS].isna().all()
    if note == "establishment_unknown":
        assert found[["naf", "company_state", "legal_form"]].tolist() == ["62.01Z", "open", "5710"]
        assert found[["head_office", "establishment_commune_code"]].isna().all()
    if note == "unit_unknown":
        assert found[["naf", "open_establishments", "diffusible"]].tolist() == ["47.11D", 1, False]


@pytest.mark.parametrize(
    ("unit", "branch", "key", "state", "closed_on"),
    [
        ({}, {}, BRANCH, "open", None),
        ({}, {"etatAdministratifEtablissement": "F"}, BRANCH, "closed", "2021-02-03"),
        ({}, {"etatAdministratifEtablissement": "F"}, None, "open", None),
        (
            {"etatAdministratifUniteLegale": "C"},
            {"etatAdministratifEtablissement": "F"},
            BRANCH,
            "closed",
            "2021-02-03",
        ),
        ({"etatAdministratifUniteLegale": "C"}, {}, BRANCH, "closed", "2020-01-01"),  # an open one of a ceased company
        ({"etatAdministratifUniteLegale": "C"}, {}, None, "closed", "2020-01-01"),
        ({}, {"etatAdministratifEtablissement": "F", "dateDebut": dt.date(1900, 1, 1)}, BRANCH, "closed", None),
        ({"etatAdministratifUniteLegale": None}, {"etatAdministratifEtablissement": None}, BRANCH, None, None),
    ],
)
def test_open_or_closed_and_since_when(register, look_up, unit, branch, key, state, closed_on):
    register.unit(SIREN, **unit)
    register.establishment(HEAD)
    register.establishment(BRANCH, **branch)
    found = look_up(register.write(), (key, SIREN)).iloc[0]
    assert found["company_state"] == state if state else pd.isna(found["company_state"])
    assert found["closed_on"] == pd.Timestamp(closed_on) if closed_on else pd.isna(found["closed_on"])
    assert state is None or state in COMPANY_STATES


def chain(register, *sirets: str, last: str = "A") -> None:
    """A row of establishments, each the successor of the one before; all closed but the last."""
    for siren in {siret[:9] for siret in sirets}:
        register.unit(siren)
    for siret in sirets:
        register.establishment(siret, etatAdministratifEtablissement=last if siret == sirets[-1] else "F")
    for before, after in pairwise(sirets):
        register.link(before, after)


def test_a_chain_of_successions_is_followed_to_its_end(register, look_up):
    sold = "44306184100047"
    chain(register, HEAD, BRANCH, sold, "44306184100054")
    found = look_up(register.write(), (HEAD, SIREN), (sold, sold[:9]), ("44306184100054", sold[:9]))
    assert found["successor_siret"].tolist()[:2] == ["44306184100054", "44306184100054"]
    assert pd.isna(found["successor_siret"].iloc[2])


def test_a_chain_ends_where_someone_is_open(register, look_up):
    chain(register, HEAD, BRANCH, OTHER, last="F")
    register.rows["establishments"][1]["etatAdministratifEtablissement"] = "A"  # a part went on to OTHER
    assert look_up(register.write(), (HEAD, SIREN))["successor_siret"].tolist() == [BRANCH]


def test_a_chain_that_ends_closed_gives_its_last(register, look_up):
    chain(register, HEAD, BRANCH, OTHER, last="F")
    assert look_up(register.write(), (HEAD, SIREN))["successor_siret"].tolist() == [OTHER]


def test_links_that_lead_back_are_not_followed(register, look_up):
    chain(register, HEAD, BRANCH, OTHER, last="F")
    register.link(OTHER, HEAD)
    register.link(BRANCH, BRANCH, "2024-01-01")
    found = look_up(register.write(), (HEAD, SIREN), (BRANCH, SIREN))
    assert found["successor_siret"].tolist() == [OTHER, HEAD]


def test_of_several_links_the_latest_counts_then_continuity(register, look_up):
    chain(register, HEAD, last="F")
    for siret in (BRANCH, OTHER, "44306184100047"):
        register.establishment(siret)
    register.link(HEAD, "44306184100047", "2021-05-05")
    register.link(HEAD, OTHER, "2022-05-05", goes_on=False)
    register.link(HEAD, BRANCH, "2022-05-05")
    register.rows["successions"].append(
        {"siretEtablissementPredecesseur": HEAD, "siretEtablissementSuccesseur": "44306184100047"}
    )
    assert look_up(register.write(), (HEAD, SIREN))["successor_siret"].tolist() == [BRANCH]


def test_the_open_have_no_successor_and_the_ceased_the_one_of_their_head_office(register, look_up):
    register.unit(SIREN, etatAdministratifUniteLegale="C")
    register.establishment(HEAD, etatAdministratifEtablissement="F")
    register.unit("443061841")
    register.establishment("44306184100047")
    register.link(HEAD, "44306184100047")
    register.link("44306184100047", HEAD)
    found = look_up(register.write(), (None, SIREN), ("44306184100047", "443061841"))
    assert found["successor_siret"].iloc[0] == "44306184100047"
    assert pd.isna(found["successor_siret"].iloc[1])


def test_there_is_no_successor_without_the_file(register, look_up, stock_of):
    chain(register, HEAD, BRANCH)
    register.write()
    assert look_up(stock_of(register.folder, successions=False), (HEAD, SIREN))["successor_siret"].isna().all()


@pytest.mark.parametrize(
    ("unit", "establishment", "diffusible"),
    [("O", "O", True), ("P", "O", False), ("O", "P", False), ("P", "P", False), (None, "O", False), ("O", None, False)],
)
def test_who_objects_keeps_what_is_published_and_is_not_diffusible(register, look_up, unit, establishment, diffusible):
    register.unit(SIREN, statutDiffusionUniteLegale=unit, nomUniteLegale="[ND]", prenom1UniteLegale="[ND]")
    register.establishment(HEAD, statutDiffusionEtablissement=establishment, codePostalEtablissement="[ND]")
    found = look_up(register.write(), (HEAD, SIREN)).iloc[0]
    assert found["diffusible"] == diffusible
    assert found[["naf", "legal_form", "establishment_commune_code"]].tolist() == ["47.11D", "5710", "35238"]


@pytest.mark.parametrize("who", ["unit", "establishment"])
def test_who_is_not_given_out_has_no_value_at_all(register, look_up, who):
    register.unit(SIREN, statutDiffusionUniteLegale="N" if who == "unit" else "O", etatAdministratifUniteLegale="C")
    register.establishment(HEAD, statutDiffusionEtablissement="N" if who == "establishment" else "O")
    found = look_up(register.write(), (HEAD, SIREN)).iloc[0]
    assert found["diffusible"] is False or not found["diffusible"]
    assert found[[column for column in COLUMNS if column != "diffusible"]].isna().all()
    assert pd.isna(found["establishment_commune_code"])


@pytest.mark.parametrize("mask", ["[ND]", "[NON-DIFFUSIBLE]", " ", ""])
def test_what_stands_in_place_of_a_value_is_none(register, look_up, mask):
    register.unit(SIREN, categorieEntreprise=mask, activitePrincipaleUniteLegale=mask, trancheEffectifsUniteLegale=mask)
    register.establishment(HEAD, codeCommuneEtablissement=mask, activitePrincipaleEtablissement=mask,
                           activitePrincipaleNAF25Etablissement=mask)  # fmt: skip
    found = look_up(register.write(), (HEAD, SIREN)).iloc[0]
    assert found[["company_category", "naf", "naf_2025", "establishment_commune_code", "headcount_min"]].isna().all()


@pytest.mark.parametrize(
    ("code", "nomenclature", "naf", "naf_2025"),
    [
        ("47.11D", "NAFRev2", "47.11D", None),
        ("721Z", "NAF1993", "62.01Z", None),  # the company's
        ("00.00Z", "NAFRev2", "62.01Z", None),  # not yet known
        ("47.11D", None, "62.01Z", None),
        ("47.11Y", "NAF2025", "62.01Z", "47.11Y"),
        (None, None, "62.01Z", None),
    ],
)
def test_naf_is_of_revision_2(register, look_up, code, nomenclature, naf, naf_2025):
    register.unit(SIREN)
    register.establishment(HEAD, activitePrincipaleEtablissement=code,
                           nomenclatureActivitePrincipaleEtablissement=nomenclature)  # fmt: skip
    found = look_up(register.write(), (HEAD, SIREN)).iloc[0]
    assert found["naf"] == naf
    assert found["naf_2025"] == naf_2025 if naf_2025 else pd.isna(found["naf_2025"])


@pytest.mark.parametrize(
    ("band", "low", "high"),
    [("NN", None, None), ("00", 0, 0), ("01", 1, 2), ("12", 20, 49), ("53", 10_000, None), (None, None, None)],
)
def test_headcount_is_the_companys_band(register, look_up, band, low, high):
    register.unit(SIREN, trancheEffectifsUniteLegale=band)
    register.establishment(HEAD, trancheEffectifsEtablissement="22")
    found = look_up(register.write(), (HEAD, SIREN)).iloc[0]
    for name, value in (("headcount_min", low), ("headcount_max", high)):
        assert pd.isna(found[name]) if value is None else found[name] == value


@pytest.mark.parametrize(
    ("unit", "establishments", "employer"),
    [
        ({"caractereEmployeurUniteLegale": "N"}, ["O"], False),
        ({}, ["N", "O"], True),
        ({}, ["N", None], False),
        ({}, [None], None),
        ({"trancheEffectifsUniteLegale": "11"}, [None], True),
        ({"trancheEffectifsUniteLegale": "NN"}, [None], False),
        ({"trancheEffectifsUniteLegale": "00"}, [None], None),  # had employees during the year
        ({"trancheEffectifsUniteLegale": "11"}, ["N"], False),
        ({"trancheEffectifsUniteLegale": "11", "etatAdministratifUniteLegale": "C"}, [None], False),
        ({"caractereEmployeurUniteLegale": "O", "etatAdministratifUniteLegale": "C"}, ["O"], False),
    ],
)
def test_employer(register, look_up, unit, establishments, employer):
    register.unit(SIREN, **unit)
    for siret, sign in zip((HEAD, BRANCH), establishments, strict=False):
        register.establishment(siret, caractereEmployeurEtablissement=sign)
    register.establishment(OTHER, caractereEmployeurEtablissement="O", etatAdministratifEtablissement="F")
    found = look_up(register.write(), (HEAD, SIREN)).iloc[0]["employer"]
    assert pd.isna(found) if employer is None else found == employer


@pytest.mark.parametrize(
    ("founded", "age"),
    [("2026-06-30", 0), ("2025-06-30", 1), ("2025-07-01", 0), ("1900-01-01", None), ("2026-07-01", None), (None, None)],
)
def test_age_is_of_the_day_of_the_stock(register, look_up, founded, age):
    register.unit(SIREN, dateCreationUniteLegale=founded and dt.date.fromisoformat(founded))
    found = look_up(register.write(), (None, SIREN)).iloc[0]
    assert pd.isna(found["company_age_years"]) if age is None else found["company_age_years"] == age
    assert pd.isna(found["founded"]) == (founded in (None, "1900-01-01"))


@pytest.mark.parametrize(
    ("code", "form", "label"),
    [(1000, "1000", "Entrepreneur individuel"), (9150, "9150", "Association syndicale libre"),
     (5799, "5799", "Société par actions simplifiée"), (8888, "8888", None), (None, None, None)],
)  # fmt: skip
def test_a_legal_form_that_is_not_known_has_the_label_of_its_family(register, look_up, code, form, label):
    register.unit(SIREN, categorieJuridiqueUniteLegale=code)
    found = look_up(register.write(), (None, SIREN)).iloc[0]
    assert found["legal_form"] == form if form else pd.isna(found["legal_form"])
    assert found["legal_form_label"] == label if label else pd.isna(found["legal_form_label"])


def ask_all(stock, con, order: str) -> pd.DataFrame:
    """Everything that the stock knows, and some that it does not, in some order."""
    con.execute(f"""CREATE OR REPLACE TABLE asked AS
        SELECT * FROM (
            SELECT siret, siren FROM read_parquet('{stock.establishments}')
            UNION ALL SELECT NULL, siren FROM read_parquet('{stock.units}')
            UNION ALL SELECT left(siret, 9) || '99999', siren FROM read_parquet('{stock.establishments}')
            UNION ALL SELECT '99999999999999', '999999999'
        ) ORDER BY {order}""")
    found = con.execute(f"FROM {read_stock(con, stock, 'asked')}").df()
    return found.sort_values(["siren", "siret"], ignore_index=True)


def test_one_row_a_key_whatever_their_order_and_the_threads(fictional, stock_of, con):
    stock = stock_of(fictional)
    found = ask_all(stock, con, "hash(siret)")
    asked = con.execute("FROM asked").df().sort_values(["siren", "siret"], ignore_index=True)
    pd.testing.assert_frame_equal(found[["siret", "siren"]], asked)
    with connect(threads=1) as one:
        pd.testing.assert_frame_equal(ask_all(stock, one, "siren DESC, siret"), found)
    left = con.execute("SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views()").fetchall()
    assert not [name for (name,) in left if name.startswith("stock_") and name.count("_") > 1]


def test_no_name_and_no_mask_comes_out(fictional, stock_of, con):
    stock = stock_of(fictional)
    masked = f"SELECT count(*) FROM read_parquet('{stock.units}') WHERE nomUniteLegale = '[ND]'"
    assert con.execute(masked).fetchall()[0][0] > 50
    found = ask_all(stock, con, "siret")
    texts = found.select_dtypes(include=["object", "string"])
    for column in texts:
        assert not texts[column].dropna().str.contains(r"\[|FICTI", regex=True).any(), column
    assert not found.loc[found["company_note"] == "not_diffused", "diffusible"].any()


def test_values_agree_with_a_plain_join(fictional, stock_of, con):
    stock = stock_of(fictional)
    found = ask_all(stock, con, "siret").dropna(subset="siret").set_index("siret")
    plain = con.execute(f"""
        SELECT e.siret, e.siren, e.etatAdministratifEtablissement AS state,
               u.etatAdministratifUniteLegale AS unit_state,
               count(*) FILTER (e.etatAdministratifEtablissement = 'A') OVER (PARTITION BY e.siren) AS open,
               e.codeCommuneEtablissement AS commune, u.statutDiffusionUniteLegale AS status
        FROM read_parquet('{stock.establishments}') AS e JOIN read_parquet('{stock.units}') AS u USING (siren)
    """).df().set_index("siret")  # fmt: skip
    plain = plain[plain["status"] != "N"]
    found = found.loc[plain.index]
    assert (found["open_establishments"] == plain["open"]).all()
    assert ((found["company_state"] == "closed") == ((plain["state"] == "F") | (plain["unit_state"] == "C"))).all()
    assert found["establishment_commune_code"].fillna("").tolist() == plain["commune"].fillna("").tolist()
    assert (found["diffusible"].astype(bool) == (plain["status"] == "O")).all()
    assert found["successor_siret"].notna().sum() > 50
    assert not (found["successor_siret"] == found.index).any()


def test_columns_that_came_later_may_lack(register, look_up):
    register.unit(SIREN)
    register.establishment(HEAD)
    stock = register.write()
    with connect() as con:
        for path, whose in ((stock.units, "UniteLegale"), (stock.establishments, "Etablissement")):
            later = f"caractereEmployeur{whose}, activitePrincipaleNAF25{whose}"
            con.execute(f"CREATE OR REPLACE TABLE t AS SELECT * EXCLUDE ({later}) FROM read_parquet('{path}')")
            con.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    found = look_up(stock, (HEAD, SIREN)).iloc[0]
    assert found["naf"] == "47.11D"
    assert found[["naf_2025", "employer"]].isna().all()


def test_a_stock_of_no_rows_and_no_keys(register, look_up, con):
    stock = register.write()
    assert look_up(stock, (HEAD, SIREN))["company_note"].tolist() == ["not_in_stock"]
    con.execute("CREATE TABLE none (siret VARCHAR, siren VARCHAR)")
    assert con.execute(f"SELECT count(*) FROM {read_stock(con, stock, 'none')}").fetchall() == [(0,)]


def test_a_damaged_file_is_told(register, look_up):
    register.unit(SIREN)
    register.establishment(HEAD)
    stock = register.write()
    stock.units.write_bytes(stock.units.read_bytes()[:-20])
    with pytest.raises(CatalogueError, match="lieudit sources check"):
        look_up(stock, (HEAD, SIREN))


def test_without_a_stock_there_is_none(stock_of, register, monkeypatch, tmp_path):
    monkeypatch.setenv("LIEUDIT_DATA", str(tmp_path / "nothing"))
    assert open_stock(stock_of(tmp_path).catalogue) is None


def test_a_siren_that_was_given_zeros_is_believed_less(register, tmp_path, monkeypatch):
    siren, treated = "005720784", dt.datetime(2026, 6, 30)
    register.unit(siren, dateDernierTraitementUniteLegale=treated)
    register.establishment(siren + "00015", dateDernierTraitementEtablissement=treated)
    register.write()
    monkeypatch.setenv("LIEUDIT_DATA", str(tmp_path / "data"))
    fetch("sirene", given=register.folder)
    found = enrich(pd.DataFrame({"siret": ["00572078400015", "572078400015", "005720784", "5720784"]}))
    assert found["siren"].eq(siren).all()
    assert found["siret_status"].tolist() == [
        "valid_siret", "valid_siret_repadded", "siren_only", "siren_only_repadded",
    ]  # fmt: skip
    assert found["company_status"].eq("found").all()
    assert found["company_confidence"].tolist() == [1, 1, 1, 0.9]
