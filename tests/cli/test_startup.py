"""The command line answers at once, because nothing heavy is imported before a command runs."""

import subprocess
import sys
from pathlib import Path

HEAVY = {"pandas", "numpy", "duckdb", "sklearn", "hdbscan", "mlflow", "geopandas", "plotly", "pydantic", "yaml", "rich"}


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    assert not HEAVY & _modules_after("import lieudit.cli")


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not HEAVY & _modules_after("import lieudit")


def test_the_process_ends_at_once_with_all_that_it_said() -> None:
    done = subprocess.run([sys.executable, "-m", "lieudit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("lieudit ")
    assert done.stderr == ""


def test_the_process_ends_with_the_code_of_its_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lieudit", "enrich", str(tmp_path / "none.csv"), "-o", str(tmp_path / "out.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "There is no file" in done.stderr
