"""Recherche d'entreprises: what the State's directory says of a SIRET or a SIREN.

What is sent: the fourteen or nine digits, and nothing else. What is kept of a reply: codes, dates and figures. Names of
people stand in it (of the entrepreneur, of directors, of elected officials) and are neither kept nor journalled.

The service takes seven requests a second and blocks addresses that storm it; after three failures in a row it is left
alone for the run. One look-up that always fails is put aside after two attempts, so that it keeps no other from being
made. Each answer is in the journal before the next request.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lieudit.services import company as read
from lieudit.services.client import Client
from lieudit.services.company import Company, Looked
from lieudit.services.journal import Journal
from lieudit.services.terms import GaveUpError, Limits, MalformedError, RefusedError, Reply, StoppedError

__all__ = ["COMPANY_SEARCH", "CompanySearch"]

_log = logging.getLogger(__name__)

COMPANY_SEARCH: Final = "https://recherche-entreprises.api.gouv.fr"
# Seven a second are taken; six leave room for the network, which bunches requests.
LIMITS: Final = Limits(per_second=6, silence=20, whole=30, attempts=2, largest=1 << 22)
_HEARD: Final = 50  # look-ups between two words on progress
_FIELDS: Final = {"minimal": "true", "include": "siege,finances,complements,matching_etablissements"}


class CompanySearch:
    """Looks companies up, and remembers.

    Parameters
    ----------
    client : Client
        Its base address ends before ``/search``.
    journal : Journal
    heard : callable, optional
        Hears now and then how many identifiers were dealt with, of how many.
    """

    def __init__(self, client: Client, journal: Journal, *, heard: Callable[[int, int], None] | None = None) -> None:
        self._client = client
        self._journal = journal
        self._heard = heard or (lambda _done, _of: None)
        self._service = f"company search {client.base}"

    @property
    def name(self) -> str:
        """Whom identifiers are sent to."""
        return self._client.name

    def look_up(self, identifiers: Sequence[str]) -> Looked:
        """Look companies up: in the journal, else by asking.

        Parameters
        ----------
        identifiers : sequence of str
            SIRETs and SIRENs, fourteen or nine digits.

        Returns
        -------
        Looked
            Without the identifiers that could not be asked.

        Raises
        ------
        InternalError
            One of them is neither: nothing is sent.
        """
        wanted = list(dict.fromkeys(read.check_identifier(identifier) for identifier in identifiers))
        looked = read.recalled(self._journal, self._service, wanted)
        missing = [identifier for identifier in wanted if identifier not in looked.companies]
        try:
            for number, identifier in enumerate(missing):
                if number % _HEARD == 0:
                    self._heard(looked.remembered + number, len(wanted))
                self._ask(identifier, looked)
        except (StoppedError, RefusedError) as error:
            looked.reason = error.found
        looked.close(len(wanted))
        _log.info("%s: %d asked, %d remembered, %d deferred", self.name, looked.asked, looked.remembered,
                  looked.deferred)  # fmt: skip
        return looked

    def _ask(self, identifier: str, looked: Looked) -> None:
        """Look one up, and remember the answer."""
        try:
            company = self._client.get(
                "/search", lambda reply: _read(reply, identifier), params={"q": identifier, **_FIELDS}
            )
        except GaveUpError as error:
            looked.reason = error.found
            return
        self._journal.record(self._service, {identifier: read.to_memory(company)})
        looked.companies[identifier] = company


def _read(reply: Reply, identifier: str) -> Company | None:
    """Take a reply apart.

    Raises
    ------
    MalformedError
        It is not what the service gives, or is about others than the company that was asked for.
    """
    try:
        content = json.loads(reply.content)
    except (ValueError, RecursionError):
        raise MalformedError("not JSON") from None
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise MalformedError("without results")
    for result in results:
        if result.get("siren") == identifier[:9]:
            return _company(identifier, result)
    if results:
        raise MalformedError("about another company")
    return None


def _company(identifier: str, result: Mapping[str, Any]) -> Company:
    """Return what a result says; of the establishment that was asked for, not of the head office, where it is there."""
    asked = len(identifier) == 14
    listed = result.get("matching_etablissements")
    units = [unit for unit in listed if isinstance(unit, dict)] if isinstance(listed, list) else []
    unit = next((unit for unit in units if asked and unit.get("siret") == identifier), None)
    if "N" in (result.get("statut_diffusion"), (unit or {}).get("statut_diffusion_etablissement")):
        return Company(identifier[:9], identifier if unit else None)
    company = _unit(identifier[:9], result)
    if unit is None:
        return replace(company, note="unlisted_establishment" if asked else "")
    own = Company(
        siren=identifier[:9],
        siret=identifier,
        head_office=read.as_truth(unit.get("est_siege")),
        diffusible=unit.get("statut_diffusion_etablissement") == "O",
        commune=read.as_code(unit.get("commune"), read.COMMUNE),
        **_state(unit),
    )
    return read.of_establishment(company, own)


def _unit(siren: str, result: Mapping[str, Any]) -> Company:
    """Return what a result says of the company, and the commune of its head office."""
    seat = result.get("siege")
    state = _state(result)
    lowest, highest = read.headcount(result.get("tranche_effectif_salarie"))
    employer = read.employs(result.get("caractere_employeur"), result.get("tranche_effectif_salarie"))
    return Company(
        siren=siren,
        legal_form=read.as_code(result.get("nature_juridique"), read.LEGAL_FORM),
        company_category=read.as_code(result.get("categorie_entreprise"), read.CATEGORY),
        headcount_min=lowest,
        headcount_max=highest,
        employer=False if state["company_state"] == "closed" else employer,
        founded=read.as_date(result.get("date_creation")),
        open_establishments=read.as_count(result.get("nombre_etablissements_ouverts")),
        diffusible=result.get("statut_diffusion") == "O",
        commune=read.as_code(seat.get("commune"), read.COMMUNE) if isinstance(seat, dict) else None,
        finances=_finances(result.get("finances")),
        **state,
    )


def _state(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return activity and state, which a company and an establishment say alike."""
    state = {"A": "open", "C": "closed", "F": "closed"}.get(str(row.get("etat_administratif")))
    return {
        "naf": read.as_code(row.get("activite_principale"), read.NAF),
        "naf_2025": read.as_code(row.get("activite_principale_naf25"), read.NAF),
        "company_state": state,
        "closed_on": read.as_date(row.get("date_fermeture")) if state == "closed" else None,
    }


def _finances(years: object) -> dict[str, dict[str, int | None]]:
    """Return the accounts of the years that have any."""
    found = {}
    for year, figures in years.items() if isinstance(years, dict) else ():
        if year.isascii() and year.isdecimal() and len(year) == 4 and isinstance(figures, dict):
            amounts = {name: read.as_euros(figures.get(name)) for name in ("ca", "resultat_net")}
            if any(amount is not None for amount in amounts.values()):
                found[year] = amounts
    return found
