"""Rows with coordinates: each distinct point located once, then weighed against the row's address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb

from lieudit.catalogue import Catalogue
from lieudit.enrichment.answer import Answer
from lieudit.enrichment.coordinates import Spot, decide, locate_points
from lieudit.enrichment.index import Index
from lieudit.enrichment.places import ANSWERS, FIELDS, ROWS, add_answers, columns_of, rows_of
from lieudit.tables import Table

__all__ = ["move_to_points"]

_DECIMALS: Final = 4  # of a degree: 11 m


def move_to_points(
    con: duckdb.DuckDBPyConnection, table: Table, columns: Mapping[str, str], catalogue: Catalogue, index: Index
) -> None:
    """Move the rows that have coordinates to places found by them.

    Parameters
    ----------
    con : DuckDBPyConnection
        Holds what :func:`lieudit.enrichment.places.locate_rows` made.
    table : Table
    columns : mapping of role to column
        With ``lat`` and ``lon``; numbers, or text with a decimal point or comma.
    catalogue : Catalogue
    index : Index
    """
    lat, lon = (_degrees(table.ref(columns[role])) for role in ("lat", "lon"))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_points AS SELECT * FROM {table.numbered(f"{lat} AS lat, {lon} AS lon")}
            WHERE abs(lat) <= 90 AND abs(lon) <= 180 AND NOT (lat = 0 AND lon = 0)"""
    )
    points = con.execute("SELECT DISTINCT lat, lon FROM lieudit_points ORDER BY lat, lon").df()
    if points.empty:
        return
    spots = points.join(locate_points(points["lat"].to_numpy(), points["lon"].to_numpy(), catalogue))
    con.register("lieudit_located", spots)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE lieudit_spots AS
            SELECT p.row, r.place, s.commune, s.arrondissement, s.shared_with, s.near,
                   dense_rank() OVER (ORDER BY r.place, s.commune, s.arrondissement, s.shared_with, s.near)
                   + (SELECT max(place) FROM {ANSWERS}) AS new_place
            FROM lieudit_points AS p JOIN lieudit_located AS s USING (lat, lon) JOIN {ROWS} AS r USING (row)"""
    )
    con.unregister("lieudit_located")
    fields = ", ".join(f"a.{field}" for field in FIELDS)
    found = con.execute(
        f"""SELECT DISTINCT ON (s.new_place) s.new_place, a.postcode,
                   s.commune, s.arrondissement, s.shared_with, s.near, {fields}
            FROM lieudit_spots AS s JOIN {ANSWERS} AS a USING (place)"""
    )
    decided = (
        (
            place,
            postcode,
            decide(Spot(*rest[:4]), Answer._make(value or "" for value in rest[4:]), postcode or "", index),
        )
        for place, postcode, *rest in rows_of(found)
    )
    add_answers(con, *columns_of(decided))
    con.execute(f"UPDATE {ROWS} SET place = s.new_place FROM lieudit_spots AS s WHERE s.row = {ROWS}.row")


def _degrees(column: str) -> str:
    return f"round(TRY_CAST(replace(trim(CAST({column} AS VARCHAR)), ',', '.') AS DOUBLE), {_DECIMALS})"
