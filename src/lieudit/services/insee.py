"""INSEE's Sirene API 3.11: the register itself, for those who have a key.

What is sent: SIRETs and SIRENs, hundreds in a request, and the key in a header. What is kept of a reply: codes and
dates; names and addresses stand in it, and are neither kept nor journalled. The key is read from the environment
and goes nowhere but into the requests: not into logs, messages, the journal or a configuration.

A company that is asked for by its SIREN has its head office looked up as well, for the commune; a closed establishment
its successor, for head offices move.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from lieudit.errors import ConfigError
from lieudit.services import company as read
from lieudit.services.client import Client
from lieudit.services.company import Company, Looked
from lieudit.services.journal import Journal
from lieudit.services.sirene_reply import company_of, establishment_of, rows_of, seat_of, successors_of
from lieudit.services.terms import (
    GaveUpError,
    Limits,
    MalformedError,
    RefusedError,
    Reply,
    ServiceError,
    StoppedError,
)

__all__ = ["KEY_HEADER", "KEY_VARIABLE", "SIRENE_API", "SireneApi", "key_from_environment"]

_log = logging.getLogger(__name__)

SIRENE_API: Final = "https://api.insee.fr/api-sirene/3.11"
KEY_VARIABLE: Final = "LIEUDIT_INSEE_KEY"
KEY_HEADER: Final = "X-INSEE-Api-Key-Integration"
# 30 requests a minute; where the quota is used up, a minute gives it back.
LIMITS: Final = Limits(per_second=0.5, quota_wait=20.0)
CHUNK: Final = 500  # identifiers of a request; 1,000 are allowed
_LINKS: Final = 40  # establishments of a request for successors: it is a GET, and addresses of 2,000 characters pass
_KEY: Final = re.compile(r"[\x21-\x7e]{8,200}")


def key_from_environment() -> str:
    """Return the key of the Sirene API.

    Raises
    ------
    ConfigError
        There is none, or it cannot be one.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise ConfigError(f"{KEY_VARIABLE} is not set.", expected="the key of INSEE's Sirene API in the environment",
                          fix="Get one at portail-api.insee.fr (it is free) and export it.")  # fmt: skip
    if not _KEY.fullmatch(key):
        raise ConfigError(f"{KEY_VARIABLE} does not look like a key.", expected="8 to 200 plain characters",
                          fix="Copy the key again, without spaces or line breaks.")  # fmt: skip
    return key


class SireneApi:
    """Looks companies up in the register, and remembers.

    Parameters
    ----------
    client : Client
        Its headers bear the key.
    journal : Journal
    heard : callable, optional
        Hears before each request how many identifiers were dealt with, of how many.
    """

    def __init__(self, client: Client, journal: Journal, *, heard: Callable[[int, int], None] | None = None) -> None:
        self._client = client
        self._journal = journal
        self._heard = heard or (lambda _done, _of: None)
        self._service = f"sirene {client.base}"

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
        ConfigError
            The service refuses the key.
        InternalError
            One of the identifiers is none: nothing is sent.
        """
        wanted = list(dict.fromkeys(read.check_identifier(identifier) for identifier in identifiers))
        looked = read.recalled(self._journal, self._service, wanted)
        missing = [identifier for identifier in wanted if identifier not in looked.companies]
        try:
            for start in range(0, len(missing), CHUNK):
                self._heard(looked.remembered + start, len(wanted))
                self._ask(missing[start : start + CHUNK], looked)
        except (StoppedError, GaveUpError, RefusedError) as error:
            _check_key(error, self.name)
            looked.reason = error.found
        looked.close(len(wanted))
        _log.info("%s: %d asked, %d remembered, %d deferred", self.name, looked.asked, looked.remembered,
                  looked.deferred)  # fmt: skip
        return looked

    def _ask(self, chunk: Sequence[str], looked: Looked) -> None:
        """Look a chunk up, and remember the answers."""
        sirets = [identifier for identifier in chunk if len(identifier) == 14]
        found = self._with_successors(self._establishments(sirets))
        sirens = sorted({identifier[:9] for identifier in chunk if identifier not in found})
        rows = self._rows("siren", sirens, "unitesLegales")
        companies = {siren: company_of(siren, row) for siren, row in rows.items()}
        seats = {siren: seat for siren, row in rows.items() if siren in chunk and (seat := seat_of(row))}
        communes = {place.siren: place.commune for place in self._establishments(seats.values()).values()}
        for identifier in chunk:
            company = companies.get(identifier[:9])
            if identifier not in found and company is not None:
                note = "unlisted_establishment" if len(identifier) == 14 else ""
                found[identifier] = replace(company, commune=communes.get(identifier[:9]), note=note)
        answers = {identifier: found.get(identifier) for identifier in chunk}
        self._journal.record(self._service, {key: read.to_memory(company) for key, company in answers.items()})
        looked.companies |= answers

    def _establishments(self, sirets: Iterable[str]) -> dict[str, Company]:
        rows = self._rows("siret", sorted(sirets), "etablissements")
        return {siret: establishment_of(siret, row) for siret, row in rows.items()}

    def _rows(self, key: str, identifiers: Sequence[str], name: str) -> dict[str, dict[str, Any]]:
        """Ask for the rows of identifiers; a reply with those of others is a failure."""
        if not identifiers:
            return {}
        asked = set(identifiers)

        def read_rows(reply: Reply) -> dict[str, dict[str, Any]]:
            rows = {str(row.get(key)): row for row in rows_of(reply, name)}
            if not asked.issuperset(rows):
                raise MalformedError("about others")
            return rows

        query = " OR ".join(f"{key}:{identifier}" for identifier in identifiers)
        form = [("q", query), ("nombre", str(len(identifiers))), ("curseur", "*")]
        try:
            return self._client.post(f"/{key}", read_rows, data=form)
        except RefusedError as error:
            if error.status != 404:  # none of them is in the register
                raise
            return {}

    def _with_successors(self, found: dict[str, Company]) -> dict[str, Company]:
        """Add the successors of those that are closed."""
        closed = [siret for siret, company in found.items() if company.company_state == "closed"]
        after: dict[str, str] = {}
        for start in range(0, len(closed), _LINKS):
            after |= self._successors(closed[start : start + _LINKS])
        return {siret: replace(company, successor_siret=after.get(siret)) for siret, company in found.items()}

    def _successors(self, sirets: Sequence[str]) -> dict[str, str]:
        query = " OR ".join(f"siretEtablissementPredecesseur:{siret}" for siret in sirets)
        params = {"q": query, "nombre": "1000"}
        try:
            links = self._client.get("/siret/liensSuccession", lambda reply: rows_of(reply, "liensSuccession"),
                                     params=params)  # fmt: skip
        except RefusedError as error:
            if error.status != 404:
                raise
            return {}
        return successors_of(links)


def _check_key(error: ServiceError, name: str) -> None:
    """Say that the key is wrong, and not what it is."""
    if isinstance(error, RefusedError) and error.status in {401, 403}:
        raise ConfigError(f"{name} refuses the key in {KEY_VARIABLE} (status {error.status}).",
                          expected="a valid key with a subscription to the Sirene API",
                          fix=f"Check it at portail-api.insee.fr, and set {KEY_VARIABLE} again.") from None  # fmt: skip
