"""Answers of customers: which columns they are, of which kind, and how they are read."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from lieudit import tables
from lieudit.enrichment.added import Enriched
from lieudit.errors import ConfigError, TableError
from lieudit.features import Feature, assemble, declared_features


@pytest.fixture
def con():
    with tables.connect() as connection:
        yield connection


def declare(con, frame: pd.DataFrame, declared, roles=None) -> tuple[Feature, ...]:
    return declared_features(con, tables.open_table(con, frame, name="customers"), declared, roles or {})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "5", "3"], "numeric"),
        (["1,5", "-2.25", ".5"], "numeric"),
        (["4", None, " n/a ", ""], "numeric"),
        ([1.5, None, 2.0], "numeric"),
        ([3, 1, 2], "numeric"),
        (["yes", "no", "1"], "categorical"),
        (["01", "07"], "categorical"),
        (["1 à 5", "6"], "categorical"),
        (["+", "2"], "categorical"),
        (["1 000", "2"], "categorical"),
        (["inf", "2"], "categorical"),
        ([True, False], "categorical"),
    ],
)
def test_a_column_of_numbers_is_numeric_whatever_the_file_calls_it(con, values, kind):
    (feature,) = declare(con, pd.DataFrame({"answer": values}), ["answer"])
    assert feature == Feature("answer", "declared", kind, column="answer")


def test_the_kind_may_be_said(con):
    frame = pd.DataFrame({"satisfaction": ["1", "5"], "diet": ["vegan", "none"]})
    found = declare(con, frame, {"satisfaction": "categorical", "diet": "categorical"})
    assert [feature.kind for feature in found] == ["categorical", "categorical"]


def test_a_column_that_is_not_there_is_named_with_the_nearest(con):
    with pytest.raises(TableError, match="Did you mean 'satisfaction'"):
        declare(con, pd.DataFrame({"satisfaction": ["1"]}), ["satisfacton"])


@pytest.mark.parametrize("role", ["id", "name", "city"])
def test_what_says_who_or_where_somebody_is_is_no_answer(con, role):
    with pytest.raises(ConfigError, match=f"'x', which is read as the {role}"):
        declare(con, pd.DataFrame({"x": ["a"]}), ["x"], {role: "x"})
    with pytest.raises(ConfigError, match=f"rename it in the file, or name .* in customers.{role}"):
        declare(con, pd.DataFrame({"x": ["a"]}), ["x"], {role: "x"})


def test_a_date_is_no_answer(con):
    with pytest.raises(TableError, match="is of type"):
        declare(con, pd.DataFrame({"born": [datetime.date(2000, 1, 1)]}), ["born"])


def read(con, frame: pd.DataFrame, features: tuple[Feature, ...]) -> pd.DataFrame:
    table = tables.open_table(con, frame, name=f"customers_{len(frame)}_{frame.columns[0]}")
    enriched = Enriched(table.name, table.columns, table.sql_columns, (), len(frame), {})
    return assemble(con, enriched, None, None, features).frame(con)


def test_answers_are_read_as_what_they_are(con):
    frame = pd.DataFrame({"note": ["1,5", " 2 ", "n/a", None], "Diet": [" vegan ", "", "none", "meat"]})
    features = declare(con, frame, {"note": "numeric", "Diet": "categorical"})
    found = read(con, frame, features)
    assert found["note"].fillna(-1).tolist() == [1.5, 2.0, -1, -1]
    assert found["Diet"].fillna("?").tolist() == ["vegan", "?", "?", "meat"]


def test_text_in_a_column_declared_numeric_is_refused_and_not_shown(con):
    frame = pd.DataFrame({"note": ["1", "secret", "4"]})
    features = declare(con, frame, {"note": "numeric"})
    with pytest.raises(TableError, match="1 value\\(s\\) of the column 'note' are no numbers") as caught:
        read(con, frame, features)
    assert "secret" not in str(caught.value)


def test_an_answer_called_like_a_column_of_ours_stays_the_customer_s(con):
    frame = pd.DataFrame({"frequency": ["often", "rarely"], "population": ["3", "4"]})
    features = declare(con, frame, ["frequency", "population"])
    assert [feature.name for feature in features] == ["frequency_declared", "population_declared"]
    assert read(con, frame, features)["population_declared"].tolist() == [3, 4]


def test_customers_without_the_column_have_no_answer(con):
    features = declare(con, pd.DataFrame({"note": ["1", "2"]}), ["note"])
    assert list(read(con, pd.DataFrame({"other": ["1"]}), features)) == []
