"""The services that may be asked, and what was asked of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from lieudit.schema import Text

if TYPE_CHECKING:
    from lieudit.services import Geocoder

__all__ = ["Asked", "Kind", "Services"]

Kind = Literal["geocoder"]
_WHAT: Final[dict[Kind, Text]] = {"geocoder": Text("adresses", "addresses")}
_ATTRIBUTIONS: Final[dict[Kind, str]] = {
    "geocoder": "Source : Base Adresse Nationale, par le géocodeur {}.",
}


@dataclass(frozen=True, slots=True)
class Services:
    """Services that are open; what is None is not asked.

    Attributes
    ----------
    geocoder : Geocoder or None
        For the addresses that stay unresolved.
    """

    geocoder: Geocoder | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a service, and what came of it.

    Attributes
    ----------
    kind : {"geocoder"}
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
    def what(self) -> str:
        """What was asked for, in the plural."""
        return _WHAT[self.kind].en

    @property
    def attribution(self) -> str:
        """The line that its licence asks for; empty where nothing of its answers was kept."""
        return _ATTRIBUTIONS[self.kind].format(self.service) if self.kept else ""

    def as_dict(self) -> dict[str, Any]:
        """Return its entry of ``OUT.sources.json``."""
        return {key: value for key, value in asdict(self).items() if key != "kind"}
