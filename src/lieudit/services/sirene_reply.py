"""Replies of INSEE's Sirene API, taken apart: establishments, companies, links of succession."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lieudit.services import company as read
from lieudit.services.company import Company
from lieudit.services.terms import MalformedError, Reply

__all__ = ["company_of", "establishment_of", "rows_of", "seat_of", "successors_of"]

_OPEN: Final = {"A": "open", "C": "closed", "F": "closed"}
_Row = Mapping[str, Any]


def rows_of(reply: Reply, name: str) -> list[dict[str, Any]]:
    """Return the list of a reply.

    Parameters
    ----------
    reply : Reply
    name : str
        ``etablissements``, ``unitesLegales`` or ``liensSuccession``.

    Raises
    ------
    MalformedError
        It is no such reply, or holds fewer rows than it says.
    """
    try:
        content = json.loads(reply.content)
    except (ValueError, RecursionError):
        raise MalformedError("not JSON") from None
    rows = content.get(name) if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MalformedError(f"without {name}")
    total = _mapping(content.get("header")).get("total")
    if isinstance(total, int) and total != len(rows):
        raise MalformedError(f"{len(rows)} of {total} rows")
    return rows


def company_of(siren: str, row: _Row) -> Company:
    """Return what is said of a company, be it a row of ``unitesLegales`` or the ``uniteLegale`` of an establishment."""
    if row.get("statutDiffusionUniteLegale") == "N":
        return Company(siren)
    periods = _periods(row, "periodesUniteLegale")
    values = {**row, **(periods[0] if periods else {})}
    state = _OPEN.get(str(values.get("etatAdministratifUniteLegale")))
    lowest, highest = read.headcount(values.get("trancheEffectifsUniteLegale"))
    employer = read.employs(values.get("caractereEmployeurUniteLegale"), values.get("trancheEffectifsUniteLegale"))
    return Company(
        siren=siren,
        naf=_naf(values, "UniteLegale"),
        naf_2025=read.as_code(values.get("activitePrincipaleNAF25UniteLegale"), read.NAF),
        legal_form=read.as_code(values.get("categorieJuridiqueUniteLegale"), read.LEGAL_FORM),
        company_category=read.as_code(values.get("categorieEntreprise"), read.CATEGORY),
        headcount_min=lowest,
        headcount_max=highest,
        employer=False if state == "closed" else employer,
        founded=read.as_date(values.get("dateCreationUniteLegale")),
        company_state=state,
        closed_on=_closed_on(periods, "etatAdministratifUniteLegale", "C"),
        diffusible=values.get("statutDiffusionUniteLegale") == "O",
    )


def establishment_of(siret: str, row: _Row) -> Company:
    """Return what a row of ``etablissements`` says of it and of its company."""
    unit = _mapping(row.get("uniteLegale"))
    if "N" in (row.get("statutDiffusionEtablissement"), unit.get("statutDiffusionUniteLegale")):
        return Company(siret[:9], siret)
    periods = _periods(row, "periodesEtablissement")
    values = {**row, **(periods[0] if periods else {})}
    place = _mapping(row.get("adresseEtablissement"))
    own = Company(
        siren=siret[:9],
        siret=siret,
        naf=_naf(values, "Etablissement"),
        naf_2025=read.as_code(values.get("activitePrincipaleNAF25Etablissement"), read.NAF),
        head_office=read.as_truth(values.get("etablissementSiege")),
        company_state=_OPEN.get(str(values.get("etatAdministratifEtablissement"))),
        closed_on=_closed_on(periods, "etatAdministratifEtablissement", "F"),
        diffusible=row.get("statutDiffusionEtablissement") == "O",
        commune=read.as_code(place.get("codeCommuneEtablissement"), read.COMMUNE),
    )
    return read.of_establishment(company_of(siret[:9], unit), own)


def seat_of(row: _Row) -> str | None:
    """Return the SIRET of the head office that a row of ``unitesLegales`` names."""
    periods = _periods(row, "periodesUniteLegale")
    return read.as_code(f"{row.get('siren')}{periods[0].get('nicSiegeUniteLegale')}", read.SIRET) if periods else None


def successors_of(links: Iterable[_Row]) -> dict[str, str]:
    """Return the successor of each establishment that has one: the last, and where a head office moved, the new one."""
    best: dict[str, tuple[str, bool, str]] = {}
    for link in links:
        before = read.as_code(link.get("siretEtablissementPredecesseur"), read.SIRET)
        after = read.as_code(link.get("siretEtablissementSuccesseur"), read.SIRET)
        if before and after and after != before:
            rank = (read.as_date(link.get("dateLienSuccession")) or "", link.get("transfertSiege") is True, after)
            best[before] = max(best.get(before, rank), rank)
    return {before: after for before, (_, _, after) in best.items()}


def _periods(row: _Row, name: str) -> list[_Row]:
    """Return the periods of a row, the current one first."""
    periods = row.get(name)
    dated = [period for period in periods if isinstance(period, dict)] if isinstance(periods, list) else []
    return sorted(dated, key=lambda period: read.as_date(period.get("dateDebut")) or "", reverse=True)


def _closed_on(periods: list[_Row], state: str, closed: str) -> str | None:
    """Return when it closed for good: the first of the last periods in which it is closed."""
    since = None
    for period in periods:
        if period.get(state) != closed:
            break
        since = read.as_date(period.get("dateDebut"))
    return since


def _naf(values: _Row, of: str) -> str | None:
    """Return the activity, unless it is coded in an older nomenclature."""
    if values.get(f"nomenclatureActivitePrincipale{of}") != "NAFRev2":
        return None
    return read.as_code(values.get(f"activitePrincipale{of}"), read.NAF)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
