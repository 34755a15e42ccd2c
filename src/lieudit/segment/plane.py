"""Customers on a plane, for a plot."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from lieudit.segment.segmentation import Segmentation

__all__ = ["plane"]

MOST_POINTS: Final = 2_000


def plane(segmentation: Segmentation, frame: pd.DataFrame) -> pd.DataFrame:
    """Project at most 2,000 customers on the first two principal axes of the balanced columns.

    Parameters
    ----------
    segmentation : Segmentation
    frame : DataFrame
        The raw columns that it was made from.

    Returns
    -------
    DataFrame of shape (at most 2_000, 3)
        ``x``, ``y`` and ``cluster``; drawn with a fixed seed, numbered from 0: no customer id is in it.
        ``attrs["explained"]`` holds the share of the variance of each axis.
    """
    ordered = frame.sort_index()
    known = segmentation.scaler.block_mask(ordered).all(axis=1).to_numpy()
    ordered = ordered[known]
    labels = segmentation.customers["cluster"].reindex(ordered.index).to_numpy()
    rows = np.sort(np.random.default_rng(0).permutation(len(ordered))[:MOST_POINTS])
    points = segmentation.scaler.transform(ordered.iloc[rows]).to_numpy()
    pca = PCA(n_components=min(2, points.shape[1]), svd_solver="full").fit(points)
    axes = pca.transform(points)
    second = axes[:, 1] if axes.shape[1] > 1 else np.zeros(len(axes))
    out = pd.DataFrame({"x": axes[:, 0].round(4), "y": second.round(4), "cluster": labels[rows]})
    out.attrs["explained"] = [round(float(share), 4) for share in pca.explained_variance_ratio_]
    return out
