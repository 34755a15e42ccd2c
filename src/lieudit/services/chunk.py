"""The CSV that goes to a batch geocoder, and the one that comes back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Final

from lieudit.services.terms import MalformedError

__all__ = ["FIELDS", "RESULTS", "read_chunk", "write_chunk"]

FIELDS: Final = ("row", "street", "postcode", "city")
RESULTS: Final = ("result_citycode", "result_postcode", "result_score", "result_type", "result_status")
_NEEDED: Final = frozenset({*FIELDS, "result_citycode", "result_score"})
_CODE: Final = re.compile(r"(?:\d\d|2[AB])\d{3}")
_SCORE: Final = re.compile(r"[01](?:\.\d*)?")


def write_chunk(rows: Mapping[str, tuple[str, str, str]]) -> bytes:
    """Write a request.

    Parameters
    ----------
    rows : mapping of str to (street, postcode, city)
        By number.

    Examples
    --------
    >>> print(write_chunk({"0": ("1 rue de l'Église", "35000", "Rennes")}).decode())
    "row","street","postcode","city"
    "0","1 rue de l'Église","35000","Rennes"
    """
    out = io.StringIO()
    # All quoted: servers guess the delimiter, and an apostrophe or a semicolon would mislead them.
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(FIELDS)
    writer.writerows((number, *cells) for number, cells in rows.items())
    return out.getvalue().encode()


def read_chunk(content: bytes, sent: Mapping[str, tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """Read a reply.

    Parameters
    ----------
    content : bytes
    sent : mapping of str to (street, postcode, city)
        What was asked for.

    Returns
    -------
    dict of str to dict of str to str
        The results by number of row, in whatever order they came: the rows that are whole and repeat what was sent.
        A row that stands twice with different results is in doubt, and left out.

    Raises
    ------
    MalformedError
        It is not the CSV of a geocoder.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedError("not UTF-8") from None
    try:
        header, *lines = csv.reader(io.StringIO(text, newline=""))
    except (csv.Error, ValueError):
        raise MalformedError("not CSV") from None
    if not _NEEDED.issubset(header):
        raise MalformedError("without the columns of a geocoder")
    if lines and not text.endswith("\n") and header[-1] == "result_citycode":
        lines.pop()  # it may have been cut within or before its code; elsewhere a cut leaves too few fields
    found: dict[str, dict[str, str]] = {}
    doubtful = set()
    for line in lines:
        row = dict(zip(header, line, strict=False))
        if len(line) != len(header) or not _answers(row, sent):
            continue
        result = {name: row.get(name, "") for name in RESULTS}
        if found.setdefault(row["row"], result) != result:
            doubtful.add(row["row"])
    for number in doubtful:
        del found[number]
    return found


def _answers(row: Mapping[str, str], sent: Mapping[str, tuple[str, str, str]]) -> bool:
    """Tell whether a row answers one that was sent: it repeats it, and its result can be read."""
    if sent.get(row["row"]) != tuple(row[name] for name in FIELDS[1:]) or row.get("result_status") == "error":
        return False
    code, score = row["result_citycode"], row["result_score"]
    return _SCORE.fullmatch(score) is not None if _CODE.fullmatch(code) else not code
