"""What a cluster is held to be: the test that decided, and its figures, in both languages."""

from __future__ import annotations

import re

import pytest

from lieudit.segment.candidates import Candidate
from lieudit.segment.claims import BlockClaim
from lieudit.segment.compare import ClosestRule
from lieudit.segment.evidence import BlockTest, Evidence, Structure
from lieudit.segment.verdict import Verdict, say_structure, verdict

CLOUD = BlockTest("behaviour", "one cloud", 0.01, 99)
DEALT = BlockTest("place", "dealt again", 0.02, 199)
NEITHER = Structure((BlockTest("behaviour", "one cloud", 1.0, 0), BlockTest("place", "dealt again", 0.43, 199)))
FINE = (BlockClaim("behaviour", 0.3, None, 0.01), BlockClaim("place", 0.3, 0.23, 0.02))
POOR = ClosestRule(("at_risk", "lost"), 0.46, "at_risk", 0.33, 0.37)
CLOSE = ClosestRule(("at_risk",), 0.83, "at_risk", 0.83, 0.37)
ALL = ClosestRule(("at_risk", "lost", "new"), 0.75, "at_risk", 0.33, 0.74)


def held(
    *,
    stability: float = 0.92,
    apart: float = 0.2,
    share: float = 0.2,
    clusters: int = 2,
    structure: Structure | None = None,
    claims: tuple[BlockClaim, ...] = FINE,
    closest: ClosestRule | None = POOR,
) -> Verdict:
    spread = (0.0,) * clusters
    winner = Candidate("kmeans", {}, clusters, {}, spread, (stability,) * clusters, spread, (apart,) * clusters, 0.0)
    evidence = Evidence(structure or Structure((CLOUD, DEALT)), (claims,) * clusters)
    return verdict(winner, evidence, 0, share, closest, 0.01)


@pytest.mark.parametrize(
    ("found", "status", "figures"),
    [
        (held(stability=0.61), "unstable", ["0.61", "0.75"]),
        (held(share=0.004), "unstable", ["0.4%", "1.0%", "min_share"]),
        (held(clusters=1), "chance", ["only group"]),
        (held(apart=0.85), "chance", ["valley", "0.85", "0.60"]),
        (held(structure=NEITHER), "chance", ["No structure", "0.86", "no valley between", "dealt again", "0.43"]),
        (held(claims=(BlockClaim("behaviour", 0.3, None, 0.43), FINE[1])), "chance", ["behaviour", "cloud", "0.43"]),
        (held(claims=(FINE[0], BlockClaim("place", 0.3, 0.02, 0.7))), "chance", ["place", "chance", "0.70", "2.0%"]),
        (held(claims=(FINE[0], BlockClaim("place", 0.3, 0.02, 0.01))), "chance", ["too little", "10%", "2.0%"]),
        (held(closest=CLOSE), "named", ["0.92", "0.20", "rules describe", "0.83"]),
        (held(closest=ALL), "named", ["so large", "0.75"]),
        (held(), "unnamed", ["0.92", "0.20", "0.46", "0.70"]),
        (held(closest=None), "unnamed", ["0.92"]),
    ],
)
def test_the_reason_names_the_test_that_decided_and_its_figures(
    found: Verdict, status: str, figures: list[str]
) -> None:
    assert found.status == status
    assert [figure for figure in figures if figure not in found.why.en] == []
    assert "{" not in found.why.fr + found.why.en
    # The same figures, with the commas of French.
    numbers = [re.findall(r"\d+[.,]\d+", text.replace(",", ".")) for text in found.why]
    assert numbers[0] == numbers[1]
    assert not re.search(r"\d\.\d|\d%", found.why.fr)


def test_a_claim_that_the_cluster_does_not_rest_on_decides_nothing() -> None:
    indifferent = BlockClaim("place", 0.99, 0.0, 0.7)
    assert held(claims=(FINE[0], indifferent)).status == "unnamed"


def test_structure_says_every_test_and_the_correction() -> None:
    assert say_structure(Structure((CLOUD, DEALT))).en == (
        "Groups are there (p = 0.020, corrected, at most 0.05 is asked): behaviour against one cloud, p = 0.010; "
        "the place dealt again at random, p = 0.020."
    )
    assert say_structure(Structure((CLOUD,))).fr == (
        "Des groupes sont là (p = 0,010, il faut 0,05 au plus) : le comportement contre un seul nuage, p = 0,010."
    )
