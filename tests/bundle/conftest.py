"""Reading the communes takes a second, and scoring reads them: once is enough for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lieudit.enrichment import enrich, index


@pytest.fixture(scope="session", autouse=True)
def _read_the_communes_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        read: dict[Path, index.Index] = {}
        patch.setattr(
            enrich, "read_index", lambda c: read.get(c.folder) or read.setdefault(c.folder, index.read_index(c))
        )
        yield
