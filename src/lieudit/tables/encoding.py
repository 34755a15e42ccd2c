"""Text files in the encodings that people have, as UTF-8."""

from __future__ import annotations

import codecs
import gzip
import itertools
import logging
import zlib
from collections.abc import Iterator
from pathlib import Path

from lieudit.errors import TableError

logger = logging.getLogger(__name__)

_MANY = 1 << 24  # bytes read at once where other threads are at work: after each block Python may let them go first
_BLOCK = 1 << 16  # bytes read at once; 64 KiB stay in the processor's cache: five times as fast as 4 MiB
_AROUND = 64  # blocks that are looked at where a character is broken
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_utf8(path: Path, folder: Path, *, newlines: bool = False) -> Path:
    """Return the file itself if it is plain UTF-8, else a copy in ``folder`` that is.

    Parameters
    ----------
    path : Path
        A text file, compressed by gzip if its name ends so.
    folder : Path
        Where the copy goes; the caller removes it.
    newlines : bool, default False
        Make a copy in any case, with one kind of line end.

    Raises
    ------
    TableError
        The file is binary, damaged, or in none of UTF-8, UTF-16 and Windows-1252.
    """
    encoding = detect(path)
    if encoding == "utf-8" and path.suffix.lower() != ".gz" and not newlines:
        return path
    copy = folder / f"{path.name}.utf8"
    with copy.open("w", encoding="utf-8", newline="") as out:
        pending = ""
        for text in _decoded(path, encoding):
            joined = pending + text
            # A line end may be cut in two by the block's end: its first half waits for the next block.
            pending = "\r" if newlines and joined.endswith("\r") else ""
            joined = joined.removesuffix(pending)
            out.write(joined.replace("\r\n", "\n").replace("\r", "\n") if newlines else joined)
        out.write("\n" if pending else "")
    logger.info("%s was read as %s", path.name, encoding)
    return copy


def looks_utf8(path: Path) -> bool:
    """Tell whether a file that is not empty may be plain UTF-8, by no more than marks of other kinds that it lacks."""
    if path.suffix.lower() == ".gz":
        return False
    block = bytearray(min(_MANY, path.stat().st_size))
    with path.open("rb", buffering=0) as file:
        if file.read(2) in _UTF16:
            return False
        file.seek(0)
        while length := file.readinto(block):
            if block.find(0, 0, length) >= 0:
                return False
    return True


def detect(path: Path) -> str:
    """Tell UTF-8, UTF-16 and Windows-1252 apart by reading the whole file once.

    Windows-1252 holds Latin-1's letters and the euro sign. Nearly any bytes are valid in it, so UTF-8 is
    tried first: text in another encoding is almost never valid UTF-8 by accident. For the same reason a file
    with more valid accents than broken bytes is damaged UTF-8: Windows-1252 would garble the whole of it.
    """
    first = next(_blocks(path), b"")
    encodings = ("utf-16",) if first[:2] in _UTF16 else ("utf-8", "cp1252")
    for encoding in encodings:
        blocks = accents = 0
        try:
            for text in _decoded(path, encoding):
                if "\0" in text:
                    raise _undecodable(path, "It looks like a binary file.")
                accents += 0 if text.isascii() else 1
                blocks += 1
        except UnicodeDecodeError as error:
            following = itertools.islice(_blocks(path), blocks + 1, blocks + _AROUND)
            around = (bytes(error.object) + b"".join(following)).decode("utf-8", errors="replace")
            broken = around.count("\N{REPLACEMENT CHARACTER}")
            valid = sum(1 for char in around if not char.isascii()) - broken + accents
            if encoding == "utf-8" and valid > broken:
                raise _undecodable(path, "It is UTF-8 with broken characters in it.") from None
        else:
            return encoding
    raise _undecodable(path, "")


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in _blocks(path):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        fix = "Export or download it again."
        raise TableError(f"{path.name} is not a whole gzip file.", fix=fix) from error


def _undecodable(path: Path, detail: str) -> TableError:
    found = f"{path.name} is not text that can be read. {detail}".rstrip()
    return TableError(found, expected="UTF-8, UTF-16 or Windows-1252 (Latin-1)", fix="Save it again as CSV UTF-8.")
