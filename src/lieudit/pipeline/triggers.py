"""Customers to act upon: gone silent, slower than their own pace, in or out of a segment; and what to ask them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lieudit import tables
from lieudit.config import Crossing, RfmConfig, Triggers, load_playbooks, load_triggers, parse_language
from lieudit.errors import ConfigError
from lieudit.pipeline.compare import load_pair, two_folders
from lieudit.pipeline.progress import Progress, Silent
from lieudit.pipeline.remarks import remarks_on_lines
from lieudit.pipeline.rfm import parse_day
from lieudit.rfm_analysis import compute, count_paces
from lieudit.schema import TRANSACTION_ROLES
from lieudit.segment import NOISE, match_segments

if TYPE_CHECKING:
    import duckdb

__all__ = ["COLUMNS", "TriggeredFile", "trigger_file"]

#: Columns of the file.
COLUMNS: Final = (
    "customer_id", "trigger", "silent_days", "orders", "expected_orders", "p_value", "kind", "segment",
    "rfm_segment", "rfm_label", "questions",
)  # fmt: skip
_FOUND: Final = "triggered"


@dataclass(frozen=True)
class TriggeredFile:
    """What :func:`trigger_file` wrote.

    Attributes
    ----------
    out : Path
    as_of : date
    counts : dict of str to int
        Rows by trigger, in the file's order; 0 where a trigger names nobody.
    kinds : dict of str to dict of str to int
        Of ``entered`` and ``left``, rows by kind: ``rule`` segments and clusters.
    warnings : tuple of str
    """

    out: Path
    as_of: date
    counts: dict[str, int]
    kinds: dict[str, dict[str, int]]
    warnings: tuple[str, ...]


def trigger_file(  # noqa: PLR0913 - each is an option of the command
    transactions: str | Path,
    out: Path,
    *,
    as_of: date | str | None = None,
    columns: Mapping[str, str | None] | None = None,
    before: Path | None = None,
    after: Path | None = None,
    config: Path | None = None,
    lang: str | None = None,
    progress: Progress | None = None,
) -> TriggeredFile:
    """Name the customers that a trigger stands for, with the questions of their rule segment's playbook.

    Parameters
    ----------
    transactions : str or Path
        The orders, up to now.
    out : Path
        Where to write, by the suffix; the only place where ids are written.
    as_of : date or str, optional
        Today; by default the day after the last order.
    columns : mapping of role to column, optional
        Where headers do not give them away.
    before, after : Path, optional
        Folders of two runs, the earlier and the later: who entered or left a segment in between.
    config : Path, optional
        A file like configs/triggers.yaml.
    lang : {"fr", "en"}, optional
        Of labels and questions, French by default.

    Raises
    ------
    ConfigError
        The configuration is wrong, or only one run is named.
    TableError, InputError
        A file cannot be read or written.
    """
    progress, language, day = progress or Silent(), parse_language(lang) or "fr", parse_day(as_of)
    triggers = load_triggers(config)
    if (before is None) != (after is None):
        raise ConfigError("Only one run is named.", expected="--before and --after, or neither",
                          fix="Name the folders of the earlier and of the later run.")  # fmt: skip
    with tables.connect() as con:
        progress.step("Reading")
        lines = tables.open_table(con, transactions, name="transactions")
        tables.check_out(out, con=con)
        roles = tables.recognise(lines, TRANSACTION_ROLES, columns or {})
        progress.step("Looking for customers to act upon")
        rfm = compute(con, lines, roles, config=RfmConfig(), as_of=day, lang=language)
        count_paces(con, lines, roles, as_of=rfm.as_of, window_days=triggers.slower.window_days)
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE {_FOUND} (customer_id VARCHAR, rank INTEGER, trigger VARCHAR,
            silent_days INTEGER, orders BIGINT, expected_orders DOUBLE, p_value DOUBLE, kind VARCHAR,
            segment VARCHAR)"""
        )
        names = _silent(con, triggers)
        names.append(_slower(con, triggers))
        if before is not None and after is not None:
            names += _crossings(con, triggers, str(before), str(after))
        progress.step("Writing")
        _write(con, out, language)
        counts = dict(con.execute(f"SELECT trigger, count(*) FROM {_FOUND} GROUP BY trigger").fetchall())
        kinds: dict[str, dict[str, int]] = {}
        for name, kind, n in con.execute(
            f"SELECT trigger, kind, count(*) FROM {_FOUND} WHERE kind IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            kinds.setdefault(name, {})[kind] = n
    warnings = tuple(remark.en for remark in remarks_on_lines(rfm.counts))
    return TriggeredFile(out, rfm.as_of, {name: int(counts.get(name, 0)) for name in names}, kinds, warnings)


def _silent(con: duckdb.DuckDBPyConnection, triggers: Triggers) -> list[str]:
    """List each silent customer once, under the longest silence reached."""
    limits = sorted(set(triggers.silent.days))
    for rank, (low, high) in enumerate(zip_longest(limits, limits[1:])):
        below = "" if high is None else f"AND recency_days < {high}"
        con.execute(
            f"""INSERT INTO {_FOUND} SELECT customer_id, {rank}, 'silent_{low}', recency_days, NULL, NULL, NULL, NULL,
            NULL FROM rfm WHERE recency_days >= {low} {below}"""
        )
    return [f"silent_{days}" for days in limits]


def _slower(con: duckdb.DuckDBPyConnection, triggers: Triggers) -> str:
    """List customers with fewer orders in the window than their own earlier pace foretells.

    The first order starts the clock, so it is not counted: earlier orders less one, over the days since. With k such
    orders in d days and x in a window of w days, x is binomial among k + x with probability w / (w + d) where the pace
    is the same, whatever it is; p is the chance of x or fewer (Przyborowski and Wilenski 1940).
    """
    from scipy.special import bdtr  # noqa: PLC0415

    slower = triggers.slower
    known = con.execute(
        "SELECT customer_id, recent, earlier - 1 AS k, earlier_days AS d FROM paces WHERE earlier >= ? AND "
        "earlier_days >= ? ORDER BY customer_id",
        [slower.min_orders, slower.min_days],
    ).df()
    share = slower.window_days / (slower.window_days + known["d"])
    chance = bdtr(known["recent"].astype(float), (known["k"] + known["recent"]).astype("int64"), share)
    usual = known["k"] * slower.window_days / known["d"]
    found = pd.DataFrame({
        "customer_id": known["customer_id"], "orders": known["recent"], "expected": usual.round(2),
        "p": chance.round(6),
    })[chance <= slower.p_value]  # fmt: skip
    con.register("lieudit_slower", found)
    con.execute(
        f"""INSERT INTO {_FOUND} SELECT customer_id, 1000, 'slower', NULL, orders, expected, p, NULL, NULL
        FROM lieudit_slower"""
    )
    con.unregister("lieudit_slower")
    return "slower"


def _crossings(con: duckdb.DuckDBPyConnection, triggers: Triggers, before: str, after: str) -> list[str]:
    """List who entered or left a rule segment or a cluster; a cluster is followed under its new number."""
    load_pair(con, *two_folders([before, after]))
    pair = con.execute(
        """SELECT a.cluster AS before, b.cluster AS after
        FROM run_before AS a JOIN run_after AS b USING (customer_id)"""
    ).df()
    same = [(one.before, one.after) for one in match_segments(pair["before"], pair["after"]) if one.same]
    con.execute("CREATE OR REPLACE TEMP TABLE same (before BIGINT, after BIGINT)")
    con.executemany("INSERT INTO same VALUES (?, ?)", [*same, (NOISE, NOISE)])
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW crossed AS
        WITH both_runs AS (
            SELECT coalesce(a.customer_id, b.customer_id) AS customer_id,
                   a.cluster AS cluster_a, b.cluster AS cluster_b, a.segment AS segment_a, b.segment AS segment_b,
                   a.rfm_segment AS rule_a, b.rfm_segment AS rule_b
            FROM run_before AS a FULL JOIN run_after AS b ON a.customer_id = b.customer_id)
        SELECT customer_id, 'rule' AS kind, rule_a AS was, rule_b AS became FROM both_runs
        WHERE rule_a IS DISTINCT FROM rule_b
        UNION ALL
        SELECT customer_id, 'cluster', CASE WHEN cluster_a <> {NOISE} THEN segment_a END,
               CASE WHEN cluster_b <> {NOISE} THEN segment_b END
        FROM both_runs LEFT JOIN same ON same.before = cluster_a WHERE same.after IS DISTINCT FROM cluster_b"""
    )
    for rank, (name, column) in enumerate((("entered", "became"), ("left", "was")), start=2000):
        chosen: Crossing = getattr(triggers, name)
        wanted = None if chosen.segments == "all" else list(chosen.segments)
        con.execute(
            f"""INSERT INTO {_FOUND} SELECT customer_id, {rank}, '{name}', NULL, NULL, NULL, NULL, kind, {column}
            FROM crossed WHERE {column} IS NOT NULL AND (? IS NULL OR list_contains(?, {column}))""",
            [wanted, wanted],
        )
    return ["entered", "left"]


def _write(con: duckdb.DuckDBPyConnection, out: Path, lang: str) -> None:
    """Write the rows, with the rule segment of each customer and its questions: those of a rule segment entered."""
    playbooks = load_playbooks()
    asked = [(slug, one.label[lang], " | ".join(one.questions[lang])) for slug, one in playbooks.items()]
    con.execute("CREATE OR REPLACE TEMP TABLE asked (slug VARCHAR, label VARCHAR, questions VARCHAR)")
    con.executemany("INSERT INTO asked VALUES (?, ?, ?)", asked)
    tables.write_table(
        con,
        f"""SELECT f.customer_id, f.trigger, f.silent_days, f.orders, f.expected_orders, f.p_value, f.kind, f.segment,
                   rfm.rfm_segment, rfm.rfm_label, asked.questions
        FROM {_FOUND} AS f LEFT JOIN rfm USING (customer_id)
        LEFT JOIN asked ON asked.slug = CASE WHEN f.trigger = 'entered' AND f.kind = 'rule' THEN f.segment
                                             ELSE rfm.rfm_segment END
        ORDER BY f.rank, f.customer_id, f.kind""",
        out,
        names=COLUMNS,
    )
