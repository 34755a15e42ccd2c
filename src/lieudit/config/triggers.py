"""When a customer is to be named: ``configs/triggers.yaml``."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lieudit.config.load import shipped
from lieudit.errors import ConfigError

__all__ = ["Crossing", "Silent", "Slower", "Triggers", "load_triggers"]

Days = Annotated[int, Field(gt=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Silent(_Part):
    """No order for so many days."""

    days: tuple[Days, ...] = (14, 30, 60)


class Slower(_Part):
    """Fewer orders than the customer's own pace foretells."""

    window_days: Days = 90
    min_orders: Annotated[int, Field(ge=2)] = 4
    min_days: Days = 180
    p_value: Annotated[float, Field(ge=0, lt=1)] = 0.01


class Crossing(_Part):
    """Segments that are entered or left: rule segments by their slug, clusters by their name."""

    segments: Literal["all"] | tuple[str, ...] = "all"


class Triggers(_Part):
    """All triggers; each is explained in configs/triggers.yaml."""

    silent: Silent = Silent()
    slower: Slower = Slower()
    entered: Crossing = Crossing()
    left: Crossing = Crossing()


def load_triggers(path: Path | None = None) -> Triggers:
    """Read the triggers.

    Parameters
    ----------
    path : Path, optional
        A YAML file of the same form as the shipped one.

    Raises
    ------
    ConfigError
        The file is missing or no YAML, or a key or a value is wrong.

    Examples
    --------
    >>> load_triggers().silent.days
    (14, 30, 60)
    """
    path = path or shipped("triggers.yaml")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(f"There is no file of triggers {path}.", expected="a YAML file",
                          fix="Check the path, or start from configs/triggers.yaml.") from None  # fmt: skip
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not YAML: {' '.join(str(error).split())}.", expected="UTF-8 YAML") from None
    try:
        return Triggers.model_validate({} if content is None else content)
    except ValidationError as error:
        raise _explained(error.errors()[0], path.name) from None


def _explained(first: Any, name: str) -> ConfigError:
    key = ".".join(str(part) for part in first["loc"]) or "it"
    if first["type"] == "extra_forbidden":
        section = Triggers.model_fields.get(str(first["loc"][0]))
        known = list(Triggers.model_fields if len(first["loc"]) == 1 or section is None
                     else type(section.default).model_fields)  # fmt: skip
        near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        return ConfigError(f"{name} has an unknown key '{key}'.", expected=f"one of: {', '.join(known)}",
                           fix=f"Did you mean '{near[0]}'?" if near else "Remove it.")  # fmt: skip
    return ConfigError(f"In {name}, '{key}' is {first['input']!r}.", expected=first["msg"],
                       fix="See configs/triggers.yaml.")  # fmt: skip
