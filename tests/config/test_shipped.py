"""What ships in configs/ says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lieudit.config import Config, TransactionsConfig, load, load_playbooks, shipped
from lieudit.errors import ConfigError
from lieudit.schema import RFM_SEGMENTS

DEFAULT = shipped("default.yaml")


def shape(value: Any) -> Any:
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else None


def test_default_yaml_has_every_key_with_its_default() -> None:
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    bare = Config.model_validate({"customers": {"path": "customers.csv"}})
    assert Config.model_validate(content) == bare
    assert shape(content) == shape(bare.model_dump(mode="json"))


def test_default_yaml_explains_every_key() -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    for key in TransactionsConfig.model_fields:
        assert re.search(rf"^#   {key}  ", text, re.MULTILINE), key
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[a-z_]+:", line) and line.rstrip() not in ("enrich:", "rfm:", "train:", "tracking:"):
            assert lines[number - 1].startswith("#"), line


def test_demo_yaml_stands_for_its_files(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text(shipped("demo.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    config = load(path)
    assert (config.name, config.out, config.train.seed) == ("demo", tmp_path / "out", 0)
    assert config.transactions is not None
    assert Path(config.customers.path) == tmp_path / "customers.csv"
    assert Path(config.transactions.path) == tmp_path / "orders.csv"


def test_playbooks_cover_the_eleven_segments() -> None:
    playbooks = load_playbooks()
    assert tuple(playbooks) == RFM_SEGMENTS
    for playbook in playbooks.values():
        for question in (*playbook.questions["fr"], *playbook.questions["en"]):
            assert question.endswith("?")
        assert len(playbook.actions["fr"]) == len(playbook.actions["en"])
        assert len(playbook.questions["fr"]) == len(playbook.questions["en"])


def test_no_sentence_of_the_playbooks_is_used_twice() -> None:
    texts = [
        text
        for playbook in load_playbooks().values()
        for by_language in (playbook.actions, playbook.questions)
        for items in by_language.values()
        for text in items
    ]
    assert len(texts) == len(set(texts))


def spoil(content: dict[str, Any], how: str) -> None:
    match how:
        case "missing segment":
            del content["lost"]
        case "extra segment":
            content["vip"] = content["lost"]
        case "missing part":
            del content["lost"]["actions"]
        case "missing language":
            del content["lost"]["label"]["en"]
        case "one item":
            content["lost"]["actions"]["fr"] = ["Seule."]
        case "empty text":
            content["lost"]["meaning"]["fr"] = " "
        case "not a list":
            content["lost"]["questions"]["en"] = "Why?"


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ("missing segment", "lacks 'lost'"),
        ("extra segment", "unknown 'vip'"),
        ("missing part", "lost lacks 'actions'"),
        ("missing language", "lost, label lacks 'en'"),
        ("one item", "lost, actions, fr holds 1 items"),
        ("empty text", "lost, meaning, fr holds ' '"),
        ("not a list", "lost, questions, en holds 'Why?'"),
    ],
)
def test_playbooks_with_a_fault_are_refused(tmp_path: Path, how: str, found: str) -> None:
    content = yaml.safe_load(shipped("playbooks.yaml").read_text(encoding="utf-8"))
    spoil(content, how)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml") as caught:
        load_playbooks(path)
    assert found in caught.value.found
