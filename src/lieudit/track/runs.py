"""Finished runs: find one, and lay several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from lieudit.errors import InputError
from lieudit.track.store import open_client, translated
from lieudit.track.tracker import ROLE

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

__all__ = ["RunRecord", "find_finished", "find_run", "side_by_side"]


@dataclass(frozen=True)
class RunRecord:
    """A run, as MLflow's store knows it.

    Attributes
    ----------
    run_id, name, experiment : str
    status : str
        ``RUNNING``, ``FINISHED``, ``FAILED`` or ``KILLED``.
    started : datetime
        In UTC.
    seconds : float or None
        How long it took; None while it runs.
    params : dict of str to str
    metrics : dict of str to float
    tags : dict of str to str
    uri : str
        The store.
    """

    run_id: str
    name: str
    experiment: str
    status: str
    started: datetime
    seconds: float | None
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    uri: str

    def file(self, name: str) -> Path:
        """Return the path of an artifact, such as ``report.json``; one on a server is fetched first.

        Raises
        ------
        InputError
            The run has no such file.
        """
        client = open_client(self.uri, create=False)
        with translated(self.uri):
            present = {item.path for item in client.list_artifacts(self.run_id)}
            if name in present:
                place = urlparse(client.get_run(self.run_id).info.artifact_uri)
                if place.scheme in ("", "file"):
                    return Path(unquote(place.path)) / name
                return Path(client.download_artifacts(self.run_id, name))
        raise InputError(f"The run {self.name} ({self.run_id}) has no {name}.",
                         expected=f"one of: {', '.join(sorted(present)) or 'none was kept'}",
                         fix="Choose a run that finished.")  # fmt: skip


def find_run(uri: str, run: str) -> RunRecord:
    """Find a run of lieudit's.

    Parameters
    ----------
    uri : str
        MLflow's store.
    run : str
        A run id, a run name (the latest of that name), or ``latest``.

    Raises
    ------
    InputError
        There is no such store or run; the names that there are, are listed.
    """
    client = open_client(uri, create=False)
    names: dict[str, None] = {}
    for found in _search(client, uri):
        if run in ("latest", found.info.run_id, found.info.run_name):
            return _record(client, uri, found)
        names.setdefault(str(found.info.run_name))
    raise InputError(f"There is no run '{run}' in {uri}.",
                     expected=f"a run id, or one of: {', '.join(names) or 'no run yet'}",
                     fix="See them all with: mlflow ui --backend-store-uri " + uri)  # fmt: skip


def find_finished(uri: str, run: str) -> RunRecord:
    """Find a run of lieudit's that finished; see :func:`find_run`.

    Raises
    ------
    InputError
        There is no such run, or it did not finish.
    """
    record = find_run(uri, run)
    if record.status != "FINISHED":
        raise InputError(f"The run {record.name} ({record.run_id}) is {record.status.lower()}.",
                         expected="a finished run", fix="Wait for it, or leave it out.")  # fmt: skip
    return record


def side_by_side(
    titles: Sequence[str], params: Sequence[Mapping[str, str]], metrics: Sequence[Mapping[str, float]]
) -> pd.DataFrame:
    """Lay runs side by side: the parameters in which they differ, then every figure.

    Parameters
    ----------
    titles : sequence of str
        One a run.
    params, metrics : sequence of mapping
        Of each run, in the same order.

    Returns
    -------
    DataFrame of shape (n_items, n_runs)
        Index ``(kind, item)``, kind ``param`` or ``metric``; a column a run. Text; empty where a run has none.
    """
    import pandas as pd  # noqa: PLC0415

    settings = {key: [own.get(key, "") for own in params] for key in _keys(params)}
    figures = {key: [_figure(own.get(key)) for own in metrics] for key in _keys(metrics)}
    rows = {("param", key): values for key, values in settings.items() if len(set(values)) > 1}
    rows |= {("metric", key): values for key, values in figures.items()}
    index = pd.MultiIndex.from_tuples(list(rows), names=["kind", "item"]) if rows else None
    return pd.DataFrame(list(rows.values()), index=index, columns=list(titles))


def _search(client: MlflowClient, uri: str) -> Iterator[Any]:
    """Yield lieudit's runs of every experiment, the latest first."""
    with translated(uri):
        experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    token: str | None = None
    while True:
        with translated(uri):
            page = client.search_runs(experiments, filter_string=f"tags.`{ROLE}` = 'run'", page_token=token,
                                      order_by=["attributes.start_time DESC"])  # fmt: skip
        yield from page
        token = page.token
        if not token:
            return


def _record(client: MlflowClient, uri: str, run: Any) -> RunRecord:
    info, data = run.info, run.data
    with translated(uri):
        experiment = client.get_experiment(info.experiment_id).name
    return RunRecord(
        run_id=info.run_id,
        name=info.run_name,
        experiment=experiment,
        status=info.status,
        started=datetime.fromtimestamp(info.start_time / 1000, tz=UTC),
        seconds=(info.end_time - info.start_time) / 1000 if info.end_time else None,
        params=dict(data.params),
        metrics=dict(data.metrics),
        tags=dict(data.tags),
        uri=uri,
    )


def _keys(mappings: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({key for mapping in mappings for key in mapping})


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
