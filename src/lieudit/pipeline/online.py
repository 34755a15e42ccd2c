"""The services of a run: opened where the user asks for them, and only there; and what to say of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from lieudit.config import EnrichConfig, load
from lieudit.enrichment.asked import Asked, Services
from lieudit.errors import ConfigError
from lieudit.pipeline.progress import Progress
from lieudit.pipeline.remarks import count_text
from lieudit.schema import Text

__all__ = ["enrich_settings", "opened_services", "remarks_on_services"]


def enrich_settings(*, online: bool = False, geocoder: str | None = None, **given: Any) -> EnrichConfig:
    """Settle what the command line or a caller says of the enrichment.

    Parameters
    ----------
    online : bool
        Services may be asked.
    geocoder : str or None
        Another one than the Géoplateforme's.
    **given
        Other keys of the configuration's ``enrich``; what is None is left at its default.

    Raises
    ------
    ConfigError
        A value is wrong, or needs the network without leave to use it.
    """
    if geocoder is not None and not online:
        raise ConfigError(f"A geocoder is named ({geocoder}), and none is to be asked.", expected="--online beside it",
                          fix="Add --online, or leave --geocoder out.")  # fmt: skip
    if given.get("websites") and not online:
        raise ConfigError("Websites are to be read, and nothing may be asked.", expected="--online beside --websites",
                          fix="Add --online, or leave --websites out.")  # fmt: skip
    stated = {key: value for key, value in {**given, "geocoder": geocoder}.items() if value is not None}
    # Through the configuration's own door, for its messages.
    return load({"customers": {"path": "-"}, "enrich": {"online": online, **stated}}).enrich


@contextmanager
def opened_services(settings: EnrichConfig, progress: Progress) -> Iterator[Services]:
    """Open the services that the settings ask for; none where they do not.

    Raises
    ------
    TableError
        The journal cannot be used.
    """
    if not settings.online:
        yield Services()
        return
    # requests takes a quarter of a second to import, and most runs need no network
    from lieudit.services import open_company_search, open_geocoder, open_sirene_api  # noqa: PLC0415
    from lieudit.services.insee import KEY_VARIABLE  # noqa: PLC0415

    with ExitStack() as stack:
        geocoder = stack.enter_context(open_geocoder(settings.geocoder, heard=_heard(progress, "addresses")))
        heard = _heard(progress, "companies")
        if os.environ.get(KEY_VARIABLE):
            register = stack.enter_context(open_sirene_api(settings.sirene_api, heard=heard))
            yield Services(geocoder=geocoder, sirene_api=register)
        else:
            search = stack.enter_context(open_company_search(settings.company_search, heard=heard))
            yield Services(geocoder=geocoder, company_search=search)


def _heard(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, total: progress.step(f"Asking for {what}: {done:,} of {total:,}")


def remarks_on_services(asked: Sequence[Asked]) -> list[Text]:
    """Say how many questions services were not asked, and why."""
    return [
        count_text(
            each.deferred,
            f"{{}} {each.what.fr} restent à demander ({each.reason}) : relancez la commande plus tard.",
            f"{{}} {each.what.en} are deferred: {each.reason} Run the command again later; what was answered is kept.",
        )
        for each in asked
        if each.deferred
    ]
