"""A small shop, trained for real once, for the rooms that come after the segmentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:  # the rooms take seconds to import, and most tests need none of them
    from lieudit.bundle import BundleParts
    from lieudit.config import Config
    from lieudit.segment import Segmentation

AS_OF = date(2026, 1, 1)
# Two kinds of places and two kinds of buyers: something to find, quickly.
TOWNS = [("35000", "Rennes"), ("69003", "LYON 3"), ("31000", "Toulouse"), ("59000", "Lille")]
VILLAGES = [("48000", "Mende"), ("15000", "AURILLAC"), ("23000", "Guéret"), ("05000", "Gap")]
CANARY = "Zzyzx-Canari"


@dataclass(frozen=True)
class Shop:
    """Customers and orders, as files and as frames, with a canary in every personal column."""

    customers: pd.DataFrame
    orders: pd.DataFrame
    customers_file: Path
    orders_file: Path


@dataclass(frozen=True)
class Trained:
    """What a training on the shop gave."""

    shop: Shop
    config: Config
    segmentation: Segmentation
    parts: BundleParts
    bundle: Path


def make_shop(folder: Path, size: int = 240, seed: int = 0) -> Shop:
    """Write fictional customers, one in ten without orders and one in ten without an address, and their orders."""
    rng = np.random.default_rng(seed)
    ids = [f"{CANARY}-{number:05d}" for number in rng.permutation(size)]
    places = [(VILLAGES if rng.random() < 0.5 else TOWNS)[rng.integers(4)] for _ in ids]
    addressed = rng.random(size) > 0.1
    customers = pd.DataFrame({
        "identifiant": ids,
        "nom": f"Mme {CANARY}",
        "adresse": [f"{number} rue {CANARY}" for number in range(size)],
        "code postal": [postcode if known else None for (postcode, _), known in zip(places, addressed, strict=True)],
        "ville": [city if known else None for (_, city), known in zip(places, addressed, strict=True)],
    })  # fmt: skip
    lines = []
    for customer in ids:
        often = rng.random() < 0.5
        for order in range(0 if rng.random() < 0.1 else 1 + rng.poisson(8 if often else 1)):
            day = pd.Timestamp("2025-12-30") - pd.Timedelta(days=int(rng.exponential(40 if often else 300)))
            lines.append((customer, f"{customer}/{order}", day.date().isoformat(), round(rng.lognormal(3, 0.4), 2)))
    orders = pd.DataFrame(lines, columns=["client", "commande", "date", "montant"])
    customers.to_csv(folder / "clients.csv", index=False, sep=";")
    orders.to_csv(folder / "commandes.csv", index=False, sep=";")
    return Shop(customers, orders, folder / "clients.csv", folder / "commandes.csv")


def train_shop(folder: Path) -> Trained:
    """Walk the rooms up to the bundle."""
    from lieudit import tables
    from lieudit.bundle import BundleParts, save_bundle
    from lieudit.catalogue import open_catalogue
    from lieudit.config import Config
    from lieudit.enrichment import enrich_table
    from lieudit.features import assemble
    from lieudit.rfm_analysis import compute
    from lieudit.schema import CUSTOMER_ROLES, TRANSACTION_ROLES
    from lieudit.segment import segment_customers

    shop = make_shop(folder)
    config = Config.model_validate({
        "name": "boutique", "lang": "fr", "as_of": AS_OF,
        "customers": {"path": str(shop.customers_file)}, "transactions": {"path": str(shop.orders_file)},
        "models": folder / "models",
        "train": {"methods": ["kmeans"], "min_clusters": 3, "max_clusters": 4, "resamples": 2, "jobs": 1},
        "tracking": {"uri": f"sqlite:///{folder}/mlruns/mlflow.db", "artifacts": str(folder / "mlruns/artifacts")},
    })  # fmt: skip
    catalogue = open_catalogue()
    with tables.connect() as con:
        customers = tables.open_table(con, shop.customers_file, name="customers")
        orders = tables.open_table(con, shop.orders_file, name="transactions")
        roles = {
            "customers": tables.recognise(customers, CUSTOMER_ROLES, {}),
            "transactions": tables.recognise(orders, TRANSACTION_ROLES, {}),
        }
        rfm = compute(con, orders, roles["transactions"], config=config.rfm, as_of=AS_OF, behaviour=True)
        assembled = assemble(con, enrich_table(con, customers, roles["customers"], catalogue), "identifiant", rfm.name)
        ids = assembled.ids(con)
        frame = assembled.frame(con).set_axis(ids, axis=0)
        rules = assembled.frame(con, ["rfm_segment"])["rfm_segment"].set_axis(ids)
    segmentation = segment_customers(frame, rules, config.train, lang=config.lang)
    parts = BundleParts(config, roles, segmentation, rfm.thresholds, rfm.as_of, catalogue)
    return Trained(shop, config, segmentation, parts, save_bundle(config.models, parts))


@pytest.fixture(scope="session", autouse=True)
def _no_fetched_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests from seeing the official files that this machine's user may have fetched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIEUDIT_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """A real training on the small shop; its bundle must not be changed."""
    trained = train_shop(tmp_path_factory.mktemp("trained"))
    before = {path: path.read_bytes() for path in trained.bundle.iterdir()}
    yield trained
    assert before == {path: path.read_bytes() for path in trained.bundle.iterdir()}


@pytest.fixture(scope="session")
def canary() -> str:
    """What stands in the ids, names and addresses of every customer of the shop."""
    return CANARY
