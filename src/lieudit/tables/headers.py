"""Which column plays which role, from the headers and from what the user says."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence

from lieudit.errors import TableError
from lieudit.tables.expression import columns_of
from lieudit.tables.synonyms import CUSTOMER, NEUTRAL, QUALIFIERS, TRANSACTION
from lieudit.tables.table import Table, no_column

logger = logging.getLogger(__name__)

_SYNONYMS = CUSTOMER | TRANSACTION
_EXPRESSIONS = ("amount",)  # roles for which an expression over columns may stand
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBER_SIGN = re.compile(r"\b[nN][°º]")


def recognise(table: Table, roles: Sequence[str], given: Mapping[str, str | None]) -> dict[str, str]:
    """Find the column of each role.

    A column that the user names wins. For the others each role has a list of headers, the surest first
    (``lieudit.tables.synonyms``), compared without accents, case and punctuation; a header with a word such
    as ``livraison`` or ``billing`` comes after one without, in the order of the list of such words. A column
    plays one role at most among those recognised, in the order of ``roles``.

    Parameters
    ----------
    table : Table
    roles : sequence of str
        Of ``schema.CUSTOMER_ROLES`` or ``schema.TRANSACTION_ROLES``.
    given : mapping of role to column or None
        What the user names. For ``amount``, an expression over columns may stand: ``Quantity * Price``.

    Returns
    -------
    dict of role to column
        Without the roles for which the table has no column.

    Raises
    ------
    TableError
        A named column does not exist (the nearest are shown), or two columns have an equal claim to a role.
    """
    found = {role: _named(table, role, value) for role in roles if (value := given.get(role)) is not None}
    taken = set(found.values())
    for role in roles:
        if role in found:
            continue
        column = _claim(table, role, [name for name in table.columns if name not in taken])
        if column is not None:
            found[role] = column
            taken.add(column)
    logger.info("%s: %s", table.origin, ", ".join(f"{role} = '{column}'" for role, column in found.items()))
    return {role: found[role] for role in roles if role in found}


def fold(header: str) -> str:
    """Take accents, case, spaces and punctuation off a header.

    Examples
    --------
    >>> fold("N° SIRET"), fold("Code Postal"), fold("InvoiceDate"), fold("adresse_1")
    ('nsiret', 'codepostal', 'invoicedate', 'adresse1')
    """
    return "".join(words(header))


def words(header: str) -> list[str]:
    """Cut a header into words, at punctuation and where its case changes.

    Examples
    --------
    >>> words("dateDeCommande"), words("Montant TTC (€)"), words("n°commande")
    (['date', 'de', 'commande'], ['montant', 'ttc'], ['n', 'commande'])
    """
    plain = unicodedata.normalize("NFKD", _NUMBER_SIGN.sub("n ", _CAMEL.sub(" ", header)))
    return re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)).lower())


def _named(table: Table, role: str, value: str) -> str:
    """Check a column that the user names; its case and accents may be off, if one column alone answers."""
    if value in table.columns:
        return value
    computed = role in _EXPRESSIONS and re.search(r"[-+*/()]", value)
    for form in (str.casefold,) if computed else (str.casefold, fold):
        alike = [column for column in table.columns if form(column) == form(value)]
        if len(alike) == 1:
            return alike[0]
    if computed:
        columns_of(value, table)
        return value
    raise no_column(table, value, fix=f"Name the column of the role '{role}' as it stands in the header.")


def _claim(table: Table, role: str, columns: Sequence[str]) -> str | None:
    ranked = sorted((rank, column) for column in columns if (rank := _rank(role, column)) is not None)
    if not ranked:
        return None
    best = [column for rank, column in ranked if rank == ranked[0][0]]
    if len(best) > 1:
        shown = " and ".join(f"'{column}'" for column in sorted(best, key=table.columns.index))
        raise TableError(
            f"{table.origin} has several columns for the role '{role}': {shown}.",
            expected="one of them",
            fix=f"Choose it: --{role} '{best[0]}' (enrich, rfm), --column {role}='{best[0]}' (score), or {role}: in "
            "the configuration.",
        )
    return best[0]


def _rank(role: str, column: str) -> tuple[int, int] | None:
    """Return how sure a header is: place among the qualifiers, then among the synonyms; None: not at all."""
    synonyms = _SYNONYMS[role]
    parts = words(column)
    telling = [part for part in parts if part not in NEUTRAL]
    for rank, form in enumerate((parts, telling)):
        if "".join(form) in synonyms:
            return (rank, synonyms.index("".join(form)))
    bare = "".join(part for part in telling if part not in QUALIFIERS)
    if bare not in synonyms:
        return None
    return (2 + min(QUALIFIERS.index(part) for part in telling if part in QUALIFIERS), synonyms.index(bare))
