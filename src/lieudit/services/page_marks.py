"""Marks of a page that its links and scripts bear: social networks, and whether it sells online."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["sells_online", "social_pages"]

# A company's own page on a network: not a person's profile, not a button to share.
_SOCIAL: Final = {
    "facebook": re.compile(
        r"(?:www\.|fr-fr\.|m\.)?facebook\.com(/(?!sharer|share|dialog|plugins|profile\.php|people/)[\w.%-]+)"
    ),
    "instagram": re.compile(r"(?:www\.)?instagram\.com(/(?!p/|explore|reel)[\w.]+)"),
    "linkedin": re.compile(r"(?:\w+\.)?linkedin\.com(/(?:company|school|showcase)/[\w.%-]+)"),
    "pinterest": re.compile(r"(?:\w+\.)?pinterest\.(?:fr|com)(/(?!pin/)[\w.-]+)"),
    "tiktok": re.compile(r"(?:www\.)?tiktok\.com(/@[\w.-]+)"),
    "x": re.compile(r"(?:www\.)?(?:twitter|x)\.com(/(?!intent|share|home|search)\w+)"),
    "youtube": re.compile(r"(?:www\.)?youtube\.com(/(?:@|channel/|c/|user/)[\w.-]+)"),
}
_SELLING_TYPES: Final = frozenset({"Product", "Offer", "AggregateOffer", "OnlineStore"})
_PLATFORM: Final = re.compile(
    r"cdn\.shopify\.com|woocommerce|prestashop|/static/version\d+/frontend/|magento|wixstores|oxatis|squarespace-commerce",
    re.IGNORECASE,
)
_CART_LINK: Final = re.compile(r"(?:^|/)(?:panier|cart|checkout|commande|basket)(?:[/?#.]|$)", re.IGNORECASE)
_CART_WORDS: Final = re.compile(
    r"ajouter au panier|mon panier|voir le panier|add to (?:cart|basket|bag)|boutique en ligne|online shop",
    re.IGNORECASE,
)


def social_pages(tree: Any) -> tuple[str, ...]:
    """Return the company's page on each network: of several, the first."""
    found: dict[str, str] = {}
    for link in tree.xpath("//a/@href")[:5_000]:
        try:
            parts = urlsplit(str(link).strip())
        except ValueError:
            continue
        for network, pattern in _SOCIAL.items():
            match = pattern.fullmatch(f"{parts.netloc.lower()}{parts.path.rstrip('/')}")
            if match and network not in found:
                found[network] = f"https://www.{network}.com{match.group(1)}"
    return tuple(found[network] for network in sorted(found))


def sells_online(tree: Any) -> bool:
    """Tell whether the site sells: by its linked data, its platform, or a cart."""
    if any(kind in _SELLING_TYPES for kind in _linked_types(tree)):
        return True
    marks = tree.xpath("//script/@src|//link/@href|//meta[@name='generator']/@content|//body/@class")
    if any(_PLATFORM.search(str(mark)) for mark in marks):
        return True
    if any(_CART_LINK.search(_path(str(link))) for link in tree.xpath("//a/@href|//form/@action")):
        return True
    return any(_CART_WORDS.search(str(text)) for text in tree.xpath("//text()[ancestor::a or ancestor::button]"))


def _path(link: str) -> str:
    """Return the path of a link, or nothing where it is none."""
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def _linked_types(tree: Any) -> Iterator[str]:
    """Go through the types of the JSON-LD of a page."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()")[:50]:
        try:
            todo: list[Any] = [json.loads(script)]
        except (ValueError, RecursionError):
            continue
        while todo:
            item = todo.pop()
            if isinstance(item, dict):
                kinds = item.get("@type")
                yield from (kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))
                todo += item.values()
            elif isinstance(item, list):
                todo += item
