"""Two runs, customer by customer: which segment became which, who moved, what drifted, how far they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lieudit import tables
from lieudit.errors import InputError
from lieudit.features import FEATURES
from lieudit.pipeline.run_folder import RunFolder, is_run_folder, read_run
from lieudit.report import MIN_GROUP, render_comparison
from lieudit.segment import NOISE, agreements, drift, drift_level, match_segments, migrations, rounded

if TYPE_CHECKING:
    import duckdb

__all__ = ["MOVES", "compare_customers", "load_pair", "summary_lines", "two_folders"]

#: Columns of the file of moves.
MOVES: Final = (
    "customer_id", "move", "cluster_before", "segment_before", "rule_before", "cluster_after", "segment_after",
    "rule_after",
)  # fmt: skip
_NEVER = ("customer_id", "cluster", "segment", "rfm_segment")
_COLUMNS: Final = ("recency_days", "frequency", "monetary", "rfm_segment", *(feature.name for feature in FEATURES))


def two_folders(runs: Sequence[str]) -> tuple[RunFolder, RunFolder]:
    """Read the two runs whose customers are to be compared, the earlier first.

    Raises
    ------
    InputError
        They are not two folders of runs: MLflow keeps no customer.
    """
    if len(runs) != 2 or not all(is_run_folder(run) for run in runs):
        raise InputError(f"Customers of {' and '.join(runs)} are not at hand.",
                         expected="two folders of runs, the earlier first; MLflow keeps no customer",
                         fix="Name the out folders of two trainings.")  # fmt: skip
    return read_run(runs[0]), read_run(runs[1])


def compare_customers(
    before: RunFolder, after: RunFolder, *, moves: Path | None = None, page: Path | None = None, lang: str = "fr",
    measures: pd.DataFrame | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Compare two runs on the customers of both.

    Parameters
    ----------
    before, after : RunFolder
        The earlier run, and the later one.
    moves : Path, optional
        Where to list who entered, left or changed segment: the only place where ids are written.
    page : Path, optional
        Where to draw the comparison.
    lang : {"fr", "en"}
        Of the page and of names in the result.
    measures : DataFrame, optional
        What ``compare_runs`` gave, for the page.

    Returns
    -------
    dict
        JSON-able, aggregated: ``customers`` (counts), ``became``, ``migration``, ``drift``, ``agreement``.

    Raises
    ------
    InputError
        The two have no customer in common.
    """
    with tables.connect() as con:
        load_pair(con, before, after)
        pair = con.execute(
            """SELECT a.cluster AS before, b.cluster AS after, a.segment AS rule_before, b.segment AS rule_after
            FROM (SELECT customer_id, cluster, rfm_segment AS segment FROM run_before) AS a
            JOIN (SELECT customer_id, cluster, rfm_segment AS segment FROM run_after) AS b USING (customer_id)"""
        ).df()
        if pair.empty:
            raise InputError(f"{before.path} and {after.path} have no customer in common.",
                             expected="two runs on much the same customers",
                             fix="Check that ids are written alike in both.")  # fmt: skip
        became = match_segments(pair["before"], pair["after"])
        _list_moves(con, became)
        if moves is not None:
            tables.write_table(con, f"SELECT {', '.join(MOVES)} FROM moves ORDER BY customer_id", moves, names=MOVES)
        data = rounded({
            "runs": [{"name": run.name, "as_of": run.as_of, "names": _names(run, lang), "found": _found(run)}
                     for run in (before, after)],
            "customers": _counts(con, len(pair)),
            "became": [asdict(one) | {"same": one.same} for one in became],
            "migration": _migration(con),
            "drift": _drifts(con),
            "agreement": agreements({"clusters_before": pair["before"], "rules_before": pair["rule_before"],
                                     "clusters_after": pair["after"], "rules_after": pair["rule_after"]}),
        })  # fmt: skip
    if page is not None:
        tables.write_text(render_comparison(data, measures, lang="en" if lang == "en" else "fr"), page)
    return data


def load_pair(con: duckdb.DuckDBPyConnection, before: RunFolder, after: RunFolder) -> None:
    """Make the views ``run_before`` and ``run_after``, with the columns that both comparisons need."""
    for name, run in (("run_before", before), ("run_after", after)):
        opened = tables.open_table(con, run.customers, name=f"{name}_file")
        missing = {"customer_id", "cluster", "segment"} - set(opened.columns)
        if missing:
            raise InputError(f"{run.customers} lacks {', '.join(sorted(missing))}.",
                             expected="the customers.parquet of lieudit train", fix="Train again.")  # fmt: skip
        known = [column for column in (*_NEVER, *_COLUMNS) if column in opened.columns]
        chosen = [f"{opened.ref(column)} AS {tables.quote(column)}" for column in dict.fromkeys(known)]
        if "rfm_segment" not in known:
            chosen.append("CAST(NULL AS VARCHAR) AS rfm_segment")
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(chosen)} FROM {opened.sql}")


def _list_moves(con: duckdb.DuckDBPyConnection, became: Sequence[Any]) -> None:
    """Make the table ``moves``: customers of one run only, and those whose segment is not what theirs became."""
    pairs = [(one.before, one.after) for one in became if one.before is not None and one.after is not None]
    con.execute("CREATE OR REPLACE TEMP TABLE became (before BIGINT, after BIGINT)")
    con.executemany("INSERT INTO became VALUES (?, ?)", [*pairs, (NOISE, NOISE)])
    con.execute(
        """CREATE OR REPLACE TEMP TABLE moves AS
        SELECT coalesce(a.customer_id, b.customer_id) AS customer_id,
               CASE WHEN a.customer_id IS NULL THEN 'entered' WHEN b.customer_id IS NULL THEN 'left' ELSE 'moved' END
               AS move,
               a.cluster AS cluster_before, a.segment AS segment_before, a.rfm_segment AS rule_before,
               b.cluster AS cluster_after, b.segment AS segment_after, b.rfm_segment AS rule_after
        FROM run_before AS a FULL JOIN run_after AS b ON a.customer_id = b.customer_id
        LEFT JOIN became ON became.before = a.cluster
        WHERE a.customer_id IS NULL OR b.customer_id IS NULL OR became.after IS DISTINCT FROM b.cluster"""
    )


def _counts(con: duckdb.DuckDBPyConnection, shared: int) -> dict[str, int]:
    found = dict(con.execute("SELECT move, count(*) FROM moves GROUP BY move").fetchall())
    return {"shared": shared, **{move: int(found.get(move, 0)) for move in ("moved", "entered", "left")}}


def _migration(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    both = con.execute(
        """SELECT a.cluster AS before, b.cluster AS after
        FROM run_before AS a FULL JOIN run_after AS b ON a.customer_id = b.customer_id"""
    ).df()
    table = migrations(both["before"].astype("Int64"), both["after"].astype("Int64"))
    return {
        str(before): {str(after): int(count) for after, count in row.items() if count}
        for before, row in table.iterrows()
    }


def _drifts(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the drift of each column that both runs have, the strongest first."""
    columns = [{row[0] for row in con.execute(f"DESCRIBE {name}").fetchall()} for name in ("run_before", "run_after")]
    found = []
    for column in dict.fromkeys(_COLUMNS):
        if column in columns[0] & columns[1]:
            one, other = (
                con.execute(f"SELECT {tables.quote(column)} AS value FROM {name}").df()["value"]
                for name in ("run_before", "run_after")
            )
            if (value := drift(one, other)) is not None:
                found.append({"feature": column, "psi": value, "level": drift_level(value)})
    return sorted(found, key=lambda one: (-one["psi"], one["feature"]))


def _names(run: RunFolder, lang: str) -> dict[str, str]:
    clusters = [segment["cluster"] for segment in run.segments["segments"]]
    return {str(cluster): run.name_of(cluster, lang) for cluster in (*clusters, NOISE)}


def _found(run: RunFolder) -> dict[str, Any]:
    """Return whether the run found structure, and how many of its clusters have each status."""
    structure, statuses = run.segments.get("structure") or {}, [one["status"] for one in run.segments["segments"]]
    counted = {status: statuses.count(status) for status in dict.fromkeys(statuses)}
    return {"structure": structure.get("found"), "p_value": structure.get("p_value"), "statuses": counted}


def summary_lines(data: dict[str, Any]) -> list[str]:
    """Return the main figures, a line each; no figure of fewer customers than a group that may be described."""

    def count(n: int) -> str:
        return f"{n:,}" if n >= MIN_GROUP or not n else f"fewer than {MIN_GROUP}"

    first, second = (run["names"] for run in data["runs"])
    counts = data["customers"]
    lines = [
        f"{count(counts['shared'])} customers in both runs; {count(counts['moved'])} changed segment, "
        f"{count(counts['entered'])} entered, {count(counts['left'])} left"
    ]
    for run in data["runs"]:
        if run["found"]["structure"] is False:
            lines.append(f"No structure was found in {run['name']} as of {run['as_of']} (p = "
                         f"{run['found']['p_value']:.2f}): going from or to its segments says little.")  # fmt: skip
    for one in data["became"]:
        if one["after"] is None:
            lines.append(f"  {one['before']} {first[str(one['before'])]}: retired")
        elif one["before"] is None:
            lines.append(f"  {one['after']} {second[str(one['after'])]}: new")
        else:
            word = "still" if one["same"] else "became, mostly others,"
            lines.append(f"  {one['before']} {first[str(one['before'])]}: {word} {one['after']} "
                         f"{second[str(one['after'])]} (Jaccard {one['jaccard']:.2f})")  # fmt: skip
    drifted = [f"{one['feature']} {one['psi']:.2f} ({one['level']})" for one in data["drift"] if one["level"] != "low"]
    lines.append("Drift (PSI): " + (", ".join(drifted) if drifted else "none above 0.1"))
    for one in data["agreement"]:
        ari, ami, v = (round(one[key], 2) + 0.0 for key in ("ari", "ami", "v"))  # no negative zero
        lines.append(f"{one['one']} and {one['other']}: ARI {ari:.2f}, AMI {ami:.2f}, V {v:.2f}")
    return lines
