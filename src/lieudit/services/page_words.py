"""Words of a page: what it is about, and none that say who somebody is.

E-mail addresses and telephone numbers are taken out, and names of people as far as they can be told: after a civility
(``Mme``, ``Dr``, ``Maître``), or a usual first name with a surname beside it. Nobody can tell all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["sector_words", "themes", "without_people"]

THEMES: Final = 8
SECTOR_WORDS: Final = 8
_TWICE: Final = 2  # a word that stands once in a page says little of it
_HEAD_WEIGHT: Final = 3  # title, description and headings count for more than the text
_LETTERS: Final = re.compile(r"[^\W\d_]{4,}")
# All repetitions are bounded: the text is a stranger's.
_MAIL: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|[(\[]\s?(?:at|arobase|@)\s?[)\]])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?<!\d)(?:(?:\+|00)\d{1,3}[\s.-]{0,3}(?:\(0\))?|0)[\s.-]{0,3}[1-9](?:[\s./-]{0,3}\d{2}){4}(?!\d)"
)
_SURNAME: Final = r"(?:(?:de|du|des|le|la|d'|d’|van|von|el|ben)\s?){0,3}[A-ZÀ-ÖØ-Þ][\w'’-]{1,40}"
_CIVILITY: Final = re.compile(
    rf"\b(?:M\.|MM\.|Mr\.?|Mrs\.?|Ms\.?|Mme|Mlle|Monsieur|Madame|Mademoiselle|Dr\.?|Docteur|Docteure|Me|Maître|Pr\.?|"
    rf"Professeur)\s{{1,3}}{_SURNAME}(?:\s{_SURNAME}){{0,2}}"
)


def without_people(text: str) -> str:
    """Take e-mail addresses, telephone numbers and names of people out of a text.

    Examples
    --------
    >>> without_people("Cabinet du Dr Anne Le Goff, dentiste : 02 99 00 00 00 ou rdv@exemple.fr")
    'Cabinet du , dentiste : ou'
    >>> without_people("Jean-Pierre DUPONT, plombier rue Saint-Pierre")
    ', plombier rue Saint-Pierre'
    """
    for pattern in (_MAIL, _PHONE, _CIVILITY, _named()):
        text = pattern.sub(" ", text)
    return " ".join(text.split())


def themes(text: str, head: str, stop_words: Iterable[str]) -> tuple[str, ...]:
    """Return the words that a page says most, the most frequent first.

    Parameters
    ----------
    text : str
        Of the page, without people.
    head : str
        Title, description and headings.
    stop_words : iterable of str
        Words of the language that say nothing.
    """
    # What every site says, whatever it sells, is no theme either.
    passed = {_fold(word) for word in (*stop_words, *_shipped("web_words.txt").split(), *_first_names())}
    counts: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    for part, weight in ((text, 1), (head, _HEAD_WEIGHT)):
        for word in _LETTERS.findall(part.casefold()):
            stem = _stem(_fold(word))
            if _fold(word) not in passed and stem not in passed:
                counts[stem] += weight
                forms.setdefault(stem, Counter())[word] += 1
    best = sorted((stem for stem in counts if counts[stem] >= _TWICE), key=lambda stem: (-counts[stem], stem))
    return tuple(min(forms[stem], key=lambda form: (-forms[stem][form], form)) for stem in best[:THEMES])


def sector_words(text: str, head: str) -> tuple[str, ...]:
    """Return the words of a sector that a page says, the most frequent first, each behind the section of the NAF.

    Examples
    --------
    >>> sector_words("Votre plombier : plomberie, chauffage. Plomberie à Rennes.", "Plombier à Rennes")
    ('F:plombier', 'F:plomberie')
    """
    plain = [f" {' '.join(re.findall(r'[a-z0-9]+', _fold(part)))} " for part in (text, head)]
    counts: Counter[str] = Counter()
    for section, word, folded in _vocabulary():
        for part, weight in zip(plain, (1, _HEAD_WEIGHT), strict=True):
            counts[f"{section}:{word}"] += weight * sum(part.count(f" {form} ") for form in (folded, f"{folded}s"))
    best = sorted((word for word in counts if counts[word] >= _TWICE), key=lambda word: (-counts[word], word))
    return tuple(best[:SECTOR_WORDS])


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _stem(word: str) -> str:
    """Make one of singular and plural; no more, for a wrong stem joins what is different."""
    return word.removesuffix("s") if len(word) > 4 else word


@cache
def _first_names() -> frozenset[str]:
    return frozenset(_shipped("first_names.txt").split())


@cache
def _named() -> re.Pattern[str]:
    """Return what matches a first name and a surname, in either order."""
    first = "|".join(sorted({form for name in _first_names() for form in (name.capitalize(), name.upper())}))
    given = rf"(?:{first})(?:[- ](?:{first})){{0,2}}"
    capitals = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]{1,40}"
    pair = rf"{given}\s{{1,3}}{_SURNAME}|{capitals}\s{{1,3}}{given}"
    return re.compile(rf"(?<![\w-])(?<!\b[Ss]aint )(?:{pair})(?![\w-])")


@cache
def _vocabulary() -> tuple[tuple[str, str, str], ...]:
    """Return (section, word, word as it is compared)."""
    lines = _shipped("sector_words.csv").splitlines()[1:]
    rows = (line.partition(",") for line in lines)
    return tuple(
        (section, word, " ".join(re.findall(r"[a-z0-9]+", _fold(word))))
        for section, _, words in rows
        for word in words.split("|")
    )


def _shipped(name: str) -> str:
    return (files("lieudit.services") / name).read_text(encoding="utf-8")
