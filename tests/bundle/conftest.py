"""Reading the communes takes a second, and scoring reads them: once is enough for these tests."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from lieudit.enrichment import enrich, index


@pytest.fixture(scope="session", autouse=True)
def _read_the_communes_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enrich, "read_index", functools.cache(index.read_index))
        yield
