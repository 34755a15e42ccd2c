"""Sources of the user's own: a folder with ``source.yaml`` and a table keyed by commune, postcode, EPCI, SIREN or NAF.

What a machine knows by itself need not be written (checksum, row count), and one line says what the catalogue's
manifests say in two languages. docs/sources.md shows an example.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lieudit.catalogue.cog import COG_YEAR
from lieudit.errors import CatalogueError
from lieudit.schema import COMMUNE_COLUMNS, COMPANY_COLUMNS, COMPANY_OUTCOME_COLUMNS, SIRET_COLUMNS

__all__ = ["KEYS", "TYPES", "complete"]

# What the main table of a source may be keyed by to be joined to customers.
KEYS: Final = ("commune_code", "postcode", "epci_code", "siren", "naf")

_NEEDED: Final = ("title", "publisher", "licence", "vintage", "updated", "file", "key", "columns")
_LICENCE: Final = "such as 'licence: Licence Ouverte 2.0', or 'licence: internal use' for data of your own"
# Types of the columns; catalogue.own_table says how the cells of each are read.
TYPES: Final = ("text", "category", "integer", "number", "boolean", "date")


def complete(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of an own source as the catalogue writes them.

    Parameters
    ----------
    name : str
        Of the source.
    content : mapping
        What the user wrote.

    Raises
    ------
    CatalogueError
        A key is missing or wrong.
    """
    for key in _NEEDED:
        if not content.get(key):
            expected = _LICENCE if key == "licence" else f"'{key}: …', one of " + ", ".join(_NEEDED)
            raise CatalogueError(f"{name}/source.yaml has no {key}.", expected=expected,
                                 fix="Add it; docs/sources.md shows an example.")  # fmt: skip
    key = content["key"]
    columns = [_column(name, each) for each in content["columns"]]
    if key not in KEYS or key not in [column["name"] for column in columns]:
        raise CatalogueError(f"The key of {name}/source.yaml is {key!r}.",
                             expected="one of its columns, called " + ", ".join(KEYS),
                             fix="Name the column so, in the table and in columns.")  # fmt: skip
    taken = _TAKEN.intersection(column["name"] for column in columns if column["name"] != key)
    if taken:
        raise CatalogueError(f"{name}/source.yaml has a column {', '.join(sorted(taken))}.",
                             expected="names that lieudit has not taken", fix="Give it another name.")  # fmt: skip
    if _year(name, content) is not None:
        columns = [each for column in columns for each in (column, *_flag(column, key))]
    title = content["title"]
    publisher = str(content["publisher"])
    table = {
        "file": str(content["file"]),
        "key": [key],
        "columns": columns,
        "sha256": content.get("sha256", ""),
        "rows": 0,
    }
    return {
        "producer": publisher,
        "licence_url": "",
        "attribution": f"Source : {publisher}, {content['vintage']}.",
        "landing_page": "",
        **content,
        "geography": _year(name, content),
        "title": title if isinstance(title, Mapping) else {"fr": str(title), "en": str(title)},
        "packages": [],
        "tables": {"table": table},
    }


# Columns of that name are made while customers are enriched.
_TAKEN: Final = frozenset(
    {column.name for column in (*COMMUNE_COLUMNS, *SIRET_COLUMNS, *COMPANY_OUTCOME_COLUMNS, *COMPANY_COLUMNS)}
    | {"arrondissement", "number", "place", "raw", "raw_siren", "row"}
)


def _column(name: str, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping) or "name" not in given or given.get("type") not in TYPES:
        raise CatalogueError(f"{name}/source.yaml describes the column {given!r}.",
                             expected=f"name and type, which is one of {', '.join(TYPES)}",
                             fix="Correct it; docs/sources.md shows an example.")  # fmt: skip
    label = str(given.get("label", given["name"]))
    return {"fr": label, "en": label, **given}


def _flag(column: Mapping[str, str], key: str) -> list[dict[str, str]]:
    if column["name"] == key:
        return []
    return [{"name": column["name"] + "_estimated", "type": "boolean", "fr": f"Valeur estimée : {column['fr']}",
             "en": f"Estimated value: {column['en']}"}]  # fmt: skip


def _year(name: str, content: Mapping[str, Any]) -> int | None:
    """Return the year of the COG that the codes are of, where it is not today's."""
    year = content.get("geography")
    if year is None or year == COG_YEAR:
        return None
    if not isinstance(year, int) or not 1943 <= year < COG_YEAR or content["key"] != "commune_code":
        raise CatalogueError(f"{name}/source.yaml has the geography {year!r}.",
                             expected=f"a year from 1943 to {COG_YEAR}, for a table keyed by commune_code",
                             fix="Give the year of the communes' codes, or leave it out.")  # fmt: skip
    return year
