"""The command line answers at once, because nothing heavy is imported before a command runs."""

import subprocess
import sys

HEAVY = {"pandas", "numpy", "duckdb", "sklearn", "hdbscan", "mlflow", "geopandas", "plotly", "pydantic", "yaml", "rich"}


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    assert not HEAVY & _modules_after("import lieudit.cli")


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not HEAVY & _modules_after("import lieudit")
