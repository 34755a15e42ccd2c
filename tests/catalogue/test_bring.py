"""Tables of any vintage are brought to today's communes: exact where they can be, flagged where they cannot."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.bring import bring, rules_of
from lieudit.catalogue.cog import Passage, Split, read_passage
from lieudit.schema import Column

RULES = {"households": "sum", "median": "mean", "kind": "largest"}


@pytest.fixture
def passage() -> Passage:
    """01001 took in 01002, which had taken in 01003; 01005 left 01004 in 2024; 01007 is the new code of 01006."""
    return Passage(
        communes={"01001": 900.0, "01004": 300.0, "01005": 100.0, "01007": 50.0, "69123": 500.0},
        arrondissements={"69381": "69123", "69382": "69123"},
        successors={"01002": "01001", "01003": "01002", "01006": "01007"},
        splits={"01005": Split("01004", dt.date(2024, 1, 1))},
    )


def _table(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["commune_code", "households", "median", "kind"])
    return frame.astype({"commune_code": "str", "households": "Int64", "median": "float64", "kind": "str"})


def _row(frame: pd.DataFrame, code: str) -> dict:
    return frame.set_index("commune_code").loc[code].to_dict()


def test_merged_communes(passage):
    table = _table(("01001", 60, 20_000.0, "a"), ("01002", 30, 26_000.0, "b"), ("01003", 10, 30_000.0, "b"))
    found = _row(bring(table, RULES, passage, year=2010, weight="households"), "01001")
    assert found == {
        "households": 100,
        "median": 22_800.0,
        "median_estimated": True,
        "kind": "a",
        "kind_estimated": True,
    }


def test_a_part_that_is_withheld_leaves_a_count_empty_and_takes_no_part_in_a_mean(passage):
    table = _table(("01001", 60, 20_000.0, "a"), ("01002", None, None, "a"))
    found = _row(bring(table, RULES, passage, year=2010, weight="households"), "01001")
    assert pd.isna(found.pop("households"))
    assert found == {"median": 20_000.0, "median_estimated": True, "kind": "a"}


def test_without_weights_parts_weigh_alike_and_the_one_that_lives_on_leads(passage):
    table = _table(("01002", 1, 10.0, "b"), ("01001", 1, 20.0, "a"))
    found = _row(bring(table, RULES, passage, year=2010), "01001")
    assert (found["median"], found["kind"]) == (15.0, "a")


def test_a_commune_that_left_inherits_and_counts_are_shared_out(passage):
    table = _table(("01004", 81, 21_000.0, "a"))
    found = bring(table, RULES, passage, year=2023, weight="households").set_index("commune_code")
    assert found["households"].tolist() == [61, 20]  # 300 and 100 inhabitants today
    assert found["median"].tolist() == [21_000.0] * 2
    assert found[["households_estimated", "median_estimated", "kind_estimated"]].all(axis=None)


def test_a_table_of_after_the_split_is_left_as_it_is(passage):
    table = _table(("01004", 81, 21_000.0, "a"))
    assert bring(table, RULES, passage, year=2024)["commune_code"].tolist() == ["01004"]
    both = _table(("01004", 81, 21_000.0, "a"), ("01005", None, None, "b"))
    found = bring(both, RULES, passage, year=2023)
    assert list(found.columns) == ["commune_code", *RULES]
    assert pd.isna(_row(found, "01005")["median"])


def test_a_new_code_is_no_estimate_and_an_unknown_one_is_left_out(passage):
    table = _table(("01006", 5, 7.0, "a"), ("99999", 5, 7.0, "a"))
    found = bring(table, RULES, passage, year=2010)
    assert found.to_dict("list") == {"commune_code": ["01007"], "households": [5], "median": [7.0], "kind": ["a"]}


def test_arrondissements_keep_their_rows_and_make_up_their_city(passage):
    wards = _table(("69381", 10, 30_000.0, "a"), ("69382", 30, 10_000.0, "b"))
    found = bring(wards, RULES, passage, year=2026, weight="households")
    assert found["commune_code"].tolist() == ["69123", "69381", "69382"]
    assert found["median"].tolist() == [15_000.0, 30_000.0, 10_000.0]
    assert found["median_estimated"].tolist() == [True, False, False]
    whole = pd.concat([wards, _table(("69123", 41, 16_000.0, "b"))], ignore_index=True)
    assert _row(bring(whole, RULES, passage, year=2026), "69123")["median"] == 16_000.0


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(["01001", "01002", "01003", "01004", "01006", "01007"]),
        st.tuples(st.integers(0, 500), st.none() | st.floats(100, 1e5)),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_counts_are_conserved_means_stay_within_and_order_does_not_matter(rows, random):
    passage = Passage(
        {"01001": 900.0, "01004": 300.0, "01005": 100.0, "01007": 50.0}, {},
        {"01002": "01001", "01003": "01002", "01006": "01007"}, {"01005": Split("01004", None)},
    )  # fmt: skip
    listed = [(code, *values, "k") for code, values in rows.items()]
    found = bring(_table(*listed), RULES, passage, year=2000, weight="households")
    assert found["households"].sum() == sum(count for count, _ in rows.values())
    known = [value for _, value in rows.values() if value is not None]
    if known:
        assert found["median"].min() >= min(known) - 1e-4
        assert found["median"].max() <= max(known) + 1e-4
    random.shuffle(listed)
    pd.testing.assert_frame_equal(bring(_table(*listed), RULES, passage, year=2000, weight="households"), found)


def test_rules_follow_from_type_and_unit():
    columns = [
        Column("commune_code", "text", "", "", ""), Column("people", "integer", "inhabitants", "", ""),
        Column("rate", "number", "share", "", ""), Column("level", "integer", "class", "", ""),
        Column("rate_estimated", "boolean", "", "", ""),
    ]  # fmt: skip
    assert rules_of(columns) == {"people": "sum", "rate": "mean", "level": "largest"}


def test_the_embedded_passage_knows_mergers_and_splits():
    passage = read_passage(open_catalogue())
    assert passage.present("93059") == "93066"  # Pierrefitte, with Saint-Denis since 2025
    assert passage.present("75101") == passage.present("75056") == "75056"
    assert passage.splits["15031"] == Split("15141", None)
    assert len(passage.communes) == 34_969


def test_a_real_file_of_2024_is_brought_to_2026(official):
    passage = read_passage(open_catalogue())
    grid = pd.read_csv(official / "grille_densite_7_niveaux_2024.csv", dtype=str)
    table = grid.rename(columns={"CODGEO": "commune_code"}).assign(people=grid["PMUN21"].astype("Int64"))
    found = bring(table, {"people": "sum", "DENS": "largest"}, passage, year=2024, weight="people")
    assert found["people"].sum() == table["people"].sum()
    assert set(found["commune_code"]) <= set(passage.communes)
    assert len(found) == 34_875
    assert found["people_estimated"].sum() == 5  # 15141 and the four that left it in 2025
