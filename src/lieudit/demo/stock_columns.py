"""The columns of the fictional Sirene stock, in the order and of the types in which INSEE publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lieudit.demo.stock_draws import BANDS, STOCK_DAY, choice, draw, luhn, pick, stamp, street, trade, word

__all__ = ["files"]

_NONE: Final = "CAST(NULL AS VARCHAR)"
_SUB_CLASSES: Final = 732  # of NAF rev. 2
_YEAR: Final = "CAST(2023 AS BIGINT)"
# The last establishment of a unit is its head office and has its activity; others have one of their own.
_WHOSE_ACTIVITY: Final = "CASE WHEN e.rank = e.establishments THEN e.unit ELSE -1 - e.number END"
# Of the few units that were not diffused at all, only this was published.
_ALWAYS: Final = ("siren", "siret", "statutDiffusion", "dateDernierTraitement", "etablissementSiege")


def files(seed: int, *, recent: bool) -> dict[str, str]:
    """Return the query of each file, by the file's name.

    Parameters
    ----------
    seed : int
    recent : bool
        With the columns that INSEE added since.
    """
    units = _unit_columns(seed) | (_RECENT_UNIT if recent else {})
    establishments = _establishment_columns(seed) | (_recent_establishment(seed) if recent else {})
    return {
        "StockUniteLegale_utf8.parquet": f"""
            SELECT {_selected(units)} FROM (
                SELECT u.*, {_unit_values(seed)}, a.code AS activity
                FROM unit AS u JOIN activity AS a ON a.number = {_activity("u.unit", seed)}
            ) AS u ORDER BY siren_number""",
        "StockEtablissement_utf8.parquet": f"""
            SELECT {_selected(establishments)} FROM (
                SELECT e.*, d.code, d.city, d.postcode, a.code AS activity, {_establishment_values(seed)}
                FROM establishment AS e JOIN drawn AS d USING (number)
                JOIN activity AS a ON a.number = {_activity(_WHOSE_ACTIVITY, seed)}
            ) AS e ORDER BY siren_number, rank""",
        "StockEtablissementLiensSuccession_utf8.parquet": _successions(seed),
    }


def _selected(columns: Mapping[str, str]) -> str:
    return ", ".join(
        f'{value} AS "{name}"'
        if name == "nic" or name.startswith(_ALWAYS)
        else f"CASE WHEN status <> 'N' THEN {value} END AS \"{name}\""
        for name, value in columns.items()
    )


def _activity(number: str, seed: int) -> str:
    """Draw the number of an activity: some are much more frequent than others."""
    return f"CAST(floor({_SUB_CLASSES} * pow({draw(number, 'activity', seed)}, 2.5)) AS BIGINT)"


def _unit_values(seed: int) -> str:
    masked = "u.status <> 'O' AND u.person"
    person = f"'PERSONNE-FICTIVE-' || {word('u.unit', 'person', seed)}"
    second = (
        f"CASE WHEN {draw('u.unit', 'second', seed)} < 0.3 THEN ' ' || {word('u.unit', 'second', seed)} ELSE '' END"
    )
    band = choice("u.unit", "band", seed, BANDS)
    return f"""
        CASE WHEN {masked} THEN '[ND]' WHEN u.person THEN {person} END AS surname,
        CASE WHEN {masked} THEN '[ND]' WHEN u.person THEN 'PRENOM-FICTIF' END AS first_name,
        CASE WHEN NOT u.person THEN {trade("u.unit", seed)} || ' ' || {word("u.unit", "name", seed)} || {second} END
            AS company_name,
        CASE WHEN u.ceased THEN 'NN' WHEN {draw("u.unit", "no band", seed)} < 0.03 THEN NULL ELSE {band} END AS band,
        u.establishments * 10 + {luhn("(u.siren_number * 10_000 + u.establishments)", 13)} AS head_nic,
        {draw("u.unit", "oddity", seed)} AS oddity
    """


def _unit_columns(seed: int) -> dict[str, str]:
    sex = pick(("M", "F"), "unit", "sex", seed)
    return {
        "siren": "printf('%09d', siren_number)",
        "statutDiffusionUniteLegale": "status",
        "unitePurgeeUniteLegale": "CASE WHEN ceased AND founded < DATE '1990-01-01' THEN true END",
        "dateCreationUniteLegale": "founded",
        "sigleUniteLegale": "CASE WHEN NOT person AND oddity < 0.08 THEN left(company_name, 3) END",
        "sexeUniteLegale": f"CASE WHEN surname = '[ND]' THEN '[ND]' WHEN person THEN {sex} END",
        "prenom1UniteLegale": "first_name",
        **dict.fromkeys((f"prenom{number}UniteLegale" for number in (2, 3, 4)), _NONE),
        "prenomUsuelUniteLegale": "first_name",
        "pseudonymeUniteLegale": _NONE,
        "identifiantAssociationUniteLegale": "CASE WHEN form = 9220 THEN printf('W%09d', unit) END",
        "trancheEffectifsUniteLegale": "band",
        "anneeEffectifsUniteLegale": f"CASE WHEN band <> 'NN' THEN {_YEAR} END",
        "dateDernierTraitementUniteLegale": stamp("unit", "unit stamp", seed),
        "nombrePeriodesUniteLegale": "1 + CAST(oddity * 8 AS BIGINT)",
        "categorieEntreprise": """CASE WHEN ceased OR oddity > 0.9 THEN NULL WHEN band IN ('52', '53') THEN 'GE'
            WHEN band IN ('32', '41', '42', '51') THEN 'ETI' ELSE 'PME' END""",
        "anneeCategorieEntreprise": f"CASE WHEN NOT ceased AND oddity <= 0.9 THEN {_YEAR} END",
        "dateDebut": _between("founded", "unit", seed),
        "etatAdministratifUniteLegale": "CASE WHEN ceased THEN 'C' ELSE 'A' END",
        "nomUniteLegale": "surname",
        "nomUsageUniteLegale": _NONE,
        "denominationUniteLegale": "company_name",
        **dict.fromkeys((f"denominationUsuelle{number}UniteLegale" for number in (1, 2, 3)), _NONE),
        "categorieJuridiqueUniteLegale": "CAST(form AS BIGINT)",
        "activitePrincipaleUniteLegale": """CASE WHEN oddity < 0.01 THEN NULL WHEN oddity < 0.02 THEN '00.00Z'
            WHEN oddity < 0.03 AND ceased THEN '721Z' ELSE activity END""",
        "nomenclatureActivitePrincipaleUniteLegale": """CASE WHEN oddity < 0.01 THEN NULL
            WHEN oddity BETWEEN 0.02 AND 0.03 AND ceased THEN 'NAF1993' ELSE 'NAFRev2' END""",
        "nicSiegeUniteLegale": "CASE WHEN oddity < 0.998 THEN printf('%05d', head_nic) END",
        "economieSocialeSolidaireUniteLegale": "CASE WHEN form = 9220 THEN 'O' WHEN oddity < 0.2 THEN 'N' END",
        "caractereEmployeurUniteLegale": """CASE WHEN oddity < 0.5 THEN NULL WHEN band IN ('NN', '00') THEN 'N'
            WHEN band IS NOT NULL THEN 'O' END""",
    }


_RECENT_UNIT: Final = {
    "societeMissionUniteLegale": "CASE WHEN oddity < 0.001 THEN 'O' END",
    "activitePrincipaleNAF25UniteLegale": "CASE WHEN NOT ceased THEN left(activity, 5) || 'Y' END",
}


def _between(since: str, number: str, seed: int) -> str:
    """Draw a day between another and the stock's."""
    return f"{since} + CAST((DATE '{STOCK_DAY}' - {since}) * {draw(number, f'{since} period', seed)} AS INTEGER)"


def _establishment_values(seed: int) -> str:
    return f"""
        e.ceased OR (e.rank < e.establishments AND {draw("e.number", "shut", seed)} < 0.45) AS shut,
        {draw("e.number", "abroad", seed)} < 0.005 AS abroad,
        e.rank = e.establishments AND {draw("e.unit", "no head", seed)} > 0.002 AS head,
        e.status <> 'O' AND e.person AS masked,
        CASE WHEN e.founded = DATE '1900-01-01' THEN e.founded
             ELSE e.founded + CAST((DATE '{STOCK_DAY}' - e.founded) * (e.rank - 1) / e.establishments AS INTEGER)
        END AS opened,
        {draw("e.number", "oddity", seed)} AS oddity
    """


def _establishment_columns(seed: int) -> dict[str, str]:
    def shown(value: str) -> str:
        return f"CASE WHEN masked THEN '[ND]' WHEN NOT abroad THEN {value} END"

    sign = f"'CHEZ ' || {word('number', 'sign', seed)}"
    columns = {
        "siren": "printf('%09d', siren_number)",
        "nic": "printf('%05d', nic)",
        "siret": "printf('%014d', siret_number)",
        "statutDiffusionEtablissement": "status",
        "dateCreationEtablissement": "opened",
        "trancheEffectifsEtablissement": f"CASE WHEN shut THEN 'NN' ELSE {choice('number', 'band', seed, BANDS)} END",
        "anneeEffectifsEtablissement": f"CASE WHEN NOT shut THEN {_YEAR} END",
        "activitePrincipaleRegistreMetiersEtablissement": _NONE,
        "dateDernierTraitementEtablissement": stamp("number", "stamp", seed),
        "etablissementSiege": "head",
        "nombrePeriodesEtablissement": "1 + CAST(oddity * 5 AS BIGINT)",
    }
    first = {
        "complementAdresse": _NONE,
        "numeroVoie": shown("CAST(1 + CAST(oddity * 120 AS INTEGER) AS VARCHAR)"),
        "indiceRepetition": _NONE,
        "typeVoie": shown(pick(("RUE", "AV", "CHE", "PL"), "number", "street kind", seed)),
        "libelleVoie": shown(street("number", seed)),
        "codePostal": shown("postcode"),
        "libelleCommune": "CASE WHEN NOT abroad THEN city END",
        "libelleCommuneEtranger": "CASE WHEN abroad THEN 'VILLE FICTIVE' END",
        "distributionSpeciale": _NONE,
        "codeCommune": "CASE WHEN NOT abroad THEN code END",
        "codeCedex": _NONE,
        "libelleCedex": _NONE,
        "codePaysEtranger": "CASE WHEN abroad THEN '99131' END",
        "libellePaysEtranger": "CASE WHEN abroad THEN 'BELGIQUE' END",
    }
    columns |= {f"{name}Etablissement": value for name, value in first.items()}
    columns |= {f"{name}2Etablissement": _NONE for name in first}
    return columns | {
        "dateDebut": _between("opened", "number", seed),
        "etatAdministratifEtablissement": "CASE WHEN shut AND NOT (ceased AND oddity < 0.001) THEN 'F' ELSE 'A' END",
        "enseigne1Etablissement": f"CASE WHEN masked THEN '[ND]' WHEN oddity < 0.15 THEN {sign} END",
        **dict.fromkeys(
            ("enseigne2Etablissement", "enseigne3Etablissement", "denominationUsuelleEtablissement"), _NONE
        ),
        "activitePrincipaleEtablissement": """CASE WHEN oddity > 0.99 THEN NULL WHEN oddity > 0.98 AND shut THEN '721Z'
            ELSE activity END""",
        "nomenclatureActivitePrincipaleEtablissement": """CASE WHEN oddity > 0.99 THEN NULL
            WHEN oddity > 0.98 AND shut THEN 'NAF1993' ELSE 'NAFRev2' END""",
    }


def _recent_establishment(seed: int) -> dict[str, str]:
    return {
        "caractereEmployeurEtablissement": f"CASE WHEN {draw('number', 'employs', seed)} < 0.25 THEN 'O' ELSE 'N' END",
        "activitePrincipaleNAF25Etablissement": "CASE WHEN NOT shut THEN left(activity, 5) || 'Y' END",
    }


def _successions(seed: int) -> str:
    """Let establishments that closed go on in the next of their unit, or sell a few to another unit."""
    return f"""
        SELECT printf('%014d', siret_number) AS "siretEtablissementPredecesseur",
               printf('%014d', successor) AS "siretEtablissementSuccesseur",
               DATE '{STOCK_DAY}' - CAST(9_000 * {draw("number", "handed over", seed)} AS INTEGER)
                   AS "dateLienSuccession",
               same AS "transfertSiege", same OR {draw("number", "goes on", seed)} < 0.5 AS "continuiteEconomique",
               {stamp("number", "link stamp", seed)} AS "dateDernierTraitementLienSuccession"
        FROM (SELECT *, rank < establishments AS same,
                     lead(siret_number) OVER (ORDER BY siren_number, rank) AS successor
              FROM establishment)
        WHERE successor IS NOT NULL AND status <> 'N'
          AND {draw("number", "link", seed)} < CASE WHEN same THEN 0.6 ELSE 0.03 END
        ORDER BY siren_number, rank"""
