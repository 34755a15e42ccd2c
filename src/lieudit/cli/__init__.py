"""The command line: parse, call one function of the pipeline, print. Heavy imports wait until a command runs."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import Final

import typer

from lieudit.cli import acting, data, runs, sources, training
from lieudit.errors import InputError, LieuditError

__all__ = ["app", "main", "run"]

_INTERRUPTED: Final = 130  # exit code
_UNTOUCHED: Final = "Interrupted; no output was half written."
_TIDYING: Final = {"joblib", "mlflow"}  # they do something as Python ends

app = typer.Typer(
    name="lieudit",
    help="Adds French open data to a customer file, segments it, and says which groups are real and unnamed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: half the start-up time of the boxed one
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(training.demo)
app.command()(training.train)
app.command()(data.enrich)
app.command()(data.rfm)
app.command()(training.score)
app.command()(runs.compare)
app.command()(runs.report)
app.command()(acting.triggers)
app.add_typer(sources.app, name="sources")


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"lieudit {installed('lieudit')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line: exit 0 done, 2 the input is wrong, 1 a fault of ours, 130 interrupted."""
    try:
        app()
    except InputError as error:
        _fail(str(error), 2)
    except LieuditError as error:
        _fail(str(error), 1)
    except SystemExit as done:
        if done.code == _INTERRUPTED:  # what Typer makes of Ctrl-C, and says nothing
            _fail(_UNTOUCHED, _INTERRUPTED)
        raise
    except KeyboardInterrupt:
        _fail(_UNTOUCHED, _INTERRUPTED)
    except Exception as error:  # the last net: a user gets one line, a developer the traceback
        if str(error) == "Query interrupted":  # what DuckDB makes of a KeyboardInterrupt within a statement
            _fail(_UNTOUCHED, _INTERRUPTED)
        if {"--verbose", "-v"} & set(sys.argv):
            raise
        _fail(f"A fault of lieudit's: {type(error).__name__}: {error} (run again with --verbose for the details)", 1)


def run() -> None:
    """Run the command line as the whole of a process, which ends here where all went well.

    Python would first free, one by one, all the objects of the index of communes: an eighth of a second. Not where
    something has still to be done: by libraries that tidy up, or in another thread.
    """
    gc.set_threshold(1_000_000, 20, 20)  # imports and the index make objects that stay: they are seldom looked through
    try:
        main()
    except SystemExit as done:
        if done.code or _TIDYING & sys.modules.keys() or threading.active_count() > 1:
            raise
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more: Python says so
        return
    os._exit(0)


def _fail(message: str, code: int) -> None:
    typer.echo(f"lieudit: {message}", err=True)
    raise SystemExit(code)
