from __future__ import annotations

import pytest

from lieudit.catalogue import Catalogue, open_catalogue
from lieudit.enrichment.index import Index, read_index
from lieudit.enrichment.resolve import Resolver


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return open_catalogue()


@pytest.fixture(scope="session")
def index(catalogue: Catalogue) -> Index:
    return read_index(catalogue)


@pytest.fixture(scope="session")
def resolver(index: Index) -> Resolver:
    return Resolver(index)
