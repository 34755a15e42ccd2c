"""The names that companies of the Sirene stock bear, and those of them that a name may be: blocking, in DuckDB.

Every name is known by some keys: itself without spaces, its words, its short words less a letter, the beginnings and
ends of its long ones (one typo leaves one of these whole), pairs of words, its initials. Names that share a key within
a commune, or within a department, are candidates; a key that too many share says nothing and is passed over.
"""

from __future__ import annotations

from typing import Final

import duckdb

from lieudit.companies.names import family_of_code, name_macros

__all__ = ["BEARERS", "PAIRS", "WORDS", "commune", "department", "find_pairs", "read_bearers"]

BEARERS: Final = "lieudit_bearers"
PAIRS: Final = "lieudit_pairs"
WORDS: Final = "lieudit_bearer_words"
_MOST_SHARED: Final = 150  # names of a block that may share a key
_MOST_CANDIDATES: Final = 15  # of one name
# A name of a natural person's is never read, nor one that may not be passed on, which is masked: [ND].
_LEGAL_PERSON: Final = "categorieJuridiqueUniteLegale::VARCHAR <> '1000' AND nomUniteLegale IS NULL"
_UNIT_NAMES: Final = ("denominationUniteLegale", "sigleUniteLegale", "denominationUsuelle1UniteLegale",
                      "denominationUsuelle2UniteLegale", "denominationUsuelle3UniteLegale")  # fmt: skip
_SITE_NAMES: Final = ("enseigne1Etablissement", "enseigne2Etablissement", "enseigne3Etablissement",
                      "denominationUsuelleEtablissement")  # fmt: skip
# Paris, Lyon and Marseille are one commune each here, as they are to those who write an address.
_CITIES: Final = (
    "WHEN {0} BETWEEN '75101' AND '75120' THEN '75056' WHEN {0} BETWEEN '69381' AND '69389' THEN '69123' "
    "WHEN {0} BETWEEN '13201' AND '13216' THEN '13055'"
)


def commune(code: str) -> str:
    """Return the SQL of the commune of an arrondissement of Paris, Lyon or Marseille, of others themselves."""
    return f"CASE {_CITIES.format(code)} ELSE {code} END"


def department(code: str) -> str:
    """Return the SQL of the department of a commune or of a postcode (Corsica as one: ``20``)."""
    two = f"left(replace(replace({code}, '2A', '20'), '2B', '20'), 2)"
    return f"CASE WHEN {two} IN ('97', '98') THEN left({code}, 3) ELSE {two} END"


def read_bearers(con: duckdb.DuckDBPyConnection, units: str, establishments: str, wanted: str) -> None:
    """Read the names of the companies of some departments.

    Makes ``lieudit_bearers``: ``bearer, siren, commune, department, city, is_open, postcodes, own, family, core,
    plains, shown`` (one row a company, commune and name; ``own`` where it is that of an establishment there), and
    ``lieudit_bearer_words``: ``word, weight``, in nats: the logarithm of the companies for each one that bears it.

    Parameters
    ----------
    con : DuckDBPyConnection
    units, establishments : str
        The two files of the stock, as relations.
    wanted : str
        A relation with the ``department`` of the names to be found.
    """
    name_macros(con)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_sites AS
        SELECT siren, commune, min(city) AS city, bool_or(is_open) AS is_open,
               list_distinct(flatten(list(names))) AS names, list_distinct(list(postcode)) AS postcodes
        FROM (SELECT siren, {commune("codeCommuneEtablissement")} AS commune, libelleCommuneEtablissement AS city,
                     codePostalEtablissement AS postcode, etatAdministratifEtablissement = 'A' AS is_open,
                     [{", ".join(_SITE_NAMES)}] AS names
              FROM {establishments} WHERE codeCommuneEtablissement IS NOT NULL
                AND siren IN (SELECT siren FROM {units} WHERE {_LEGAL_PERSON}))
        WHERE {department("commune")} IN (SELECT department FROM {wanted})
        GROUP BY siren, commune""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {BEARERS} AS
        WITH named AS (
            SELECT siren, {family_of_code("categorieJuridiqueUniteLegale::VARCHAR")} AS family,
                   [{", ".join(_UNIT_NAMES)}] AS names
            FROM {units} WHERE {_LEGAL_PERSON}
        ), shown AS (
            SELECT siren, commune, s.city, postcodes, is_open, family, false AS own, unnest(named.names) AS shown
            FROM named JOIN lieudit_sites AS s USING (siren)
            UNION ALL
            SELECT siren, commune, s.city, postcodes, is_open, family, true, unnest(s.names)
            FROM named JOIN lieudit_sites AS s USING (siren)
        ), cored AS (
            SELECT *, name_core(plain) AS core
            FROM (SELECT *, name_plain(name_fold(shown)) AS plain FROM shown WHERE shown NOT LIKE '[%')
        )
        SELECT row_number() OVER (ORDER BY siren, commune, core) AS bearer, siren, commune,
               {department("commune")} AS department, name_plain(name_fold(min(city))) AS city,
               bool_or(is_open) AS is_open, any_value(postcodes) AS postcodes, bool_and(own) AS own,
               min(family) AS family, core, list_distinct(list(list_sort(string_split(plain, ' ')))) AS plains,
               min(shown) AS shown
        FROM cored WHERE core <> '' GROUP BY siren, commune, core""")
    con.execute("DROP TABLE lieudit_sites")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {WORDS} AS
        WITH names AS (SELECT DISTINCT siren, core FROM {BEARERS}),
             words AS (SELECT DISTINCT siren, unnest(string_split(core, ' ')) AS word FROM names)
        SELECT word, ln((SELECT count(DISTINCT siren) FROM names) / count(*)) AS weight FROM words GROUP BY word""")


def _keys(core: str) -> str:
    """Return the SQL of the list of keys of a name."""
    words = f"string_split({core}, ' ')"
    short = f"list_filter({words}, lambda w: length(w) BETWEEN 4 AND 7)"
    long = f"list_filter({words}, lambda w: length(w) >= 8)"
    pairs = (
        f"flatten(list_transform({words}[:5], lambda a, i: list_transform({words}[i + 1:5], lambda b: "
        "'P' || least(left(a, 3), left(b, 3)) || greatest(left(a, 3), left(b, 3)))))"
    )
    initials = f"array_to_string(list_transform({words}, lambda w: left(w, 1)), '')"
    return f"""list_distinct(flatten([
        ['E' || replace({core}, ' ', ''), 'I' || CASE WHEN len({words}) > 2 THEN {initials}
                                                      WHEN length({core}) BETWEEN 3 AND 6 THEN {core} END],
        list_transform({words}, lambda w: 'W' || w),
        flatten(list_transform({short}, lambda w: list_transform(range(length(w) + 1),
                               lambda i: 'D' || left(w, i) || substr(w, i + 2)))),
        list_transform({long}, lambda w: 'L' || left(w, 4)),
        list_transform({long}, lambda w: 'R' || right(w, 4)),
        {pairs}]))"""


def find_pairs(con: duckdb.DuckDBPyConnection, asked: str) -> None:
    """Find the names of the stock that each name may be.

    Makes ``lieudit_pairs``: ``number, bearer``, for each number the bearers of its commune, and of its department,
    with the rarest keys in common: fifteen of each at most.

    Parameters
    ----------
    con : DuckDBPyConnection
    asked : str
        A relation of ``number, core, commune, department``.
    """
    near, far = (f"list_transform(keys, lambda k: hash({block}, k))" for block in ("commune", "department"))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_asked_keys AS
        WITH keyed AS (SELECT number, commune, department, {_keys("core")} AS keys FROM {asked})
        SELECT number, true AS is_near, unnest({near}) AS key FROM keyed WHERE commune IS NOT NULL
        UNION ALL SELECT number, false, unnest({far}) FROM keyed""")
    # The keys of the stock are many times as many: they are made once for both blocks, and only those kept that match.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_bearer_keys AS
        SELECT bearer, key FROM (
            SELECT bearer, unnest(list_concat({near}, {far})) AS key
            FROM (SELECT bearer, commune, department, {_keys("core")} AS keys FROM {BEARERS}
                  WHERE department IN (SELECT department FROM {asked})))
        WHERE key IN (SELECT key FROM lieudit_asked_keys)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {PAIRS} AS
        WITH shared AS (
            SELECT key, ln({_MOST_SHARED} + 1) - ln(count(*)) AS weight FROM lieudit_bearer_keys
            GROUP BY key HAVING count(*) <= {_MOST_SHARED}
        ), near AS (
            SELECT number, bearer FROM lieudit_asked_keys JOIN shared USING (key) JOIN lieudit_bearer_keys USING (key)
            GROUP BY number, bearer, is_near
            QUALIFY row_number() OVER (PARTITION BY number, is_near ORDER BY round(sum(weight), 6) DESC, bearer)
                    <= {_MOST_CANDIDATES}
        )
        SELECT DISTINCT number, bearer FROM near""")
    con.execute("DROP TABLE lieudit_asked_keys")
    con.execute("DROP TABLE lieudit_bearer_keys")
