"""What a reader of the results should know, in sentences of both languages. Counts only, never people."""

from __future__ import annotations

from lieudit.features import Assembled
from lieudit.rfm_analysis import Counts
from lieudit.schema import Text

__all__ = ["remarks_on_customers", "remarks_on_lines"]

_REASONS = {
    "no_customer": Text("sans client", "without a customer"),
    "no_date": Text("sans date", "without a date"),
    "invalid_date": Text("à une date impossible", "with an impossible date"),
    "no_amount": Text("sans montant", "without an amount"),
}


def remarks_on_lines(counts: Counts) -> list[Text]:
    """Say which transaction lines were left out, and why."""
    found = []
    for reason, n in counts.rejected.items():
        if n:
            what = _REASONS.get(reason, Text(reason, reason))
            found.append(Text(f"{n} lignes {what.fr} ont été mises de côté.", f"{n} lines {what.en} were set aside."))
    if counts.after_as_of:
        n = counts.after_as_of
        found.append(Text(f"{n} lignes postérieures à la date de référence ont été écartées.",
                          f"{n} lines after the reference day were left out."))  # fmt: skip
    if counts.outside_window:
        n = counts.outside_window
        found.append(Text(f"{n} lignes antérieures à la fenêtre ont été écartées.",
                          f"{n} lines before the window were left out."))  # fmt: skip
    return found


def remarks_on_customers(assembled: Assembled) -> list[Text]:
    """Say which customers have no orders, and which orders no known customer."""
    found = []
    if n := assembled.strangers:
        found.append(Text(f"{n} clients des commandes ne figurent pas dans le fichier clients.",
                          f"{n} customers of the orders are not in the customer file."))  # fmt: skip
    if n := assembled.rows - assembled.with_orders:
        found.append(Text(f"{n} clients sans commande ont été classés d'après leur seul lieu.",
                          f"{n} customers without orders were placed by their place alone."))  # fmt: skip
    return found
