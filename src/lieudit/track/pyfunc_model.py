"""The script that MLflow keeps with a model and runs to load it ("models from code"): no pickle is involved.

It is copied beside the bundle, so it must stand alone but for the installed lieudit.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from lieudit.bundle import Bundle, load_bundle
from lieudit.track.model import PREDICTIONS
from lieudit.track.store import import_mlflow

import_mlflow()  # quietly, before the names below are taken from it

from mlflow.models import set_model  # noqa: E402
from mlflow.pyfunc.model import PythonModel  # noqa: E402

__all__ = ["SegmentationModel"]


class SegmentationModel(PythonModel):
    """A bundle that answers as every MLflow model does."""

    _bundle: Bundle

    def load_context(self, context: Any) -> None:
        """Open the bundle that was logged with the model, and check it."""
        self._bundle = load_bundle(context.artifacts["bundle"])

    def predict(
        self,
        context: Any,  # noqa: ARG002 - MLflow's signature
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Give each customer a cluster.

        Parameters
        ----------
        context : PythonModelContext
            Not used here.
        model_input : DataFrame of shape (n_customers, any)
            The columns of the model's signature, each optional.
        params : dict, optional
            Not used.

        Returns
        -------
        DataFrame of shape (n_customers, len(PREDICTIONS))
            In the order of the rows.
        """
        return self._bundle.score(model_input)[[column.name for column in PREDICTIONS]]


set_model(SegmentationModel())
