"""The services that may be asked, and what was asked of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from lieudit.catalogue import Manifest, Source
from lieudit.schema import Text

if TYPE_CHECKING:
    from lieudit.services import CompanySearch, Geocoder, SireneApi

__all__ = ["Asked", "Directory", "Kind", "Services", "service_source"]

Directory: TypeAlias = "CompanySearch | SireneApi"

Kind = Literal["geocoder", "company_search", "sirene_api"]
_WHAT: Final[dict[Kind, Text]] = {
    "geocoder": Text("adresses", "addresses"),
    "company_search": Text("entreprises", "companies"),
    "sirene_api": Text("entreprises", "companies"),
}
_ATTRIBUTIONS: Final[dict[Kind, str]] = {
    "geocoder": "Source : Base Adresse Nationale, par le géocodeur {}.",
    "company_search": "Source : Insee (Sirene) et INPI, par l'Annuaire des entreprises ({}).",
    "sirene_api": "Source : Insee, répertoire Sirene, par l'API Sirene ({}).",
}


@dataclass(frozen=True, slots=True)
class Services:
    """Services that are open; what is None is not asked.

    Attributes
    ----------
    geocoder : Geocoder or None
        For the addresses that stay unresolved.
    company_search : CompanySearch or None
    sirene_api : SireneApi or None
        For companies that no stock on disk holds; the latter before the former.
    """

    geocoder: Geocoder | None = None
    company_search: CompanySearch | None = None
    sirene_api: SireneApi | None = None

    @property
    def directory(self) -> tuple[Kind, Directory] | None:
        """The directory of companies to ask."""
        if self.sirene_api is not None:
            return "sirene_api", self.sirene_api
        return None if self.company_search is None else ("company_search", self.company_search)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a service, and what came of it.

    Attributes
    ----------
    kind : {"geocoder", "company_search", "sirene_api"}
        What it was asked as.
    service : str
        Its host.
    sent, remembered, deferred : int
        Different questions that were answered now, that were known from before, and that were not answered.
    rows, kept : int
        Rows of the input that were concerned, and that got an answer.
    reason : str
        Why some questions were not answered.
    """

    kind: Kind
    service: str
    sent: int
    remembered: int
    deferred: int
    rows: int
    kept: int
    reason: str

    @property
    def what(self) -> Text:
        """What was asked for, in the plural."""
        return _WHAT[self.kind]

    @property
    def attribution(self) -> str:
        """The line that its licence asks for; empty where nothing of its answers was kept."""
        return _ATTRIBUTIONS[self.kind].format(self.service) if self.kept else ""

    def as_dict(self) -> dict[str, Any]:
        """Return its entry of ``OUT.sources.json``."""
        return {key: value for key, value in asdict(self).items() if key != "kind"}


def service_source(kind: Kind, host: str) -> Source:
    """Describe a service as a source of the catalogue, for the columns that nothing on disk could fill."""
    publishers = {"company_search": "DINUM (Annuaire des entreprises)", "sirene_api": "Insee"}
    producers = {"company_search": "Insee, INPI", "sirene_api": "Insee"}
    today = dt.date.today()
    manifest = Manifest(
        name=kind,
        title={"fr": "Annuaire des entreprises", "en": "Directory of companies"},
        publisher=publishers[kind],
        producer=producers[kind],
        licence="Licence Ouverte 2.0",
        licence_url="https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        attribution=_ATTRIBUTIONS[kind].format(host),
        landing_page=f"https://{host}",
        vintage=f"réponses du {today.isoformat()}",
        updated=today,
        packages=(),
        tables={},
    )
    return Source(Path(), manifest)
