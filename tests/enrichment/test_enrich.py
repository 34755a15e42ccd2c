"""The door: rows, columns, names, sources."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit import tables
from lieudit.catalogue import Catalogue
from lieudit.config import EnrichConfig
from lieudit.enrichment import Enriched, enrich_table
from lieudit.errors import CatalogueError
from lieudit.schema import COMMUNE_COLUMNS, INDICATORS, SIRET_COLUMNS

CUSTOMERS = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f", "g"],
        "rue": [
            "1 rue X",
            "2 rue Y, 35000 Rennes",
            None,
            "",
            "Le Bourg, Vitry-le-François",
            "5 rue Z 75012 Paris",
            None,
        ],
        "cp": ["75011", None, "1000", "35000", "51300", None, "20121"],
        "ville": ["PARIS", None, "Bourg en Bresse", "RENNES CEDEX", None, None, "Milano"],
    }
)
ROLES = {"id": "id", "address": "rue", "postcode": "cp", "city": "ville"}


def enriched(
    frame: pd.DataFrame, roles: dict[str, str], catalogue: Catalogue, **kwargs: list[str]
) -> tuple[Enriched, pd.DataFrame]:
    with tables.connect(threads=2) as con:
        table = tables.open_table(con, frame, name="customers")
        result = enrich_table(con, table, roles, catalogue, settings=EnrichConfig(**kwargs))
        found = con.execute(f'SELECT * FROM "{result.name}"').df()
    found.columns = pd.Index(result.columns)
    return result, found


def test_rows_come_back_once_in_order_as_they_were(catalogue: Catalogue) -> None:
    result, found = enriched(CUSTOMERS, ROLES, catalogue)
    assert result.rows == len(found) == len(CUSTOMERS)
    for column in CUSTOMERS:
        assert [v if pd.notna(v) else None for v in found[column]] == [
            v if pd.notna(v) else None for v in CUSTOMERS[column]
        ]
    codes = ["75056", "35238", "01053", "35238", "51649", "75056", None]
    assert [v if pd.notna(v) else None for v in found["commune_code"]] == codes
    assert found["commune_name"][2] == "Bourg-en-Bresse"
    assert list(found["arrondissement_code"].dropna()) == ["75111", "75112"]
    assert found["commune_status"].tolist() == ["matched"] * 6 + ["foreign"]
    assert result.counts["commune_status"] == {"matched": 6, "foreign": 1}


def test_indicators_are_joined_with_their_sources(catalogue: Catalogue) -> None:
    result, found = enriched(CUSTOMERS, ROLES, catalogue)
    names = [column.name for column in result.added]
    assert names[: len(COMMUNE_COLUMNS)] == [column.name for column in COMMUNE_COLUMNS]
    assert {column.name for column in INDICATORS} <= set(names)
    assert found["income_per_inhabitant_eur"].notna().sum() == 6
    told = result.sources()
    assert told["rows"] == len(CUSTOMERS)
    assert set(told["columns"]) == set(names)
    for column in told["columns"].values():
        assert all(column[key] for key in ("publisher", "licence", "vintage", "attribution"))
        assert 0 <= column["coverage"] <= 1
    assert told["columns"]["income_per_inhabitant_eur"]["unit"] == "eur"
    assert told["columns"]["commune_code"]["coverage"] == pytest.approx(6 / 7, abs=1e-6)
    assert len(told["attributions"]) == len(set(told["attributions"])) >= 3


def test_an_arrondissement_has_its_own_figures(catalogue: Catalogue) -> None:
    frame = pd.DataFrame({"cp": ["75007", "75019", "75000"], "ville": ["Paris"] * 3})
    _, found = enriched(frame, {"postcode": "cp", "city": "ville"}, catalogue)
    assert found["commune_code"].nunique() == 1
    assert found["density_per_km2"].nunique() == 3
    assert found["income_per_inhabitant_eur"].nunique() == 1  # Paris is whole in that source
    profile = pq.read_table(catalogue.source("profile").path()).to_pandas().set_index("commune_code")
    assert found["density_per_km2"][0] == profile["density_per_km2"]["75107"]
    assert (found["population"] / found["area_km2"]).tolist() == pytest.approx(found["density_per_km2"].tolist(), 2e-3)


def test_chosen_sources_only(catalogue: Catalogue) -> None:
    result, _ = enriched(CUSTOMERS, ROLES, catalogue, sources=["income"])
    names = {column.name for column in result.added} - {column.name for column in COMMUNE_COLUMNS}
    assert names == {"income_per_inhabitant_eur", "income_per_inhabitant_eur_estimated"}
    with pytest.raises(CatalogueError, match="no source 'incomes'"):
        enriched(CUSTOMERS, ROLES, catalogue, sources=["incomes"])


def test_names_that_the_input_has_are_not_taken(catalogue: Catalogue, tmp_path: Path) -> None:
    frame = pd.DataFrame({"SIRET": ["73282932000074"], "commune_code": ["mine"], "Population": [3], "cp": ["35000"]})
    roles = {"siret": "SIRET", "postcode": "cp"}
    with tables.connect() as con:
        table = tables.open_table(con, frame, name="customers")
        result = enrich_table(con, table, roles, catalogue)
        tables.write_table(con, f'SELECT * FROM "{result.name}"', tmp_path / "o.parquet", names=result.columns)
    written = pq.read_table(tmp_path / "o.parquet").to_pydict()
    assert list(written) == list(result.columns)
    assert written["SIRET"] == written["siret"] == ["73282932000074"]
    assert written["commune_code"] == ["mine"]
    assert written["commune_code_lieudit"] == ["35238"]
    assert (written["Population"], written["population"][0] > 100_000) == ([3], True)
    assert result.sources()["columns"]["commune_code_lieudit"]["renamed_from"] == "commune_code"


def test_companies_without_an_address(catalogue: Catalogue) -> None:
    frame = pd.DataFrame({"siret": ["732 829 320 00074", "x", None], "ape": ["62.01Z", "6201Z", None]})
    result, found = enriched(frame, {"siret": "siret", "naf": "ape"}, catalogue)
    assert [column.column.name for column in result.added][:3] == [column.name for column in SIRET_COLUMNS]
    assert found["siret_lieudit"][0] == "73282932000074"
    assert result.counts == {"siret_status": {"valid_siret": 1, "empty": 2}}
    assert found["naf_label"].notna().tolist() == [True, True, False]
    assert "commune_code" not in found


def test_coordinates_decide_and_say_what_speaks_against_them(catalogue: Catalogue) -> None:
    frame = pd.DataFrame(
        [
            ("48.8566", "2.3522", "75004", "Paris", "75056", "75104", "coordinates", ""),
            ("45,7640", "4,8357", None, None, "69123", "69382", "coordinates", ""),
            ("48.1173", "-1.6778", "13001", "Marseille", "35238", "", "coordinates", "postcode_clash"),
            ("48.1173", "-1.6778", "35000", "Cesson-Sévigné", "35238", "", "coordinates", "city_clash"),
            ("50.8503", "4.3517", None, None, "", "", "", "coordinates"),
            ("50.8503", "4.3517", "59000", "Lille", "59350", "", "postcode_name", "coordinates_clash"),
            ("0", "0", "44000", "Nantes", "44109", "", "postcode_name", ""),
            (None, None, "44000", "Nantes", "44109", "", "postcode_name", ""),
            ("-20.88", "55.45", "97400", "St Denis", "97411", "", "coordinates", ""),
            ("43.2951", "5.3600", None, None, "13055", None, "coordinates", "near"),
        ],
        columns=["lat", "lon", "cp", "ville", "commune", "arrondissement", "method", "note"],
    )
    roles = {"lat": "lat", "lon": "lon", "postcode": "cp", "city": "ville"}
    _, found = enriched(frame, roles, catalogue)
    assert found["commune_code"].fillna("").tolist() == frame["commune"].tolist()
    assert found["commune_method"].fillna("").tolist() == frame["method"].tolist()
    assert found["commune_note"].fillna("").tolist() == frame["note"].tolist()
    told = frame["arrondissement"].notna()
    assert found["arrondissement_code"].fillna("")[told].tolist() == frame["arrondissement"][told].tolist()
    clash = found["commune_note"].str.contains("clash", na=False)
    assert found["commune_confidence"][clash].max() < found["commune_confidence"][found["commune_note"].isna()].min()


def test_numbers_are_read_as_postcodes(catalogue: Catalogue) -> None:
    frame = pd.DataFrame({"cp": [1000.0, 35000.0, None], "ville": ["Bourg-en-Bresse", "Rennes", "Rennes"]})
    _, found = enriched(frame, {"postcode": "cp", "city": "ville"}, catalogue)
    assert found["commune_code"].tolist() == ["01053", "35238", "35238"]


CELLS = st.sampled_from(
    ["", None, "35000", "75011", "1000", "51300", "Rennes", "PARIS 11", "Vitry", "12 rue X, 35000 RENNES", "98000",
     "n/a", "Saint-Denis", "20121", "Milano", "BesanÃ§on", "Orl?ans", "CS 20001 59000 LILLE", "l'été"]
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12), order=st.randoms())
def test_order_changes_nothing_and_no_row_is_lost(
    catalogue: Catalogue, rows: list[tuple[str | None, ...]], order: object
) -> None:
    frame = pd.DataFrame(rows, columns=["rue", "cp", "ville"], dtype="str")
    places = list(range(len(rows)))
    order.shuffle(places)  # type: ignore[attr-defined]
    roles = {"address": "rue", "postcode": "cp", "city": "ville"}
    _, found = enriched(frame, roles, catalogue, sources=["income"])
    _, shuffled = enriched(frame.iloc[places], roles, catalogue, sources=["income"])
    assert len(found) == len(rows)
    pd.testing.assert_frame_equal(found.iloc[places].reset_index(drop=True), shuffled)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_threads_change_nothing(catalogue: Catalogue, tmp_path: Path, suffix: str) -> None:
    rows = [
        (f"{n}", ["35000", "75011", "1000", None][n % 4], ["RENNES", "Paris", "Bourg", "Lyon 3"][n % 4])
        for n in range(50_000)
    ]
    file = tmp_path / f"customers{suffix}"
    frame = pd.DataFrame(rows, columns=["id", "cp", "ville"])
    frame.to_csv(file, index=False) if suffix == ".csv" else frame.to_parquet(file, row_group_size=3_000)
    found = []
    for threads in (1, 4):
        with tables.connect(threads=threads) as con:
            table = tables.open_table(con, file, name="customers")
            result = enrich_table(con, table, {"id": "id", "postcode": "cp", "city": "ville"}, catalogue)
            found.append(con.sql(f'SELECT * FROM "{result.name}"').to_arrow_table())
            picked = con.sql(f"SELECT DISTINCT commune_code FROM \"{result.name}\" WHERE cp = '35000'").fetchall()
            assert picked == [("35238",)]
    assert found[0].equals(found[1])
    assert found[0].column("id").to_pylist() == [row[0] for row in rows]
    expected = ["35238", "75056", "01053", "69123"] * (len(rows) // 4)
    assert found[0].column("commune_code").to_pylist() == expected


def test_logs_hold_no_personal_data(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    frame = CUSTOMERS.assign(commune_code="x", rue="Zzyzx-Canari 12")
    with caplog.at_level("DEBUG"):
        enriched(frame, ROLES, catalogue)
    assert "Zzyzx" not in caplog.text
    assert "commune_code_lieudit" in caplog.text


def test_two_tables_of_one_connection_do_not_meet(catalogue: Catalogue) -> None:
    with tables.connect() as con:
        results = []
        for name, rows in (("one", CUSTOMERS), ("two", CUSTOMERS.iloc[::-1])):
            table = tables.open_table(con, rows, name=name)
            results.append(enrich_table(con, table, ROLES, catalogue))
        first, second = (
            [code for (code,) in con.execute(f'SELECT commune_code FROM "{result.name}"').fetchall()]
            for result in results
        )
        assert first == second[::-1]
        left = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert not [name for name in left if name.startswith("lieudit_")]


def test_an_address_column_alone_is_enough(catalogue: Catalogue) -> None:
    lines = [
        "12 rue X, 35000 Rennes",
        "5 rue de Lyon 75012 Paris FRANCE",
        "CS 20001 59000 LILLE",
        None,
        "Berlin, Allemagne",
    ]
    frame = pd.DataFrame({"adresse": lines * 400})
    result, found = enriched(frame, {"address": "adresse"}, catalogue, sources=["income"])
    assert result.rows == len(frame)
    assert found["commune_code"].fillna("").tolist() == ["35238", "75056", "59350", "", ""] * 400
    assert found["commune_status"].tolist()[3:5] == ["empty", "foreign"]
