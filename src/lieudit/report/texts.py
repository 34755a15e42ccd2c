"""The words of the report, from ``texts.yaml``, in one language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from lieudit import schema
from lieudit.config.model import Language
from lieudit.errors import InternalError
from lieudit.report.formats import typeset

__all__ = ["Texts"]

_COLUMNS = {
    column.name: column
    for group in (
        schema.COMMUNE_COLUMNS,
        schema.INDICATORS,
        schema.OFFICIAL_INDICATORS,
        schema.SIRET_COLUMNS,
        schema.COMPANY_COLUMNS,
        schema.ACCOUNTS_COLUMNS,
        schema.RFM_COLUMNS,
        schema.BEHAVIOUR_COLUMNS,
    )
    for column in group
}


class Texts:
    """Texts in one language.

    Parameters
    ----------
    lang : {"fr", "en"}

    Examples
    --------
    >>> Texts("en")("small", n=10)
    'fewer than 10'
    """

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self._texts = _flat(lang)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with its ``{places}`` filled."""
        try:
            text = self._texts[key]
        except KeyError:
            raise InternalError(f"The report has no text '{key}'.", fix="Add it to report/texts.yaml.") from None
        return text.format_map(values) if values else text

    def all(self) -> dict[str, str]:
        """Return every text by its key."""
        return dict(self._texts)

    def count(self, key: str, n: int, **values: object) -> str:
        """Return ``key.one`` or ``key.many``, as the language wants for ``n``: French says *0 groupe*."""
        one = n < 2 if self.lang == "fr" else n == 1
        return self(f"{key}.{'one' if one else 'many'}", n=n, **values)

    def known(self, prefix: str, value: str) -> str:
        """Return the text of ``prefix.value``, or the value itself where there is none."""
        return self._texts.get(f"{prefix}.{value}", value.replace("_", " "))

    def feature(self, name: str) -> str:
        """Return the label of a feature: of a column, or of one category of it (``urban_class=rural``)."""
        column, _, category = name.partition("=")
        if f"categories.{column}.{category}" in self._texts:
            return self._texts[f"categories.{column}.{category}"]
        label = (
            typeset(getattr(_COLUMNS[column], self.lang), self.lang) if column in _COLUMNS else column.replace("_", " ")
        )
        if category:
            return self("category", label=label, category=category)
        unit = f"with_unit.{unit_of(name)}"
        return self(unit, label=label) if unit in self._texts else label


def unit_of(feature: str) -> str:
    """Return the unit of a feature; of a category, what it holds is a share."""
    column, _, category = feature.partition("=")
    if category:
        return "share"
    return _COLUMNS[column].unit if column in _COLUMNS else ""


@cache
def _flat(lang: Language) -> dict[str, str]:
    content = yaml.safe_load(files("lieudit.report").joinpath("texts.yaml").read_text(encoding="utf-8"))
    return {key: typeset(text, lang) for key, text in _walk(content, lang, "")}


def _walk(node: dict[str, Any], lang: Language, prefix: str) -> list[tuple[str, str]]:
    if set(node) == {"fr", "en"}:
        return [(prefix, node[lang])]
    return [
        pair for key, child in node.items() for pair in _walk(child, lang, f"{prefix}.{key}" if prefix else str(key))
    ]
