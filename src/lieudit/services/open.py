"""The doors of the room: each opens a service and closes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from lieudit.errors import ConfigError
from lieudit.services import company_search, geocoder, insee
from lieudit.services.client import Client
from lieudit.services.company_search import COMPANY_SEARCH, CompanySearch
from lieudit.services.geocoder import Geocoder
from lieudit.services.insee import KEY_HEADER, KEY_VARIABLE, SIRENE_API, SireneApi, key_from_environment
from lieudit.services.journal import Journal
from lieudit.services.page import need_readers
from lieudit.services.websites import Websites

__all__ = ["open_company_search", "open_geocoder", "open_sirene_api", "open_websites"]

Heard = Callable[[int, int], None]


@contextmanager
def open_geocoder(base: str, *, journal: Path | None = None, heard: Heard | None = None) -> Iterator[Geocoder]:
    """Open a geocoder; nothing is sent before it is asked.

    Parameters
    ----------
    base : str
        Address of the service, less ``/search/csv``.
    journal : Path, optional
        By default ``journal.db`` in the user's data folder.
    heard : callable, optional
        Hears how far it is.

    Raises
    ------
    TableError
        The journal cannot be used.
    """
    with closing(Journal(journal)) as remembered, closing(Client(base, geocoder.LIMITS)) as client:
        yield Geocoder(client, remembered, heard=heard)


@contextmanager
def open_company_search(
    base: str = COMPANY_SEARCH, *, journal: Path | None = None, heard: Heard | None = None
) -> Iterator[CompanySearch]:
    """Open Recherche d'entreprises; nothing is sent before it is asked.

    Parameters
    ----------
    base : str, optional
        Address of the service, less ``/search``.
    journal : Path, optional
        By default ``journal.db`` in the user's data folder.
    heard : callable, optional
        Hears how far it is.

    Raises
    ------
    TableError
        The journal cannot be used.
    """
    with closing(Journal(journal)) as remembered, closing(Client(base, company_search.LIMITS)) as client:
        yield CompanySearch(client, remembered, heard=heard)


@contextmanager
def open_sirene_api(
    base: str = SIRENE_API, *, journal: Path | None = None, heard: Heard | None = None
) -> Iterator[SireneApi]:
    """Open INSEE's Sirene API with the key in ``LIEUDIT_INSEE_KEY``; nothing is sent before it is asked.

    Parameters
    ----------
    base : str, optional
        Address of the service, less ``/siret``.
    journal : Path, optional
        By default ``journal.db`` in the user's data folder.
    heard : callable, optional
        Hears how far it is.

    Raises
    ------
    ConfigError
        There is no key, or the address would have it travel in the clear.
    TableError
        The journal cannot be used.
    """
    parts = urlsplit(base)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ConfigError(f"{parts.hostname} is not asked over https.", expected=f"an https:// address: {KEY_VARIABLE} "
                          "is sent there", fix="Correct the address of the Sirene API.")  # fmt: skip
    headers = {KEY_HEADER: key_from_environment(), "Accept": "application/json"}
    with closing(Journal(journal)) as remembered, closing(Client(base, insee.LIMITS, headers=headers)) as client:
        yield SireneApi(client, remembered, heard=heard)


@contextmanager
def open_websites(
    *, allow_private: bool = False, journal: Path | None = None, heard: Heard | None = None
) -> Iterator[Websites]:
    """Open what reads websites; nothing is sent before it is asked.

    Parameters
    ----------
    allow_private : bool, optional
        Addresses of one's own network may be asked.
    journal : Path, optional
        By default ``journal.db`` in the user's data folder.
    heard : callable, optional
        Hears how far it is.

    Raises
    ------
    ConfigError
        What reads pages is not installed.
    TableError
        The journal cannot be used.
    """
    need_readers()
    with closing(Journal(journal)) as remembered:
        yield Websites(remembered, allow_private=allow_private, heard=heard)
