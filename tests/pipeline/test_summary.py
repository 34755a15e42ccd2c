"""What the command line says of a finished training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lieudit.pipeline.run import Run


def segment(name: str, status: str, **changes: Any) -> dict[str, Any]:
    rule = {"segments": ["at_risk", "lost"], "f1": 0.46, "telling": True}
    return {
        "cluster": 0, "name": name, "size": 300, "share": 0.3, "status": status, "stability": 0.92,
        "closest_rule": rule, "part_of": None, "why": {"en": "It rests on the place, but chance makes as much."},
        **changes,
    }  # fmt: skip


def summary(*segments: dict[str, Any], found: bool = True, splits: Sequence[dict[str, Any]] = ()) -> list[str]:
    said = "Groups are there (p = 0.02)." if found else "No structure was found (p = 1.00)."
    content = {
        "structure": {"found": found, "sentence": {"en": said}},
        "winner": {"method": "kmeans", "n_clusters": len(segments), "noise_share": 0.0}, "segments": list(segments),
        "rule_splits": list(splits), "enrichment": {"sentence": {"en": "Open data adds nothing measurable."}},
    }  # fmt: skip
    return Run("shop", Path("out"), Path("models/shop"), "1", content, {"rows": 1000}, (), 3.0).summary()


def test_no_structure_is_said_before_any_segment_and_no_rule_is_named() -> None:
    lines = summary(segment("Urban", "chance"), segment("Rural", "chance"), found=False)
    assert lines[1].startswith("No structure was found (p = 1.00).")
    assert "decide nothing" in lines[1]
    assert not any("closest rule" in line or "It rests on" in line for line in lines)


def test_what_was_found_is_counted_first_and_each_failure_has_its_reason() -> None:
    lines = summary(segment("Urban", "unnamed"), segment("Rural", "chance"))
    assert lines[1] == "Groups are there (p = 0.02). Unnamed: 1 of 2 segments, 30.0% of customers."
    assert "  Urban: 300 (30.0%), unnamed, stability 0.92, closest rule at_risk + lost (F1 0.46)" in lines
    assert lines[lines.index("  Rural: 300 (30.0%), chance, stability 0.92") + 1].strip().startswith("It rests on")


def test_a_union_of_nearly_all_rules_is_not_listed() -> None:
    every = {"segments": [f"s{n}" for n in range(11)], "f1": 0.75, "telling": False}
    many = {"segments": [f"s{n}" for n in range(6)], "f1": 0.46, "telling": True}
    lines = summary(segment("Large", "named", closest_rule=every), segment("Other", "unnamed", closest_rule=many))
    assert "Large: 300 (30.0%), named, stability 0.92, no rule is close (all together: F1 0.75)" in lines[-3]
    assert "closest rule s0 + s1 + s2 + 3 more (F1 0.46)" in lines[-2]


def test_a_segment_within_a_rule_segment_is_said_to_be_a_part_of_it() -> None:
    lines = summary(
        segment("Part", "unnamed", part_of={"rule": "at_risk", "inside": 0.98, "share": 0.33}),
        segment("Whole", "named", part_of={"rule": "at_risk", "inside": 0.98, "share": 0.97}),
    )
    assert lines[-3].endswith(", a part of at_risk (33% of it)")
    assert "a part of" not in lines[-2]


def test_a_rule_segment_that_is_two_populations_is_named() -> None:
    run = summary(segment("Urban", "unnamed"), segment("Rural", "unnamed"))
    assert not any(line.startswith("Rule segment") for line in run)
    parts = [{"cluster": 1, "size": 257, "median": 2148.9}, {"cluster": 0, "size": 1253, "median": 589.2}]
    lines = summary(
        segment("Urban", "unnamed", cluster=0), segment("Rural", "unnamed", cluster=1),
        splits=[{"rule": "at_risk", "parts": parts}],
    )  # fmt: skip
    assert lines[-2] == ("Rule segment at_risk is 2 populations: Rural (257, median 2,149), Urban (1,253, median 589)")


def test_without_orders_nothing_is_counted_as_unseen_by_rules() -> None:
    lines = summary(segment("Urban", "unnamed", closest_rule=None))
    assert lines[1].endswith("With no orders, there are no rule segments to hold them against.")
    assert "Urban: 300 (30.0%), unnamed, stability 0.92" in lines[-2]
