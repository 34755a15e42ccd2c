"""The Géoplateforme's batch geocoder: addresses out, INSEE codes back.

What is sent, in chunks: street, postcode, city, and a number that means nothing outside the request. Replies are read
row for row, for they have been seen cut short: one counts only if it is whole and repeats what was sent under its
number; the others are asked for again. Every row that came back is in the journal before the next request.

A geocoder of one's own (addok) serves as well: its dialect differs by a byte-order mark, has no ``result_status``,
and leaves the result empty where the score is under 0.5.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from lieudit.services.chunk import FIELDS, RESULTS, read_chunk, write_chunk
from lieudit.services.client import Client
from lieudit.services.journal import Journal
from lieudit.services.terms import Limits, MalformedError, RefusedError, Reply, StoppedError

__all__ = ["MINIMUM_SCORE", "Address", "Geocoder", "Located", "Spot"]

_log = logging.getLogger(__name__)

# The service takes 50 requests a second from one address; a fifth of it leaves room for others behind the same one.
LIMITS: Final = Limits(per_second=10)
CHUNK: Final = 2_000  # rows of a request; 200,000 are allowed, 2,000 to 10,000 work
MINIMUM_SCORE: Final = 0.7  # of 1; what scores less is no answer
_IDLE: Final = 2  # replies without a row that was asked for, after which its rows are left for another run
_PATH: Final = "/search/csv"
_FORM: Final = (
    *(("columns", name) for name in FIELDS if name != "row"),
    ("postcode", "postcode"),  # filters: an answer elsewhere is none
    *(("result_columns", name) for name in RESULTS),
)


class Address(NamedTuple):
    """What is sent of a row."""

    street: str
    postcode: str
    city: str

    @property
    def key(self) -> str:
        """The address less what cannot matter: case, accents, punctuation."""
        return "|".join(_fold(part) for part in self)


class Spot(NamedTuple):
    """Where the geocoder puts an address.

    Attributes
    ----------
    code : str
        INSEE code of a commune, or of an arrondissement of Paris, Lyon or Marseille.
    postcode : str
        Of the address that was found.
    kind : str
        ``housenumber``, ``street``, ``locality`` or ``municipality``.
    score : float
        Of 1: how like the address that was found is to the one that was sent.
    """

    code: str
    postcode: str
    kind: str
    score: float


@dataclass
class Located:
    """What became of addresses.

    Attributes
    ----------
    spots : dict of str to Spot or None
        By the key of the address; None where the geocoder knows no address like it.
    remembered, asked, deferred : int
        Addresses that were known from before, that were answered now, and that were not; the sum is all of them.
    reason : str
        Why some were not.
    """

    spots: dict[str, Spot | None] = field(default_factory=dict)
    remembered: int = 0
    asked: int = 0
    deferred: int = 0
    reason: str = ""


class Geocoder:
    """Asks a geocoder, and remembers.

    Parameters
    ----------
    client : Client
        Its base address ends before ``/search/csv``.
    journal : Journal
    chunk : int, optional
        Addresses of a request.
    heard : callable, optional
        Hears before each request how many addresses were dealt with, of how many.
    """

    def __init__(
        self, client: Client, journal: Journal, *, chunk: int = CHUNK, heard: Callable[[int, int], None] | None = None
    ) -> None:
        self._client = client
        self._journal = journal
        self._chunk = chunk
        self._heard = heard or (lambda _done, _of: None)
        self._service = f"geocoder {client.base}"

    @property
    def name(self) -> str:
        """Whom addresses are sent to."""
        return self._client.name

    def locate(self, addresses: Sequence[Address]) -> Located:
        """Find addresses: in the journal, else by asking.

        Parameters
        ----------
        addresses : sequence of Address

        Returns
        -------
        Located
            Without the addresses that could not be asked: the service failed, or left them out of its replies.
        """
        wanted = {address.key: address for address in addresses}
        known = self._journal.recall(self._service, list(wanted))
        located = Located(remembered=len(known))
        located.spots = {key: None if spot is None else Spot(*spot) for key, spot in known.items()}
        missing = [(key, address) for key, address in wanted.items() if key not in known]
        try:
            for start in range(0, len(missing), self._chunk):
                self._heard(len(known) + start, len(wanted))
                self._ask(dict(missing[start : start + self._chunk]), start, located)
        except (StoppedError, RefusedError) as error:
            located.reason = error.found
        located.asked = len(located.spots) - located.remembered
        located.deferred = len(wanted) - len(located.spots)
        if located.deferred and not located.reason:
            located.reason = f"{self.name} left rows out of its replies."
        _log.info("%s: %d asked, %d remembered, %d deferred", self.name, located.asked, located.remembered,
                  located.deferred)  # fmt: skip
        return located

    def _ask(self, chunk: Mapping[str, Address], first: int, located: Located) -> None:
        """Ask for a chunk, again for what its replies lack, and remember each reply."""
        rows = {str(first + number): key for number, key in enumerate(chunk)}
        idle = 0
        while rows and idle < _IDLE:
            found = self._exchange({number: chunk[key] for number, key in rows.items()}, whole=len(rows) == len(chunk))
            spots = {rows.pop(number): _spot(result) for number, result in found.items()}
            self._journal.record(self._service, spots)
            located.spots |= spots
            idle = 0 if spots else idle + 1

    def _exchange(self, sent: Mapping[str, Address], *, whole: bool) -> dict[str, dict[str, str]]:
        """Send rows and read those that come back; a reply to a whole chunk that holds none of it is a failure."""

        def read(reply: Reply) -> dict[str, dict[str, str]]:
            found = read_chunk(reply.content, sent)
            if whole and not found and len(sent) > 1:
                raise MalformedError("none of the rows")
            return found

        files = {"data": ("addresses.csv", write_chunk(sent), "text/csv")}
        return self._client.post(_PATH, read, data=_FORM, files=files)


def _spot(result: Mapping[str, Any]) -> Spot | None:
    score = float(result["result_score"] or 0)
    if not result["result_citycode"] or score < MINIMUM_SCORE:
        return None
    return Spot(result["result_citycode"], result["result_postcode"], result["result_type"], score)


def _fold(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", plain.casefold()).strip()
