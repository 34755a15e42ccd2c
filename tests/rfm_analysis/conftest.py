"""One way to compute, for all tests of the room."""

import pandas as pd
import pytest

from lieudit.config import RfmConfig
from lieudit.rfm_analysis import Rfm
from lieudit.rfm_analysis import compute as compute_table
from lieudit.schema import TRANSACTION_ROLES
from lieudit.tables import connect, open_table, recognise


@pytest.fixture
def compute():
    """Compute from rows or a file; ``given`` names columns, ``config`` is that of the ``rfm:`` section."""
    connections = []

    def run(source, *, given=None, config=None, threads=2, **options) -> Rfm:
        con = connect(threads=threads)
        connections.append(con)
        if isinstance(source, list):
            width = len(source[0])
            source = pd.DataFrame(source, columns=["client", "date", "montant", "commande"][:width])
        table = open_table(con, source, name="lines")
        columns = recognise(table, TRANSACTION_ROLES, given or {})
        return compute_table(con, table, columns, config=RfmConfig(**(config or {})), **options)

    yield run
    for con in connections:
        con.close()
