"""Places whose postcode and name are written as the index writes them, as most are in a clean file: found by SQL."""

from __future__ import annotations

from typing import Final

import duckdb

from lieudit.enrichment.answer import CONFIDENCE
from lieudit.enrichment.city import MORE_THAN_A_NAME
from lieudit.enrichment.index import Index
from lieudit.enrichment.normalise import REWRITTEN
from lieudit.enrichment.postcode import BLANKS
from lieudit.tables import literal

__all__ = ["find_as_written"]

_NAMES: Final = "lieudit_names"
# Of other texts, which are not read as they stand, the resolver knows more.
_PLAIN: Final = f"""regexp_full_match(key, '[A-Z]+(?: [A-Z]+)*') AND key NOT IN {tuple(sorted(BLANKS))}
    AND NOT regexp_matches(key, {literal(f"{REWRITTEN.pattern}|{MORE_THAN_A_NAME.pattern}")})"""
_ABBREVIATED: Final = r"regexp_replace(key, '\bSAINT(E?S?)\b', 'ST\1', 'g')"
_HOME: Final = ("", "FR", "FRA", "FRANCE")


def find_as_written(con: duckdb.DuckDBPyConnection, index: Index, places: str, answers: str) -> None:
    """Make a table of answers: of the places whose name is the key of one commune that the postcode serves.

    The name may be abbreviated: ``ST ETIENNE``. The answers are those of the resolver's first step; what it takes to
    read other cells is spared.

    Parameters
    ----------
    con : DuckDBPyConnection
    index : Index
    places : str
        A table of ``place``, ``postcode``, ``read_city`` and ``country``; a place may stand there several times.
    answers : str
        The table to make: ``place``, ``postcode`` and the fields of an answer.
    """
    con.register(_NAMES, index.spelt)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {answers} AS
            WITH known AS (
                SELECT key, p.postcode, any_value(commune) AS commune, any_value(kind) = 'current' AS current
                FROM {_NAMES} AS n
                JOIN (SELECT DISTINCT postcode, commune_code FROM read_parquet({literal(index.postcodes_table)})) AS p
                ON p.commune_code = commune AND coalesce(n.postcode, p.postcode) = p.postcode
                WHERE kind <> 'arrondissement' AND {_PLAIN}
                GROUP BY key, p.postcode HAVING count(*) = 1
            ), spelt AS (
                FROM known
                UNION ALL SELECT * REPLACE ({_ABBREVIATED} AS key) FROM known WHERE contains(key, 'SAINT')
            )
            SELECT DISTINCT ON (place) place, postcode, commune, CAST(NULL AS VARCHAR) AS arrondissement,
                   'matched' AS status, if(current, 'postcode_name', 'former_commune') AS method,
                   CAST(if(current, {CONFIDENCE["postcode_name"]}, {CONFIDENCE["former_commune"]}) AS DOUBLE)
                       AS confidence, CAST(NULL AS VARCHAR) AS note
            FROM {places} JOIN spelt USING (postcode)
            WHERE key = read_city AND upper(country) IN {_HOME} AND commune NOT IN {tuple(sorted(index.divided))}
            ORDER BY place"""
    )
    con.unregister(_NAMES)
