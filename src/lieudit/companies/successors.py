"""Who went on after an establishment that closed: links of succession, followed to their end."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from lieudit.tables.connection import fetch_one, only

__all__ = ["find_successors"]

_MOST_STEPS: Final = 50  # a longer chain is an error of the file


def find_successors(con: duckdb.DuckDBPyConnection, links: Path | None, establishments: Path, name: str) -> None:
    """Make ``{name}_successors`` (``siret, successor_siret``) for the establishments of ``{name}_chosen`` that closed.

    Of several links of one establishment the latest counts, then the one with economic continuity, then the smaller
    SIRET. A chain ends at the first establishment that is open, else at the last; one that comes back to where it
    was has no end, and gives no successor.

    Parameters
    ----------
    con : DuckDBPyConnection
    links : Path or None
        ``StockEtablissementLiensSuccession``.
    establishments : Path
        ``StockEtablissement``, which says whether those along the chain are open.
    name : str
        Prefix of the temporary tables.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_successors (siret VARCHAR, successor_siret VARCHAR)")
    if links is None:
        return
    _follow(con, links, name)
    if fetch_one(con, f"SELECT count(*) FROM {name}_chains") != (0,):
        con.execute(f"""
            INSERT INTO {name}_successors
            WITH along AS (
                SELECT path[1] AS origin, unnest(path[2:]) AS siret, generate_subscripts(path[2:], 1) AS step
                FROM {name}_chains
            ), open AS (
                SELECT DISTINCT siret FROM read_parquet({only(establishments)}) SEMI JOIN along USING (siret)
                WHERE etatAdministratifEtablissement = 'A'
            )
            SELECT origin, coalesce(arg_min(a.siret, step) FILTER (o.siret IS NOT NULL), arg_max(a.siret, step))
            FROM along AS a LEFT JOIN open AS o USING (siret) GROUP BY origin""")
    con.execute(f"DROP TABLE {name}_chains")


def _follow(con: duckdb.DuckDBPyConnection, links: Path, name: str) -> None:
    """Make ``{name}_chains``: the path from each establishment that closed to where its links end."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name}_chains AS
        SELECT DISTINCT [siret] AS path, false AS ended FROM {name}_chosen WHERE state = 'F'""")
    for _ in range(_MOST_STEPS):
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE {name}_next AS
            SELECT siretEtablissementPredecesseur AS siret,
                   arg_max(siretEtablissementSuccesseur,
                           (TRY_CAST(dateLienSuccession AS DATE), CAST(continuiteEconomique AS BOOLEAN),
                            -CAST(siretEtablissementSuccesseur AS BIGINT))) AS successor
            FROM read_parquet({only(links)})
            SEMI JOIN (SELECT path[-1] AS last FROM {name}_chains WHERE NOT ended)
              ON siretEtablissementPredecesseur = last
            WHERE siretEtablissementSuccesseur IS NOT NULL
            GROUP BY siretEtablissementPredecesseur""")
        if fetch_one(con, f"SELECT count(*) FROM {name}_next") == (0,):
            break
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE {name}_chains AS
            SELECT CASE WHEN n.successor IS NULL THEN path ELSE list_append(path, n.successor) END AS path,
                   n.successor IS NULL AS ended
            FROM {name}_chains LEFT JOIN {name}_next AS n ON NOT ended AND n.siret = path[-1]
            WHERE n.successor IS NULL OR NOT list_contains(path, n.successor)""")
    con.execute(f"DROP TABLE {name}_next")
    con.execute(f"DELETE FROM {name}_chains WHERE len(path) = 1 OR len(path) > {_MOST_STEPS}")
