"""The customers most like their cluster: for those who asked to look at some."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lieudit.segment.model import log_densities
from lieudit.segment.segmentation import Segmentation

__all__ = ["typical_customers"]

TYPICAL: Final = 3
# Of a smaller group nobody is shown.
FEWEST: Final = 10


def typical_customers(segmentation: Segmentation, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the three customers nearest to the centre of each cluster, by its own spread.

    Parameters
    ----------
    segmentation : Segmentation
    frame : DataFrame
        The customers it was made of, by id.

    Returns
    -------
    DataFrame
        ``cluster``, ``segment``, ``rank`` (1 is the most typical), ``customer_id``. Customers with a block missing
        are not typical of anything; of a cluster of fewer than ten customers nobody is.
    """
    model, customers = segmentation.model, segmentation.customers
    complete = segmentation.scaler.block_mask(frame).all(axis=1).to_numpy()
    matrix = segmentation.scaler.transform(frame[complete]).to_numpy()[:, model.reads]
    covariances = model.covariances[:, model.reads][:, :, model.reads]
    away = log_densities(matrix, model.weights, model.means[:, model.reads], covariances)[1]
    own = customers[complete]
    rows = []
    for position, segment in enumerate(segmentation.segments):
        inside = np.flatnonzero((own["cluster"] == segment.cluster).to_numpy())
        if segment.size < FEWEST:
            continue
        # The same customers whatever the order of the rows: among equals, by id.
        near = sorted(zip(away[inside, position].round(9), own.index[inside], strict=True))[:TYPICAL]
        names = getattr(segment.name, segmentation.lang)
        rows += [(segment.cluster, names, rank, name) for rank, (_, name) in enumerate(near, start=1)]
    return pd.DataFrame(rows, columns=["cluster", "segment", "rank", "customer_id"])
