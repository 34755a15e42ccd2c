"""Which open data a segmentation was trained with, and whether it is still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lieudit.enrichment.indicators import indicator_columns
from lieudit.schema import Text

if TYPE_CHECKING:
    from lieudit.catalogue import Catalogue

__all__ = ["changes", "stamps"]


def stamps(catalogue: Catalogue, names: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """Return the vintage and the checksums of sources, by name.

    Parameters
    ----------
    catalogue : Catalogue
    names : sequence of str or None
        The sources that indicators were asked of; all by default. Those that place an address always count.
    """
    indicators = {source.name for source, _ in indicator_columns(catalogue, None)}
    left_out = set() if names is None else indicators - {*names, "communes"}
    return {
        source.name: {
            "vintage": source.manifest.vintage,
            "sha256": {table.name: table.sha256 for table in source.manifest.tables.values()},
        }
        for source in catalogue.sources
        if source.name not in left_out
    }


def changes(then: Mapping[str, Mapping[str, Any]], catalogue: Catalogue) -> list[Text]:
    """Say, a sentence a source, how a catalogue differs from the one of a training."""
    now = stamps(catalogue, None)
    found = []
    for name, trained in then.items():
        before = trained["vintage"]
        if name not in now:
            found.append(Text(f"La source {name} de l'apprentissage ({before}) n'est pas dans le catalogue.",
                              f"The source {name} of the training ({before}) is not in the catalogue."))  # fmt: skip
        elif now[name]["vintage"] != before:
            after = now[name]["vintage"]
            found.append(Text(f"Millésime de la source {name} : {after} ; lors de l'apprentissage : {before}.",
                              f"Vintage of the source {name}: {after}; in the training: {before}."))  # fmt: skip
        elif now[name]["sha256"] != trained["sha256"]:
            found.append(Text(f"La source {name} ({before}) n'est pas le même fichier que lors de l'apprentissage.",
                              f"The source {name} ({before}) is not the same file as in the training."))  # fmt: skip
    return found
