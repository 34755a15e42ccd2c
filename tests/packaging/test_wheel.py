"""The built wheel works in an empty environment, outside the checkout."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_catalogue_and_the_configurations_once(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "lieudit/_catalogue/communes/source.yaml" in names
    assert "lieudit/_configs/playbooks.yaml" in names
    assert "lieudit/py.typed" in names
    assert len(names) == len(set(names))
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "shared"))]


@pytest.mark.slow
def test_the_demo_runs_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    constraints = tmp_path / "constraints.txt"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+==[^\\\n]+)", lock, re.MULTILINE)  # with their markers, without their hashes
    constraints.write_text("\n".join(pinned), encoding="utf-8")
    pip = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(constraints), str(wheel)], check=True)

    command = [str(environment / "bin" / "lieudit"), "demo", "--customers", "1500", "--out", "here"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "out" / "report.html").stat().st_size > 100_000
    assert "Report:" in done.stdout
