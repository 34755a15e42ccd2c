"""The door of the room: a geocoder, opened and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lieudit.services.client import Client
from lieudit.services.geocoder import LIMITS, Geocoder
from lieudit.services.journal import Journal

__all__ = ["open_geocoder"]


@contextmanager
def open_geocoder(
    base: str, *, journal: Path | None = None, heard: Callable[[int, int], None] | None = None
) -> Iterator[Geocoder]:
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
    with closing(Journal(journal)) as remembered, closing(Client(base, LIMITS)) as client:
        yield Geocoder(client, remembered, heard=heard)
