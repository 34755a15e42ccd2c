"""What a cluster is held to be, and the figures that decided."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from lieudit.schema import Text
from lieudit.segment.candidates import APART, STABLE, Candidate
from lieudit.segment.claims import ALPHA, LEAST, BlockClaim
from lieudit.segment.compare import ClosestRule
from lieudit.segment.evidence import BlockTest, Evidence, Structure

__all__ = ["DESCRIBED", "Status", "Verdict", "say_structure", "verdict"]

Status = Literal["unnamed", "named", "unstable", "chance"]
# A cluster is described by a rule segment, or a union of them, from this F1 on.
DESCRIBED: Final = 0.7
_BLOCKS: Final = {
    "behaviour": Text("le comportement", "behaviour"), "place": Text("le lieu", "the place"),
    "company": Text("l'entreprise", "the company"), "declared": Text("le déclaré", "what was declared"),
}  # fmt: skip
_NULLS: Final = {"one cloud": Text("contre un seul nuage", "against one cloud"),
                 "dealt again": Text("redistribué au hasard", "dealt again at random")}  # fmt: skip


class Verdict(NamedTuple):
    """A status, and why: which test decided, with its figures."""

    status: Status
    why: Text


def verdict(
    winner: Candidate, evidence: Evidence, cluster: int, share: float, closest: ClosestRule | None, min_share: float
) -> Verdict:
    """Say what a cluster is: the first test that it fails, or that it passes them all.

    Parameters
    ----------
    winner : Candidate
        Its measures, cluster by cluster.
    evidence : Evidence
        What the tests say of it.
    cluster : int
    share : float
        Of all customers.
    closest : ClosestRule or None
        None where no customer has a rule segment.
    min_share : float
        Fewer are too few to act on.
    """
    stability, apart = winner.stability[cluster], winner.apart[cluster]
    why = _unstable(stability, share, min_share)
    if why is not None:
        return Verdict("unstable", why)
    why = _alone(winner.n_clusters, apart) or _chance(evidence, cluster)
    if why is not None:
        return Verdict("chance", why)
    return _beside_rules(stability, apart, closest)


def _unstable(stability: float, share: float, min_share: float) -> Text | None:
    if stability < STABLE:
        return _text(
            "Refait sur des échantillons, il ne revient pas assez : Jaccard de {}, il faut {}.",
            "Made again on resamples, it does not come back enough: Jaccard {}, at least {} is asked.",
            f"{stability:.2f}", f"{STABLE:.2f}")  # fmt: skip
    if share < min_share:
        return _text(
            "Trop petit pour agir : {} des clients, il faut {} (train.min_share).",
            "Too small to act on: {} of customers, at least {} is asked (train.min_share).",
            f"{share:.1%}", f"{min_share:.1%}")  # fmt: skip
    return None


def _alone(n_clusters: int, apart: float) -> Text | None:
    if n_clusters < 2:
        return Text("C'est le seul groupe : il ne se distingue d'aucun autre.",
                    "It is the only group: nothing tells it from another.")  # fmt: skip
    if apart > APART:
        return _text(
            "Aucune vallée nette ne le sépare d'un voisin : au plus creux, la densité est à {} de la crête la plus "
            "basse, il faut {} au plus. Un nuage coupé en morceaux a cet air-là.",
            "No clear valley parts it from a neighbour: at its deepest, density is at {} of the lower crest, at most "
            "{} is asked. A cloud cut in parts looks the same.",
            f"{apart:.2f}", f"{APART:.2f}")  # fmt: skip
    return None


def _chance(evidence: Evidence, cluster: int) -> Text | None:
    """Say which null makes the cluster too."""
    if not evidence.structure.found:
        return say_structure(evidence.structure)
    if not evidence.chance(cluster):
        return None
    return _say_claim(next(one for one in evidence.claims[cluster] if one.depends and not one.holds))


def say_structure(structure: Structure) -> Text:
    """Say whether groups are there at all, and the p-value of each test."""
    head = _text(
        "Des groupes sont là" if structure.found else "Aucune structure n'a été trouvée",
        "Groups are there" if structure.found else "No structure was found",
    )
    parts = [_say_test(test) for test in structure.tests]
    p_value = _p(structure.p_value)
    corrected = Text(", corrigé", ", corrected") if len(parts) > 1 else Text("", "")
    return _text(
        f"{head.fr} (p = {{}}{corrected.fr}, il faut {{}} au plus) : {' ; '.join(part.fr for part in parts)}.",
        f"{head.en} (p = {{}}{corrected.en}, at most {{}} is asked): {'; '.join(part.en for part in parts)}.",
        p_value, f"{ALPHA:.2f}")  # fmt: skip


def _say_test(test: BlockTest) -> Text:
    block, null = _BLOCKS[test.block], _NULLS[test.null]
    if not test.simulations:
        return Text(f"{block.fr}, aucune vallée entre groupes stables", f"{block.en}, no valley between stable groups")
    return _text(f"{block.fr} {null.fr}, p = {{}}", f"{block.en} {null.en}, p = {{}}", _p(test.p_value))


def _say_claim(claim: BlockClaim) -> Text:
    """Say in which block, that the cluster depends on, chance makes as much."""
    block, p_value = _BLOCKS[claim.block], _p(claim.p_value)
    if claim.displaced is None:
        return _text(
            f"Il repose sur {block.fr}, où un seul nuage se sépare autant (p = {{}}).",
            f"It rests on {block.en}, where one cloud is as separated (p = {{}}).",
            p_value)  # fmt: skip
    if claim.p_value > ALPHA:
        return _text(
            f"Il repose sur {block.fr}, mais le hasard en fait autant : redistribué entre les clients, p = {{}} "
            "({} de ceux qui lui ressemblent sont ailleurs que les autres).",
            f"It rests on {block.en}, but chance makes as much: dealt again among customers, p = {{}} ({{}} of those "
            "like it are elsewhere than the others).",
            p_value, f"{claim.displaced:.1%}")  # fmt: skip
    return _text(
        f"Il repose sur {block.fr}, mais trop peu : {{}} de ceux qui lui ressemblent sont ailleurs que les autres, "
        "il faut {} (p = {}).",
        f"It rests on {block.en}, but too little: {{}} of those like it are elsewhere than the others, at least {{}} "
        "is asked (p = {}).",
        f"{claim.displaced:.1%}", f"{LEAST:.0%}", p_value)  # fmt: skip


def _beside_rules(stability: float, apart: float, closest: ClosestRule | None) -> Verdict:
    held = _text(
        "Il revient (Jaccard de {}), une vallée le sépare des autres ({}), et le hasard n'en fait pas autant",
        "It comes back (Jaccard {}), a valley parts it from the others ({}), and chance makes no such group",
        f"{stability:.2f}", f"{apart:.2f}")  # fmt: skip
    if closest is None:
        return Verdict("unnamed", Text(f"{held.fr}.", f"{held.en}."))
    if closest.f1 < DESCRIBED:
        return Verdict("unnamed", _text(
            f"{held.fr} ; aucune réunion de règles ne le décrit (F1 de {{}} au mieux, sous {{}}).",
            f"{held.en}; no union of rules describes it (best F1 {{}}, under {{}}).",
            f"{closest.f1:.2f}", f"{DESCRIBED:.2f}"))  # fmt: skip
    if closest.telling:
        return Verdict("named", _text(f"{held.fr} ; des règles le décrivent (F1 de {{}}).",
                                      f"{held.en}; rules describe it (F1 {{}}).", f"{closest.f1:.2f}"))  # fmt: skip
    return Verdict("named", _text(
        f"{held.fr} ; si grand que toutes les règles ensemble le « décrivent » (F1 de {{}}).",
        f"{held.en}; so large that all rules together “describe” it (F1 {{}}).",
        f"{closest.f1:.2f}"))  # fmt: skip


def _p(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _text(fr: str, en: str, *figures: str) -> Text:
    """Put figures into both sentences, with a decimal comma in French."""
    own = [one.replace(".", ",").replace("%", " %") for one in figures]
    return Text(fr.format(*own), en.format(*figures))
