"""What the groups are worth: orders are cut in time, groups made before the cut explain what is spent after it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lieudit import tables
from lieudit.errors import TableError
from lieudit.report.formats import interval, number
from lieudit.rfm_analysis import compute, spend_between
from lieudit.schema import Text
from lieudit.segment import METRIC, Estimate, Judged, judge_groups, rounded

if TYPE_CHECKING:
    import duckdb

    from lieudit.config import Config
    from lieudit.pipeline.prepare import Prepared
    from lieudit.segment import Segmentation

__all__ = ["Worth", "cut_days", "measure_worth"]

# A quarter of what was observed is kept apart; under three months chance rules, beyond a year little is left to learn
# from and customers have changed.
SHORTEST: Final = 90
LONGEST: Final = 365
# Fewer customers than this, before the cut or spending after it, tell nothing.
FEWEST: Final = 200
FEWEST_BUYERS: Final = 30
# Groups are made again and judged on at most so many customers.
SAMPLE: Final = 10_000
_BEFORE: Final = "rfm_before"

_NO_ORDERS = Text("Sans commandes, il n'y a pas de dépense à expliquer.",
                  "With no orders, there is no spending to explain.")  # fmt: skip
_NOT_ASKED = Text("La configuration ne le demande pas (train.worth).", "Not asked for (train.worth).")
_ALIKE = Text("Avant la coupe, tous les clients se ressemblent.", "Before the cut, all customers are alike.")
_NO_OPEN = Text("Les groupes ne reposent sur aucune donnée ouverte.", "The groups rest on no open data.")


@dataclass(frozen=True)
class Worth:
    """What groups made before a cut say of spending after it.

    Attributes
    ----------
    reason : Text or None
        Why nothing could be measured; all else is then empty.
    cut, until : date or None
        Orders up to `cut` made the groups; those after it, up to `until`, are what is explained.
    customers, buyers : int
        With orders before the cut, as many as were looked at; of them, those who spent after it.
    judged : Judged or None
    """

    reason: Text | None = None
    cut: date | None = None
    until: date | None = None
    customers: int = 0
    buyers: int = 0
    judged: Judged | None = None

    @property
    def sentence(self) -> Text:
        """What open data adds, or why that is not known."""
        if self.judged is None or self.judged.added is None:
            return self.reason or _NO_OPEN
        added, beyond = self.judged.added, self.judged.beyond_chance
        fr, en = _estimates(added)
        if beyond is None or added.low <= 0:
            return Text(f"Les données ouvertes n'ajoutent rien de mesurable ({fr} de R²).",
                        f"Open data adds nothing measurable ({en} of R²).")  # fmt: skip
        dealt_fr, dealt_en = _estimates(beyond)
        if not self.judged.adds:
            return Text(
                "Les données ouvertes n'ajoutent rien de mesurable : les groupes faits avec elles expliquent "
                f"{fr} de R² de plus, mais ce n'est pas mesurablement mieux que redistribuées au hasard entre les "
                f"clients ({dealt_fr}).",
                f"Open data adds nothing measurable: groups made with it explain {en} of R² more, but not measurably "
                f"more than when it is dealt at random among customers ({dealt_en}).")  # fmt: skip
        return Text(
            f"Les données ouvertes ajoutent {fr} de R², et {dealt_fr} de plus que redistribuées au hasard entre les "
            "clients.",
            f"Open data adds {en} of R², and {dealt_en} more than when it is dealt at random among customers.",
        )

    def to_json(self) -> dict[str, Any]:
        """Return what ``segments.json`` says under ``worth``."""
        if self.judged is None or self.cut is None or self.until is None:
            return {"reason": self.reason._asdict() if self.reason else None}
        return rounded({
            "reason": None,
            "metric": METRIC,
            "cut": self.cut.isoformat(),
            "until": self.until.isoformat(),
            "customers": self.customers,
            "buyers": self.buyers,
            "explained": {name: asdict(found) for name, found in self.judged.explained.items()},
            "beyond_rules": asdict(self.judged.beyond_rules),
            "homogeneity": asdict(self.judged.alike),
        })  # fmt: skip

    def value_added(self) -> dict[str, Any] | None:
        """Return what ``segments.json`` says under ``enrichment.value_added``; None without open data."""
        found = self.judged
        if found is None or found.added is None or found.beyond_chance is None:
            return None
        beyond = found.beyond_chance
        return rounded({
            "metric": METRIC,
            "behaviour_only": found.explained["behaviour_only"].r2.value,
            "with_open_data": found.explained["with_open_data"].r2.value,
            "difference": found.added.value,
            "ci95": [found.added.low, found.added.high],
            "beyond_chance": {"difference": beyond.value, "ci95": [beyond.low, beyond.high]},
            "measurable": found.adds,
        })  # fmt: skip

    def metrics(self) -> dict[str, float]:
        """Return the figures that are tracked."""
        if self.judged is None:
            return {}
        found: dict[str, float] = {}
        for name, one in self.judged.explained.items():
            found |= {f"worth.r2.{name}": one.r2.value, f"worth.lift.{name}": one.lift.value}
        if (added := self.judged.added) is not None:
            found |= {"value_added": added.value, "value_added.low": added.low, "value_added.high": added.high}
        if (beyond := self.judged.beyond_chance) is not None:
            found["value_added.beyond_chance"] = beyond.value
            found |= {"value_added.beyond_chance.low": beyond.low, "value_added.beyond_chance.high": beyond.high}
        return found


def cut_days(days: int) -> int | None:
    """Say how many of the days observed are kept apart, None where there are too few.

    A quarter of them; at least 90, and at most as many as are left before the cut; at most a year.

    Examples
    --------
    >>> [cut_days(days) for days in (1_095, 700, 200, 150, 4_000)]
    [273, 175, 90, None, 365]
    """
    return min(max(days // 4, SHORTEST), LONGEST) if days >= 2 * SHORTEST else None


def measure_worth(
    con: duckdb.DuckDBPyConnection, config: Config, prepared: Prepared, segmentation: Segmentation
) -> Worth:
    """Cut the orders in time, make the groups again before the cut, and see what they say of what comes after it.

    The place of a customer is today's: open data are not cut in time.

    Parameters
    ----------
    con : DuckDBPyConnection
    config : Config
    prepared : Prepared
    segmentation : Segmentation
        Its winner's method, settings and seed are taken again.
    """
    if not config.train.worth:
        return Worth(reason=_NOT_ASKED)
    if prepared.rfm is None:
        return Worth(reason=_NO_ORDERS)
    first, last = tables.fetch_one(con, f"SELECT min(first_order), max(last_order) FROM {prepared.rfm.name}")
    kept = cut_days((last - first).days)
    if kept is None:
        days = (last - first).days
        return Worth(reason=Text(f"Les commandes ne couvrent que {days} jours, moins de {2 * SHORTEST}.",
                                 f"Orders span {days} days only, fewer than {2 * SHORTEST}."))  # fmt: skip
    cut = last - timedelta(days=kept)
    frame, told = _before(con, config, prepared, cut, last)
    buyers = int((told["spend"] > 0).sum())
    if len(frame) < FEWEST or buyers < FEWEST_BUYERS:
        return Worth(reason=Text(
            f"{len(frame)} clients avant la coupe, dont {buyers} ont acheté ensuite : trop peu.",
            f"{len(frame)} customers before the cut, {buyers} of whom bought later: too few."))  # fmt: skip
    winner = segmentation.candidates[segmentation.winner]
    spend = told["spend"].to_numpy(dtype=np.float64)
    rules = np.asarray(pd.factorize(told["rule"], sort=True)[0], dtype=np.int64)
    try:
        judged = judge_groups(frame, spend, rules, segmentation.scaler, winner,
                              seed=config.train.seed, jobs=config.train.jobs)  # fmt: skip
    except TableError:
        return Worth(reason=_ALIKE)
    return Worth(cut=cut, until=last, customers=len(frame), buyers=buyers, judged=judged)


def _before(
    con: duckdb.DuckDBPyConnection, config: Config, prepared: Prepared, cut: date, until: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a sample of the customers of before the cut: their columns then, and ``spend`` after it with ``rule``."""
    lines, roles = prepared.inputs["transactions"], prepared.columns["transactions"]
    compute(con, lines, roles, config=config.rfm, as_of=cut, behaviour=True, name=_BEFORE)
    measured = {row[0] for row in con.execute(f"DESCRIBE {_BEFORE}").fetchall()}
    chosen = [name for name in prepared.frame.columns if name in measured]
    values = con.execute(f"SELECT customer_id, rfm_segment, {', '.join(chosen)} FROM {_BEFORE}").df()
    values = values.set_index("customer_id")
    con.execute(f"DROP TABLE {_BEFORE}")
    later = spend_between(con, lines, roles, after=cut, until=until)
    known = prepared.frame[prepared.frame.index.isin(values.index)]
    values = values.reindex(known.index)
    frame = known.assign(**{name: values[name] for name in chosen})
    spend = later.reindex(known.index).fillna(0.0).clip(lower=0.0)
    told = pd.DataFrame({"spend": spend, "rule": values["rfm_segment"]}, index=known.index)
    # By what customers are and do, so that neither the order of the file nor ids matter.
    keys = pd.util.hash_pandas_object(_plain(frame).assign(spend=spend.to_numpy()), index=False).to_numpy()
    order = np.argsort(keys, kind="stable")
    drawn = np.sort(np.random.default_rng(config.train.seed).permutation(len(order))[:SAMPLE])
    return frame.iloc[order[drawn]], told.iloc[order[drawn]]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return numbers as floats and all else as text, whatever types a file gave."""
    return pd.DataFrame({
        name: column.astype("float64") if pd.api.types.is_numeric_dtype(column) else column.astype("string")
        for name, column in frame.items()
    })  # fmt: skip


def _estimates(found: Estimate) -> tuple[str, str]:
    """Write 0.031 [0.022, 0.040] in French, then in English."""
    return (
        f"{number(found.value, 'fr', 3)} {interval(found.low, found.high, 'fr', 3)}",
        f"{number(found.value, 'en', 3)} {interval(found.low, found.high, 'en', 3)}",
    )
