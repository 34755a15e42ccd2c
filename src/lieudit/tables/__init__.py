"""Files and databases in and out.

Public names: :func:`connect`, :func:`fetch_one`, :func:`quote`, :func:`literal`; :func:`open_table`, :class:`Table`,
:func:`header_names`, :func:`sql_names`; :func:`recognise`, :func:`compile_expression`, :func:`columns_of`;
:class:`Identifier`, :func:`identifier`, :func:`missing`, :func:`sql_type`; :class:`Beside`, :func:`stand_beside`;
:func:`check_out`, :func:`part_of`, :func:`scratch_folder`, :func:`whole`, :func:`write_table`,
:func:`write_text`, :func:`write_json`.
"""

from lieudit.tables.atomic import part_of, whole
from lieudit.tables.beside import Beside, stand_beside
from lieudit.tables.connection import connect, fetch_one, literal, quote
from lieudit.tables.expression import columns_of, compile_expression
from lieudit.tables.headers import recognise
from lieudit.tables.identifiers import Identifier, identifier, missing, sql_type
from lieudit.tables.open import open_table
from lieudit.tables.table import Table, header_names, sql_names
from lieudit.tables.temporary import scratch_folder
from lieudit.tables.write import check_folder, check_out, write_json, write_table, write_text

__all__ = [
    "Beside",
    "Identifier",
    "Table",
    "check_folder",
    "check_out",
    "columns_of",
    "compile_expression",
    "connect",
    "fetch_one",
    "header_names",
    "identifier",
    "literal",
    "missing",
    "open_table",
    "part_of",
    "quote",
    "recognise",
    "scratch_folder",
    "sql_names",
    "sql_type",
    "stand_beside",
    "whole",
    "write_json",
    "write_table",
    "write_text",
]
