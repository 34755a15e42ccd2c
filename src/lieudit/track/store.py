"""MLflow, imported quietly, and its store, opened where the configuration says.

MLflow is 2 s of imports and a database of 80 tables on first use; nothing here happens before a run is tracked or
looked up. It never leaves the machine unless the configuration names a server: its telemetry is switched off before
it is imported.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lieudit.errors import ConfigError, InputError
from lieudit.tables import check_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["import_mlflow", "open_client", "quiet", "store_file", "translated"]

_SQLITE: Final = "sqlite:///"
_SCHEMES: Final = ("sqlite:///", "postgresql", "mysql", "mssql", "http://", "https://")


def import_mlflow() -> None:
    """Import the parts of MLflow in use, without telemetry and without the warnings of its own modules.

    Imported as it comes, MLflow 3.17 warns of its use of a deprecated loader of SQLAlchemy and of type hints of its
    own classes: neither concerns us or our users.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.models  # noqa: PLC0415
        import mlflow.pyfunc  # noqa: PLC0415
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401, PLC0415


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow to itself while the block runs.

    Its log says no more than warnings ("Creating initial MLflow database tables..." is none), and warnings that its
    own code earns (MLflow 3.17 compares pandas indexes in a way that pandas 3.1 calls deprecated) are not shown.
    """
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"mlflow(\.|$)")
            yield
    finally:
        logger.setLevel(level)


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """Turn what MLflow refuses into a message about the store."""
    import_mlflow()
    from mlflow.exceptions import MlflowException  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        with quiet():
            yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        detail = " ".join(str(error).split())
        # A store is 80 tables, made or upgraded one by one: a process that was stopped among them leaves some.
        half_made = "CREATE TABLE" in detail and "already exists" in detail
        raise InputError(f"MLflow's store {_shown(uri)} refused: {detail}", expected="a store that MLflow can write",
                         fix="A process was stopped while it made or upgraded the store: delete it if it was new, "
                         "restore a copy if it held runs." if half_made
                         else "Check tracking: in the configuration.") from error  # fmt: skip


def open_client(uri: str, *, create: bool) -> MlflowClient:
    """Open MLflow's store.

    Parameters
    ----------
    uri : str
        ``sqlite:///path`` (relative to the working directory, or absolute with a fourth slash), another database,
        or a server.
    create : bool
        Make a SQLite store that is not there, with its folder (2 s); otherwise that is an error.

    Raises
    ------
    ConfigError
        Not an address that MLflow keeps runs at.
    InputError
        There is no store, or it cannot be opened.
    """
    if not uri.startswith(_SCHEMES):
        raise ConfigError(f"'{uri}' is no store that MLflow keeps runs in.",
                          expected="a database or server, such as sqlite:///mlruns/mlflow.db",
                          fix="Change tracking.uri.")  # fmt: skip
    file = store_file(uri)
    if file is not None and not file.is_file():
        if not create:
            raise InputError(f"There is no MLflow store {file}.", expected="the store of an earlier lieudit train",
                             fix="Run where you trained, or name the store with --tracking.")  # fmt: skip
        check_folder(file.parent).mkdir(parents=True, exist_ok=True)
    if file is not None:  # MLflow keeps open stores by their address: a relative one would outlive its folder
        uri = f"{_SQLITE}{file.resolve()}"
    with translated(uri):
        from mlflow import MlflowClient  # noqa: PLC0415

        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def store_file(uri: str) -> Path | None:
    """Return the file of a SQLite store; None for another database or a server."""
    return Path(uri.removeprefix(_SQLITE).partition("?")[0]) if uri.startswith(_SQLITE) else None


def _shown(uri: str) -> str:
    """Return an address without the user and password that it may hold."""
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
