"""What is said of a website, and what became of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from lieudit.services.page import Page

__all__ = ["Visited", "Website", "from_memory", "website_of"]


@dataclass(frozen=True, slots=True)
class Website:
    """What a home page says; fields bear the names of ``schema.WEBSITE_COLUMNS``.

    Attributes
    ----------
    website_status : str
        One of ``schema.WEBSITE_STATUSES``; ``empty`` is a page without text, such as one that a script fills.
    website_sector_words : tuple of str
        ``F:plombier``: the section of the NAF and the word.
    website_social : tuple of str
        Addresses of the company's pages, one a network.
    """

    website_status: str
    website_title: str | None = None
    website_description: str | None = None
    website_language: str | None = None
    website_themes: tuple[str, ...] = ()
    website_sector_words: tuple[str, ...] = ()
    website_social: tuple[str, ...] = ()
    website_ecommerce: bool | None = None


@dataclass
class Visited:
    """What became of addresses of websites.

    Attributes
    ----------
    websites : dict of str to Website
        By cell, as it was given.
    remembered, asked, deferred : int
        Different websites that were known from before, that were dealt with now, and that were not; those that did
        not answer for now are deferred.
    """

    websites: dict[str, Website] = field(default_factory=dict)
    remembered: int = 0
    asked: int = 0
    deferred: int = 0


def website_of(page: Page | None) -> Website:
    """Return what a page says; nothing where there is no page."""
    if page is None:
        return Website("empty")
    return Website(
        website_status="empty" if page.empty else "read",
        website_title=page.title,
        website_description=page.description,
        website_language=page.language,
        website_themes=page.themes,
        website_sector_words=page.sector_words,
        website_social=page.social,
        website_ecommerce=page.ecommerce,
    )


def from_memory(kept: Mapping[str, Any]) -> Website:
    """Return the website that the journal kept; JSON knows no tuples.

    Examples
    --------
    >>> from_memory({"website_status": "read", "website_themes": ["pain", "levain"]}).website_themes
    ('pain', 'levain')
    """
    names = {column.name for column in fields(Website)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in names
    }
    return Website(**values)
