"""The ratios of INPI, read from fictional files in the shape in which they are published."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.official.fetch import fetch
from lieudit.cli import main
from lieudit.enrichment.indicators import indicator_columns
from lieudit.errors import CatalogueError

NAME = "ratios_inpi_bce"
HEADER = "siren;date_cloture_exercice;chiffre_d_affaires;marge_brute;resultat_net;marge_ebe;type_bilan;confidentiality"


def _published(folder: Path, *lines: str, header: str = HEADER, name: str = "ratios fictifs.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def _rows(columns: str = "*") -> list[tuple]:
    path = open_catalogue().source(NAME).path()
    return duckdb.connect().execute(f"SELECT {columns} FROM '{path}'").fetchall()


def _figures(data: Path, folder: Path, line: str) -> tuple:
    fetch(NAME, given=_published(folder, line))
    ((turnover, result, confidential),) = _rows("turnover_eur, net_result_eur, confidential")
    return turnover, result, confidential


def test_rows_are_sorted_by_siren_and_checked(data, tmp_path):
    fetched = fetch(NAME, given=_published(
        tmp_path,
        "900000003;2023-12-31;1000;;10;;C;Public", "100000009;2022-12-31;900;;9;;S;Public",
        "100000009;2023-12-31;950;;9;;K;Public", "sans siren;2023-12-31;1;;1;;C;Public",
        "100000009;;1;;1;;C;Public", "100000009;2999-12-31;1;;1;;C;Public",
    ))  # fmt: skip
    assert fetched.lost == 3
    assert _rows("siren, closed_on, accounts_kind") == [
        ("100000009", dt.date(2022, 12, 31), "simplified"), ("100000009", dt.date(2023, 12, 31), "consolidated"),
        ("900000003", dt.date(2023, 12, 31), "full"),
    ]  # fmt: skip
    assert [str(problem) for problem in open_catalogue().check()] == []
    manifest = open_catalogue().source(NAME).manifest
    assert "INPI" in manifest.attribution
    assert "{" not in manifest.attribution + manifest.vintage
    assert "communes" not in (open_catalogue().source(NAME).folder / "NOTICE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cells", "figures"),
    [
        ("1000;;-50;;C;Public", (1000, -50, False)),
        ("1000.0;;50.6;;C;Public", (1000, 51, False)),
        ("1 234 567,89;;0;;C;", (1_234_568, 0, False)),
        ("0;;0;;C;Public", (0, 0, False)),  # a holding that sells nothing
        (";;;;C;Public", (None, None, False)),
        ("2147483647;;-2147483647;;C;Public", (None, None, False)),
        ("2147483646;;9000000000;;C;Public", (2_147_483_646, 9_000_000_000, False)),
        ("NaN;;inf;;C;Public", (None, None, False)),
        ("0;;0;;S;Confidentiel", (None, None, True)),
        ("5000;;10;;S;Confidentiel", (None, None, True)),
        ("0;;700;;S;Public Partiel", (None, 700, True)),
        ("0;;0;;S;Public sauf compte de résultat", (None, None, True)),
        ("5000;;10;;S;Confidential", (None, None, True)),
        ("Confidentiel;;10;;S;Public", (None, 10, False)),
    ],
)
def test_withheld_figures_are_empty_and_zeros_are_zeros(data, tmp_path, cells, figures):
    assert _figures(data, tmp_path, f"100000009;2023-12-31;{cells}") == figures


@pytest.mark.parametrize("siren", ["012345674", "12345674", "12345674.0", " 012 345 674 "])
def test_sirens_get_their_zeros_back(data, tmp_path, siren):
    fetch(NAME, given=_published(tmp_path, f"{siren};31/12/2023;1;;1;;C;Public"))
    assert _rows("siren, closed_on") == [("012345674", dt.date(2023, 12, 31))]


def test_accounts_filed_twice_stand_once_whatever_the_order(data, tmp_path):
    lines = [f"100000009;2023-12-31;{turnover};;5;;C;{state}"
             for turnover, state in ((10, "Public"), (12, "Public"), ("", "Confidentiel"))]  # fmt: skip
    found = set()
    for order in (lines, lines[::-1], lines[1:] + lines[:1]):
        fetch(NAME, given=_published(tmp_path, *order))
        found.add(tuple(_rows()))
    ((row,),) = found
    assert row[4] == 12


def test_parquet_is_read_with_its_types_and_without_a_suffix(data, tmp_path, server):
    path = tmp_path / "parquet"
    duckdb.connect().execute(f"""COPY (SELECT 100000009 AS siren, DATE '2023-12-31' AS date_cloture_exercice,
        1000.0::DOUBLE AS chiffre_d_affaires, 'nan'::DOUBLE AS resultat_net, 'C' AS type_bilan) TO '{path}'
        (FORMAT parquet)""")
    server.answers = [server.sends(path.read_bytes())]
    fetch(NAME, address=server.address("exports/parquet"))
    assert _rows("siren, turnover_eur, net_result_eur") == [("100000009", 1000, None)]


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command; its exit code, and what it says on the error stream."""

    def run(path: Path) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["lieudit", "sources", "fetch", NAME, "--from", str(path)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr().err

    return run


def test_missing_columns_are_named_with_those_that_are_there(data, tmp_path, run):
    path = _published(tmp_path, "100000009;1", header="siren;ca")
    with pytest.raises(
        CatalogueError, match=r"has no column date_cloture_exercice, chiffre_d_affaires.*: it holds siren, ca"
    ):
        fetch(NAME, given=path)
    code, message = run(path)
    assert code == 2
    assert "lieudit: ratios fictifs.csv has no column" in message


@pytest.mark.parametrize("lines", [[], ["x;y;1;;1;;C;Public"]])
def test_files_without_a_company_change_nothing(data, tmp_path, lines):
    fetch(NAME, given=_published(tmp_path, "100000009;2023-12-31;1;;1;;C;Public"))
    before = _rows()
    with pytest.raises(CatalogueError) as told:
        fetch(NAME, given=_published(tmp_path, *lines, name="vide.csv"))
    assert str(told.value).count("vide.csv") == 1
    assert _rows() == before


def test_many_rows_a_company_are_no_indicators(data, tmp_path):
    fetch(NAME, given=_published(tmp_path, "100000009;2023-12-31;1;;1;;C;Public"))
    assert NAME not in {source.name for source, _ in indicator_columns(open_catalogue(), None)}


def test_the_command_says_what_was_left_out(data, tmp_path, run):
    path = _published(tmp_path, "100000009;2023-12-31;1;;1;;C;Public", "rien;2023-12-31;1;;1;;C;Public")
    code, message = run(path)
    assert code == 0
    assert "1 rows name no company or no date" in message
