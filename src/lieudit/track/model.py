"""A bundle as an MLflow model: signed, with a fictional example, registered."""

from __future__ import annotations

import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lieudit.bundle import Bundle, load_bundle
from lieudit.schema import CLUSTER_COLUMNS, RFM_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

__all__ = ["PREDICTIONS", "log_model"]

#: What the model answers, of all that a bundle adds to a customer.
PREDICTIONS: Final = (*CLUSTER_COLUMNS, *(c for c in RFM_COLUMNS if c.name in ("rfm_score", "rfm_segment")))
_TYPES: Final = {"text": "string", "category": "string", "integer": "long", "number": "double", "boolean": "boolean"}
# Nobody: a made-up customer at a real town hall, so that a model's page shows what to send.
_EXAMPLE: Final[dict[str, Any]] = {
    "id": "C-0001", "address": "1 place de la Mairie", "postcode": "35000", "city": "Rennes", "country": "France",
    "naf": "47.11D", "lat": 48.1113, "lon": -1.6800,
}  # fmt: skip
_UNASKED: Final = ("name",)  # no model needs to know who somebody is
# MLflow gives these a meaning in addresses of models and in paths.
_REFUSED: Final = str.maketrans(dict.fromkeys("/:.%\"'", "-"))


def log_model(client: MlflowClient, experiment_id: str, run_id: str, path: Path, name: str) -> str:
    """Log a bundle with a run and register it; return the version that it became.

    Everything goes through the client that is given: the caller's own MLflow settings (its tracking address, its
    active run) stay as they are.
    """
    import mlflow.pyfunc  # noqa: PLC0415
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus  # noqa: PLC0415
    from mlflow.models import Model  # noqa: PLC0415

    bundle = load_bundle(path)
    registered = name.translate(_REFUSED)
    logged = client.create_logged_model(experiment_id, name=registered, source_run_id=run_id, model_type="segmentation")
    about = Model(artifact_path=logged.artifact_location, run_id=run_id, model_uuid=logged.model_id,
                  model_id=logged.model_id)  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        saved = Path(scratch) / "model"
        mlflow.pyfunc.save_model(
            path=str(saved),
            python_model=str(Path(__file__).with_name("pyfunc_model.py")),
            artifacts={"bundle": str(bundle.folder)},
            signature=_signature(bundle),
            input_example=_example(bundle),
            pip_requirements=[f"lieudit=={version('lieudit')}"],
            mlflow_model=about,
        )
        client.log_model_artifacts(logged.model_id, str(saved))
    client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    _register(client, registered)
    made = client.create_model_version(registered, source=logged.artifact_location, run_id=run_id,
                                       model_id=logged.model_id)  # fmt: skip
    return str(made.version)


def _register(client: MlflowClient, name: str) -> None:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _signature(bundle: Bundle) -> ModelSignature:
    """Say what goes in, all of it optional, and what comes out."""
    from mlflow.models import ModelSignature  # noqa: PLC0415
    from mlflow.types import ColSpec, Schema, TensorSpec  # noqa: PLC0415

    answers = ((column.name, _TYPES[column.dtype]) for column in PREDICTIONS)
    inputs: list[ColSpec | TensorSpec] = [ColSpec(kind, name, required=False) for name, kind, _ in _inputs(bundle)]
    outputs: list[ColSpec | TensorSpec] = [ColSpec(kind, name, required=False) for name, kind in answers]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def _example(bundle: Bundle) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame([{column: value for column, _, value in _inputs(bundle) if value is not None}])


def _inputs(bundle: Bundle) -> list[tuple[str, str, Any]]:
    """List the columns that the bundle can use: name, MLflow's type, and a made-up value.

    Columns of the customer file are called as in training; what orders would say comes as figures.
    """
    found: list[tuple[str, str, Any]] = []
    for role, column in bundle.columns["customers"].items():
        if role not in _UNASKED:
            found.append((column, "double" if role in ("lat", "lon") else "string", _EXAMPLE.get(role)))
    for feature in bundle.scaler.features_:
        if feature.column:  # an answer that customers gave
            found.append((feature.column, "double" if feature.kind == "numeric" else "string", None))
    taken = {column for column, _, _ in found}
    return found + [(name, "double", 1.0) for name in bundle.features_of("behaviour") if name not in taken]
