"""A run's results, made up but coherent: sizes, shares and tables are counted from the customers made here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

SLUGS = ("champions", "loyal", "potential_loyal", "new", "promising", "needs_attention", "about_to_sleep", "at_risk",
         "dormant", "lost", "cant_lose")  # fmt: skip
NAMES = {
    0: ("Achats rares, communes peu denses", "Rare orders, sparse places"),
    1: ("Gros paniers, communes aisées", "Big baskets, well-off places"),
    2: ("Achats récents, en ville", "Recent orders, urban"),
    3: ("Clients inactifs", "Inactive"),
    4: ("Achats fréquents, communes pavillonnaires", "Frequent orders, houses"),
    5: ("Nouveaux clients", "Newcomers"),
}
STATUS = {0: "unnamed", 1: "named", 2: "named", 3: "named", 4: "unstable", 5: "named"}
RULES = {0: ("needs_attention", "at_risk"), 1: ("champions", "loyal"), 2: ("potential_loyal", "promising"),
         3: ("lost", "at_risk"), 4: ("loyal", "cant_lose"), 5: ("new", "promising")}  # fmt: skip
COMMUNES = ("75056", "13055", "69123", "33063", "31555", "35238", "44109", "59350", "67482", "06088", "34172", "2A004",
            "97411", "76540", "38185", "63113", "29019", "14118")  # fmt: skip
N = 4000


@pytest.fixture(scope="session")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    cluster = rng.choice([0, 1, 2, 3, 4, 5, -1], size=N, p=[0.27, 0.2, 0.18, 0.14, 0.11, 0.07, 0.03])
    usual = np.array([RULES[int(c)][rng.integers(2)] if c >= 0 else "lost" for c in cluster], dtype=object)
    slug = np.where(rng.random(N) < 0.75, usual, rng.choice(SLUGS, size=N))
    monetary = np.round(rng.lognormal(4.5 + 0.35 * (cluster % 4), 0.6), 2)
    frequency = rng.poisson(2 + cluster.clip(0) % 4) + 1
    frame = pd.DataFrame({
        "customer_id": [f"SECRET-{i:05d}" for i in range(N)],
        "address": [f"{i} rue de la Confidence" for i in range(N)],
        "commune_code": rng.choice(COMMUNES, size=N),
        "recency_days": rng.integers(1, 700, size=N),
        "frequency": frequency, "monetary": monetary,
        "r": rng.integers(1, 5, size=N), "f": np.minimum(frequency, 4), "m": rng.integers(1, 5, size=N),
        "rfm_segment": slug, "cluster": cluster, "strength": rng.random(N),
    })  # fmt: skip
    frame.loc[frame.index % 40 == 0, "commune_code"] = None
    return frame.assign(unnamed=frame["cluster"].eq(0))


def _segment(customers: pd.DataFrame, cluster: int) -> dict[str, Any]:
    own = customers[customers["cluster"] == cluster]
    fr, en = NAMES[cluster]
    income = 16_000 + 2_500 * (cluster - 2)
    return {
        "cluster": cluster, "name": fr, "names": {"fr": fr, "en": en}, "size": len(own), "share": len(own) / N,
        "stability": 0.61 if STATUS[cluster] == "unstable" else 0.93 - cluster / 50, "stability_sd": 0.03,
        "status": STATUS[cluster], "closest_rule": {"segments": list(RULES[cluster]), "f1": 0.78 if cluster else 0.44},
        "rule": "density_per_km2 <= 140 and frequency <= 3", "rule_precision": 0.83, "rule_recall": 0.77,
        "traits": [
            {"feature": "income_per_inhabitant_eur", "value": income, "overall": 16_200.0,
             "v_test": 14.2 * (cluster - 2.5)},
            {"feature": "urban_class=rural", "value": 0.61, "overall": 0.33, "v_test": 11.7},
            {"feature": "urban_class=urban", "value": 0.0, "overall": 0.5, "v_test": -11.2},
            {"feature": "density_per_km2", "value": 19_391.2, "overall": 13_161.0, "v_test": 9.9},
            {"feature": "recency_days", "value": float(own["recency_days"].mean()), "overall": 350.0, "v_test": -8.3},
            {"feature": "mean_basket", "value": 61.5, "overall": 54.0, "v_test": 6.1},
            {"feature": "share_houses", "value": 0.72, "overall": 0.55, "v_test": 5.4},
            {"feature": "order_gap_cv", "value": 0.7, "overall": 0.7, "v_test": 0.3},
        ],
        "value": {"revenue_share": float(own["monetary"].sum() / customers["monetary"].sum())},
    }  # fmt: skip


def _worth() -> dict[str, Any]:
    def estimate(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.02, "high": value + 0.03}

    names = ("rules", "clusters", "both", "behaviour_only", "with_open_data")
    explained = {
        name: {"groups": 6 + 5 * i, "r2": estimate(0.1 * i), "lift": estimate(1 + i)} for i, name in enumerate(names)
    }
    left = {"recency_days": {"rules": 0.47, "clusters": 0.74, "as_many_clusters": 0.62}}
    return {
        "reason": None, "metric": "R²", "cut": "2025-04-11", "until": "2025-12-31", "customers": 2527, "buyers": 1870,
        "explained": explained, "beyond_rules": estimate(0.363),
        "homogeneity": {"groups": {"rules": 11, "clusters": 6, "as_many_clusters": 11}, "left": left},
    }  # fmt: skip


@pytest.fixture(scope="session")
def inputs(customers: pd.DataFrame) -> dict[str, Any]:
    """Return the arguments of ``summarise``."""
    rng = np.random.default_rng(11)
    table = pd.crosstab(customers["rfm_segment"], customers["cluster"])
    centres = {c: rng.normal(0, 3, size=2) for c in sorted(set(customers["cluster"]))}
    drawn = customers["cluster"].sample(1500, random_state=1)
    points = np.array([centres[c] for c in drawn]) + rng.normal(0, 0.8, size=(len(drawn), 2))
    grid = [("kmeans", {"n_clusters": k}, k) for k in range(2, 9)]
    grid += [("gaussian_mixture", {"n_components": k}, k) for k in (4, 6)] + [("hdbscan_leaf", {"min_share": 0.02}, 5)]
    candidates = [
        {"method": method, "params": params, "n_clusters": k, "silhouette": round(0.4 - 0.03 * abs(k - 6), 3),
         "davies_bouldin": 1.0 + 0.1 * abs(k - 6), "noise_share": 0.2 if method == "hdbscan_leaf" else 0.0,
         "stability": round(0.92 - 0.04 * abs(k - 6) - 0.01 * i, 3), "seconds": 0.4 + i / 3}
        for i, (method, params, k) in enumerate(grid)
    ]  # fmt: skip
    nothing = {"n_clusters": 0, "silhouette": float("nan"), "davies_bouldin": None, "noise_share": 1.0}
    candidates.append(
        {"method": "hdbscan_eom", "params": {"min_share": 0.04}, **nothing, "stability": None, "seconds": 2.2}
    )
    crossed = {str(rule): {str(c): int(n) for c, n in row.items()} for rule, row in table.iterrows()}
    located = int(customers["commune_code"].notna().sum())
    return {
        "name": "boutique",
        "customers": customers,
        "segments": {
            "structure": {"found": True, "p_value": 0.01, "test": "max gap"},
            "winner": {"method": "kmeans", "params": {"n_clusters": 6}, "n_clusters": 6, "noise_share": 0.0},
            "segments": [_segment(customers, cluster) for cluster in NAMES],
            "agreement": {"ami": 0.412, "ari": 0.357, "v_measure": 0.415, "table": crossed},
            "enrichment": {"value_added": None, "sentence": {"fr": "Rien de mesurable.", "en": "Nothing measurable."}},
            "worth": _worth(),
        },
        "candidates": candidates,
        "sources": [
            {"name": "communes", "title": {"fr": "Communes de France", "en": "Communes of France"},
             "publisher": "INSEE", "licence": "Licence Ouverte 2.0", "vintage": "1 Jan 2026",
             "attribution": "Source : INSEE, code officiel géographique, 1er janvier 2026."},
        ],
        "coverage": {
            "rows": N, "commune_status": {"matched": located, "ambiguous": 12, "not_found": N - located - 12},
            "commune_method": {"postcode_name": located - 300, "fuzzy": 120, "cedex": 80, "former_commune": 100},
            "siret_status": {}, "indicators": {"income_per_inhabitant_eur": 0.971, "density_per_km2": 0.975},
        },
        "plane": pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "cluster": drawn.to_numpy()}),
        "about": {"as_of": "2025-12-31", "seed": 0, "versions": {"lieudit": "0.1.0", "scikit-learn": "1.9.1"},
                  "warnings": [{"fr": "3 lignes postérieures à la date de référence ont été écartées.",
                                "en": "3 lines after the reference day were left out."}],
                  "runner_up": {"method": "gaussian_mixture", "params": {"n_components": 6}},
                  "reason": "it holds up as well, and separates less", "rfm": {"lines": 15_210, "rejected": 12}},
    }  # fmt: skip
