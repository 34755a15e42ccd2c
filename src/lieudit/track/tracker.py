"""One tracked run: a parent in MLflow, and a child for each candidate."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from lieudit.bundle import portable_config
from lieudit.errors import InputError
from lieudit.tables import check_folder
from lieudit.track.model import log_model
from lieudit.track.store import open_client, store_file, translated

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

    from lieudit.config import Config

__all__ = ["ROLE", "TrackedCandidate", "Tracker", "check_store", "track_run"]

#: The tag that tells a run of lieudit's from its candidates and from other runs of the store.
ROLE: Final = "lieudit.role"
_MAX_PARAM: Final = 6000
_MAX_TAG: Final = 8000


@dataclass(frozen=True)
class TrackedCandidate:
    """What is kept of a candidate.

    Attributes
    ----------
    name : str
        A short name, such as ``kmeans k=6``.
    params : mapping
        Its method and settings.
    metrics : mapping of str to float or None
        Its measures; one that could not be taken is None or NaN, and is left out.
    winner : bool
        Whether it was chosen.
    """

    name: str
    params: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    winner: bool = False


class Tracker:
    """Writes one run to MLflow; made by :func:`track_run`.

    Nothing that is given here may name a customer: parameters, figures, column names and checksums only.

    Attributes
    ----------
    run_id : str
    """

    def __init__(self, client: MlflowClient, uri: str, experiment_id: str, name: str) -> None:
        self._client = client
        self._uri = uri
        self._experiment_id = experiment_id
        self._name = name
        tags = {ROLE: "run", "lieudit.version": version("lieudit")}
        with translated(uri):
            self.run_id: str = client.create_run(experiment_id, run_name=name, tags=tags).info.run_id

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters; nested ones as ``section.key``."""
        self._batch(self.run_id, params=values)

    def metrics(self, values: Mapping[str, float | None]) -> None:
        """Log figures; those that are None or NaN are left out."""
        self._batch(self.run_id, metrics=values)

    def tags(self, values: Mapping[str, Any]) -> None:
        """Log tags."""
        self._batch(self.run_id, tags=values)

    def candidates(self, candidates: Iterable[TrackedCandidate]) -> None:
        """Log each candidate as a finished child run."""
        for candidate in candidates:
            tags = {"mlflow.parentRunId": self.run_id, ROLE: "candidate"}
            with translated(self._uri):
                child = self._client.create_run(self._experiment_id, run_name=candidate.name, tags=tags).info.run_id
            winner = {"lieudit.winner": str(candidate.winner).lower()}
            self._batch(child, params=candidate.params, metrics=candidate.metrics, tags=winner)
            with translated(self._uri):
                self._client.set_terminated(child)

    def data(self, role: str, sha256: str, *, rows: int, columns: int) -> None:
        """Log which data went in: its checksum and size, neither its content nor its path.

        Parameters
        ----------
        role : str
            ``customers`` or ``transactions``.
        sha256 : str
            From :func:`lieudit.track.file_digest` or :func:`lieudit.track.relation_digest`.
        rows, columns : int
        """
        with translated(self._uri):
            from mlflow.entities import Dataset, DatasetInput, InputTag  # noqa: PLC0415

            entity = Dataset(
                name=role,
                digest=sha256[:36],  # the width of MLflow's column; the whole is in the tag
                source_type="lieudit",
                source=json.dumps({"role": role, "sha256": sha256}),
                profile=json.dumps({"num_rows": rows, "num_columns": columns}),
            )
            context = [InputTag("mlflow.data.context", "training")]
            self._client.log_inputs(self.run_id, [DatasetInput(entity, context)])
        self.tags({f"data.{role}.sha256": sha256})

    def sources(self, sources: Mapping[str, Mapping[str, str]]) -> None:
        """Log which open data was added: the vintage of each source as a parameter, the whole as ``sources.json``."""
        self.params({f"source.{name}": about.get("vintage", "") for name, about in sources.items()})
        with translated(self._uri):
            self._client.log_dict(self.run_id, {name: dict(about) for name, about in sources.items()}, "sources.json")

    def artifacts(self, files: Iterable[Path], folder: str | None = None) -> None:
        """Copy files into the run."""
        with translated(self._uri):
            for file in files:
                self._client.log_artifact(self.run_id, str(file), folder)

    def table(self, name: str, table: pd.DataFrame) -> None:
        """Keep a table of figures as ``tables/<name>.csv`` and ``.json``."""
        with translated(self._uri):
            self._client.log_text(self.run_id, table.to_csv(), f"tables/{name}.csv")
            self._client.log_text(self.run_id, table.to_json(orient="split", force_ascii=False), f"tables/{name}.json")

    def model(self, bundle: Path) -> str:
        """Log a bundle as a model and register it under the run's name.

        Returns
        -------
        str
            The version: ``models:/<name>/<version>`` loads it.
        """
        with translated(self._uri):
            return log_model(self._client, self._experiment_id, self.run_id, bundle, self._name)

    def end(self, status: str) -> None:
        """Close the run as ``FINISHED``, ``FAILED`` or ``KILLED``."""
        with translated(self._uri):
            self._client.set_terminated(self.run_id, status)

    def _batch(
        self,
        run_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        metrics: Mapping[str, float | None] | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> None:
        with translated(self._uri):
            from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415

            now = int(time.time() * 1000)
            self._client.log_batch(
                run_id,
                metrics=[Metric(k, float(v), now, 0) for k, v in (metrics or {}).items() if _known(v)],
                params=[Param(k, str(v)[:_MAX_PARAM]) for k, v in _flat(params or {})],
                tags=[RunTag(k, str(v)[:_MAX_TAG]) for k, v in (tags or {}).items()],
            )


@contextmanager
def track_run(config: Config) -> Iterator[Tracker]:
    """Track a run: open it, log its configuration, and close it as finished, failed or killed.

    Parameters
    ----------
    config : Config
        ``tracking`` says where; ``name`` names the run, and the experiment unless ``tracking.experiment`` does.
        Paths are relative to the working directory and made if needed.

    Yields
    ------
    Tracker

    Raises
    ------
    ConfigError, InputError
        The store cannot be used.
    """
    tracking = config.tracking
    client = open_client(tracking.uri, create=True)
    experiment = _experiment(client, tracking.uri, tracking.experiment or config.name, tracking.artifacts)
    tracker = Tracker(client, tracking.uri, experiment, config.name)
    status = "FAILED"
    try:
        tracker.params(portable_config(config))
        yield tracker
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        tracker.end(status)


def check_store(config: Config) -> None:
    """Check that a run can be tracked, before the work that would be lost otherwise. Nothing is made.

    Raises
    ------
    ConfigError, InputError
        The store is there and cannot be used, its folder cannot be made, or the experiment was deleted.
    """
    tracking = config.tracking
    file = store_file(tracking.uri)
    if file is not None and not file.is_file():
        check_folder(file.parent)
        return
    _find_experiment(open_client(tracking.uri, create=False), tracking.uri, tracking.experiment or config.name)


def _experiment(client: MlflowClient, uri: str, name: str, artifacts: str) -> str:
    """Return an experiment's id; a new one in a local store keeps its artifacts in the configured folder."""
    found = _find_experiment(client, uri, name)
    if found is not None:
        return str(found.experiment_id)
    with translated(uri):
        location = Path(artifacts).resolve().as_uri() if store_file(uri) else None
        return str(client.create_experiment(name, artifact_location=location))


def _find_experiment(client: MlflowClient, uri: str, name: str) -> Experiment | None:
    with translated(uri):
        found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage != "active":
        raise InputError(f"The experiment '{name}' was deleted in MLflow.", expected="an experiment in use",
                         fix="Restore it, or set tracking.experiment to another name.")  # fmt: skip
    return found


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
