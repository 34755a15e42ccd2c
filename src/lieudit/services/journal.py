"""What services answered, kept on the user's disk: a run that was killed goes on, and nothing is asked twice.

One SQLite file for all services. An address is never in it: what was asked stands there as a keyed hash, beside the
answer (codes and scores). The key of the hash is made with the file, and stays in it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import time
from typing import Any, Final

from lieudit.catalogue.places import data_folder
from lieudit.errors import TableError

__all__ = ["FOUND_FOR", "NOTHING_FOR", "Journal", "forget"]

_DAY: Final = 86_400
FOUND_FOR: Final = 365 * _DAY  # seconds: places move little, and the bases of addresses are corrected
NOTHING_FOR: Final = 30 * _DAY  # a new street is in the base some weeks later
_BUSY: Final = 60.0  # seconds that a process waits while another one writes
_SLICE: Final = 500  # SQLite takes 999 parameters in its oldest builds
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS secret (only INTEGER PRIMARY KEY CHECK (only = 1), value BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS answers (
           service TEXT NOT NULL, asked BLOB NOT NULL, at INTEGER NOT NULL, answer TEXT,
           PRIMARY KEY (service, asked)) WITHOUT ROWID""",
)


class Journal:
    """Remembers answers; several processes may use one file at once.

    Parameters
    ----------
    path : Path, optional
        By default ``journal.db`` in the user's data folder.
    now : callable, optional
        Seconds since 1970.

    Raises
    ------
    TableError
        The file cannot be written, or is not a journal.
    """

    def __init__(self, path: Path | None = None, *, now: Callable[[], float] = time) -> None:
        self.path = _path(path)
        self._now = now
        with _told(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            self._con = _connect(self.path)
            self._secret = self._prepare()

    def _prepare(self) -> bytes:
        self._con.execute("PRAGMA journal_mode = WAL")
        with _writing(self._con):
            for statement in _SCHEMA:
                self._con.execute(statement)
            self._con.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (secrets.token_bytes(32),))
        ((value,),) = self._con.execute("SELECT value FROM secret").fetchall()
        return bytes(value)

    def close(self) -> None:
        """Close the file."""
        self._con.close()

    def recall(
        self, service: str, asked: Sequence[str], *, found_for: float = FOUND_FOR, nothing_for: float = NOTHING_FOR
    ) -> dict[str, Any]:
        """Return what is known, and fresh enough.

        Parameters
        ----------
        service : str
        asked : sequence of str
            Normalised questions.
        found_for, nothing_for : float, optional
            Seconds that an answer serves, and the absence of one; by default those of places.

        Returns
        -------
        dict of str to Any
            By question; None where the service is known to have no answer.
        """
        now = self._now()
        limits = (now - found_for, now - nothing_for)
        found: dict[str, Any] = {}
        with _told(self.path):
            for start in range(0, len(asked), _SLICE):
                hashes = {self._hash(question): question for question in asked[start : start + _SLICE]}
                rows = self._con.execute(
                    f"""SELECT asked, answer FROM answers WHERE service = ? AND asked IN ({",".join("?" * len(hashes))})
                        AND at > CASE WHEN answer IS NULL THEN ? ELSE ? END""",
                    (service, *hashes, limits[1], limits[0]),
                )
                found |= {hashes[bytes(key)]: None if text is None else json.loads(text) for key, text in rows}
        return found

    def record(self, service: str, answers: Mapping[str, Any]) -> None:
        """Keep answers, all or none: they are on the disk when this returns.

        Parameters
        ----------
        service : str
        answers : mapping of str to Any
            By question: what JSON can hold, or None where there is no answer.
        """
        at = int(self._now())
        rows = [
            (service, self._hash(asked), at, None if answer is None else json.dumps(answer))
            for asked, answer in answers.items()
        ]
        with _told(self.path), _writing(self._con):
            self._con.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)

    def erase(self) -> int:
        """Erase every answer, and return how many there were; what was erased is overwritten, and the file shrinks."""
        with _told(self.path):
            self._con.execute("PRAGMA secure_delete = ON")
            with _writing(self._con):
                erased = self._con.execute("DELETE FROM answers").rowcount
            self._con.execute("VACUUM")
            self._con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return erased

    def _hash(self, asked: str) -> bytes:
        return hashlib.blake2b(asked.encode(), key=self._secret, digest_size=16).digest()


def forget(path: Path | None = None) -> int:
    """Erase every answer from the journal, and return how many there were.

    Parameters
    ----------
    path : Path, optional
        By default ``journal.db`` in the user's data folder.

    Raises
    ------
    TableError
        The file is not a journal, or another process holds it.
    """
    path = _path(path)
    if not path.is_file():
        return 0
    with closing(Journal(path)) as journal:
        return journal.erase()


def _path(path: Path | None) -> Path:
    return data_folder() / "journal.db" if path is None else Path(path)


def _connect(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
    con.execute("PRAGMA synchronous = FULL")
    return con


@contextmanager
def _writing(con: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing; the lock is taken at once, so that two writers wait for each other and none fails."""
    con.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with the file."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise TableError(f"The journal {path} cannot be used: {error}.", expected="a file that lieudit made",
                         fix="Check the disk and the permissions, or delete the file.") from error  # fmt: skip
