"""Column names, units and roles, said once.

Every room names columns through this module, so that a column has the same name in a file, a table, a
feature and a report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

__all__ = [
    "ACCOUNTS_COLUMNS",
    "ACCOUNTS_KINDS",
    "BEHAVIOUR_COLUMNS",
    "CLUSTER_COLUMNS",
    "COMMUNE_COLUMNS",
    "COMMUNE_STATUSES",
    "COMPANY_COLUMNS",
    "COMPANY_OUTCOME_COLUMNS",
    "COMPANY_STATES",
    "COMPANY_STATUSES",
    "CUSTOMER_ROLES",
    "INDICATORS",
    "NAF_COLUMNS",
    "OFFICIAL_INDICATORS",
    "RFM_COLUMNS",
    "RFM_SEGMENTS",
    "SIRET_COLUMNS",
    "SIRET_STATUSES",
    "STOCK_COLUMNS",
    "TRANSACTION_ROLES",
    "WEBSITE_COLUMNS",
    "WEBSITE_STATUSES",
    "Column",
    "Dtype",
    "Text",
]

Dtype = Literal["text", "integer", "number", "boolean", "date", "category", "text_list", "geometry"]


class Text(NamedTuple):
    """A sentence or a label in both languages of the report."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Column:
    """A named column: its type, unit and meaning in both languages of the report.

    Attributes
    ----------
    name : str
        As it stands in files.
    dtype : Dtype
        What it holds.
    unit : str
        ``"eur"``, ``"days"``, ``"share"`` (0 to 1), ``"class"``, ``"per_km2"``, … or ``""``.
    fr, en : str
        A short label.
    """

    name: str
    dtype: Dtype
    unit: str
    fr: str
    en: str


# What a customer or company file may say of a row. The headers that stand for each role are in tables.recognise.
CUSTOMER_ROLES: Final = (
    "id", "name", "address", "postcode", "city", "country", "siret", "siren", "naf", "lat", "lon", "website",
)  # fmt: skip
TRANSACTION_ROLES: Final = ("customer", "date", "amount", "order")

COMMUNE_COLUMNS: Final = (
    Column("commune_code", "text", "", "Code INSEE de la commune", "INSEE code of the commune"),
    Column("commune_name", "text", "", "Commune", "Commune"),
    Column("commune_status", "category", "", "Issue de la recherche", "Outcome of the look-up"),
    Column("commune_method", "category", "", "Comment la commune a été trouvée", "How the commune was found"),
    Column("commune_confidence", "number", "share", "Confiance", "Confidence"),
    Column("arrondissement_code", "text", "", "Arrondissement (Paris, Lyon, Marseille)", "Arrondissement"),
    Column("commune_note", "category", "", "Remarque sur la recherche", "Remark on the look-up"),
)
COMMUNE_STATUSES: Final = ("matched", "ambiguous", "not_found", "foreign", "empty")

INDICATORS: Final = (
    Column("income_per_inhabitant_eur", "number", "eur", "Revenu imposable par habitant",
           "Taxable income per inhabitant"),
    Column("population", "integer", "inhabitants", "Population", "Population"),
    Column("area_km2", "number", "km2", "Superficie", "Area"),
    Column("density_per_km2", "number", "per_km2", "Densité", "Density"),
    Column("density_class", "integer", "class", "Classe de densité", "Density class"),
    Column("urban_class", "category", "class", "Urbain, périurbain ou rural", "Urban, periurban or rural"),
    Column("urban_class_source", "category", "", "Définition de la classe urbaine", "Definition of the urban class"),
    Column("share_under_20", "number", "share", "Part des moins de 20 ans", "Share under 20"),
    Column("share_65_plus", "number", "share", "Part des 65 ans et plus", "Share aged 65 and over"),
    Column("share_houses", "number", "share", "Part des maisons", "Share of houses"),
    Column("share_second_homes", "number", "share", "Part des résidences secondaires", "Share of second homes"),
    Column("share_vacant_homes", "number", "share", "Part des logements vacants", "Share of vacant homes"),
    Column("share_social_housing", "number", "share", "Part des logements sociaux", "Share of social housing"),
    Column("share_qpv", "number", "share", "Part en quartier prioritaire", "Share in priority districts"),
    Column("mountain", "boolean", "", "Commune de montagne", "Mountain commune"),
)  # fmt: skip

# What only the official files hold (`lieudit sources fetch`).
OFFICIAL_INDICATORS: Final = (
    Column("median_income_eur", "number", "eur", "Niveau de vie médian", "Median standard of living"),
    Column("share_in_poverty", "number", "share", "Part de personnes pauvres", "Share of people in poverty"),
    Column("income_d1_eur", "number", "eur", "Niveau de vie, premier décile", "Standard of living, first decile"),
    Column("income_d9_eur", "number", "eur", "Niveau de vie, neuvième décile", "Standard of living, ninth decile"),
    Column("income_d9_d1_ratio", "number", "ratio", "Rapport interdécile", "Interdecile ratio"),
    Column("share_social_benefits", "number", "share", "Part des prestations sociales dans le revenu",
           "Share of social benefits in income"),
    Column("attraction_category", "category", "class", "Catégorie dans l'aire d'attraction",
           "Category in the attraction area"),
    Column("attraction_area", "category", "", "Aire d'attraction", "Attraction area"),
    Column("attraction_area_size", "integer", "class", "Taille de l'aire d'attraction", "Size of the attraction area"),
    Column("urban_unit", "category", "", "Unité urbaine", "Urban unit"),
    Column("urban_unit_size", "integer", "class", "Taille de l'unité urbaine", "Size of the urban unit"),
    Column("employment_zone", "category", "", "Zone d'emploi", "Employment zone"),
    Column("frr", "category", "class", "France Ruralités Revitalisation", "Rural revitalisation zone (FRR)"),
    Column("share_working_elsewhere", "number", "share", "Part des actifs qui travaillent dans une autre commune",
           "Share of workers employed in another commune"),
    Column("jobs_per_worker", "number", "ratio", "Emplois par actif résident", "Jobs per resident worker"),
)  # fmt: skip

SIRET_COLUMNS: Final = (
    Column("siret", "text", "", "SIRET", "SIRET"),
    Column("siren", "text", "", "SIREN", "SIREN"),
    Column("siret_status", "category", "", "Contrôle du SIRET", "SIRET check"),
)
SIRET_STATUSES: Final = (
    "valid_siret", "valid_siret_repadded", "valid_siret_ocr", "siren_only", "siren_only_repadded",
    "invalid_checksum", "invalid_format", "invalid_length", "invalid_placeholder",
    "unrecoverable_scientific", "multiple", "nic_only", "foreign_vat", "monaco_vat", "rna_association",
    "iban", "empty",
)  # fmt: skip

# What came of looking a company up.
COMPANY_OUTCOME_COLUMNS: Final = (
    Column("company_status", "category", "", "Issue de la recherche d'entreprise", "Outcome of the company look-up"),
    Column("company_method", "category", "", "Comment l'entreprise a été trouvée", "How the company was found"),
    Column("company_confidence", "number", "share", "Confiance (entreprise)", "Confidence (company)"),
    Column("company_note", "category", "", "Remarque sur l'entreprise", "Remark on the company"),
)
COMPANY_STATUSES: Final = ("found", "not_found", "ambiguous", "invalid", "deferred", "empty")

NAF_COLUMNS: Final = (
    Column("naf", "text", "", "Code NAF rév. 2", "NAF rev. 2 code"),
    Column("naf_label", "text", "", "Activité", "Activity"),
    Column("naf_section", "category", "", "Section d'activité", "Activity section"),
)
# What the Sirene stock says of a company and, where a SIRET is given, of its establishment.
STOCK_COLUMNS: Final = (
    Column("naf_2025", "text", "", "Code NAF 2025", "NAF 2025 code"),
    Column("legal_form", "text", "", "Catégorie juridique (code)", "Legal form (code)"),
    Column("legal_form_label", "category", "", "Catégorie juridique", "Legal form"),
    Column("company_category", "category", "class", "Catégorie d'entreprise (PME, ETI, GE)", "Size category"),
    Column("headcount_min", "integer", "employees", "Effectif salarié, au moins", "Employees, at least"),
    Column("headcount_max", "integer", "employees", "Effectif salarié, au plus", "Employees, at most"),
    Column("employer", "boolean", "", "Employeur", "Employer"),
    Column("founded", "date", "", "Date de création de l'entreprise", "Date of foundation"),
    Column("company_age_years", "integer", "years", "Âge de l'entreprise à la date du répertoire",
           "Age of the company at the date of the register"),
    Column("head_office", "boolean", "", "Établissement siège", "Head office"),
    Column("open_establishments", "integer", "establishments", "Établissements ouverts", "Open establishments"),
    Column("company_state", "category", "", "Ouvert ou fermé", "Open or closed"),
    Column("closed_on", "date", "", "Date de fermeture", "Closed on"),
    Column("successor_siret", "text", "", "SIRET du successeur", "SIRET of the successor"),
    Column("diffusible", "boolean", "", "Diffusible (sans opposition)", "May be passed on and used for prospecting"),
)  # fmt: skip
COMPANY_STATES: Final = ("open", "closed")
# What it filed of its accounts; all of a row are of the year, the kind and the source that it names.
ACCOUNTS_COLUMNS: Final = (
    Column("turnover_eur", "integer", "eur", "Chiffre d'affaires", "Turnover"),
    Column("net_result_eur", "integer", "eur", "Résultat net", "Net result"),
    Column("accounts_year", "integer", "year", "Année des comptes", "Year of the accounts"),
    Column("accounts_kind", "category", "", "Type de bilan", "Kind of balance sheet"),
    Column("accounts_source", "category", "", "Source des comptes", "Source of the accounts"),
    Column("turnover_growth", "number", "share", "Croissance annuelle du chiffre d'affaires",
           "Yearly growth of turnover"),
    Column("turnover_growth_years", "integer", "years", "Années de la croissance", "Years of the growth"),
    Column("net_margin", "number", "share", "Marge nette", "Net margin"),
)  # fmt: skip
ACCOUNTS_KINDS: Final = ("full", "simplified", "consolidated")
COMPANY_COLUMNS: Final = (*NAF_COLUMNS, *STOCK_COLUMNS)

# What the home page of a company says of it, read where the user asks for it.
WEBSITE_COLUMNS: Final = (
    Column("website_status", "category", "", "Issue de la lecture du site", "Outcome of reading the website"),
    Column("website_title", "text", "", "Titre du site", "Title of the website"),
    Column("website_description", "text", "", "Description du site", "Description of the website"),
    Column("website_language", "category", "", "Langue du site", "Language of the website"),
    Column("website_themes", "text_list", "", "Thèmes du site", "Themes of the website"),
    Column("website_sector_words", "text_list", "", "Mots de secteur du site", "Sector words of the website"),
    Column("website_social", "text_list", "", "Réseaux sociaux", "Social networks"),
    Column("website_ecommerce", "boolean", "", "Vente en ligne", "Sells online"),
)  # fmt: skip
WEBSITE_STATUSES: Final = (
    "read", "empty", "robots", "refused_address", "unreachable", "not_html", "too_large", "deferred",
)  # fmt: skip

RFM_COLUMNS: Final = (
    Column("customer_id", "text", "", "Client", "Customer"),
    Column("recency_days", "integer", "days", "Récence", "Recency"),
    Column("frequency", "integer", "orders", "Fréquence", "Frequency"),
    Column("monetary", "number", "currency", "Montant", "Monetary value"),
    Column("first_order", "date", "", "Première commande", "First order"),
    Column("last_order", "date", "", "Dernière commande", "Last order"),
    Column("tenure_days", "integer", "days", "Ancienneté", "Tenure"),
    Column("r", "integer", "level", "Score R", "R score"),
    Column("f", "integer", "level", "Score F", "F score"),
    Column("m", "integer", "level", "Score M", "M score"),
    Column("rfm_score", "text", "", "Score RFM", "RFM score"),
    Column("rfm_segment", "category", "", "Segment RFM", "RFM segment"),
    Column("rfm_label", "category", "", "Segment RFM (libellé)", "RFM segment (label)"),
)

# What orders say beside RFM; they feed the clusters, not the rules.
BEHAVIOUR_COLUMNS: Final = (
    Column("mean_basket", "number", "currency", "Panier moyen", "Mean basket"),
    Column("order_gap_cv", "number", "ratio", "Irrégularité des commandes (CV des intervalles)",
           "Irregularity of orders (CV of gaps)"),
)  # fmt: skip

# What a segmentation says of a customer.
CLUSTER_COLUMNS: Final = (
    Column("cluster", "integer", "", "Groupe (-1 : aucun)", "Cluster (-1: none)"),
    Column("segment", "category", "", "Segment", "Segment"),
    Column("strength", "number", "share", "Force d'appartenance", "Strength of membership"),
    Column("unnamed", "boolean", "", "Segment que personne n'a nommé", "Segment that nobody has named"),
    Column("cluster_basis", "category", "", "Ce qui a décidé du groupe", "What decided the cluster"),
)

# The rule segments, best first; rfm_analysis holds the 64 scores, configs/playbooks.yaml the words.
RFM_SEGMENTS: Final = (
    "champions", "loyal", "potential_loyal", "new", "promising", "needs_attention", "about_to_sleep", "at_risk",
    "dormant", "lost", "cant_lose",
)  # fmt: skip
