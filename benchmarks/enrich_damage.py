"""How often damaged addresses find their commune: each kind of damage, and each confidence.

Run with ``python -m benchmarks.enrich_damage``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from benchmarks._enrich_damages import Case, cases
from lieudit.catalogue import open_catalogue
from lieudit.enrichment.answer import Answer
from lieudit.enrichment.index import read_index
from lieudit.enrichment.resolve import Resolver

ROWS = 20_000


class Outcome(NamedTuple):
    """Counts of rows: the right commune (or rightly none), a wrong one, none where there is one."""

    right: int
    wrong: int
    silent: int


class Verdict(NamedTuple):
    """What became of the damaged addresses.

    Attributes
    ----------
    kinds : dict of str to Outcome
    confidences : dict of float to Outcome
        Of the answers given at each confidence.
    missed : list of (Case, Answer)
        What was not right.
    """

    kinds: dict[str, Outcome]
    confidences: dict[float, Outcome]
    missed: list[tuple[Case, Answer]]

    @property
    def total(self) -> Outcome:
        """All kinds together."""
        return Outcome(*(sum(column) for column in zip(*self.kinds.values(), strict=True)))


def judge(resolver: Resolver, rows: int, seed: int = 0) -> Verdict:
    """Resolve damaged addresses, and compare with what they were."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    confidences: dict[float, Counter[str]] = defaultdict(Counter)
    missed = []
    for one in cases(rows, seed):
        answer = resolver.resolve_address(one.address, one.postcode, one.city)
        outcome = "right" if answer.commune == one.commune else "wrong" if answer.commune else "silent"
        kinds[one.kind][outcome] += 1
        if answer.commune:
            confidences[answer.confidence][outcome] += 1
        if outcome != "right":
            missed.append((one, answer))

    def outcomes(counts: Counter[str]) -> Outcome:
        return Outcome(counts["right"], counts["wrong"], counts["silent"])

    return Verdict(
        {kind: outcomes(counts) for kind, counts in kinds.items()},
        {confidence: outcomes(counts) for confidence, counts in sorted(confidences.items())},
        missed,
    )


def main() -> None:
    """Print the outcome of each kind, of each confidence, and of all."""
    verdict = judge(Resolver(read_index(open_catalogue())), ROWS)
    for kind, (right, wrong, silent) in [*verdict.kinds.items(), ("all", verdict.total)]:
        total = right + wrong + silent
        shares = f"{right / total:7.2%} right {wrong / total:7.2%} wrong {silent / total:7.2%} silent"
        print(f"{kind:18} {total:6} rows: {shares}")
    for confidence, (right, wrong, _) in verdict.confidences.items():
        print(f"confidence {confidence:.2f}: right {right / (right + wrong):.2%} of {right + wrong}")


if __name__ == "__main__":
    main()
