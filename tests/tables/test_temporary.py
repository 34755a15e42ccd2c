"""Temporary files hold what people were given: none stays behind a process that was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from lieudit.tables import connect, scratch_folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def killed(script: str, folder) -> None:
    """Run Python with a temporary folder until something is in it, and kill it."""
    with subprocess.Popen([sys.executable, "-c", script], env={"TMPDIR": str(folder)}) as process:
        while not any(folder.glob("lieudit-*")):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)


def test_what_a_killed_process_spilled_is_removed(folder):
    killed(
        """if True:
        from lieudit.tables import connect
        con = connect()
        con.execute("SET memory_limit = '200MB'")
        con.execute("CREATE TABLE t AS SELECT i, hash(i)::VARCHAR AS h FROM range(300000000) r(i)")""",
        folder,
    )
    assert [path.name[:8] for path in folder.iterdir()] == ["lieudit-"]
    connect().close()
    assert list(folder.iterdir()) == []


def test_a_scratch_folder_goes_with_its_block_or_the_next_process(folder):
    killed(
        """if True:
        import time
        from lieudit.tables import scratch_folder
        kept = scratch_folder()
        time.sleep(60)""",
        folder,
    )
    (left,) = folder.iterdir()
    (left / "customers.csv").write_text("a name")
    (folder / "lieudit-of-somebody").mkdir()
    with scratch_folder() as own:
        assert not left.exists()
        with scratch_folder():
            pass
        assert own in {str(path) for path in folder.iterdir()}
    assert [path.name for path in folder.iterdir()] == ["lieudit-of-somebody"]
