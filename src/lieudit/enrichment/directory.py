"""Companies that no stock on disk holds, looked up at a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

import duckdb
import pyarrow as pa

from lieudit.catalogue import Catalogue
from lieudit.enrichment.asked import Asked, Directory, Kind
from lieudit.enrichment.identifiers import COMPANIES, COMPANY_ROWS
from lieudit.enrichment.registers import ESTABLISHMENT_UNKNOWN
from lieudit.schema import COMPANY_COLUMNS, Column
from lieudit.services import Company, Looked
from lieudit.tables import literal

__all__ = ["DEFERRED", "FILLED", "ask_directory"]

DEFERRED: Final = "deferred"  # stands for a register where a service was to be asked and could not be
_FIELDS: Final = tuple(column for column in COMPANY_COLUMNS if column.name in {field.name for field in fields(Company)})
# What the columns of a service's answers are, and what is worked out from them.
FILLED: Final = (*(column.name for column in _FIELDS), "naf_label", "naf_section", "company_age_years")
_KEY: Final = ("identifier", "register", "note", "commune_code")
_MISSING: Final = "lieudit_missing"
_ANSWERS: Final = "lieudit_directory"
_ARROW: Final = {"integer": pa.int64(), "boolean": pa.bool_()}
_SCHEMA: Final = pa.schema(
    [*((name, pa.string()) for name in _KEY), *((c.name, _ARROW.get(c.dtype, pa.string())) for c in _FIELDS)]
)


def ask_directory(
    con: duckdb.DuckDBPyConnection, missing: str, catalogue: Catalogue, kind: Kind, directory: Directory
) -> tuple[str, dict[str, Mapping[str, Any]], Asked]:
    """Look companies up at the directory that is open.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.identifiers.read_companies` made.
    missing : str
        A query of ``siret`` (or null) and ``siren``, each pair once.
    catalogue : Catalogue
    kind : {"company_search", "sirene_api"}
    directory : Directory
        The service of that kind.

    Returns
    -------
    relation : str
        ``siret, siren`` as asked for, ``register``, ``note``, ``commune_code`` and the columns of :data:`FILLED`, a row
        for each company that is known there, and for each that could not be asked for: of :data:`DEFERRED`.
    finances : dict of str to mapping
        What is said of accounts, by SIREN.
    asked : Asked
    """
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_MISSING} AS SELECT *, coalesce(siret, siren) AS identifier FROM ({missing})"
    )
    identifiers = [text for (text,) in con.execute(f"SELECT DISTINCT identifier FROM {_MISSING} ORDER BY 1").fetchall()]
    looked = directory.look_up(identifiers)
    con.register("lieudit_answers", _table(identifiers, looked, kind))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_ANSWERS} AS {_query(catalogue)}")
    con.unregister("lieudit_answers")
    ((rows, kept),) = con.execute(
        f"""SELECT count(*), count_if(a.register = '{kind}')
            FROM {COMPANY_ROWS} JOIN {COMPANIES} AS c USING (number)
            JOIN {_MISSING} AS m ON m.siren = c.siren AND m.siret IS NOT DISTINCT FROM c.siret
            LEFT JOIN {_ANSWERS} AS a ON a.siren = m.siren AND a.siret IS NOT DISTINCT FROM m.siret"""
    ).fetchall()
    asked = Asked(kind, directory.name, looked.asked, looked.remembered, looked.deferred, rows, kept, looked.reason)
    found = [company for company in looked.companies.values() if company is not None]
    return _ANSWERS, {company.siren: company.finances for company in found if company.finances}, asked


def _table(identifiers: list[str], looked: Looked, kind: str) -> pa.Table:
    """Return the answers as :data:`_SCHEMA` describes them; a company that the service does not know has no row."""
    rows = []
    for identifier in identifiers:
        if identifier not in looked.companies:
            rows.append({"identifier": identifier, "register": DEFERRED, "note": kind})
        elif (company := looked.companies[identifier]) is not None:
            said = {**asdict(company), "identifier": identifier, "register": kind, "commune_code": company.commune}
            note = ESTABLISHMENT_UNKNOWN if company.note else None
            rows.append({name: said[name] for name in _SCHEMA.names} | {"note": note})
    return pa.Table.from_pylist(rows, _SCHEMA)


def _query(catalogue: Catalogue) -> str:
    """Return the query of the answers, with the labels of activities, dates as dates and the age as of today."""
    values = ", ".join(_value(column) for column in _FIELDS)
    return f"""
        SELECT m.siret, m.siren, a.register, a.note, a.commune_code, {values},
               n.label AS naf_label, n.section AS naf_section,
               CAST(date_sub('year', CAST(a.founded AS DATE), current_date) AS BIGINT) AS company_age_years
        FROM lieudit_answers AS a JOIN {_MISSING} AS m USING (identifier)
        LEFT JOIN read_parquet({literal(catalogue.source("naf").path())}) AS n ON n.code = a.naf"""


def _value(column: Column) -> str:
    return f"CAST(a.{column.name} AS DATE) AS {column.name}" if column.dtype == "date" else f"a.{column.name}"
