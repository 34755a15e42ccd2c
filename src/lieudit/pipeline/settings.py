"""What the command line or a caller says of the enrichment, as the configuration would say it."""

from __future__ import annotations

from typing import Any, Final

from lieudit.config import EnrichConfig, load
from lieudit.errors import ConfigError

__all__ = ["enrich_settings"]

# Keys of the configuration that need leave to use the network, and their options.
_NEED_LEAVE: Final = {"geocoder": "--geocoder", "company_search": "--company-search", "sirene_api": "--sirene-api",
                      "websites": "--websites"}  # fmt: skip


def enrich_settings(**given: Any) -> EnrichConfig:
    """Settle what the command line or a caller says of the enrichment.

    Parameters
    ----------
    **given
        Keys of the configuration's ``enrich``; what is None is left at its default.

    Raises
    ------
    ConfigError
        A value is wrong, or needs the network without leave to use it.
    """
    stated = {key: value for key, value in given.items() if value is not None}
    for key, option in _NEED_LEAVE.items():
        if stated.get(key) and not stated.get("online"):
            raise ConfigError(f"{option} is given, and nothing may be asked online.",
                              expected=f"--online beside {option}",
                              fix=f"Add --online, or leave {option} out.")  # fmt: skip
    # Through the configuration's own door, for its messages.
    return load({"customers": {"path": "-"}, "enrich": stated}).enrich
