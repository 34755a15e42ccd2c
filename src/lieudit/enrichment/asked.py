"""The services that may be asked, and what was asked of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from lieudit.catalogue import Manifest, Source
from lieudit.schema import Text

if TYPE_CHECKING:
    from lieudit.services import CompanySearch, Geocoder, SireneApi, Websites

__all__ = ["Asked", "Directory", "Kind", "Services", "service_source"]

Directory: TypeAlias = "CompanySearch | SireneApi"

Kind = Literal["geocoder", "company_search", "sirene_api", "websites"]
_OPEN: Final = ("Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/")
_WHAT: Final[dict[Kind, Text]] = {
    "geocoder": Text("adresses", "addresses"),
    "company_search": Text("entreprises", "companies"),
    "sirene_api": Text("entreprises", "companies"),
    "websites": Text("sites", "websites"),
}
_ATTRIBUTIONS: Final[dict[Kind, str]] = {
    "geocoder": "Source : Base Adresse Nationale, par le géocodeur {}.",
    "company_search": "Source : Insee (Sirene) et INPI, par l'Annuaire des entreprises ({}).",
    "sirene_api": "Source : Insee, répertoire Sirene, par l'API Sirene ({}).",
    "websites": "",  # nobody's licence: what a company says of itself, to be used as its author's rights allow
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
    websites : Websites or None
        For what companies say of themselves.
    """

    geocoder: Geocoder | None = None
    company_search: CompanySearch | None = None
    sirene_api: SireneApi | None = None
    websites: Websites | None = None

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
    kind : {"geocoder", "company_search", "sirene_api", "websites"}
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


# Title (fr, en), publisher, producer, licence and its address, of services that fill columns.
_SERVICES: Final[dict[Kind, tuple[str, str, str, str, str, str]]] = {
    "company_search": ("Annuaire des entreprises", "Directory of companies", "DINUM", "Insee, INPI", *_OPEN),
    "sirene_api": ("Répertoire Sirene", "Sirene register", "Insee", "Insee", *_OPEN),
    "websites": ("Sites des entreprises", "Websites of companies", "Les entreprises", "Les entreprises",
                 "author's rights of each site", ""),
}  # fmt: skip


def service_source(kind: Kind, host: str) -> Source:
    """Describe a service as a source of the catalogue, for the columns that nothing on disk could fill."""
    fr, en, publisher, producer, licence, licence_url = _SERVICES[kind]
    today = dt.date.today()
    manifest = Manifest(
        name=kind,
        title={"fr": fr, "en": en},
        publisher=publisher,
        producer=producer,
        licence=licence,
        licence_url=licence_url,
        attribution=_ATTRIBUTIONS[kind].format(host),
        landing_page=f"https://{host}" if host else "",
        vintage=f"réponses du {today.isoformat()}",
        updated=today,
        packages=(),
        tables={},
    )
    return Source(Path(), manifest)
