"""What a reader of the results should know, in sentences of both languages. Counts only, never people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lieudit.schema import Text

if TYPE_CHECKING:
    from lieudit.enrichment.asked import Asked
    from lieudit.features import Assembled
    from lieudit.rfm_analysis import Counts

__all__ = ["count_text", "remarks_on_customers", "remarks_on_enrichment", "remarks_on_lines"]

_REASONS = {
    "no_customer": Text("sans client", "without a customer"),
    "no_date": Text("sans date", "without a date"),
    "invalid_date": Text("à une date impossible", "with an impossible date"),
    "no_amount": Text("sans montant", "without an amount"),
}


def remarks_on_enrichment(asked: Sequence[Asked], *, left_out: int = 0, unknown: int = 0) -> list[Text]:
    """Say how many questions services were not asked, and why; and how many rows were left out.

    Parameters
    ----------
    asked : sequence of Asked
    left_out : int
        Rows of companies that object to what they are wanted for.
    unknown : int
        Rows that stay although nothing says whether their companies object.
    """
    found = [
        count_text(
            each.deferred,
            f"{{}} {each.what.fr} restent à demander ({each.reason}) : relancez la commande plus tard.",
            f"{{}} {each.what.en} are deferred: {each.reason} Run the command again later; what was answered is kept.",
        )
        for each in asked
        if each.deferred
    ]
    objecting = _count(left_out, "{} lignes d'entreprises qui s'opposent à la prospection ont été écartées.",
                       "{} rows of companies that object to prospecting were left out.")  # fmt: skip
    silent = _count(unknown, "{} lignes restent dont on ne sait si l'entreprise s'oppose à la prospection.",
                    "{} rows stay of which it is not known whether their companies object to prospecting.")  # fmt: skip
    return [*found, *(text for text in (objecting, silent) if text is not None)]


def remarks_on_lines(counts: Counts) -> list[Text]:
    """Say which transaction lines were left out, and why."""
    found = []
    for reason, n in counts.rejected.items():
        what = _REASONS.get(reason, Text(reason, reason))
        found.append(
            _count(n, f"{{}} lignes {what.fr} ont été mises de côté.", f"{{}} lines {what.en} were set aside.")
        )
    found.append(_count(counts.after_as_of, "{} lignes postérieures à la date de référence ont été écartées.",
                        "{} lines after the reference day were left out."))  # fmt: skip
    found.append(_count(counts.outside_window, "{} lignes antérieures à la fenêtre ont été écartées.",
                        "{} lines before the window were left out."))  # fmt: skip
    return [text for text in found if text is not None]


def remarks_on_customers(assembled: Assembled) -> list[Text]:
    """Say which customers have no orders, and which orders no known customer."""
    found = (
        _count(assembled.strangers, "{} clients des commandes ne figurent pas dans le fichier clients.",
               "{} customers of the orders are not in the customer file."),
        _count(assembled.rows - assembled.with_orders,
               "{} clients sans commande ont été classés selon ce que l'on sait d'autre sur eux.",
               "{} customers without orders were placed by what else is known of them."),
    )  # fmt: skip
    return [text for text in found if text is not None]


def _count(n: int, fr: str, en: str) -> Text | None:
    return count_text(n, fr, en) if n else None


def count_text(n: int, fr: str, en: str) -> Text:
    """Put a count into both sentences, its digits grouped as each language does."""
    return Text(fr.format(f"{n:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")), en.format(f"{n:,}"))
