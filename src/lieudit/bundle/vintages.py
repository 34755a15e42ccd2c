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
    """Return the vintage and the checksums of sources, and the indicators taken from each, by name.

    Parameters
    ----------
    catalogue : Catalogue
    names : sequence of str or None
        The sources that indicators were asked of; all by default. Those that place an address always count.
    """
    indicators = {source.name for source, _ in indicator_columns(catalogue, None)}
    taken = [(source.name, column.name) for source, column in indicator_columns(catalogue, names)]
    left_out = set() if names is None else indicators - {*names, "communes"}
    return {
        source.name: {
            "vintage": source.manifest.vintage,
            "sha256": {table.name: table.sha256 for table in source.manifest.tables.values()},
            "indicators": [column for name, column in taken if name == source.name],
        }
        for source in catalogue.sources
        if source.name not in left_out
    }


def changes(then: Mapping[str, Mapping[str, Any]], catalogue: Catalogue, names: Sequence[str] | None) -> list[Text]:
    """Say how a catalogue differs from the one of a training: a sentence a source, then one an indicator.

    Parameters
    ----------
    then : mapping
        What :func:`stamps` gave in the training.
    catalogue : Catalogue
    names : sequence of str or None
        The sources that indicators are asked of.
    """
    now = stamps(catalogue, names)
    compared = ((name, _changed(name, trained, now.get(name))) for name, trained in then.items())
    return [text for _, text in compared if text is not None] + _taken_over(then, now)


def _changed(name: str, trained: Mapping[str, Any], now: Mapping[str, Any] | None) -> Text | None:
    before = trained["vintage"]
    if now is None:
        return Text(f"La source {name} de l'apprentissage ({before}) n'est pas dans le catalogue.",
                    f"The source {name} of the training ({before}) is not in the catalogue.")  # fmt: skip
    if now["vintage"] != before:
        return Text(f"Millésime de la source {name} : {now['vintage']} ; lors de l'apprentissage : {before}.",
                    f"Vintage of the source {name}: {now['vintage']}; in the training: {before}.")  # fmt: skip
    if now["sha256"] != trained["sha256"]:
        return Text(f"La source {name} ({before}) n'est pas le même fichier que lors de l'apprentissage.",
                    f"The source {name} ({before}) is not the same file as in the training.")  # fmt: skip
    return None


def _taken_over(then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> list[Text]:
    """Name the indicators that another source gives by now (fetched since, say): its scale may differ."""
    before, after = _givers(then), _givers(now)
    return [
        Text(f"{name} vient désormais de la source {after[name]} ; lors de l'apprentissage : {source}.",
             f"{name} comes from the source {after[name]} by now; in the training: {source}.")
        for name, source in before.items()
        if source in now and after.get(name, source) != source
    ]  # fmt: skip


def _givers(stamped: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {column: name for name, about in stamped.items() for column in about.get("indicators", ())}
