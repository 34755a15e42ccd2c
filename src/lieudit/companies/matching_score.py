"""How like two names are, and how likely it is that they are one company's."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio, token_sort_ratio
from rapidfuzz.process import cpdist

from lieudit.companies.matching_index import BEARERS, PAIRS, WORDS
from lieudit.tables import literal

__all__ = ["FEATURES", "UTILITY", "compare", "rank"]

# What each feature says of a candidate's chance: fitted on damaged names of a fictional stock of 200,000 establishments
# (benchmarks/matching.py --fit), a fifth of them of companies that it does not hold.
UTILITY: Final = {
    "constant": -1.23, "matched": 0.45, "missing": -0.84, "extra": -0.87, "unlike": -2.99, "whole": 0.73, "own": -1.25,
    "commune": 2.67, "postcode": 1.35, "elsewhere": -1.76, "crowd": -0.73, "other_form": -0.99, "open": 2.02,
}  # fmt: skip
# Long names are no surer for being longer still; the second missing word weighs less than the first.
_SHAPES: Final = {"matched": "least(matched, 30)", "missing": "sqrt(missing)", "extra": "sqrt(extra)"}
FEATURES: Final = tuple(name for name in UTILITY if name != "constant")
_IN_CITY: Final = 0.2  # what is left of the weight of a word that is the town's name
_MOST_EDITS: Final = 2
_NO_NAME: Final = ("ETABLISSEMENT", "ENTREPRISE", "SOCIETE", "COMPAGNIE", "GROUPE", "SARL", "EURL", "SASU", "SELARL")


def compare(con: duckdb.DuckDBPyConnection, asked: str) -> str:
    """Compare names with those of the stock that they may be.

    Parameters
    ----------
    con : DuckDBPyConnection
    asked : str
        A relation of ``number, core, family, commune, department, postcode``.

    Returns
    -------
    str
        A temporary table of ``number, bearer, siren`` and :data:`FEATURES`, of each company the name that is most like:

        - ``matched``, ``missing``, ``extra``: the weights, in nats, of the words in common, of those of the name that
          the company's has not, and of those that only the company's has; a word within two edits counts in part;
        - ``unlike``: 1 less the share of letters in common, of the words in their order and run together, or sorted;
        - ``exact``, ``initials``, ``own``, ``commune``, ``postcode``, ``same_form``, ``other_form``, ``open``: 0 or 1;
        - ``crowd``: the logarithm of the number of names in the block.
    """
    _words(con, asked)
    _like_words(con)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE lieudit_aligned AS
        SELECT number, bearer, a_place, b_place, weight, CASE WHEN a = b THEN 1 ELSE likeness END AS likeness
        FROM lieudit_word_pairs LEFT JOIN lieudit_like_words USING (a, b) WHERE a = b OR likeness IS NOT NULL""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_compared AS
        WITH of_asked AS ({_side("asked", "number", "a_place")}), of_known AS ({_side("known", "bearer", "b_place")}),
        commune AS (SELECT commune, count(*) AS names FROM {BEARERS} GROUP BY commune),
        department AS (SELECT department, count(*) AS names FROM {BEARERS} GROUP BY department)
        SELECT number, bearer, b.siren, of_asked.matched, of_asked.missed AS missing, of_known.missed AS extra,
               a.core AS a_core, b.core AS b_core,
               CAST(list_contains(b.plains, list_sort(string_split(a.plain, ' '))) AS INTEGER) AS whole,
               CAST(b.own AS INTEGER) AS own, CAST(coalesce(a.commune = b.commune, false) AS INTEGER) AS commune,
               CAST(coalesce(list_contains(b.postcodes, a.postcode), false) AS INTEGER) AS postcode,
               CAST(a.postcode IS NOT NULL AND NOT coalesce(list_contains(b.postcodes, a.postcode), false) AS INTEGER)
                   AS elsewhere,
               ln(1 + CASE WHEN a.commune = b.commune OR list_contains(b.postcodes, a.postcode) THEN commune.names
                           ELSE department.names END) AS crowd,
               CAST(coalesce(a.family <> b.family, false) AS INTEGER) AS other_form,
               CAST(b.is_open AS INTEGER) AS open
        FROM {PAIRS} JOIN {asked} AS a USING (number) JOIN {BEARERS} AS b USING (bearer)
        JOIN of_asked USING (number, bearer) JOIN of_known USING (number, bearer)
        JOIN commune ON commune.commune = b.commune JOIN department ON department.department = b.department
        ORDER BY number, bearer""")
    return _add_letters(con)


def _words(con: duckdb.DuckDBPyConnection, asked: str) -> None:
    """Make the words of the names and of their candidates; one that no company bears weighs as if one did."""
    rare = f"(SELECT max(weight) FROM {WORDS})"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_asked_words AS
        SELECT number, place, word, coalesce(weight, CASE WHEN {_misspelt("word")} THEN 0.5 ELSE {rare} END) AS weight
        FROM (SELECT number, unnest(string_split(core, ' ')) AS word,
                     generate_subscripts(string_split(core, ' '), 1) AS place
              FROM {asked} WHERE number IN (SELECT number FROM {PAIRS})) LEFT JOIN {WORDS} USING (word)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_known_words AS
        SELECT bearer, place, word, weight, list_contains(string_split(city, ' '), word) AS in_city
        FROM (SELECT bearer, city, unnest(string_split(core, ' ')) AS word,
                     generate_subscripts(string_split(core, ' '), 1) AS place
              FROM {BEARERS} WHERE bearer IN (SELECT bearer FROM {PAIRS})) JOIN {WORDS} USING (word)""")
    # Made before anything is compared: the planner would compare every word with every other one.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lieudit_word_pairs AS
        SELECT number, bearer, a.place AS a_place, b.place AS b_place, a.word AS a, b.word AS b,
               least(a.weight, b.weight) * CASE WHEN in_city THEN {_IN_CITY} ELSE 1 END AS weight
        FROM {PAIRS} JOIN lieudit_asked_words AS a USING (number) JOIN lieudit_known_words AS b USING (bearer)""")


def _misspelt(word: str) -> str:
    """Return the SQL that tells a misspelt form of what is no part of the name: ``ETABLISEMENTS``, ``SRAL``."""
    near = " OR ".join(f"damerau_levenshtein({word}, {literal(each)}) = 1" for each in _NO_NAME)
    return f"({near})"


def _like_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make the pairs of words that may be one: few edits, or one cut short. Numbers are never misspelt."""
    words = con.sql("""
        SELECT a, b FROM (SELECT DISTINCT a, b FROM lieudit_word_pairs)
        WHERE a <> b AND length(a) >= 3 AND length(b) >= 3 AND NOT regexp_matches(a || b, '[0-9]')
          AND (starts_with(a, b) OR starts_with(b, a)
               OR abs(length(a) - length(b)) <= 2 AND (left(a, 1) = left(b, 1) OR right(a, 2) = right(b, 2)))
        """).to_arrow_table()
    first, second = words["a"].to_pylist(), words["b"].to_pylist()
    edits = cpdist(first, second, scorer=OSA.distance, score_cutoff=_MOST_EDITS, dtype=np.uint8)
    least = np.minimum(*(np.fromiter(map(len, side), np.int64, len(side)) for side in (first, second)))
    cut = np.fromiter(
        (a.startswith(b) or b.startswith(a) for a, b in zip(first, second, strict=True)), bool, len(first)
    )
    likeness = np.select(
        [(edits == 1) & (least >= 7), (edits == 1) & (least >= 4), (edits == 2) & (least >= 7), cut],
        [0.9, 0.8, 0.75, 0.7],
        0.0,
    )
    con.register("lieudit_likeness", words.append_column("likeness", pa.array(likeness)))
    con.execute("CREATE OR REPLACE TEMP TABLE lieudit_like_words AS SELECT * FROM lieudit_likeness WHERE likeness > 0")
    con.unregister("lieudit_likeness")


def _side(side: str, key: str, place: str) -> str:
    """Return the query of the weight, for each pair, of the words of one side that the other has and has not."""
    in_city = "list_contains(string_split(b.city, ' '), w.word)"
    return f"""
        SELECT p.number, p.bearer, sum(coalesce(l.likeness * l.weight, 0)) AS matched,
               sum(coalesce((1 - l.likeness) * l.weight,
                            w.weight * CASE WHEN {in_city} THEN {_IN_CITY} ELSE 1 END)) AS missed
        FROM {PAIRS} AS p JOIN lieudit_{side}_words AS w USING ({key}) JOIN {BEARERS} AS b ON b.bearer = p.bearer
        LEFT JOIN (SELECT number, bearer, {place} AS place, max(likeness) AS likeness,
                          arg_max(weight, (likeness, weight)) AS weight
                   FROM lieudit_aligned GROUP BY number, bearer, {place}) AS l
             ON l.number = p.number AND l.bearer = p.bearer AND l.place = w.place
        GROUP BY p.number, p.bearer"""


def _add_letters(con: duckdb.DuckDBPyConnection) -> str:
    """Compare the letters of names whose words were compared."""
    table = con.sql("SELECT number, bearer, a_core, b_core FROM lieudit_compared").to_arrow_table()
    first, second = table["a_core"].to_pylist(), table["b_core"].to_pylist()
    runs = ([name.replace(" ", "") for name in side] for side in (first, second))
    like = np.maximum(cpdist(first, second, scorer=token_sort_ratio, dtype=np.float32),
                      cpdist(*runs, scorer=ratio, dtype=np.float32))  # fmt: skip
    unlike = pa.array(1 - like / 100)
    con.register("lieudit_unlike", table.select(["number", "bearer"]).append_column("unlike", unlike))
    con.execute(f"""CREATE OR REPLACE TEMP TABLE lieudit_features AS
        SELECT number, bearer, siren, {", ".join(f"round(CAST({name} AS DOUBLE), 6) AS {name}" for name in FEATURES)}
        FROM lieudit_compared JOIN lieudit_unlike USING (number, bearer) ORDER BY number, bearer""")
    con.unregister("lieudit_unlike")
    return "lieudit_features"


def rank(features: str) -> str:
    """Return the query of the best three companies of each name: ``number, bearer, siren, confidence, place``.

    Parameters
    ----------
    features : str
        From :func:`compare`.

    Notes
    -----
    A conditional logit with an outside option: a name is one of its candidates', or of a company that is not in the
    stock, and each candidate's chance is in proportion to the exponential of its utility, the outside one's to 1. So
    two candidates that are about as good share the confidence, and neither passes the threshold.
    """
    utility = f"{UTILITY['constant']} + " + " + ".join(
        f"{UTILITY[name]} * {_SHAPES.get(name, name)}" for name in FEATURES
    )
    return f"""
        WITH companies AS (
            SELECT number, bearer, siren, round({utility}, 6) AS utility FROM {features}
            QUALIFY row_number() OVER (PARTITION BY number, siren ORDER BY utility DESC, bearer) = 1
        )
        SELECT number, bearer, siren,
               exp(utility) / (1 + sum(exp(utility)) OVER (PARTITION BY number ORDER BY utility, siren
                   ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS confidence,
               row_number() OVER (PARTITION BY number ORDER BY utility DESC, siren) AS place
        FROM companies QUALIFY place <= 3"""
