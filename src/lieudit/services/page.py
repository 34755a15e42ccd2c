"""A home page, read: title, description, language, themes, social networks, and whether it sells online.

The page is a stranger's, and may be anything: what is taken from it is short, printable, and holds no people as far as
they can be told (:mod:`lieudit.services.page_words`).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any, Final

from lieudit.errors import ConfigError
from lieudit.services.page_marks import sells_online, social_pages
from lieudit.services.page_words import sector_words, themes, without_people

__all__ = ["Page", "need_readers", "read_page"]

_LONGEST_TITLE: Final = 200
_LONGEST_DESCRIPTION: Final = 500
_LONGEST_TEXT: Final = 200_000
_FEWEST_WORDS: Final = 5  # a page with fewer is a shell that a script fills, or a sign on the door
_ENOUGH_FOR_LANGUAGE: Final = 20  # words
_NO_TEXT: Final = "script|style|noscript|template|svg|nav|footer|form|select|iframe|dialog"
# Codecs that may be named; others (idna, punycode, …) are slow, or no encodings of pages.
_CHARSET: Final = re.compile(
    r"utf-?(?:8|16(?:[lb]e)?)|iso-?8859-?\d{1,2}|latin-?\d|windows-125\d|cp125\d|us-ascii|koi8-[ru]|shift_jis"
    r"|euc-(?:jp|kr)|gb(?:2312|k|18030)|big5"
)
# What XML has no place for: lxml reads it, and later fails on it.
_NO_CHARACTER: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE: Final = re.compile(r"&#(x[0-9a-f]{1,8}|\d{1,8});?", re.IGNORECASE | re.ASCII)
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_LANGUAGES: Final = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch",
    "pt": "Portuguese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes
    ----------
    title, description : str or None
        At most 200 and 500 characters.
    language : str or None
        Code of two letters.
    themes, sector_words, social : tuple of str
    ecommerce : bool
    empty : bool
        There is no text to speak of.
    """

    title: str | None
    description: str | None
    language: str | None
    themes: tuple[str, ...]
    sector_words: tuple[str, ...]
    social: tuple[str, ...]
    ecommerce: bool
    empty: bool


def need_readers() -> None:
    """Check that what reads pages is installed.

    Raises
    ------
    ConfigError
        It is not.
    """
    try:
        import justext  # noqa: F401, PLC0415
        import lxml.html  # noqa: F401, PLC0415 - an extra, and slow to import
        import py3langid  # noqa: F401, PLC0415
        import trafilatura  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigError(f"Websites are to be read, and {error.name or 'a package'} is not installed.",
                          expected="the extra 'web'", fix="pip install 'lieudit[web]'") from None  # fmt: skip


def read_page(content: bytes, charset: str = "") -> Page | None:
    """Read a page; None where it holds no HTML at all.

    Parameters
    ----------
    content : bytes
    charset : str, optional
        What the server said of the encoding.
    """
    from lxml import etree, html  # noqa: PLC0415

    # An XML declaration in a text that is decoded already is refused by lxml.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", _decode(content, charset))
    try:
        tree = html.document_fromstring(_REFERENCE.sub(_character, _NO_CHARACTER.sub("", text)))
    except (etree.ParserError, ValueError):
        return None
    return _describe(tree)


def _character(reference: re.Match[str]) -> str:
    """Return a numeric reference as it stands, or nothing where it is to no character that a tree can hold."""
    code = reference.group(1)
    number = int(code[1:], 16) if code[0] in "xX" else int(code)
    return "" if number > sys.maxunicode or _NO_CHARACTER.match(chr(number)) else reference.group()


def _describe(tree: Any) -> Page:
    ecommerce = sells_online(tree)
    social = social_pages(tree)
    title = _meta(tree, "//head/title/text()", "//meta[@property='og:title']/@content")
    description = _meta(tree, "//meta[_NAME_='description']/@content", "//meta[@property='og:description']/@content")
    declared = _first(tree, "/html/@lang")
    # The text comes last: it is read from what is left of the tree.
    headings = [" ".join(node.itertext()) for node in tree.xpath("//h1|//h2|//h3")[:30]]
    text = without_people(_text(tree))
    words = text.split()
    head = without_people(" . ".join(filter(None, (title, description, *headings))))
    language = _language(text if len(words) >= _ENOUGH_FOR_LANGUAGE else "", declared)
    return Page(
        title=_short(title, _LONGEST_TITLE),
        description=_short(description, _LONGEST_DESCRIPTION),
        language=language,
        themes=themes(text, head, _stop_words(language)),
        sector_words=sector_words(text, head),
        social=social,
        ecommerce=ecommerce,
        empty=len(words) < _FEWEST_WORDS,
    )


def _decode(content: bytes, charset: str) -> str:
    """Decode a page: by its byte-order mark, what the server said, what it says itself, else what fits."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(name, "replace")
    said = _META_CHARSET.search(content[:4096])
    for name in (charset, said.group(1).decode().lower() if said else "", "utf-8"):
        # Pages that claim Latin-1 or ASCII are in Windows' code page (WHATWG's rule).
        codec = "cp1252" if re.fullmatch(r"iso-?8859-?1|latin-?1|us-ascii", name) else name
        if _CHARSET.fullmatch(codec):
            try:
                return content.decode(codec)
            except (UnicodeDecodeError, LookupError):
                continue
    return content.decode("cp1252", "replace")


def _text(tree: Any) -> str:
    """Return the text of the page, without what stands around it on every page.

    ``trafilatura.extract`` finds the main text of an article, which a home page has not, and takes minutes for some
    pages of 100 kB (13 s for nested lists, growing with the square); ``html2txt`` takes 0.1 s for the same.
    """
    from trafilatura import html2txt  # noqa: PLC0415

    for node in tree.xpath("|".join(f"//{name}" for name in _NO_TEXT.split("|"))):
        node.clear(keep_tail=True)
    return str(html2txt(tree) or "")[:_LONGEST_TEXT]


def _meta(tree: Any, *paths: str) -> str | None:
    """Return the first text that one of the paths gives; ``_NAME_`` is the name of a meta element, in small letters."""
    name = "translate(@name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    return next((text for path in paths if (text := _first(tree, path.replace("_NAME_", name)))), None)


def _first(tree: Any, path: str) -> str | None:
    return next((text for found in tree.xpath(path) if (text := " ".join(str(found).split()))), None)


def _short(text: str | None, longest: int) -> str | None:
    """Return a text without people, printable, and no longer than so; it cannot begin like a formula of a sheet."""
    plain = without_people("".join(c if c.isprintable() else " " for c in text or ""))
    plain = re.sub(r"\s+(?=[,;:.])", "", plain).strip(" -–—|·,;:=+@")
    return plain[:longest].rstrip() or None


def _language(text: str, declared: str | None) -> str | None:
    """Return the language of a text; of a short one, what the page declares."""
    if text:
        import py3langid  # noqa: PLC0415

        return str(py3langid.classify(text[:20_000])[0])
    said = re.match(r"[a-z]{2}(?![a-z])", (declared or "").lower())
    return said.group() if said else None


def _stop_words(language: str | None) -> frozenset[str]:
    import justext  # noqa: PLC0415

    names = {"French", "English", *([_LANGUAGES[language]] if language in _LANGUAGES else ())}
    return frozenset().union(*(justext.get_stoplist(name) for name in names))
