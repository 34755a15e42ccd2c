"""Arrow arrays of Python's texts and numpy's numbers. ``pyarrow.array`` would import pandas: a quarter of a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow.lib import StringBuilder


def texts(values: Sequence[str | None]) -> pa.Array:
    """Make an array of texts.

    Examples
    --------
    >>> texts(["Évry", None]).to_pylist()
    ['Évry', None]
    """
    builder = StringBuilder()
    builder.append_values(list(values))
    return builder.finish()


def numbers(values: npt.NDArray[Any]) -> pa.Array:
    """Make an array of numbers out of numpy's; it shares their memory.

    Examples
    --------
    >>> numbers(np.array([1, 2], np.int32)).to_pylist()
    [1, 2]
    """
    contiguous = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(contiguous.dtype)
    return pa.Array.from_buffers(kind, len(contiguous), [None, pa.py_buffer(contiguous)])
