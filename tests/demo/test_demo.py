"""The demo's data: fictional, the same on every run, and planted as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from lieudit import tables
from lieudit.catalogue import open_catalogue
from lieudit.config import load
from lieudit.demo import GROUPS, DemoFiles, recovery, write_demo
from lieudit.errors import InputError
from lieudit.features import BlockScaler
from lieudit.pipeline.prepare import prepare
from lieudit.pipeline.progress import Silent
from lieudit.schema import CUSTOMER_ROLES, TRANSACTION_ROLES

CUSTOMERS = 5000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("demo"), customers=CUSTOMERS, seed=0)


@pytest.fixture(scope="module")
def customers(files: DemoFiles) -> pd.DataFrame:
    return pd.read_csv(files.customers, sep=";", encoding="cp1252", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def orders(files: DemoFiles) -> pd.DataFrame:
    frame = pd.read_csv(files.orders, sep=";", encoding="cp1252", dtype=str, keep_default_na=False)
    frame["cents"] = frame["Montant TTC"].str.replace(",", "").astype("int64")
    frame["day"] = pd.to_datetime(frame["Date de commande"], format="%d/%m/%Y")
    return frame


@pytest.fixture(scope="module")
def truth(files: DemoFiles) -> pd.DataFrame:
    return pd.read_parquet(files.truth).set_index("customer_id")


@pytest.fixture(scope="module")
def prepared(files: DemoFiles, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the features that the program itself finds in the files, and the communes, by customer id."""
    rejects = tmp_path_factory.mktemp("rejects") / "rejects.csv"
    with tables.connect() as con:
        found = prepare(con, load(files.config), open_catalogue(), Silent(), rejects)
        communes = found.assembled.frame(con, ["commune_code", "commune_status"])
        return found.frame.assign(**{name: communes[name].to_numpy() for name in communes})


def test_same_seed_same_bytes(files: DemoFiles, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "again", customers=CUSTOMERS, seed=0)
    other = write_demo(tmp_path / "other", customers=CUSTOMERS, seed=1)
    for name in ("customers", "orders", "config", "truth", "readme"):
        content = getattr(files, name).read_bytes()
        assert getattr(again, name).read_bytes() == content
        assert getattr(other, name).read_bytes() != content


def test_any_number_of_customers_from_a_hundred_on(tmp_path: Path) -> None:
    small = write_demo(tmp_path / "small", customers=150, seed=3)
    assert len(pd.read_csv(small.customers, sep=";", encoding="cp1252")) == 150
    with pytest.raises(InputError, match="99 customers"):
        write_demo(tmp_path / "none", customers=99)
    assert not (tmp_path / "none").exists()


def test_it_is_said_to_be_fictional_and_can_be_trained_on(files: DemoFiles) -> None:
    assert "fictives" in files.readme.read_text(encoding="utf-8")
    config = load(files.config)
    assert (config.name, config.train.seed, config.out) == ("demo", 0, files.folder / "out")
    assert config.transactions is not None
    assert [Path(config.customers.path), Path(config.transactions.path)] == [files.customers, files.orders]
    with tables.connect() as con:
        customers = tables.open_table(con, files.customers, name="customers")
        orders = tables.open_table(con, files.orders, name="orders")
        assert tables.recognise(customers, CUSTOMER_ROLES, {}) == {
            "id": "N° client", "name": "Nom", "address": "Adresse", "postcode": "Code postal", "city": "Ville"
        }  # fmt: skip
        assert tables.recognise(orders, TRANSACTION_ROLES, {}) == {
            "customer": "N° client", "date": "Date de commande", "amount": "Montant TTC", "order": "N° de commande"
        }  # fmt: skip


def test_files_are_as_french_software_writes_them(files: DemoFiles, customers: pd.DataFrame) -> None:
    with pytest.raises(UnicodeDecodeError):
        files.customers.read_text(encoding="utf-8")
    assert (customers["Code postal"].str.len() == 4).sum() > 50  # zeros lost
    assert customers["Ville"].str.contains("CEDEX").sum() > 30
    assert customers["Ville"].str.fullmatch("ST .*").sum() > 20
    assert ((customers["Ville"] == "") & customers["Adresse"].str.contains(r"\d{5} ")).sum() > 150


def test_customers_and_truth_agree(customers: pd.DataFrame, truth: pd.DataFrame) -> None:
    assert list(customers["N° client"]) == list(truth.index)
    assert truth.index.is_unique
    shares = truth["group"].value_counts(normalize=True)
    for number, group in enumerate(GROUPS):
        assert shares[number] == pytest.approx(group.share, abs=0.001)
    assert 0.07 <= shares[-1] <= 0.09
    # The order of ids tells nothing of the groups.
    assert abs(np.corrcoef(np.arange(CUSTOMERS), truth["group"])[0, 1]) < 0.05


def test_orders_are_sound(customers: pd.DataFrame, orders: pd.DataFrame) -> None:
    named = orders[orders["N° client"] != ""]
    assert set(named["N° client"]) == set(customers["N° client"])
    assert 0.001 < (orders["N° client"] == "").mean() < 0.01
    assert orders["day"].between("2023-01-01", "2025-12-31").all()
    assert orders["day"].is_monotonic_increasing
    refunds = orders[orders["cents"] < 0]
    assert 0.02 < len(refunds) / len(orders) < 0.04
    by_order = named.groupby("N° de commande")
    assert (by_order[["N° client", "day"]].nunique() == 1).all(axis=None)
    # A refund gives back a line of its order: never more than was paid.
    assert (by_order["cents"].sum() >= 0).all()


def test_the_first_order_is_the_day_of_registration(customers: pd.DataFrame, orders: pd.DataFrame) -> None:
    first = orders[orders["N° client"] != ""].groupby("N° client")["day"].min()
    registered = pd.to_datetime(customers.set_index("N° client")["Inscription"], format="%d/%m/%Y")
    pd.testing.assert_series_equal(first, registered, check_names=False, check_dtype=False)


BEHAVIOUR = ["recency_days", "frequency", "monetary", "mean_basket", "tenure_days", "order_gap_cv"]


def test_two_groups_buy_alike_and_live_apart(prepared: pd.DataFrame, truth: pd.DataFrame) -> None:
    suburb, country = (prepared[truth["group"].reindex(prepared.index) == group] for group in (0, 1))
    for name in BEHAVIOUR:
        assert ks_2samp(suburb[name].dropna(), country[name].dropna()).pvalue > 0.001, name
    assert suburb["density_per_km2"].median() > 50 * country["density_per_km2"].median()
    assert country["share_second_homes"].median() > 0.25 > suburb["share_second_homes"].median()
    assert suburb["income_per_inhabitant_eur"].median() < 13_500


def test_other_groups_buy_in_their_own_way(prepared: pd.DataFrame, truth: pd.DataFrame) -> None:
    medians = prepared.groupby(truth["group"].reindex(prepared.index))[BEHAVIOUR].median()
    assert medians["mean_basket"].idxmax() == 2
    assert medians["frequency"].idxmax() == 3
    assert medians["recency_days"].idxmax() == 4
    assert medians["tenure_days"].idxmin() == 5


def test_addresses_lead_to_their_communes(prepared: pd.DataFrame, truth: pd.DataFrame) -> None:
    true = truth["commune_code"].reindex(prepared.index)
    matched = prepared["commune_status"] == "matched"
    assert (prepared["commune_code"] == true).mean() > 0.97
    assert ((prepared["commune_code"] != true) & matched).mean() < 0.005


def test_groups_can_be_found_again_without_being_told_how_many(prepared: pd.DataFrame, truth: pd.DataFrame) -> None:
    planted = truth["group"].reindex(prepared.index)
    both, behaviour_alone = (_best_kmeans(prepared[columns]) for columns in (list(prepared), BEHAVIOUR))
    assert recovery(planted, both) >= 0.85
    # Places are needed: two of the groups buy alike.
    assert recovery(planted, behaviour_alone) <= 0.80


def _best_kmeans(frame: pd.DataFrame) -> pd.Series:
    matrix = BlockScaler().fit_transform(frame).to_numpy()
    fitted = [KMeans(k, n_init=1, random_state=0).fit_predict(matrix) for k in range(2, 11)]
    scores = [silhouette_score(matrix, labels, sample_size=2500, random_state=0) for labels in fitted]
    return pd.Series(fitted[int(np.argmax(scores))], index=frame.index)


def test_recovery_counts_only_customers_of_a_group() -> None:
    truth = pd.Series([0, 0, 1, 1, 2, 2, -1, -1], index=list("abcdefgh"))
    names = pd.Series([7, 7, 3, 3, -1, -1, 7, 3], index=truth.index)
    assert recovery(truth, names) == 1
    assert recovery(truth, names.sample(frac=1, random_state=0)) == 1  # matched by customer
    assert recovery(truth, np.zeros(8)) == 0
    assert recovery(truth, [0, 1, 0, 1, 0, 1, 0, 1]) < 0.1
    with pytest.raises(ValueError, match="1 customers have no label"):
        recovery(truth, names.drop("a"))
