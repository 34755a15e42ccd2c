"""A company file from end to end: every row back once, in order, with a status and a reason."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lieudit
from lieudit.cli import main
from lieudit.errors import CatalogueError, ConfigError, TableError
from lieudit.schema import ACCOUNTS_COLUMNS, COMPANY_COLUMNS, COMPANY_OUTCOME_COLUMNS, COMPANY_STATUSES, SIRET_COLUMNS

from .fictional import make_register, read_establishments

CASES = Path(__file__).parent / "data" / "siret_cases.csv"


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_register(tmp_path_factory.mktemp("register"))


@pytest.fixture(scope="module")
def establishments(register: Path) -> pd.DataFrame:
    return read_establishments(register)


@pytest.fixture(scope="module")
def plain(establishments: pd.DataFrame) -> pd.DataFrame:
    """Establishments in mainland France that are given out whole, and whose place is plain."""
    kept = establishments["diffusible"] & establishments["postcode"].str.fullmatch(r"[1-9]\d{4}")
    return establishments[kept & establishments["head"]].reset_index(drop=True)


def wrong_key(siret: str) -> str:
    """Return a SIRET with another last digit: its SIREN stays right."""
    return siret[:13] + str((int(siret[13]) + 1) % 10)


def vat(siren: str) -> str:
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def other_siret(siret: str, taken: set[str]) -> str:
    """Return a right SIRET of the same company that no register has."""
    for number in range(99_000, 99_999):
        for key in range(10):
            found = f"{siret[:9]}{number:05d}"[:13] + str(key)
            if found not in taken and lieudit_valid(found):
                return found
    raise AssertionError


def lieudit_valid(siret: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(siret))


def test_every_row_comes_back_with_a_status_and_a_reason(register: Path, establishments: pd.DataFrame) -> None:
    known = establishments[establishments["diffusible"] & establishments["head"]]["siret"].iloc[5]
    unknown = other_siret(known, set(establishments["siret"]))
    expected = {
        known: ("found", "siret_stock", 1.0, None),
        f"{known[:3]} {known[3:6]} {known[6:9]} {known[9:]}": ("found", "siret_stock", 1.0, None),
        f"{known},00": ("found", "siret_stock", 1.0, None),
        known[:9]: ("found", "siren_stock", 1.0, None),
        vat(known[:9]): ("found", "siren_stock", 1.0, None),
        wrong_key(known): ("found", "siren_stock", 0.9, "invalid_checksum"),
        unknown: ("found", "siren_stock", 0.9, "establishment_unknown"),
        "73282932000074": ("not_found", None, None, "not_in_register"),
        "00000000000000": ("invalid", None, None, "invalid_placeholder"),
        "7.32829E+13": ("invalid", None, None, "unrecoverable_scientific"),
        "DE136695976": ("invalid", None, None, "foreign_vat"),
        "": ("empty", None, None, None),
    }
    file = pd.DataFrame({"client": range(len(expected)), "SIRET": list(expected)})
    found = lieudit.enrich(file, catalogue=register)
    pd.testing.assert_frame_equal(found[["client", "SIRET"]], file)
    columns = [column.name for column in COMPANY_OUTCOME_COLUMNS]
    told = found[columns].astype(object).where(found[columns].notna(), None)
    assert dict(zip(file["SIRET"], told.itertuples(index=False, name=None), strict=True)) == expected
    assert set(found["company_status"]) <= set(COMPANY_STATUSES)
    legal_form = establishments.set_index("siret")["legal_form"][known]
    assert found.loc[found["company_status"] == "found", "legal_form"].eq(str(legal_form)).all()
    assert found.loc[found["company_status"] != "found", "legal_form"].isna().all()


def test_columns_are_those_that_a_source_could_fill(register: Path, plain: pd.DataFrame) -> None:
    file = pd.DataFrame({"siret": plain["siret"][:5], "cp": plain["postcode"][:5], "ville": plain["city"][:5]})
    with_stock, without = lieudit.enrich(file, catalogue=register), lieudit.enrich(file)
    new = [name for name in with_stock.columns if name not in without.columns]
    never = {"naf_2025"}  # a column of later files
    assert new == [c.name for c in (*COMPANY_OUTCOME_COLUMNS, *COMPANY_COLUMNS) if c.name not in never]
    assert [name for name in without.columns if name.removesuffix("_lieudit") in {c.name for c in SIRET_COLUMNS}] == [
        "siret", "siret_lieudit", "siren", "siret_status",
    ]  # fmt: skip
    told = with_stock.attrs["sources"]["columns"]
    assert {told[name]["source"] for name in ("naf", "headcount_min", "diffusible")} == {"sirene"}
    assert told["legal_form"]["coverage"] == 1
    assert all(told["founded"][key] for key in ("publisher", "licence", "vintage", "attribution"))
    some = lieudit.enrich(file, catalogue=register, sources=["profile"])
    assert "company_status" not in some.columns


def test_rows_without_an_address_have_the_place_of_their_establishment(register: Path, plain: pd.DataFrame) -> None:
    here, there = plain.iloc[3], plain[plain["commune"].str[:2] != plain["commune"][3][:2]].iloc[0]
    rows = [
        (here["siret"], "", ""),
        (here["siret"], here["postcode"], here["city"]),
        (here["siret"], there["postcode"], there["city"]),
        (here["siren"], there["postcode"], there["city"]),
        (here["siren"], "", ""),
        ("", there["postcode"], there["city"]),
    ]
    file = pd.DataFrame(rows, columns=["siret", "cp", "ville"])
    found = lieudit.enrich(file, catalogue=register)
    assert found["commune_method"].eq("siret").tolist() == [True, False, False, False, False, False]
    assert found["commune_method"][4] == "siren"
    assert found["commune_confidence"][0] > found["commune_confidence"][4]
    assert found["commune_note"].eq("siret_clash").tolist() == [False, False, True, False, False, False]
    assert found["commune_code"].nunique() == 2
    assert found["commune_code"][[0, 1, 4]].nunique() == found["commune_code"][[2, 3, 5]].nunique() == 1
    assert (found["population"].notna()).all()
    alone = lieudit.enrich(file[["siret"]], catalogue=register)
    assert alone["commune_code"].tolist()[:5] == [found["commune_code"][0]] * 5
    assert alone["commune_status"][5] == "empty"


def test_old_codes_and_arrondissements_lead_to_communes_of_today(register: Path, establishments: pd.DataFrame) -> None:
    found = lieudit.enrich(establishments[["siret"]], catalogue=register).set_index(establishments["commune"])
    whole = {"75": "75056", "693": "69123", "132": "13055"}
    parts = [(code, whole[start]) for code in found.index for start in whole if str(code).startswith(start)]
    divided = [
        (code, city) for code, city in parts if code != city and found.loc[[code], "arrondissement_code"].notna().all()
    ]
    assert divided
    for code, city in divided:
        assert found.loc[[code], "commune_code"].eq(city).all()
        assert found.loc[[code], "arrondissement_code"].eq(code).all()
    communes = set(pq.read_table(lieudit_communes())["commune_code"].to_pylist())
    old = [code for code in found.index.dropna() if code not in communes and not str(code).startswith(tuple(whole))]
    assert old  # the fictional register holds codes of the past, as the real one does
    assert set(found.loc[old, "commune_code"]) <= communes


def lieudit_communes() -> Path:
    from lieudit.catalogue import open_catalogue

    return open_catalogue().source("communes").path()


def test_prospecting_leaves_out_those_who_object(
    register: Path, establishments: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = establishments[["siret"]].iloc[:400].assign(client=range(400))
    file.to_csv(tmp_path / "firms.csv", index=False)
    command = ["enrich", str(tmp_path / "firms.csv"), "--catalogue", str(register), "-o"]
    run([*command, str(tmp_path / "all.parquet")])
    run([*command, str(tmp_path / "kept.parquet"), "--for", "prospecting"])
    everybody, kept = (pq.read_table(tmp_path / name).to_pandas() for name in ("all.parquet", "kept.parquet"))
    objecting = int((~establishments["diffusible"].iloc[:400]).sum())
    assert len(everybody) == 400
    assert objecting > 10
    clients = file["client"][establishments["diffusible"].iloc[:400]].tolist()
    assert kept["client"].astype(int).tolist() == clients
    assert not kept["diffusible"].eq(False).any()
    assert f"{objecting} rows of companies that object to prospecting were left out" in capsys.readouterr().err
    pd.testing.assert_frame_equal(everybody[everybody["diffusible"].ne(False)].reset_index(drop=True), kept)
    frame = lieudit.enrich(file, catalogue=register, purpose="prospecting")
    assert frame.index.tolist() == clients


def test_what_is_masked_never_reaches_a_cell(register: Path, establishments: pd.DataFrame) -> None:
    found = lieudit.enrich(establishments[["siret"]], catalogue=register)
    objecting = found[found["diffusible"].eq(False)]
    assert len(objecting) > 100
    cells = found.select_dtypes(exclude="number").astype("str")
    assert not cells.apply(lambda column: column.str.contains(r"\[N|FICTI", regex=True)).any(axis=None)
    withheld = found[establishments["withheld"].to_numpy()]
    assert withheld[["naf", "legal_form", "headcount_min", "founded"]].isna().all(axis=None)
    assert withheld["diffusible"].eq(False).all()


def test_prospecting_asks_for_a_register(plain: pd.DataFrame) -> None:
    with pytest.raises(ConfigError, match=r"nothing says which companies object.*sources fetch sirene"):
        lieudit.enrich(plain[["siret"]], purpose="prospecting")
    with pytest.raises(ConfigError, match=r"purpose.*prospecting"):
        lieudit.enrich(plain[["siret"]], purpose="prospection")


NOT_ONE: dict[str, tuple[Callable[[int], str], str]] = {
    "telephone numbers": (lambda n: f"01{n * 7919 % 10**8:08d}", "0%"),
    "words": (lambda n: f"client {chr(65 + n % 26)}", "0%"),
    "prices": (lambda n: f"{n * 1.37:.2f}", "0%"),
    "long numbers": (lambda n: str(20_240_105_000_000 + n * 7_919), "%"),
}


@pytest.mark.parametrize("kind", NOT_ONE)
@pytest.mark.parametrize("rows", [3, 400])
def test_a_column_that_is_none_is_refused(kind: str, rows: int) -> None:
    write, share = NOT_ONE[kind]
    file = pd.DataFrame({"SIRET": [write(n) for n in range(rows)], "cp": "35000"})
    with pytest.raises(TableError, match=rf"Of {rows} filled cells of 'SIRET'.*{share}.*--force"):
        lieudit.enrich(file)
    forced = lieudit.enrich(file, force=True)
    assert len(forced) == rows
    assert forced["siret_status"].ne("valid_siret").mean() > 0.95  # one number in a hundred has right keys by chance


def test_one_odd_cell_is_no_odd_column() -> None:
    for cell in ("73282932000079", "bonjour", "00074"):
        assert len(lieudit.enrich(pd.DataFrame({"siret": [cell]}))) == 1
    mostly_wrong = ["73282932000074", *["1234"] * 7]  # of a handful, one that looks like one is enough
    assert lieudit.enrich(pd.DataFrame({"siret": mostly_wrong}))["siret_status"][0] == "valid_siret"


def test_hard_cases_are_no_odd_column(tmp_path: Path) -> None:
    with CASES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pd.DataFrame({"SIRET": [row["input"] for row in rows]}).to_csv(tmp_path / "cases.csv", index=False)
    run(["enrich", str(tmp_path / "cases.csv"), "-o", str(tmp_path / "out.parquet")])
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["siret_status"] for row in found] == [row["expected_status"] for row in rows]
    assert [row["siren"] or "" for row in found] == [row["expected_siren"] for row in rows]


def test_the_command_says_what_share_looks_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"siret": [f"réf-{n}" for n in range(40)]}).to_csv(tmp_path / "firms.csv", index=False)
    command = ["enrich", str(tmp_path / "firms.csv"), "-o", str(tmp_path / "out.csv")]
    with pytest.raises(SystemExit) as stopped:
        run(command)
    assert stopped.value.code == 2
    assert "Of 40 filled cells of 'siret' in firms.csv, 0 (0%)" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()
    run([*command, "--force"])
    assert len(pd.read_csv(tmp_path / "out.csv")) == 40


def test_headers_alone_are_no_rows(tmp_path: Path, register: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "firms.csv").write_text("siret,nom\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        run(["enrich", str(tmp_path / "firms.csv"), "--catalogue", str(register), "-o", str(tmp_path / "o.csv")])
    assert stopped.value.code == 2
    assert "no rows" in capsys.readouterr().err


def test_a_register_that_was_changed_is_refused(register: Path, tmp_path: Path, plain: pd.DataFrame) -> None:
    import shutil

    changed = shutil.copytree(register, tmp_path / "changed")
    with (changed / "sirene" / "StockUniteLegale_utf8.parquet").open("ab") as file:
        file.write(b"more")
    with pytest.raises(CatalogueError, match="checksum"):
        lieudit.enrich(plain[["siret"]][:3], catalogue=changed)


def test_accounts_follow_the_siren(register: Path, plain: pd.DataFrame, tmp_path: Path) -> None:
    import shutil

    from lieudit.demo.company_sources import write_accounts

    both = shutil.copytree(register, tmp_path / "both")
    companies = plain[["siren"]].drop_duplicates().iloc[:200].assign(headcount=5, group=3)
    write_accounts(np.random.default_rng(0), both, companies)
    file = plain[["siret"]].iloc[:300]
    found = lieudit.enrich(file, catalogue=both)
    names = [column.name for column in ACCOUNTS_COLUMNS]
    assert [name for name in found.columns if name in names] == names
    filed = found[found["turnover_eur"].notna()]
    assert 100 < len(filed) < 300
    assert set(filed["siren"]) <= set(companies["siren"])
    assert filed["accounts_year"].eq(2024).all()
    assert filed["turnover_growth"].median() == pytest.approx(0.3, abs=0.05)
    assert found.attrs["sources"]["columns"]["turnover_eur"]["source"] == "ratios_inpi_bce"
    assert 0.3 < found.attrs["sources"]["columns"]["turnover_eur"]["coverage"] < 1
    without_stock = lieudit.enrich(file, catalogue=both, sources=["ratios_inpi_bce"])
    assert without_stock["turnover_eur"].notna().sum() == len(filed)
    assert "company_status" not in without_stock.columns


def test_a_naf_column_stands_where_the_register_is_silent(register: Path, plain: pd.DataFrame) -> None:
    file = pd.DataFrame({"siret": [plain["siret"][0], ""], "ape": ["62.01Z", "62.01Z"]})
    found = lieudit.enrich(file, catalogue=register)
    alone = lieudit.enrich(file[["siret"]], catalogue=register)
    assert found["naf"].tolist() == [alone["naf"][0], "62.01Z"]
    assert found["naf_section"][1] == "J"
    assert found.attrs["sources"]["columns"]["naf"]["also"] == ["naf"]


def test_nomenclatures_are_named_beside_the_register(register: Path, plain: pd.DataFrame) -> None:
    said = lieudit.enrich(pd.DataFrame({"siret": plain["siret"][:3]}), catalogue=register).attrs["sources"]
    also = {name: entry["also"] for name, entry in said["columns"].items() if "also" in entry}
    assert also == {
        "naf_label": ["naf"], "naf_section": ["naf"], "legal_form_label": ["legal_forms"],
        "headcount_min": ["headcount_bands"], "headcount_max": ["headcount_bands"], "commune_code": ["sirene"],
    }  # fmt: skip
    for words in ("nomenclature d'activités", "catégories juridiques"):
        assert any(words in line for line in said["attributions"])


def run(arguments: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["lieudit", *arguments])
        try:
            main()
        except SystemExit as stopped:
            if stopped.code:
                raise


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(register: Path, establishments: pd.DataFrame, random: object) -> None:
    cells = [*establishments["siret"][:30], *establishments["siren"][30:40], "", "x", "73282932000074"]
    file = pd.DataFrame({"siret": cells, "ville": ["Rennes", None] * (len(cells) // 2) + ["Paris"] * (len(cells) % 2)})
    shuffled = file.sample(frac=1, random_state=random.randrange(2**31))  # type: ignore[attr-defined]
    straight, mixed = (lieudit.enrich(each, catalogue=register, force=True) for each in (file, shuffled))
    pd.testing.assert_frame_equal(straight, mixed.sort_index(), check_dtype=False)
