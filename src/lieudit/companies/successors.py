"""Who went on after an establishment: links of succession, followed to their end."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from lieudit.tables.connection import only

__all__ = ["choose_successors", "follow_links"]

_MOST_STEPS: Final = 100  # more are an error of the file


def follow_links(con: duckdb.DuckDBPyConnection, path: Path | None, name: str) -> None:
    """Make ``{name}_paths``: from each establishment that may be asked for to where its links lead, step by step.

    Of several links of one establishment the latest counts, then the one with economic continuity, then the smaller
    SIRET. A link that leads back is not followed.

    Parameters
    ----------
    con : DuckDBPyConnection
    path : Path or None
        ``StockEtablissementLiensSuccession``: the one file that is held in memory, in 24 bytes a link.
    name : str
        Prefix of the temporary tables; ``{name}_keys`` and ``{name}_units`` are read.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_paths (origin VARCHAR, siret VARCHAR, step BIGINT)")
    if path is None:
        return
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_links AS
        SELECT TRY_CAST(siretEtablissementPredecesseur AS BIGINT) AS siret,
               TRY_CAST(siretEtablissementSuccesseur AS BIGINT) AS successor,
               coalesce(TRY_CAST(dateLienSuccession AS DATE), DATE '1900-01-01') AS day,
               coalesce(TRY_CAST(continuiteEconomique AS BOOLEAN), false) AS goes_on
        FROM read_parquet({only(path)})""")
    con.execute(f"""
        INSERT INTO {name}_paths
        WITH RECURSIVE origins AS (
            SELECT siret FROM {name}_keys
            UNION SELECT head FROM {name}_units SEMI JOIN (SELECT company FROM {name}_keys WHERE siret IS NULL)
                    ON siren = company
        ), walk AS (
            SELECT [TRY_CAST(siret AS BIGINT)] AS path FROM origins
            UNION ALL
            SELECT list_append(path, arg_max(successor, (day, goes_on, -successor)))
            FROM walk JOIN {name}_links AS l ON l.siret = path[-1]
            WHERE NOT list_contains(path, successor) AND len(path) <= {_MOST_STEPS}
            GROUP BY path
        ), longest AS (
            SELECT arg_max(path, len(path)) AS path FROM walk WHERE len(path) > 1 GROUP BY path[1]
        )
        SELECT printf('%014d', path[1]), printf('%014d', unnest(path[2:])), generate_subscripts(path[2:], 1)
        FROM longest""")
    con.execute(f"DROP TABLE {name}_links")


def choose_successors(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make ``{name}_successors`` (``siret, successor_siret``): of each path the first that is open, else the last."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_successors AS
        SELECT origin AS siret,
               coalesce(arg_min(p.siret, step) FILTER (e.state = 'A'), arg_max(p.siret, step)) AS successor_siret
        FROM {name}_paths AS p LEFT JOIN {name}_establishments AS e ON e.siret = p.siret
        GROUP BY origin""")
