"""A fictional Sirene stock of any size, in the columns and types that INSEE publishes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.in_place import FICTIONAL
from lieudit.demo.stock_columns import files
from lieudit.demo.stock_draws import STOCK_DAY
from lieudit.demo.stock_tables import MOST, preparations
from lieudit.errors import InputError
from lieudit.tables import connect, literal, write_text

if TYPE_CHECKING:
    import duckdb

__all__ = ["STOCK_DAY", "write_stock"]


_README: Final = """\
# Données fictives · Fictional data

Ces fichiers ont la forme de la base Sirene que publie l'Insee, et rien de son contenu : entreprises, noms,
adresses, effectifs et dates sont inventés. Seules les communes et la nomenclature d'activités sont réelles. Si un
SIREN est aussi celui d'une entreprise réelle, c'est un hasard : rien de ce qui est écrit ici ne la concerne.

These files have the shape of the Sirene register that INSEE publishes, and nothing of what it holds: companies,
names, addresses, headcounts and dates are made up. Only communes and the nomenclature of activities are real. Where
a SIREN happens to be that of a real company, nothing that stands here is about it.

{establishments} establishments, seed {seed}.
"""


def write_stock(folder: Path, establishments: int = 20_000, seed: int = 0, *, recent: bool = False) -> Path:
    """Write a fictional Sirene stock: units, establishments, links of succession.

    Five establishments for four units, a few units with many; four units in ten have ceased; more than half are
    natural persons, one in nine of whom objects to being passed on. Some have no activity, no band, no date, no
    place in France, no head office.

    Parameters
    ----------
    folder : Path
        Made if need be; files of the same names are replaced.
    establishments : int
        How many, 10 at least.
    seed : int
        The same seed and catalogue give the same rows in the same order.
    recent : bool, default False
        Add the columns that INSEE has published since (NAF 2025, employers among establishments, …).

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        Too few, or more than there are SIRENs for.
    """
    if not 10 <= establishments <= MOST:
        raise InputError(f"A stock of {establishments:,} establishments cannot be made.",
                         expected=f"10 to {MOST:,}", fix="Choose another number.")  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    with connect() as con:
        _prepare(con, establishments, seed)
        for name, query in files(seed, recent=recent).items():
            _copy(con, query, folder / name)
    write_text(_README.format(establishments=establishments, seed=seed), folder / "LISEZMOI.txt")
    return folder


def _prepare(con: duckdb.DuckDBPyConnection, establishments: int, seed: int) -> None:
    """Make the tables that the files are drawn from: places, activities, units, and which establishment is whose."""
    catalogue = open_catalogue()
    tables = {
        name: f"read_parquet({literal(catalogue.source(name).path())})" for name in ("communes", "profile", "naf")
    }
    tables["names"] = f"read_parquet({literal(catalogue.source('communes').path('names'))})"
    tables["postcodes"] = f"read_parquet({literal(catalogue.source('communes').path('postcodes'))})"
    for statement in preparations(tables, establishments, seed):
        con.execute(statement)


def _copy(con: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    part = out.with_name(f".{out.name}.part")
    try:
        con.execute(f"""COPY ({query}) TO {literal(part)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA
                        {{{FICTIONAL}: 'true'}})""")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
