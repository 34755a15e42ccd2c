"""The documentation says what runs."""

import re
import subprocess
from pathlib import Path

import pytest
import typer.main

from lieudit.cli import app

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
PAGES = [ROOT / name for name in TRACKED.stdout.split()] or sorted(ROOT.glob("*.md")) + sorted(
    ROOT.glob("docs/**/*.md")
)


def _commands() -> dict[str, list[str]]:
    """Return each command with its long options."""

    def walk(group: object, prefix: str) -> dict[str, list[str]]:
        found = {}
        for name, command in group.commands.items():  # type: ignore[attr-defined]
            if hasattr(command, "commands"):
                found |= walk(command, f"{prefix}{name} ")
            else:
                found[prefix + name] = [o for p in command.params for o in p.opts if o.startswith("--")]
        return found

    return walk(typer.main.get_command(app), "")


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_and_option_is_documented(name: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `lieudit {re.escape(name)}.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/commands.md has no section for `lieudit {name}`"
    everywhere = {"--out", "--quiet", "--verbose", "--help"}
    missing = [option for option in set(_commands()[name]) - everywhere if f"`{option}" not in section.group()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_commands_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    used = re.findall(r"^lieudit ([a-z]+(?: (?:list|show|fetch|check|build|forget))?)", readme, re.MULTILINE)
    assert used
    assert set(used) <= set(_commands())


def test_the_lock_file_holds_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pins = re.findall(r"^[\w.-]+==", lock, re.MULTILINE)
    assert len(pins) > 50
    assert lock.count("--hash=sha256:") >= len(pins)
