"""The geocoder of a run: opened where the user asks for it, and only there; and what to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lieudit.config import EnrichConfig, load
from lieudit.errors import ConfigError
from lieudit.pipeline.progress import Progress
from lieudit.pipeline.remarks import count_text
from lieudit.schema import Text

if TYPE_CHECKING:
    from lieudit.enrichment.online import Asked
    from lieudit.services import Geocoder

__all__ = ["geocoding", "online_settings", "remarks_on_services"]


def online_settings(online: bool, geocoder: str | None) -> EnrichConfig:
    """Settle what the command line or a caller says of services.

    Parameters
    ----------
    online : bool
        The geocoder may be asked.
    geocoder : str or None
        Another one than the Géoplateforme's.

    Raises
    ------
    ConfigError
        The address is none, or is given without leave to ask.
    """
    if geocoder is None:
        return EnrichConfig(online=online)
    if not online:
        raise ConfigError(f"A geocoder is named ({geocoder}), and none is to be asked.", expected="--online beside it",
                          fix="Add --online, or leave --geocoder out.")  # fmt: skip
    # Through the configuration's own door, for its messages.
    return load({"customers": {"path": "-"}, "enrich": {"online": online, "geocoder": geocoder}}).enrich


@contextmanager
def geocoding(settings: EnrichConfig, progress: Progress) -> Iterator[Geocoder | None]:
    """Open the geocoder that the settings name; None where they do not ask for one.

    Raises
    ------
    TableError
        The journal cannot be used.
    """
    if not settings.online:
        yield None
        return
    # requests takes a quarter of a second to import, and most runs need no network
    from lieudit.services import open_geocoder  # noqa: PLC0415

    def heard(done: int, total: int) -> None:
        progress.step(f"Asking the geocoder: {done:,} of {total:,} addresses")

    with open_geocoder(settings.geocoder, heard=heard) as geocoder:
        yield geocoder


def remarks_on_services(asked: Asked | None) -> list[Text]:
    """Say how many addresses the geocoder was not asked for, and why."""
    if asked is None or not asked.deferred:
        return []
    return [
        count_text(
            asked.deferred,
            f"{{}} adresses restent à demander au géocodeur ({asked.reason}) : relancez la commande plus tard.",
            f"{{}} addresses are deferred: {asked.reason} Run the command again later; what was answered is kept.",
        )
    ]
