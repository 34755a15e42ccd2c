"""One cell of a SIRET column, whatever people typed in it, read with care.

The order of the readings matters: what is certainly something else goes first, then numbers as they stand,
and only then guesses (letters read as digits), each of which must end on right keys.
"""

from __future__ import annotations

import re

from lieudit.companies.siret_digits import EMPTY, SiretResult, is_siren, is_siret, read_digits, read_vat
from lieudit.companies.siret_shapes import (
    fold,
    is_empty_word,
    plain,
    read_other_register,
    read_scientific,
    strip_decimals,
    strip_labels,
)

__all__ = ["clean_siret"]

_VAT = re.compile(r"(?<![A-Z0-9])FR[ .\-]*([0-9A-HJ-NP-Z]{2})[ .\-]*(\d(?:[ .\-]?\d){8})(?!\d)")
_LETTER = re.compile(r"[^\W\d_]")
_SEGMENT = re.compile(r"(?:(?!\|)[\W\d_])+")
_GLUED = re.compile(r"(?<=\d)[^\W\d_]|[^\W\d_](?=\d)")
_CHUNKS = re.compile(r"\d+")

# Letters that a scanner or a hand writes for digits. A small L is a 1, a capital one is not.
_OCR = str.maketrans("OoIl|Ss" + "B", "0011155" + "8")
_OCR_RUN = re.compile(r"(?<!\w)[\dOoIl|SsB](?:[ .\-]?[\dOoIl|SsB])*(?!\w)")
_MOST_OCR_LETTERS = {14: 4, 9: 2}


def clean_siret(value: str | None) -> SiretResult:
    """Read one cell of a column of SIRETs.

    Parameters
    ----------
    value : str or None
        What the file holds.

    Returns
    -------
    SiretResult
        The SIRET and SIREN, and what was found.

    Examples
    --------
    >>> clean_siret("N° SIRET 732 829 320 00074 - RCS Paris")
    SiretResult(siret='73282932000074', siren='732829320', status='valid_siret')
    >>> clean_siret("fr44732829320")
    SiretResult(siret=None, siren='732829320', status='siren_only')
    >>> clean_siret("73282932000074 / 55203253400646").status
    'multiple'
    """
    if value is None:
        return EMPTY
    text = plain(value)
    folded = fold(text)
    if is_empty_word(folded):
        return EMPTY
    if not folded.isascii() and any(char.isdigit() and not char.isascii() for char in folded):
        return SiretResult(None, None, "invalid_format")
    bare = strip_decimals(strip_labels(folded))
    return EMPTY if is_empty_word(bare) else _read(text, bare)


def _read(text: str, bare: str) -> SiretResult:
    certain = read_scientific(bare) or read_other_register(bare) or _read_number(bare)
    if certain and (certain.siret or bare.isdigit()):
        return certain
    guess = _read_ocr(text)
    if guess and (certain is None or (guess.siret and guess.siren == certain.siren)):
        return guess
    return certain or _say_what_is_wrong(bare)


def _read_number(bare: str) -> SiretResult | None:
    """Read French identifiers anywhere in the text; None when none of them is right."""
    vats: list[SiretResult] = []

    def take(match: re.Match[str]) -> str:
        vats.append(read_vat(match[1], "".join(_CHUNKS.findall(match[2]))))
        return "|"

    rest = _VAT.sub(take, bare).removeprefix("FR") if "FR" in bare else bare
    found = _read_segments(rest)
    right = [result for result in found + vats if _is_right(result)]
    if right:
        return _agree(right, found)
    return vats[0] if vats else None


def _is_right(result: SiretResult) -> bool:
    return result.status.startswith(("valid_", "siren_only")) or result.status == "monaco_vat"


def _agree(right: list[SiretResult], found: list[SiretResult]) -> SiretResult:
    """Return the one company that all numbers of a cell speak of, or say that there are several."""
    wrong = [result for result in found if result.status == "invalid_checksum" and result.siren]
    sirens = {result.siren for result in right + wrong}
    sirets = {result.siret for result in right if result.siret}
    if len(sirens) == 1 and len(sirets) <= 1:
        if wrong and not sirets:
            return wrong[0]
        return max(right, key=lambda result: result.siret is not None)
    return SiretResult(None, sirens.pop() if len(sirens) == 1 else None, "multiple")


def _read_segments(text: str) -> list[SiretResult]:
    """Read the numbers of a text: digits between letters, joined across spaces and punctuation.

    Zeros are put back only where no letter stands in the cell, and digits are grouped as numbers are. A SIREN
    that touches a letter is part of some code, and one number in ten has a right key by chance: it is left out.
    A SIRET has two keys, and stays.

    >>> [result.siret or result.siren for result in _read_segments("732829320 00074 / 552 032 534")]
    ['73282932000074', '552032534']
    """
    letters = _LETTER.search(text) is not None
    results: list[SiretResult] = []
    for match in _SEGMENT.finditer(text):
        chunks = _CHUNKS.findall(match[0])
        if not chunks:
            continue
        pad = not letters and _grouped_as_a_number(chunks)
        found = [read_digits(number, pad=pad) for number in _cut(chunks, pad=pad)]
        touching = {0} if match.start() and match[0][0].isdigit() else set()
        if match.end() < len(text) and match[0][-1].isdigit():
            touching.add(len(found) - 1)
        results += [result for i, result in enumerate(found) if result.siret or i not in touching]
    return results


def _grouped_as_a_number(chunks: list[str]) -> bool:
    """Tell ``1 555 013 000 015`` and ``15 550 130 00015`` from dates and telephone numbers."""
    return all(len(chunk) == 3 for chunk in chunks[1:-1]) and (len(chunks) == 1 or len(chunks[-1]) in (3, 5))


def _cut(chunks: list[str], *, pad: bool) -> list[str]:
    """Join chunks of digits: all of them when they make a number, else wherever a few make a right one."""
    whole = "".join(chunks)
    if len(chunks) == 1:
        halves = [whole[: len(whole) // 2], whole[len(whole) // 2 :]]
        return halves if len(whole) in (18, 28) else [whole]  # two identifiers with nothing between
    if len(whole) == 14 or (len(whole) < 14 and _is_right(read_digits(whole, pad=pad))):
        return [whole]
    numbers: list[str] = []
    start = 0
    while start < len(chunks):
        stop = _end_of_identifier(chunks, start)
        numbers.append("".join(chunks[start:stop]))
        start = stop
    return numbers if any(map(_is_identifier, numbers)) else [whole]


def _end_of_identifier(chunks: list[str], start: int) -> int:
    """Return where the longest right identifier that begins at a chunk ends, or the next chunk."""
    best, joined = start + 1, ""
    for stop in range(start + 1, len(chunks) + 1):
        joined += chunks[stop - 1]
        if _is_identifier(joined):
            best = stop
        if len(joined) >= 14:
            break
    return best


def _is_identifier(digits: str) -> bool:
    return is_siret(digits) or is_siren(digits)


def _read_ocr(text: str) -> SiretResult | None:
    """Read O, I, l, S and B as digits where that, and nothing else, makes one right number of few letters."""
    found: list[SiretResult] = []
    for run in _OCR_RUN.findall(text):
        compact = re.sub(r"[ .\-]", "", run)
        letters = sum(not char.isdigit() for char in compact)
        few = 0 < letters <= _MOST_OCR_LETTERS.get(len(compact), 0)
        if not few or not all(map(_GLUED.search, _pieces_with_letters(run))):
            continue
        result = read_digits(compact.translate(_OCR))
        if result.siret:
            found.append(SiretResult(result.siret, result.siren, "valid_siret_ocr"))
        elif result.status == "siren_only":
            found.append(result)
    return found[0] if len(set(found)) == 1 else None


def _pieces_with_letters(run: str) -> list[str]:
    """Return the pieces of a run that hold letters; one that holds nothing else is a word."""
    return [piece for piece in re.split(r"[ .\-]", run) if not piece.isdigit()]


def _say_what_is_wrong(bare: str) -> SiretResult:
    """Give the status of a text in which nothing is right: that of its longest number."""
    segments = ["".join(_CHUNKS.findall(segment)) for segment in _SEGMENT.findall(bare)]
    longest = max(segments, key=len, default="")
    letters = _LETTER.search(bare) is not None
    if not longest or (letters and (len(longest) < 6 or _GLUED.search(bare))):
        return SiretResult(None, None, "invalid_format")
    return read_digits(longest, pad=False)
