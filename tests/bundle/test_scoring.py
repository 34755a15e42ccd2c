"""New customers find their segment, and those of the training find theirs again."""

from __future__ import annotations

import dataclasses
import logging
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit import tables
from lieudit.bundle import load_bundle, save_bundle, score_table, scoring
from lieudit.catalogue import open_catalogue
from lieudit.errors import BundleError, TableError
from lieudit.pipeline.score import score_file
from lieudit.schema import CLUSTER_COLUMNS, RFM_COLUMNS

CLUSTER = [column.name for column in CLUSTER_COLUMNS]
RFM = [column.name for column in RFM_COLUMNS if column.name != "customer_id"]


@pytest.fixture(scope="module")
def bundle(trained):
    return load_bundle(trained.bundle)


@pytest.fixture(scope="module")
def scored(bundle, trained) -> pd.DataFrame:
    """The training's customers, scored again."""
    return bundle.score(trained.shop.customers, trained.shop.orders)


def assert_labels_of_the_training(scored: pd.DataFrame, trained) -> None:
    learnt = trained.segmentation.customers.loc[scored["identifiant"]]
    for column in ("cluster", "segment", "unnamed"):
        assert scored[column].tolist() == learnt[column].tolist(), column
    np.testing.assert_allclose(scored["strength"], learnt["strength"], atol=1e-9)


def test_the_training_file_gets_the_labels_of_the_training(scored, trained):
    assert len(scored) == len(trained.segmentation.customers)
    assert_labels_of_the_training(scored, trained)


def test_files_and_frames_give_the_same(bundle, scored, trained):
    from_files = bundle.score(trained.shop.customers_file, str(trained.shop.orders_file))
    pd.testing.assert_frame_equal(from_files, scored, check_dtype=False)


def test_a_part_of_the_customers_keeps_its_labels(bundle, trained):
    """Recency counts from the training's day, even where the part bought nothing lately."""
    old = trained.shop.orders.groupby("client")["date"].max().loc[lambda last: last < "2025-09-01"].index
    part = trained.shop.customers[trained.shop.customers["identifiant"].isin(old)]
    assert 5 < len(part) < 200
    assert_labels_of_the_training(
        bundle.score(part, trained.shop.orders[trained.shop.orders["client"].isin(old)]), trained
    )


@pytest.mark.parametrize("size", [1, 7, 240, 100_000])
def test_batches_change_nothing(bundle, scored, trained, monkeypatch, size):
    if size == 1:  # one row a batch is slow: some rows are enough
        part = trained.shop.customers.head(5)
        monkeypatch.setattr(scoring, "BATCH", 1)
        again = bundle.score(part, trained.shop.orders)
        pd.testing.assert_frame_equal(again[CLUSTER], scored[CLUSTER].head(5))
        return
    monkeypatch.setattr(scoring, "BATCH", size)
    pd.testing.assert_frame_equal(bundle.score(trained.shop.customers, trained.shop.orders), scored)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(bundle, scored, trained, seed):
    customers = trained.shop.customers.sample(frac=1, random_state=seed)
    orders = trained.shop.orders.sample(frac=1, random_state=seed)
    again = bundle.score(customers, orders)
    assert again.index.tolist() == customers.index.tolist()
    pd.testing.assert_frame_equal(again.sort_index(), scored)


def test_the_input_stays_as_it_was_and_the_index_too(bundle, trained):
    customers = trained.shop.customers.head(20).assign(vip=pd.Categorical(["x", "y"] * 10), lot=[[1]] * 20)
    customers.index = pd.Index([f"row {number}" for number in range(20)])
    before = customers.copy(deep=True)
    scored = bundle.score(customers, trained.shop.orders)
    pd.testing.assert_frame_equal(customers, before)
    pd.testing.assert_frame_equal(scored[list(customers.columns)], before)


def test_an_index_and_columns_that_repeat(bundle, scored, trained):
    customers = trained.shop.customers.head(4).set_axis([0, 0, 1, 1], axis=0)
    customers = pd.concat([customers, customers[["ville"]]], axis=1)
    again = bundle.score(customers, trained.shop.orders)
    assert again.index.tolist() == [0, 0, 1, 1]
    assert list(again.columns[:6]) == list(customers.columns)
    assert again["cluster"].tolist() == scored["cluster"].head(4).tolist()


def test_the_basis_says_what_decided(scored, trained):
    ordered = scored["identifiant"].isin(trained.shop.orders["client"])
    placed = scored["code postal"].notna()
    expected = {(True, True): "behaviour and place", (True, False): "behaviour only",
                (False, True): "place only", (False, False): "none"}  # fmt: skip
    said = [expected[pair] for pair in zip(ordered, placed, strict=True)]
    assert scored["cluster_basis"].tolist() == said
    assert set(expected.values()) == set(said)
    nobody = scored[scored["cluster_basis"] == "none"]
    assert (nobody["cluster"] == -1).all()
    assert (nobody["strength"] == 0).all()
    assert (nobody["segment"] == "Hors segment").all()


def test_without_orders_rfm_is_empty_and_place_decides(bundle, scored, trained):
    unordered = ~scored["identifiant"].isin(trained.shop.orders["client"])
    assert scored.loc[unordered, RFM].isna().all(axis=None)
    alone = bundle.score(trained.shop.customers)
    assert alone[RFM].isna().all(axis=None)
    assert set(alone["cluster_basis"]) == {"place only", "none"}
    pd.testing.assert_frame_equal(alone.loc[unordered, CLUSTER], scored.loc[unordered, CLUSTER])


def test_scores_are_by_the_edges_of_the_training(bundle, scored, trained):
    """One customer alone would be 444 or 111 among themselves; here they keep their score."""
    best = scored[scored["rfm_score"] == "444"].iloc[[0]]
    worst = scored[scored["rfm_segment"].isin(["lost", "dormant", "at_risk"])].iloc[[0]]
    for one in (best, worst):
        customer = trained.shop.customers.loc[one.index]
        orders = trained.shop.orders[trained.shop.orders["client"].isin(customer["identifiant"])]
        again = bundle.score(customer, orders)
        assert again["rfm_score"].tolist() == one["rfm_score"].tolist()
        assert again["rfm_segment"].tolist() == one["rfm_segment"].tolist()


def test_values_in_the_file_stand_for_orders(bundle, scored, trained, tmp_path):
    values = ["recency_days", "frequency", "monetary", "tenure_days", "mean_basket", "order_gap_cv"]
    known = trained.shop.customers.join(scored[values])
    known.to_csv(tmp_path / "known.csv", index=False)
    for source in (known, tmp_path / "known.csv"):
        again = bundle.score(source)
        columns = ["r", "f", "m", "rfm_score", "rfm_segment", "rfm_label", "cluster", "segment", "cluster_basis"]
        pd.testing.assert_frame_equal(again[columns], scored[columns], check_dtype=False)
        np.testing.assert_allclose(again["strength"], scored["strength"], atol=1e-9)
        assert "first_order" not in again


@pytest.mark.parametrize("wrong", ["often", "1,5", "inf"])
def test_a_value_in_the_file_that_is_no_number(bundle, wrong):
    customers = pd.DataFrame({"ville": ["Rennes"], "recency_days": ["3"], "frequency": [wrong], "monetary": ["12.5"]})
    with pytest.raises(TableError, match="1 values of the column 'frequency' are no numbers"):
        bundle.score(customers)


def test_columns_called_like_ours_keep_their_name(bundle, trained):
    customers = trained.shop.customers.head(10).assign(segment="CRM", frequency="often", Cluster=7)
    scored = bundle.score(customers, trained.shop.orders)
    assert scored["segment"].tolist() == ["CRM"] * 10
    assert scored["frequency"].tolist() == ["often"] * 10
    assert scored["segment_lieudit"].isin([named.names["fr"] for named in bundle.clusters]).all()
    assert scored["frequency_lieudit"].notna().any()
    assert (scored["Cluster"] == 7).all()
    assert "cluster" in scored


def test_other_headers_are_recognised(bundle, scored, trained):
    renamed = trained.shop.customers.rename(
        columns={"code postal": "zip", "ville": "city", "identifiant": "customer_id"}
    )
    orders = trained.shop.orders.rename(columns={"client": "customer", "montant": "amount", "commande": "order"})
    again = bundle.score(renamed[["city", "customer_id", "zip"]], orders)
    pd.testing.assert_frame_equal(again[CLUSTER], scored[CLUSTER])


def test_customers_of_whom_nothing_is_known(bundle):
    scored = bundle.score(pd.DataFrame({"remarque": ["a", "b"], "ville": ["", ""]}))
    assert scored["cluster"].tolist() == [-1, -1]
    assert scored["cluster_basis"].tolist() == ["none", "none"]
    assert not scored["unnamed"].any()


def test_orders_whose_customers_have_no_id(bundle, trained):
    with pytest.raises(TableError, match="has no id"):
        bundle.score(trained.shop.customers[["ville"]], trained.shop.orders)


def test_ids_that_stand_twice(bundle, trained):
    twice = pd.concat([trained.shop.customers.head(3)] * 2)
    with pytest.raises(TableError, match="6 customers have only 3"):
        bundle.score(twice, trained.shop.orders)
    assert len(bundle.score(twice)) == 6


def test_the_day_of_reference(bundle, trained):
    customers, orders = trained.shop.customers, trained.shop.orders
    later = pd.concat([orders, orders.tail(1).assign(date="2026-03-01", commande="new")])
    with tables.connect() as con:
        table = tables.open_table(con, customers, name="customers")

        def day(lines: pd.DataFrame, as_of: date | None = None) -> date | None:
            opened = tables.open_table(con, lines, name="transactions")
            return score_table(con, table, opened, bundle, as_of=as_of).as_of

        assert day(orders) == bundle.as_of == date(2026, 1, 1)
        assert day(later) == date(2026, 3, 2)
        assert day(later, date(2025, 6, 1)) == date(2025, 6, 1)
        assert score_table(con, table, None, bundle).as_of is None


def test_a_bundle_trained_without_orders_takes_none(trained, tmp_path):
    parts = dataclasses.replace(trained.parts, thresholds=None, as_of=None)
    bundle = load_bundle(save_bundle(tmp_path, parts))
    with pytest.raises(BundleError, match="trained without transactions"):
        bundle.score(trained.shop.customers, trained.shop.orders)
    assert len(bundle.score(trained.shop.customers)) == len(trained.shop.customers)


def test_open_data_of_another_vintage_is_said(bundle, trained, caplog):
    catalogue = open_catalogue()
    renewed = tuple(
        dataclasses.replace(source, manifest=dataclasses.replace(source.manifest, vintage="2031"))
        if source.name == "communes"
        else source
        for source in catalogue.sources
        if source.name != "naf"
    )
    changed = dataclasses.replace(catalogue, sources=renewed)
    with caplog.at_level(logging.WARNING, "lieudit.bundle"):
        scored = bundle.score(trained.shop.customers.head(3), catalogue=changed)
    said = " ".join(scored.attrs["warnings"])
    assert "Vintage of the source communes: 2031" in said
    assert "naf" in said
    assert "2031" in caplog.text
    assert bundle.score(trained.shop.customers.head(3)).attrs["warnings"] == []


def test_a_catalogue_file_that_changed_under_the_same_vintage_is_said(bundle, trained):
    index = {name: dict(about) for name, about in bundle.sources.items()}
    index["income"]["sha256"] = {"table": "0" * 64}
    other = dataclasses.replace(bundle, sources=index)
    assert "not the same file" in other.score(trained.shop.customers.head(3)).attrs["warnings"][0]


def test_an_indicator_that_another_source_gives_by_now_is_said(bundle, trained):
    index = {name: dict(about) for name, about in bundle.sources.items()}
    index["income"]["indicators"] = [*index["income"]["indicators"], "urban_class"]
    index["profile"]["indicators"] = [name for name in index["profile"]["indicators"] if name != "urban_class"]
    other = dataclasses.replace(bundle, sources=index)
    said = other.score(trained.shop.customers.head(3)).attrs["warnings"]
    assert said == ["urban_class comes from the source profile by now; in the training: income."]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx", "jsonl"])
def test_a_scored_table_is_written_in_order(bundle, scored, trained, tmp_path, suffix):
    out = tmp_path / f"scored.{suffix}"
    with tables.connect() as con:
        customers = tables.open_table(con, trained.shop.customers_file, name="customers")
        orders = tables.open_table(con, trained.shop.orders_file, name="transactions")
        found = score_table(con, customers, orders, bundle)
        tables.write_table(con, f"SELECT * FROM {found.name}", out, names=found.columns)
        assert found.rows == len(scored)
        assert found.columns == tuple(scored.columns)
        assert found.columns[-found.added :][-5:] == tuple(CLUSTER)
        assert sum(found.counts["cluster_basis"].values()) == len(scored)
        assert found.counts["segment"] == scored["segment"].value_counts().to_dict()
        assert found.orders is not None
        assert found.orders.lines == len(trained.shop.orders)
        back = tables.open_table(con, out, name="back")
        rows = con.execute(f"SELECT identifiant, cluster::BIGINT, segment FROM {back.sql}").fetchall()
    assert rows == list(scored[["identifiant", "cluster", "segment"]].itertuples(index=False, name=None))


def test_customers_of_whom_nothing_can_be_read_are_refused(bundle):
    with pytest.raises(TableError, match="nothing that this segmentation reads: a, b"):
        bundle.score(pd.DataFrame({"a": ["x"], "b": ["y"]}))


def test_columns_called_otherwise_than_in_training_can_be_named(bundle, trained, tmp_path):
    out = tmp_path / "scored.parquet"
    customers = trained.shop.customers.rename(columns={"code postal": "zone", "ville": "endroit"})
    orders = trained.shop.orders.rename(columns={"client": "acheteur", "montant": "valeur"})
    customers.to_csv(tmp_path / "c.csv", index=False)
    orders.to_csv(tmp_path / "o.csv", index=False)
    columns = ["postcode=zone", "city=endroit", "customer=acheteur", "amount=valeur"]
    score_file(tmp_path / "c.csv", trained.bundle, out, transactions=tmp_path / "o.csv", columns=columns)
    assert_labels_of_the_training(pd.read_parquet(out), trained)
