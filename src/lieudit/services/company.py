"""What services say of a company: codes, dates and figures, and no name of anybody.

A value counts only if it has the form of what it stands for. So masks (``[NON-DIFFUSIBLE]``, ``[ND]``) and whatever
else a service puts into a field never come through.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from typing import Any, Final

from lieudit.errors import InternalError
from lieudit.services.journal import Journal

__all__ = [
    "COMPANY_FOR",
    "NO_COMPANY_FOR",
    "Company",
    "Looked",
    "as_code",
    "as_count",
    "as_date",
    "as_euros",
    "as_truth",
    "check_identifier",
    "employs",
    "from_memory",
    "headcount",
    "of_establishment",
    "recalled",
    "to_memory",
]

_DAY: Final = 86_400
COMPANY_FOR: Final = 30 * _DAY  # seconds that an answer serves: the register is published anew each month
NO_COMPANY_FOR: Final = 7 * _DAY  # a company that is founded today is in it some days later

NAF: Final = re.compile(r"\d\d\.\d\d[A-Z]")
LEGAL_FORM: Final = re.compile(r"\d{4}")
COMMUNE: Final = re.compile(r"(?:\d\d|2[AB])\d{3}")
SIRET: Final = re.compile(r"\d{14}", re.ASCII)
CATEGORY: Final = re.compile(r"PME|ETI|GE")
_IDENTIFIER: Final = re.compile(r"\d{9}(?:\d{5})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ABSENT: Final = 2_147_483_647  # the greatest 32-bit integer stands for "none" in accounts


@dataclass(frozen=True, slots=True)
class Company:
    """What a service says of a company and, where a SIRET was asked for, of its establishment.

    Fields bear the names of ``schema.COMPANY_COLUMNS``; None is what the service does not say.

    Attributes
    ----------
    siren : str
    siret : str or None
        The establishment that was asked for, and that ``naf``, ``head_office``, ``company_state``, ``closed_on`` and
        ``commune`` are of; None where a SIREN was asked for, or where the service does not list the establishment:
        then they are the company's, and ``commune`` its head office's.
    founded, closed_on : str or None
        Dates, ``2014-04-29``.
    company_state : str or None
        ``open`` or ``closed``.
    successor_siret : str or None
        Of a closed establishment.
    diffusible : bool
        Nobody objected to its diffusion. Of a company that was not given out at all (status ``N``, until 2023), no
        more than this is kept.
    commune : str or None
        INSEE code.
    finances : dict of str to dict
        By year, ``{"2023": {"ca": 1000, "resultat_net": None}}`` in euros: what
        ``companies.accounts.answered_accounts`` takes.
    note : str
        ``unlisted_establishment`` where the company is known and the SIRET is not among its establishments.
    """

    siren: str
    siret: str | None = None
    naf: str | None = None
    naf_2025: str | None = None
    legal_form: str | None = None
    company_category: str | None = None
    headcount_min: int | None = None
    headcount_max: int | None = None
    employer: bool | None = None
    founded: str | None = None
    head_office: bool | None = None
    open_establishments: int | None = None
    company_state: str | None = None
    closed_on: str | None = None
    successor_siret: str | None = None
    diffusible: bool = False
    commune: str | None = None
    finances: dict[str, dict[str, int | None]] = field(default_factory=dict)
    note: str = ""


@dataclass
class Looked:
    """What became of identifiers.

    Attributes
    ----------
    companies : dict of str to Company or None
        By SIRET or SIREN as it was asked for; None where the service knows no such company.
    remembered, asked, deferred : int
        Identifiers that were known from before, that were answered now, and that were not; the sum is all of them.
    reason : str
        Why some were not.
    """

    companies: dict[str, Company | None] = field(default_factory=dict)
    remembered: int = 0
    asked: int = 0
    deferred: int = 0
    reason: str = ""

    def close(self, wanted: int) -> None:
        """Count, once all was asked that could be."""
        self.asked = len(self.companies) - self.remembered
        self.deferred = wanted - len(self.companies)


def check_identifier(identifier: str) -> str:
    """Return a SIRET or a SIREN, and nothing else: it is all that is ever sent.

    Raises
    ------
    InternalError
        It is neither; the message does not say what it is.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise InternalError("A company was to be looked up by something else than a SIRET or a SIREN.")
    return identifier


def recalled(journal: Journal, service: str, identifiers: Sequence[str]) -> Looked:
    """Return what the journal knows of companies."""
    known = journal.recall(service, identifiers, found_for=COMPANY_FOR, nothing_for=NO_COMPANY_FOR)
    companies = {identifier: from_memory(identifier, kept) for identifier, kept in known.items()}
    return Looked(companies, remembered=len(companies))


def to_memory(company: Company | None) -> dict[str, Any] | None:
    """Return what the journal keeps: what is known, less the identifier that was asked for."""
    if company is None:
        return None
    kept = asdict(company) | {"siren": None, "siret": company.siret and True}
    return {name: value for name, value in kept.items() if value not in (None, "", {})}


def from_memory(identifier: str, kept: Mapping[str, Any] | None) -> Company | None:
    """Return the company that :func:`to_memory` was given.

    Examples
    --------
    >>> company = Company("732829320", "73282932000074", headcount_min=0, employer=False)
    >>> from_memory("73282932000074", to_memory(company)) == company
    True
    """
    if kept is None:
        return None
    names = {column.name for column in fields(Company)} - {"siren", "siret"}
    return Company(
        siren=identifier[:9],
        siret=identifier if kept.get("siret") else None,
        **{name: value for name, value in kept.items() if name in names},
    )


def as_code(value: object, form: re.Pattern[str]) -> str | None:
    """Return a text that has a form, else None.

    Examples
    --------
    >>> as_code("53.10Z", NAF), as_code("[NON-DIFFUSIBLE]", NAF), as_code(5310, NAF)
    ('53.10Z', None, None)
    """
    return value if isinstance(value, str) and value.isascii() and form.fullmatch(value) else None


def as_date(value: object) -> str | None:
    """Return a date of the calendar, else None.

    Examples
    --------
    >>> as_date("2014-04-29"), as_date("2014-02-30"), as_date("0000-00-00")
    ('2014-04-29', None, None)
    """
    text = as_code(value, _DATE)
    try:
        return text and dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def as_count(value: object) -> int | None:
    """Return a number of things, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _ABSENT else None


def as_euros(value: object) -> int | None:
    """Return an amount, else None.

    Examples
    --------
    >>> as_euros(-50), as_euros(1e6), as_euros(2147483647), as_euros("[NON-DIFFUSIBLE]")
    (-50, 1000000, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
    return None if abs(value) == _ABSENT else round(value)


def as_truth(value: object) -> bool | None:
    """Return a truth value, else None."""
    return value if isinstance(value, bool) else None


def of_establishment(company: Company, own: Company) -> Company:
    """Return what is said of an establishment, from what is said of its company and of itself.

    The rules are those of the stock on disk (:mod:`lieudit.companies.stock`): the establishment's activity where it has
    one, else the company's; closed where either is; to be passed on where neither objected. The company's code of
    NAF 2025 stands for an establishment of the same activity only.

    Examples
    --------
    >>> company = Company("732829320", naf="70.10Z", naf_2025="70.10Y", company_state="closed", closed_on="2020-01-01")
    >>> own = Company("732829320", "73282932000074", company_state="open", diffusible=True)
    >>> shown = of_establishment(company, own)
    >>> shown.siret, shown.naf, shown.naf_2025, shown.company_state, shown.closed_on
    ('73282932000074', '70.10Z', '70.10Y', 'closed', '2020-01-01')
    >>> of_establishment(company, replace(own, naf="47.11B")).naf_2025 is None
    True
    """
    shut = own.company_state == "closed"
    ceased = company.company_state == "closed"
    return replace(
        company,
        siret=own.siret,
        naf=own.naf or company.naf,
        naf_2025=own.naf_2025 or (company.naf_2025 if own.naf in {None, company.naf} else None),
        head_office=own.head_office,
        company_state="closed" if shut or ceased else own.company_state or company.company_state,
        closed_on=own.closed_on if shut else company.closed_on,
        diffusible=company.diffusible and own.diffusible,
        commune=own.commune,
    )


def headcount(band: object) -> tuple[int | None, int | None]:
    """Return the bounds of a headcount band of Sirene.

    Examples
    --------
    >>> headcount("12"), headcount("53"), headcount("NN"), headcount(None)
    ((20, 49), (10000, None), (None, None), (None, None))
    """
    return _bands().get(band, (None, None)) if isinstance(band, str) else (None, None)


def employs(sign: object, band: object) -> bool | None:
    """Tell an employer by its sign, else by its headcount band, as the stock on disk does.

    Examples
    --------
    >>> employs("N", "12"), employs(None, "12"), employs([], "NN"), employs(None, "00"), employs("[ND]", None)
    (False, True, False, None, None)
    """
    if isinstance(sign, str) and sign in {"O", "N"}:
        return sign == "O"
    lowest, _ = headcount(band)
    return True if lowest else False if band == "NN" else None


@cache
def _bands() -> dict[str, tuple[int | None, int | None]]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only where a company is looked up

    from lieudit.catalogue import open_catalogue  # noqa: PLC0415

    rows = pq.read_table(open_catalogue().source("headcount_bands").path()).to_pylist()
    return {row["band"]: (row["headcount_min"], row["headcount_max"]) for row in rows}
