"""Read a YAML configuration, refuse what it does not know, and resolve its paths."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from lieudit.config.model import Config, Language
from lieudit.errors import ConfigError, InternalError

_LOCAL_SCHEMES = ("duckdb:///", "postgresql://", "postgres://")


def load(source: str | Path | Mapping[str, Any] | Config) -> Config:
    """Validate a configuration.

    Parameters
    ----------
    source : path, mapping or Config
        A YAML file, or its content. Relative paths of inputs and of ``out`` are relative to the file;
        without a file, to the working directory.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        The file is missing, is not YAML, or a key or a value is wrong.
    """
    if isinstance(source, Config):
        return source
    if isinstance(source, Mapping):
        return _validate(dict(source), "the configuration")
    path = Path(source)
    return _anchor(_validate(_read(path), path.name), path.parent)


def parse_language(text: str | None) -> Language | None:
    """Read a language given on the command line.

    Raises
    ------
    ConfigError
        It is not one of the report's.
    """
    languages: dict[str, Language] = {"fr": "fr", "en": "en"}
    if text is None:
        return None
    if text in languages:
        return languages[text]
    raise ConfigError(f"'{text}' is not a language of the report.", expected="fr or en", fix="Use --lang fr.")


def shipped(name: str) -> Path:
    """Return the path of a configuration that comes with lieudit, in a checkout or an installed wheel.

    Parameters
    ----------
    name : str
        A file name of ``configs/``, such as ``"playbooks.yaml"``.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_configs", package.parents[1] / "configs"):
        if (folder / name).is_file():
            return folder / name
    raise InternalError(
        f"The shipped configuration {name} was not found beside the package.", fix="Install lieudit again."
    )


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ConfigError(f"There is no configuration file {path}.", expected="a YAML file",
                          fix="Check the path, or start from configs/default.yaml.")  # fmt: skip
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())
        raise ConfigError(f"{path.name} is not YAML: {detail}.", expected="UTF-8 YAML",
                          fix="Compare with configs/default.yaml.") from error  # fmt: skip
    if not isinstance(content, dict):
        raise ConfigError(f"{path.name} holds no keys.", expected="at least customers: {path: …}",
                          fix="Start from configs/default.yaml.")  # fmt: skip
    return content


def _validate(content: dict[str, Any], origin: str) -> Config:
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        raise _explain(error, origin) from None


def _explain(error: ValidationError, origin: str) -> ConfigError:
    # An unknown key is often a known one misspelt, and then the cause of the missing one: it is named first.
    first = min(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"]]
    key = ".".join(location)
    if first["type"] == "extra_forbidden":
        near = _nearest(location)
        known = ", ".join(_siblings(location))
        return ConfigError(f"{origin} has an unknown key '{key}'.", expected=f"one of: {known}",
                           fix=f"Did you mean '{near}'?" if near else "Remove it.")  # fmt: skip
    if first["type"] == "missing":
        return ConfigError(f"{origin} has no '{key}'.", expected=f"a value for '{key}'", fix=f"Add {key}: … to it.")
    value = "" if isinstance(first["input"], dict) else f" is {first['input']!r}"
    found = f"In {origin}, '{key}'{value}." if key else f"{origin} names no file of customers."
    return ConfigError(
        found,
        expected=first["msg"].removeprefix("Value error, "),
        fix="See configs/default.yaml.",
    )


def _siblings(location: list[str]) -> list[str]:
    """Return the known keys of the section in which an unknown key stands."""
    model: type[BaseModel] = Config
    for part in location[:-1]:
        annotation = model.model_fields[part].annotation
        model = next(_models(annotation))
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _nearest(location: list[str]) -> str:
    matches = difflib.get_close_matches(location[-1], _siblings(location), n=1, cutoff=0.6)
    return ".".join([*location[:-1], *matches]) if matches else ""


def _anchor(config: Config, folder: Path) -> Config:
    """Make the paths of inputs and of ``out`` relative to the configuration file's folder."""
    changes: dict[str, Any] = {"out": folder / config.out}
    for key in ("customers", "transactions"):
        if (section := getattr(config, key)) is not None:
            changes[key] = section.model_copy(update={"path": _anchor_path(section.path, folder)})
    if config.enrich.catalogue is not None:
        changes["enrich"] = config.enrich.model_copy(update={"catalogue": folder / config.enrich.catalogue})
    if config.train.previous is not None:
        changes["train"] = config.train.model_copy(update={"previous": folder / config.train.previous})
    return config.model_copy(update=changes)


def _anchor_path(path: str, folder: Path) -> str:
    return path if path.startswith(_LOCAL_SCHEMES) else str(folder / path)
