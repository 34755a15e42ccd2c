"""Numbers and dates as a French or an English reader writes them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from lieudit.config.model import Language

__all__ = ["date_text", "interval", "money", "number", "percent", "typeset"]

# French typography (Lexique des règles typographiques en usage à l'Imprimerie nationale): a thin no-break space groups
# thousands and stands before ; ? ! and %, a full no-break space before : and inside guillemets.
THIN: Final = "\u202f"
NO_BREAK: Final = "\u00a0"
_MONTHS: Final = {
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"),
}  # fmt: skip


def number(value: float | None, lang: Language, decimals: int = 0) -> str:
    r"""Write a number; a dash where there is none.

    Examples
    --------
    >>> number(1234.5, "fr", 1).replace("\u202f", " "), number(1234.5, "en", 1), number(None, "en")
    ('1 234,5', '1,234.5', '–')
    """
    if value is None:
        return "–"
    # Adding 0.0 turns a negative zero, as -0.2 rounds to, into zero.
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")
    return text.replace(",", THIN).replace(".", ",") if lang == "fr" else text


def percent(share: float | None, lang: Language, decimals: int = 0) -> str:
    """Write a share as a percentage; what is above 0 but rounds to 0 is said to be less than 1.

    Examples
    --------
    >>> percent(0.256, "en"), percent(0.001, "en"), percent(0.999, "en")
    ('26%', '<1%', '>99%')
    """
    if share is None:
        return "–"
    sign = f"{THIN}%" if lang == "fr" else "%"
    unit = 10.0**-decimals
    if 0 < share * 100 < unit / 2:
        return f"<{number(unit, lang, decimals)}{sign}"
    if 100 - unit / 2 <= share * 100 < 100:
        return f">{number(100 - unit, lang, decimals)}{sign}"
    return f"{number(share * 100, lang, decimals)}{sign}"


def interval(low: float, high: float, lang: Language, decimals: int) -> str:
    r"""Write an interval, with more decimals where it lies on one side of zero and an end would be written as zero.

    Examples
    --------
    >>> interval(-0.004, 0.01, "en", 3), interval(0.0004, 0.014, "en", 3)
    ('[−0.004, 0.010]', '[0.0004, 0.0140]')
    """
    near = min(abs(low), abs(high))
    if low * high > 0:
        decimals = next((more for more in range(decimals, 6) if round(near, more)), 6)
    ends = [number(end, lang, decimals) for end in (low, high)]
    return f"[{f'{THIN}; '.join(ends)}]" if lang == "fr" else f"[{', '.join(ends)}]"


def money(value: float | None, lang: Language, decimals: int = 0) -> str:
    r"""Write an amount in euros.

    Examples
    --------
    >>> money(1234, "en"), money(1234, "fr").replace("\u202f", " ").replace("\u00a0", " ")
    ('€1,234', '1 234 €')
    """
    if value is None:
        return "–"
    amount = number(value, lang, decimals)
    if lang == "fr":
        return f"{amount}{NO_BREAK}€"
    return f"−€{amount[1:]}" if amount.startswith("−") else f"€{amount}"


def date_text(value: str | None, lang: Language) -> str:
    r"""Write an ISO date in words; other text is left as it is.

    Examples
    --------
    >>> date_text("2025-12-31", "en").replace("\u00a0", " ")
    '31 December 2025'
    """
    if value is None:
        return "–"
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return value
    first = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{first}{NO_BREAK}{_MONTHS[lang][day.month - 1]} {day.year}"


def typeset(text: str, lang: Language) -> str:
    """Put curly apostrophes into a text, and the no-break spaces of French typography."""
    text = text.replace("'", "’")
    if lang == "en":
        return text
    text = re.sub(r" ([;?!%])", THIN + r"\1", text)
    text = re.sub(r" ([:»€])", NO_BREAK + r"\1", text)
    return text.replace("« ", "«" + NO_BREAK)
