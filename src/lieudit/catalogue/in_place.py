"""Files of gigabytes that are asked where they stand: told apart by their size and time, and never copied."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from lieudit.errors import CatalogueError

__all__ = ["FICTIONAL", "InPlace"]

# A key of a Parquet file's own metadata: what the file holds is made up.
FICTIONAL = "lieudit_fictional"


@dataclass(frozen=True, slots=True)
class InPlace:
    """A file as it was when the catalogue took note of it.

    Attributes
    ----------
    path : str
        Absolute.
    size : int
        In bytes.
    changed : int
        When it was last written, in nanoseconds since 1970.
    """

    path: str
    size: int
    changed: int

    @classmethod
    def note(cls, path: Path) -> InPlace:
        """Take note of a file."""
        state = path.stat()
        return cls(str(path.absolute()), state.st_size, state.st_mtime_ns)

    def found(self, source: str) -> Path:
        """Return the path, once the file there is found to be the one that was noted.

        Size and time are compared; ``lieudit sources check`` compares the checksum.

        Parameters
        ----------
        source : str
            The source's name, for the message.

        Raises
        ------
        CatalogueError
            It was moved, removed or changed.
        """
        path = Path(self.path)
        fix = f"lieudit sources fetch {source} --from FOLDER, with the folder where its files are now."
        try:
            state = path.stat()
        except OSError as error:
            raise CatalogueError(f"{path}, of the source {source}, cannot be read: {error.strerror}.",
                                 expected="the file where it was when it was fetched", fix=fix) from error  # fmt: skip
        if (state.st_size, state.st_mtime_ns) != (self.size, self.changed):
            raise CatalogueError(
                f"{path}, of the source {source}, was changed: {_told(state.st_size, state.st_mtime_ns)}.",
                expected=_told(self.size, self.changed),
                fix=fix,
            )
        return path


def _told(size: int, changed: int) -> str:
    when = dt.datetime.fromtimestamp(changed / 1e9, tz=dt.UTC)
    return f"{size:,} bytes of {when:%Y-%m-%d %H:%M:%S} UTC"
