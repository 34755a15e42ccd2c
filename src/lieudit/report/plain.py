"""Turn numpy, pandas and dates into what JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return ``value`` as dicts with text keys, lists, texts, numbers, booleans and None.

    NaN, infinity and missing values become None, dates ISO text, named tuples dicts. A value that went through
    JSON and back is equal to what this gives.

    Examples
    --------
    >>> plain({1: np.float64("nan"), "day": date(2025, 12, 31), "n": np.int64(3)})
    {'1': None, 'day': '2025-12-31', 'n': 3}
    """
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, date) and value is not pd.NaT:
        return value.isoformat()
    if value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
