"""Recherche d'entreprises on 127.0.0.1, from its own specification.

Parameters that the specification does not know, or of another type than it says, are answered with status 400; every
answer is held against its schema before it leaves, so that a test cannot pass on a shape that the service never has.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from lieudit.services.company import headcount

from .server import Exchange

SPECIFICATION = Path(__file__).parents[3] / "shared" / "api" / "recherche_entreprises_openapi.yml"
SECONDARY = ("complements", "dirigeants", "finances", "matching_etablissements", "siege", "score", "tva")
MASK = "[NON-DIFFUSIBLE]"


@cache
def specification() -> dict[str, Any]:
    if not SPECIFICATION.is_file():
        pytest.skip("the specification of Recherche d'entreprises is not there")
    loaded: dict[str, Any] = yaml.safe_load(SPECIFICATION.read_text(encoding="utf-8"))
    return loaded


def _schema(node: Any) -> Any:
    """Make JSON Schema of OpenAPI 3.0: references in place, ``nullable`` said as a type, unknown fields refused."""
    if isinstance(node, list):
        return [_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        part: Any = specification()
        for name in node["$ref"].strip().removeprefix("#/").split("/"):
            part = part[name]
        return _schema(part)
    made = {key: _schema(value) for key, value in node.items() if key not in {"nullable", "example", "description"}}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    if node.get("nullable"):
        return {"anyOf": [made, {"type": "null"}]}
    return made


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(_schema(specification()["components"]["schemas"]["payload"]))


def prepare() -> None:
    """Read the specification, or skip the test; it takes longer than a test's server may."""
    _validator()
    headcount("12")


@cache
def _parameters() -> dict[str, Any]:
    return {each["name"]: each["schema"] for each in specification()["paths"]["/search"]["get"]["parameters"]}


def _fault(query: list[tuple[str, str]]) -> str:
    """Say what is wrong with a request; nothing where it is right."""
    names = [name for name, _ in query]
    for name, value in query:
        schema = _parameters().get(name)
        if schema is None or names.count(name) > 1:
            return f"unknown or repeated parameter {name}"
        typed: Any = value
        if schema["type"] == "boolean":
            typed = {"true": True, "false": False}.get(value, value)
        elif schema["type"] == "integer" and re.fullmatch(r"-?\d+", value):
            typed = int(value)
        if not Draft7Validator(schema).is_valid(typed):
            return f"{name} is no {schema['type']}"
    asked = dict(query)
    included = [name for name in asked.get("include", "").split(",") if name]
    if included and asked.get("minimal") != "true":
        return "include without minimal"
    if not set(included) <= set(SECONDARY):
        return "include of unknown fields"
    return "" if asked.get("q") else "Veuillez indiquer au moins un paramètre de recherche."


def company(siren: str, siret: str | None = None, **values: Any) -> dict[str, Any]:
    """Return a company as the service has it, its head office first among its establishments."""
    seat = place(siret or f"{siren}00011", est_siege=True, activite_principale="70.10Z", commune="75115")
    return {
        "siren": siren, "nom_complet": "SOCIETE D'ESSAI", "nom_raison_sociale": "SOCIETE D'ESSAI", "sigle": None,
        "nombre_etablissements": 3, "nombre_etablissements_ouverts": 2, "siege": seat, "activite_principale": "70.10Z",
        "activite_principale_naf25": "70.10Y", "categorie_entreprise": "PME", "caractere_employeur": "O",
        "date_creation": "2001-02-03", "etat_administratif": "A", "nature_juridique": "5710",
        "tranche_effectif_salarie": "12", "statut_diffusion": "O", "dirigeants": [], "complements": {},
        "matching_etablissements": [seat], "finances": {"2022": {"ca": 900, "resultat_net": -50},
                                                        "2023": {"ca": 1000, "resultat_net": 2147483647}},
    } | values  # fmt: skip


def place(siret: str, **values: Any) -> dict[str, Any]:
    """Return an establishment."""
    return {
        "siret": siret, "activite_principale": "47.11B", "activite_principale_naf25": "47.11Y", "commune": "35238",
        "adresse": "1 RUE DU LAC 35000 RENNES", "etat_administratif": "A", "est_siege": False, "date_fermeture": None,
        "statut_diffusion_etablissement": "O", "tranche_effectif_salarie": "01", "caractere_employeur": "O",
    } | values  # fmt: skip


@dataclass
class Directory:
    """The companies that there are, by SIREN, and the establishments behind each look-up by SIRET."""

    companies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, exchange: Exchange) -> None:
        query = exchange.request.query
        if not exchange.request.path.startswith("/search?"):
            exchange.send(404, b"{}", "application/json")
        elif fault := _fault(query):
            exchange.send(400, json.dumps({"erreur": fault}).encode(), "application/json")
        else:
            exchange.send(200, json.dumps(self.answer(dict(query))).encode(), "application/json")

    def answer(self, query: dict[str, str]) -> dict[str, Any]:
        """Answer a look-up as the specification says."""
        asked = query["q"]
        found = deepcopy(self.companies.get(asked[:9])) if re.fullmatch(r"\d{9}(\d{5})?", asked) else None
        if found is not None:
            places = found["matching_etablissements"]
            found["matching_etablissements"] = [each for each in places if len(asked) == 14 and each["siret"] == asked]
            included = set(query.get("include", "").split(",")) if query.get("minimal") == "true" else set(SECONDARY)
            found = {name: value for name, value in found.items() if name not in set(SECONDARY) - included}
        results = [] if found is None else [found]
        content = {"results": results, "total_results": len(results), "page": 1, "per_page": 10,
                   "total_pages": len(results)}  # fmt: skip
        _validator().validate(content)
        return content
