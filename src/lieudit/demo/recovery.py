"""How well a segmentation found the groups that were planted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lieudit.demo.groups import BACKGROUND

__all__ = ["recovery"]


def recovery(truth: pd.Series[int], labels: pd.Series[int] | npt.ArrayLike) -> float:
    """Return the adjusted Rand index between planted groups and clusters, on customers of a group.

    Parameters
    ----------
    truth : Series of int
        The planted group by customer; customers of no group (-1) are left out.
    labels : Series of int, or array-like in the order of `truth`
        The cluster by customer; a Series is matched by its index. Noise (-1) counts as a cluster of its own.

    Returns
    -------
    float
        1 where the partitions are the same, about 0 by chance (Hubert and Arabie 1985).

    Examples
    --------
    >>> truth = pd.Series([0, 0, 1, 1, -1], index=list("abcde"))
    >>> recovery(truth, [5, 5, 2, 2, 5])
    1.0
    """
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415 (write_demo does without)

    found = labels.reindex(truth.index) if isinstance(labels, pd.Series) else pd.Series(np.asarray(labels), truth.index)
    if found.isna().any():
        raise ValueError(f"{int(found.isna().sum())} customers have no label")
    planted = truth != BACKGROUND
    return float(adjusted_rand_score(truth[planted], found[planted]))
