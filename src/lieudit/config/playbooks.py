"""What each of the 11 rule segments means, what to do, and what to ask: ``configs/playbooks.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml

from lieudit.config.load import shipped
from lieudit.config.model import Language
from lieudit.errors import ConfigError
from lieudit.schema import RFM_SEGMENTS

__all__ = ["Playbook", "load_playbooks"]

_LANGUAGES: tuple[str, ...] = get_args(Language)
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Playbook:
    """The playbook of a rule segment, each part by language (``"fr"``, ``"en"``).

    Attributes
    ----------
    label, meaning : dict of str to str
    actions, questions : dict of str to tuple of str
        Two to four items.
    """

    label: dict[str, str]
    meaning: dict[str, str]
    actions: dict[str, tuple[str, ...]]
    questions: dict[str, tuple[str, ...]]


def load_playbooks(path: Path | None = None) -> dict[str, Playbook]:
    """Read the playbooks, in the order of ``schema.RFM_SEGMENTS``.

    Parameters
    ----------
    path : Path, optional
        A YAML file of the same form as the shipped one.

    Returns
    -------
    dict of str to Playbook
        By slug: the 11 segments, no more, no fewer.

    Raises
    ------
    ConfigError
        A segment, a part or a language is missing or unknown, or a list has not two to four items.

    Examples
    --------
    >>> load_playbooks()["cant_lose"].label["fr"]
    'À ne pas perdre'
    """
    path = path or shipped("playbooks.yaml")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not YAML: {' '.join(str(error).split())}.", expected="UTF-8 YAML") from None
    _same(content, RFM_SEGMENTS, path.name)
    return {slug: _playbook(content[slug], f"{path.name}, {slug}") for slug in RFM_SEGMENTS}


def _playbook(content: Any, where: str) -> Playbook:
    _same(content, ("label", "meaning", "actions", "questions"), where)

    def by_language(part: str, read: Callable[[Any, str], _Read]) -> dict[str, _Read]:
        _same(content[part], _LANGUAGES, f"{where}, {part}")
        return {lang: read(content[part][lang], f"{where}, {part}, {lang}") for lang in _LANGUAGES}

    return Playbook(
        label=by_language("label", _text),
        meaning=by_language("meaning", _text),
        actions=by_language("actions", _list),
        questions=by_language("questions", _list),
    )


def _same(content: Any, expected: Sequence[str], where: str) -> None:
    found = list(content) if isinstance(content, dict) else []
    wrong = sorted(set(found) ^ set(expected), key=str)
    if wrong:
        verb = "lacks" if wrong[0] in expected else "has an unknown"
        raise ConfigError(f"{where} {verb} '{wrong[0]}'.", expected="exactly: " + ", ".join(expected),
                          fix="Compare with configs/playbooks.yaml.")  # fmt: skip


def _text(value: Any, where: str) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ConfigError(f"{where} holds {value!r}.", expected="a text", fix="Put it between quotes.")


def _list(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and 2 <= len(value) <= 4:
        return tuple(_text(item, where) for item in value)
    found = f"{len(value)} items" if isinstance(value, list) else repr(value)
    raise ConfigError(f"{where} holds {found}.", expected="a list of two to four texts", fix="Merge or split some.")
