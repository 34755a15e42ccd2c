"""How far estimates of withheld indicators are off, told by estimating known ones: ``python -m benchmarks.estimate``.

Needs the official files: ``lieudit sources fetch filosofi_2021``. For each indicator the median absolute error over the
communes of which it is published, each estimated as if it were withheld, beside that of the mean of all communes.
"""

from __future__ import annotations

import pandas as pd

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.estimate import HELPER, estimate, read_surroundings, without_itself

SOURCE = "filosofi_2021"
COLUMNS = ("median_income_eur", "share_in_poverty", "income_d1_eur", "income_d9_eur", "income_d9_d1_ratio",
           "share_social_benefits")  # fmt: skip
SMALL = 200  # inhabitants


def main() -> None:
    """Print the table of docs/sources.md."""
    catalogue = open_catalogue()
    if all(source.name != SOURCE for source in catalogue.sources):
        print(f"skipped: lieudit sources fetch {SOURCE}")
        return
    around = read_surroundings(catalogue)
    published = pd.read_parquet(catalogue.source(SOURCE).path()).set_index("commune_code")
    helper = pd.read_parquet(catalogue.source("income").path()).set_index("commune_code")[HELPER]
    people = pd.read_parquet(catalogue.source("communes").path()).set_index("commune_code")["population"]
    print("indicator | measured on | estimate | of the mean | small: measured on | estimate | of the mean | estimated")
    for column in COLUMNS:
        tested = without_itself(published[column], around, helper)
        small = tested[people.reindex(tested.index) < SMALL]
        made = estimate(published[column], around, helper)
        cells = [column, *_errors(tested), *_errors(small), f"{len(made):,}"]
        print(" | ".join(cells))
    _unpublished_sizes(published, around, helper)


def _errors(tested: pd.DataFrame) -> list[str]:
    if len(tested) < 30:
        return ["–"] * 3
    off = [(tested[name] - tested["actual"]).abs().median() for name in ("estimate", "baseline")]
    return [f"{len(tested):,}", *(f"{value:,.0f}" if value > 1 else f"{value:.4f}" for value in off)]


def _unpublished_sizes(published: pd.DataFrame, around: object, helper: pd.Series) -> None:
    """Estimate the median of smaller communes from those large enough for the deciles, which is harder."""
    median = published["median_income_eur"]
    made = estimate(median.where(published["income_d1_eur"].notna()), around, helper)
    off = (made - median.reindex(made.index)).dropna()
    mean = median[published["income_d1_eur"].notna()].mean()
    baseline = (mean - median.reindex(off.index)).abs().median()
    print(f"median of {len(off):,} communes too small for deciles: off by {off.abs().median():,.0f}, "
          f"{off.median():+,.0f} in the middle; the mean {baseline:,.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
