"""How long it takes to look 100,000 companies up in a Sirene stock of five million establishments.

Run with ``python -m benchmarks.stock``. Side by side, in turn, each in a process of its own:

- *bare*: one DuckDB statement that joins the keys to both files and takes the columns that ours reads, as they stand;
- *bare, same columns*: the same, with what takes more than a join: the open establishments of each company and the
  next link of succession;
- *ours*: ``read_stock``: codes labelled, bands and ages read, masks taken out, successions followed to their end.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lieudit.catalogue import open_catalogue
from lieudit.companies import Stock, read_stock
from lieudit.tables import connect

ESTABLISHMENTS = 5_000_000
COMPANIES = 100_000
TURNS = 5
_MODES = ("bare", "bare, same columns", "ours")
_ESTABLISHMENT = (
    "statutDiffusionEtablissement", "etablissementSiege", "codeCommuneEtablissement", "etatAdministratifEtablissement",
    "activitePrincipaleEtablissement", "nomenclatureActivitePrincipaleEtablissement", "dateDebut",
)  # fmt: skip
_UNIT = (
    "statutDiffusionUniteLegale", "dateCreationUniteLegale", "trancheEffectifsUniteLegale", "categorieEntreprise",
    "categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale", "nomenclatureActivitePrincipaleUniteLegale",
    "nicSiegeUniteLegale", "caractereEmployeurUniteLegale", "etatAdministratifUniteLegale", "dateDebut",
)  # fmt: skip


def measure(folder: Path, mode: str) -> dict[str, float]:
    """Look the companies up once, and return seconds, seconds of processor, and megabytes."""
    units, establishments, links = (
        folder / f"Stock{name}_utf8.parquet"
        for name in ("UniteLegale", "Etablissement", "EtablissementLiensSuccession")
    )
    catalogue = open_catalogue()
    stock = Stock(units, establishments, links, dt.date(2026, 6, 30), catalogue.source("naf"), catalogue)
    with connect() as con:
        con.execute(f"CREATE TABLE keys AS FROM read_parquet('{folder / 'keys.parquet'}')")
        wall, processor = time.perf_counter(), time.process_time()
        if mode == "ours":
            (rows,) = con.execute(f"SELECT count(*) FROM {read_stock(con, stock, 'keys')}").fetchall()[0]
        else:
            con.execute(f"CREATE TEMP TABLE found AS {_bare(stock, more=mode != 'bare')}")
            (rows,) = con.execute("SELECT count(*) FROM found").fetchall()[0]
        spent = {"seconds": time.perf_counter() - wall, "processor": time.process_time() - processor}
    assert rows >= COMPANIES
    return spent | {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _bare(stock: Stock, *, more: bool) -> str:
    columns = ", ".join([f"e.{name}" for name in _ESTABLISHMENT] + [f"u.{name}" for name in _UNIT])
    joins = f"""LEFT JOIN read_parquet('{stock.establishments}') AS e ON e.siret = k.siret
                LEFT JOIN read_parquet('{stock.units}') AS u ON u.siren = k.siren"""
    if more:
        columns += ", c.open, s.successor"
        joins += f"""
            LEFT JOIN (SELECT siren, count(*) FILTER (etatAdministratifEtablissement = 'A') AS open
                       FROM read_parquet('{stock.establishments}') SEMI JOIN keys USING (siren) GROUP BY siren) AS c
              ON c.siren = k.siren
            LEFT JOIN (SELECT siretEtablissementPredecesseur AS siret,
                              arg_max(siretEtablissementSuccesseur, dateLienSuccession) AS successor
                       FROM read_parquet('{stock.successions}') GROUP BY ALL) AS s ON s.siret = k.siret"""
    return f"SELECT k.siret, k.siren, {columns} FROM keys AS k {joins}"


def _prepare(folder: Path) -> None:
    from lieudit.demo.stock import write_stock  # noqa: PLC0415 - what is measured is not to wait for it

    if not (folder / "keys.parquet").is_file():
        start = time.perf_counter()
        write_stock(folder, ESTABLISHMENTS)
        print(f"{ESTABLISHMENTS:,} establishments written in {time.perf_counter() - start:.0f} s")
        with connect() as con:
            con.execute(f"""COPY (SELECT siret, siren FROM read_parquet('{folder / "StockEtablissement_utf8.parquet"}')
                ORDER BY hash(siret) LIMIT {COMPANIES}) TO '{folder / "keys.parquet"}' (FORMAT parquet)""")


def main() -> None:
    """Print the medians and the ratios; ``LIEUDIT_STOCK`` names a folder to keep the stock in."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(os.environ.get("LIEUDIT_STOCK", scratch))
        # In a process of its own: a process begins with the peak memory of the one that starts it.
        subprocess.run([sys.executable, "-m", "benchmarks.stock", str(folder), "prepare"], check=True)
        found: dict[str, list[dict[str, float]]] = {mode: [] for mode in _MODES}
        for _ in range(TURNS):
            for mode in _MODES:
                command = [sys.executable, "-m", "benchmarks.stock", str(folder), mode]
                found[mode].append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    for mode, runs in found.items():
        spent = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"{mode:20} {spent['seconds']:6.2f} s {spent['processor']:6.2f} s of processor {spent['megabytes']:5.0f} MB"
        )
    for mode in _MODES[:2]:
        for key in ("seconds", "processor"):
            ratios = sorted(ours[key] / bare[key] for ours, bare in zip(found["ours"], found[mode], strict=True))
            print(f"ours over {mode}, {key}: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    if sys.argv[2:] == ["prepare"]:
        _prepare(Path(sys.argv[1]))
    elif len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2])))
    else:
        main()
