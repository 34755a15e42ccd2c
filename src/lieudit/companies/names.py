r"""Names of companies, brought to one spelling by DuckDB: millions of a stock and those of a file alike.

Some spellings serve the comparison, as macros of a connection (:func:`name_macros`):

- ``name_fold(text)``: capitals and digits, one space between words, acronyms without their dots, ``&`` written out;
- ``name_plain(fold)``: less legal forms and articles, in the singular, abbreviations written out;
- ``name_core(plain)``: less the words that any company may bear (``ETS``, ``& CIE``);
- ``name_form(fold)``: the family of the legal form that the name tells, null where it tells none.

Natural persons have no place here: their names are not read from the stock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb

from lieudit.tables import literal

__all__ = ["FAMILIES", "family_of_code", "name_macros"]

# Words of the name that tell the legal form, by family: those of one family turn into one another, and are mistaken for
# one another, every day; a civil company that holds the walls is another company than the shop in them.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "property": ("SCI", "SOCIETE CIVILE IMMOBILIERE", "SCCV", "SOCIETE CIVILE DE CONSTRUCTION VENTE"),
    "commercial": (
        "SARL", "SARLU", "EURL", "SAS", "SASU", "SA", "SNC", "SCS", "SCA", "SCOP", "SCIC", "SELAS", "SELARL",
        "SOCIETE A RESPONSABILITE LIMITEE", "SOCIETE PAR ACTIONS SIMPLIFIEE UNIPERSONNELLE",
        "SOCIETE PAR ACTIONS SIMPLIFIEE", "ENTREPRISE UNIPERSONNELLE A RESPONSABILITE LIMITEE", "SOCIETE ANONYME",
        "SOCIETE EN NOM COLLECTIF", "SOCIETE EN COMMANDITE SIMPLE", "SOCIETE EN COMMANDITE PAR ACTIONS",
    ),
    "practice": ("SCP", "SCM", "SELURL", "SOCIETE CIVILE PROFESSIONNELLE", "SOCIETE CIVILE DE MOYENS"),
    "farm": ("EARL", "GAEC", "SCEA", "GFA", "GROUPEMENT AGRICOLE D EXPLOITATION EN COMMUN",
             "GROUPEMENT FONCIER AGRICOLE"),
    "association": ("ASSOCIATION", "ASSOC", "ASSO", "ASS"),
    "group": ("GIE", "GEIE", "GROUPEMENT D INTERET ECONOMIQUE"),
}  # fmt: skip
# INSEE's legal categories, in the same families; none for others (public bodies, unions, …).
_CODES: Final = (
    ("property", "BETWEEN '6540' AND '6544'"),
    ("farm", "IN ('6533', '6534', '6535', '6536', '6597', '6598')"),
    ("practice", "BETWEEN '6561' AND '6589'"),
    ("commercial", "BETWEEN '5202' AND '5800'"),
    ("group", "BETWEEN '6210' AND '6220'"),
    ("association", "BETWEEN '9210' AND '9260'"),
)

# Two spellings of one word. STE is as often SOCIETE as SAINTE: all three become one, and weigh little.
_SPELLINGS: Final = (
    ("STE", ("SOCIETE", "SAINTE", "SOC", "STES", "SAINTES")),
    ("ST", ("SAINT", "SAINTS", "STS")),
    ("FRERE", ("FRERES", "FRES", "FRS")),
    ("TRAVAUX", ("TRX", "TVX")),
    ("TRANSPORT", ("TRANSP", "TRSP", "TPTS", "TRANSPORTS")),
    ("CONSTRUCTION", ("CONST", "CONSTR", "CONSTRUCTIONS")),
    ("BATIMENT", ("BAT", "BATIM", "BATIMENTS")),
    ("ELECTRICITE", ("ELEC", "ELECT")),
    ("INTERNATIONAL", ("INTERNAT", "INTL", "INTERNATIONALE", "INTERNATIONALES", "INTERNATIONAUX")),
    ("GENERALE", ("GLE", "GENERAL", "GENERALES", "GENERAUX")),
    ("INDUSTRIE", ("IND", "INDUS", "INDUSTRIES", "INDUSTRIEL", "INDUSTRIELLE", "INDUSTRIELS")),
    ("DISTRIBUTION", ("DISTRIB", "DISTR", "DISTRIBUTIONS")),
    ("IMMOBILIER", ("IMMO", "IMMOB", "IMMOBILIERE", "IMMOBILIERS", "IMMOBILIERES")),
    ("AUTOMOBILE", ("AUTO", "AUTOS", "AUTOMOBILES")),
    ("RESTAURANT", ("RESTO", "REST", "RESTAU", "RESTAURANTS")),
    ("ASSOCIATION", ("ASSO", "ASSOC", "ASS", "ASSOCIATIONS")),
    ("COMITE", ("CTE",)),
    ("CENTRE", ("CTRE",)),
)
_ARTICLES: Final = ("LE", "LA", "LES", "L", "D", "DE", "DES", "DU", "A", "AU", "AUX", "EN", "ET", "SUR", "CHEZ", "PAR",
                    "POUR", "AND", "THE")  # fmt: skip
# What any company may put before or behind its name.
_COMMON: Final = ("STE", "ETS", "ETABLISSEMENT", "ETABT", "ETBS", "ETABS", "ENTREPRISE", "ENT", "CIE", "COMPAGNIE",
                  "GROUPE", "GROUP", "MONSIEUR", "MADAME", "M", "MR", "MME", "MM")  # fmt: skip


def _any(words: tuple[str, ...]) -> str:
    """Return the pattern of one of some words, the longest first."""
    return "\\b(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")\\b"


def name_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Make the macros ``name_fold``, ``name_plain``, ``name_core`` and ``name_form`` in a connection.

    Examples
    --------
    >>> from lieudit.tables import connect, fetch_one
    >>> con = connect(threads=1)
    >>> name_macros(con)
    >>> fold = "SELECT name_fold('Éts. Dupont & Cie (S.A.R.L.)') AS fold"
    >>> fetch_one(con, f"SELECT name_plain(fold), name_core(name_plain(fold)), name_form(fold) FROM ({fold})")
    ('ETS DUPONT CIE', 'DUPONT', 'commercial')
    """
    con.execute(f"CREATE OR REPLACE TEMP MACRO name_fold(text) AS {_fold('text')}")
    con.execute(f"CREATE OR REPLACE TEMP MACRO name_plain(fold) AS {_plain('fold')}")
    con.execute(f"CREATE OR REPLACE TEMP MACRO name_core(plain) AS {_core('plain')}")
    whens = " ".join(
        f"WHEN regexp_matches(fold, {literal(_any(words))}) THEN {literal(family)}"
        for family, words in FAMILIES.items()
    )
    con.execute(f"CREATE OR REPLACE TEMP MACRO name_form(fold) AS CASE {whens} END")


def family_of_code(code: str) -> str:
    """Return the SQL of the family of a legal category (``categorieJuridiqueUniteLegale``, as text)."""
    whens = " ".join(f"WHEN {code} {among} THEN {literal(family)}" for family, among in _CODES)
    return f"CASE {whens} END"


def _fold(text: str) -> str:
    # Entities and ligatures, then accents; elided articles; an acronym's dots ("S.N.C.F."), and its letters that stand
    # apart ("S N C F"): RE2 knows no look-ahead, so lone letters are marked first, then joined to their neighbours.
    sql = f"replace(replace(replace({text}, '&amp;', '&'), '&#39;', ''''), '’', '''')"
    sql = f"strip_accents(upper(replace(replace(replace(upper({sql}), 'Œ', 'OE'), 'Æ', 'AE'), 'ß', 'SS')))"
    sql = f"regexp_replace({sql}, '[&+]', ' ET ', 'g')"
    sql = f"regexp_replace({sql}, '\\b(?:[LDJNSMTC]|QU)''', ' ', 'g')"
    sql = f"regexp_replace({sql}, '\\b([A-Z])\\.', '\\1', 'g')"
    sql = f"regexp_replace({sql}, '[^A-Z0-9]+', ' ', 'g')"
    sql = f"regexp_replace({sql}, '\\b([A-Z])\\b', '_\\1_', 'g')"
    return f"trim(replace(replace({sql}, '_ _', ''), '_', ''))"


def _plain(fold: str) -> str:
    """Take legal forms and articles away; what is left of a name made of nothing else is that name."""
    forms = tuple(word for words in FAMILIES.values() for word in words if word not in FAMILIES["association"])
    less = _replace(fold, (*forms, *_ARTICLES), " ")
    spelt = "x"
    for spelling, others in _SPELLINGS:
        spelt = _replace(spelt, others, spelling)
    any_other = _any(tuple(word for _, words in _SPELLINGS for word in words))
    # Most names need none of the spellings: one pattern says so, sixteen times faster.
    spelt = _let(less, f"CASE WHEN regexp_matches(x, {literal(any_other)}) THEN {spelt} ELSE x END")
    single = f"regexp_replace({spelt}, '([A-Z]{{4}})[SX]\\b', '\\1', 'g')"
    return f"coalesce(nullif({_spaced(single)}, ''), {fold})"


def _core(plain: str) -> str:
    """Take away what does not name the company."""
    return f"coalesce(nullif({_spaced(_replace(plain, _COMMON, ' '))}, ''), {plain})"


def _spaced(text: str) -> str:
    return f"trim(regexp_replace({text}, ' +', ' ', 'g'))"


def _replace(text: str, words: tuple[str, ...], by: str) -> str:
    return f"regexp_replace({text}, {literal(_any(words))}, {literal(by)}, 'g')"


def _let(value: str, expression: str) -> str:
    """Return the SQL of an expression of ``x`` in which a value, reckoned once, stands for it."""
    return f"list_transform([{value}], lambda x: {expression})[1]"
