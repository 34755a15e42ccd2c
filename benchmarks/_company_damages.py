"""Companies as customer files name them: the ways in which a name and a place lose their spelling."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

__all__ = ["KINDS", "Case", "cases"]


class Case(NamedTuple):
    """A damaged company; ``siren`` is ``""`` where it is not in the stock."""

    kind: str
    name: str
    postcode: str
    city: str
    siren: str


class _Company(NamedTuple):
    siren: str
    name: str
    sigle: str | None
    sign: str | None
    postcode: str
    city: str


_FORMS: Final = ("SARL", "SAS", "EURL", "SASU", "SA", "SNC", "SCI")
_SHORT: Final = {
    "ETABLISSEMENTS": "ETS", "SOCIETE": "STE", "TRANSPORTS": "TRANSP.", "BATIMENT": "BAT.", "CONSTRUCTION": "CONSTR.",
    "ELECTRICITE": "ELEC", "AUTOMOBILES": "AUTO", "IMMOBILIER": "IMMO", "INTERNATIONAL": "INTL", "FRERES": "FRES",
    "DISTRIBUTION": "DISTRIB", "RESTAURATION": "RESTO", "ASSOCIATION": "ASSO", "MENUISERIE": "MENUIS.",
    "PLOMBERIE": "PLOMB.", "MACONNERIE": "MACON.", "BOULANGERIE": "BOUL.", "INFORMATIQUE": "INFO", "GARAGE": "GAR.",
    "ASSURANCES": "ASS.", "SERVICES": "SCES", "PATISSERIE": "PATISS.", "CHAUFFAGE": "CHAUFF.", "COUVERTURE": "COUV.",
}  # fmt: skip
_ACCENTS: Final = {"BOULANGERIE": "Boulangerie", "ELECTRICITE": "Électricité", "RENOVATION": "Rénovation",
                   "SECURITE": "Sécurité", "MACONNERIE": "Maçonnerie", "GEOMETRES": "Géomètres",
                   "MARECHAL": "Maréchal",
                   "LEVEQUE": "Lévêque", "SOCIETE": "Société", "FRERES": "Frères",
                   "PATISSERIE": "Pâtisserie"}  # fmt: skip


def _typo(name: str, rng: random.Random) -> str:
    """Miss one letter of a word of four letters or more: left out, doubled, swapped, or another one."""
    words = name.split()
    long = [place for place, word in enumerate(words) if len(word) >= 4]
    if not long:
        return name
    place = rng.choice(long)
    word, at = words[place], rng.randrange(1, len(words[place]) - 1)
    other = rng.choice(string.ascii_uppercase)
    words[place] = rng.choice((
        word[:at] + word[at + 1 :], word[: at + 1] + word[at:], word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + other + word[at + 1 :],
    ))  # fmt: skip
    return " ".join(words)


def _bare(name: str) -> str:
    return " ".join(word for word in name.split() if word not in _FORMS)


def _form_added(name: str, rng: random.Random) -> str:
    bare = _bare(name)
    form = rng.choice(("SARL", "SAS", "SARL", "S.A.R.L.", "SA", "EURL"))
    return f"{form} {bare}" if rng.random() < 0.5 else f"{bare} {form}"


def _form_moved(name: str, rng: random.Random) -> str:
    del rng
    words = name.split()
    if words[0] in _FORMS:
        return " ".join(words[1:]) + f" ({words[0]})"
    return f"{words[-1]} {' '.join(words[:-1])}" if words[-1] in _FORMS else name


def _abbreviated(name: str, rng: random.Random) -> str:
    del rng
    return " ".join(_SHORT.get(word, word) for word in name.split()).replace(" ET ", " & ")


def _swapped(name: str, rng: random.Random) -> str:
    words = name.split()
    at = rng.randrange(len(words) - 1) if len(words) > 1 else 0
    words[at : at + 2] = reversed(words[at : at + 2])
    return " ".join(words)


def _dropped(name: str, rng: random.Random) -> str:
    words = _bare(name).split()
    left = [place for place, word in enumerate(words) if len(word) > 3]
    if len(left) < 3:  # what is left must still be a name
        return name
    del words[rng.choice(left)]
    return " ".join(words)


def _cased(name: str, rng: random.Random) -> str:
    written = " ".join(_ACCENTS.get(word, word.capitalize()) for word in name.split())
    return written if rng.random() < 0.7 else name.lower()


def _punctuated(name: str, rng: random.Random) -> str:
    return name.replace(" ET ", " & ").replace("SARL", "S.A.R.L.").replace(" ", rng.choice((" ", "  ", "-", " ")))


_NAMED: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "as it is": lambda name, _: name,
    "one typo": _typo,
    "two typos": lambda name, rng: _typo(_typo(name, rng), rng),
    "legal form dropped": lambda name, _: _bare(name),
    "legal form added": _form_added,
    "legal form moved": _form_moved,
    "abbreviated": _abbreviated,
    "words swapped": _swapped,
    "word dropped": _dropped,
    "case and accents": _cased,
    "punctuation": _punctuated,
}
KINDS: Final = (*_NAMED, "acronym", "trade name", "city missing", "postcode missing", "postcode wrong",
                "several at once", "not in the stock")  # fmt: skip
_ABSENT: Final = 0.2


def cases(folder: Path, rows: int, seed: int = 0) -> tuple[list[Case], list[str]]:
    """Draw companies of a stock and damage them.

    Parameters
    ----------
    folder : Path
        A stock, from :func:`benchmarks._company_names.rename`.
    rows, seed : int

    Returns
    -------
    cases : list of Case
        One in five is of a company that is to be left out of the stock.
    absent : list of str
        The SIRENs to leave out.
    """
    rng = random.Random(seed)  # noqa: S311
    companies = _companies(folder)
    rng.shuffle(companies)
    absent = {company.siren for company in companies[: round(rows * _ABSENT)]}
    out = [case for case in companies if case.siren in absent][: round(rows * _ABSENT)]
    present = [company for company in companies if company.siren not in absent]
    found = _spread(present, rows - len(out), rng)
    lost = [_damage(company, rng.choice(KINDS[:-1]), rng)._replace(kind=KINDS[-1], siren="") for company in out]
    return found + lost, sorted(absent)


def _spread(companies: list[_Company], rows: int, rng: random.Random) -> list[Case]:
    """Damage each company in the way that was used least so far, of those that change anything of it."""
    found: list[Case] = []
    used = dict.fromkeys(KINDS[:-1], 0)
    for company in companies[:rows]:
        for kind in sorted(used, key=lambda kind: used[kind]):
            case = _damage(company, kind, rng)
            if kind == "as it is" or (case.name, case.postcode, bool(case.city)) != (
                company.name,
                company.postcode,
                True,
            ):
                used[kind] += 1
                found.append(case)
                break
    return found


def _companies(folder: Path) -> list[_Company]:
    """Nine establishments in ten are open ones: customers mostly are."""
    units, sites = (folder / f"Stock{what}_utf8.parquet" for what in ("UniteLegale", "Etablissement"))
    rows = duckdb.connect().execute(
        f"""SELECT siren, denominationUniteLegale, sigleUniteLegale, enseigne1Etablissement, codePostalEtablissement,
                   libelleCommuneEtablissement
            FROM '{sites}' JOIN '{units}' USING (siren)
            WHERE denominationUniteLegale IS NOT NULL AND codePostalEtablissement IS NOT NULL
              AND (etatAdministratifEtablissement = 'A' OR hash(siret) % 20 = 0)
            QUALIFY row_number() OVER (PARTITION BY siren ORDER BY hash(siret)) = 1 ORDER BY siren"""
    )
    return [_Company(*row) for row in rows.fetchall()]


def _damage(company: _Company, kind: str, rng: random.Random) -> Case:
    name, postcode, city = company.name, company.postcode, company.city
    if kind in _NAMED:
        name = _NAMED[kind](name, rng)
    elif kind == "acronym":
        name = company.sigle or name
    elif kind == "trade name":
        name = company.sign or name
    elif kind == "city missing":
        city = ""
    elif kind == "postcode missing":
        postcode = ""
    elif kind == "postcode wrong":
        at = rng.randrange(2, 5)
        postcode = postcode[:at] + rng.choice(string.digits.replace(postcode[at], "")) + postcode[at + 1 :]
    else:
        for damage in rng.sample(tuple(_NAMED.values())[1:], 2):
            name = damage(name, rng)
        name = _cased(name, rng)
    return Case(kind, name, postcode, city.title() if rng.random() < 0.5 else city, company.siren)
