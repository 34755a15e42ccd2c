"""The events of communes since 1943: mergers, splits, changes of name and code (INSEE, COG)."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lieudit.catalogue.cog import Passage
from lieudit.catalogue.official.published import Published

__all__ = ["read"]

_COLUMNS: Final = {
    "event": ("MOD",),
    "since": ("DATE_EFF",),
    "type_before": ("TYPECOM_AV",),
    "code_before": ("COM_AV",),
    "name_before": ("LIBELLE_AV", "NCCENR_AV"),
    "type_after": ("TYPECOM_AP",),
    "code_after": ("COM_AP",),
    "name_after": ("LIBELLE_AP", "NCCENR_AP"),
}


def read(published: Published, passage: Passage) -> pd.DataFrame:
    """Read the events, one row for each commune before and after."""
    del passage
    frame = published.table(_COLUMNS).drop_duplicates()
    frame["since"] = pd.to_datetime(frame["since"], format="%Y-%m-%d").dt.date
    return frame.sort_values(
        ["since", "event", "code_before", "code_after", "type_before", "type_after"], ignore_index=True
    )
