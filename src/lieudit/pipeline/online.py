"""The services of a run: opened where the user asks for them, and only there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from lieudit.config import EnrichConfig
from lieudit.enrichment.asked import Services
from lieudit.pipeline.progress import Progress

__all__ = ["opened_services"]


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
    from lieudit.services import (  # noqa: PLC0415
        open_company_search,
        open_geocoder,
        open_sirene_api,
        open_websites,
    )
    from lieudit.services.insee import KEY_VARIABLE  # noqa: PLC0415

    with ExitStack() as stack:
        geocoder = stack.enter_context(open_geocoder(settings.geocoder, heard=_heard(progress, "addresses")))
        heard = _heard(progress, "companies")
        register = search = websites = None
        if os.environ.get(KEY_VARIABLE):
            register = stack.enter_context(open_sirene_api(settings.sirene_api, heard=heard))
        else:
            search = stack.enter_context(open_company_search(settings.company_search, heard=heard))
        if settings.websites:
            heard = _heard(progress, "websites")
            websites = stack.enter_context(open_websites(allow_private=settings.private_websites, heard=heard))
        yield Services(geocoder, search, register, websites)


def _heard(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, total: progress.step(f"Asking for {what}: {done:,} of {total:,}")
