"""What is found in two real files of orders, without places: CDNOW and Online Retail II.

``CDNOW_master.txt`` is in the source package of PyPI ``lifetimes``; Online Retail II is UCI's (Chen 2019). Neither is
in the repository: ``python -m benchmarks.planted_real FILE…`` names them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from lieudit.config import RfmConfig, TrainConfig
from lieudit.rfm_analysis import compute
from lieudit.segment import segment_customers
from lieudit.tables import connect, open_table


def main(files: tuple[str, ...] = ()) -> None:
    """Segment each file, and print what was found."""
    if not files:
        print("no file was named: see the module's text")
    for file in files:
        orders, roles = _orders(Path(file))
        with connect() as con:
            table = open_table(con, orders, name="orders")
            customers = compute(con, table, roles, config=RfmConfig(), behaviour=True).df().set_index("customer_id")
        found = segment_customers(
            customers, customers["rfm_segment"], TrainConfig(), lang="en", revenue=customers["monetary"]
        )
        best = found.candidates[found.winner]
        structure = found.structure
        spread = f"{best.metrics['ari_resamples']:.2f} ± {best.metrics['ari_resamples_sd']:.2f}"
        print(f"\n{Path(file).stem}: {len(customers):,} customers; {best.method} {best.params}")
        print(f"ARI of resamples {spread}; structure: {structure.found}, {structure.p_value:.2f}")
        print(
            f"AMI with the rules {found.agreement.ami:.2f}; two populations:", [one.rule for one in found.rule_splits]
        )
        print()
        print("| segment | share | of revenue | stability | valley | status | closest rules, F1 |")
        print("|---|---|---|---|---|---|---|")
        for one in found.segments:
            rule = one.closest_rule
            said = f"{' '.join(rule.segments)}, {rule.f1:.2f}" if rule else ""
            print(f"| {one.name.en} | {one.share:.0%} | {one.revenue_share or 0:.0%} | {one.stability:.2f} ± "
                  f"{one.stability_sd:.2f} | {one.apart:.2f} | {one.status} | {said} |")  # fmt: skip


def _orders(file: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Read a file of one of the two shapes."""
    roles = {"customer": "customer", "date": "date", "amount": "amount"}
    if file.suffix == ".txt":
        orders = pd.read_csv(file, sep=r"\s+", header=None, skiprows=1, dtype=str).iloc[:, [0, -3, -1]]
        orders.columns = ["customer", "date", "amount"]
        orders["date"] = pd.to_datetime(orders["date"], format="%Y%m%d")
        return orders.astype({"amount": float}), roles
    lines = pd.read_parquet(file)
    lines = lines.dropna(subset=["Customer ID"]).drop_duplicates()
    return pd.DataFrame({
        "customer": lines["Customer ID"].astype(float).astype(int).astype(str), "date": lines["InvoiceDate"],
        "amount": lines["Quantity"] * lines["Price"], "order": lines["Invoice"].astype(str),
    }), roles | {"order": "order"}  # fmt: skip


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
