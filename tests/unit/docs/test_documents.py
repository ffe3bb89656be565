"""What the documents name exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from cti.cli import main
from cti.settings import SettingsFile
from cti.settings.queues import QueueSettings

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted names of all settings; lists of records and optional blocks by their own name only."""
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{prefix}{name}.")
        else:
            yield prefix + name


def _commands(group: click.Group, prefix: str = "laidian") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = {target for target in LINK.findall(document.read_text()) if "://" not in target}
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(document: Path) -> None:
    """Whatever is in code style and begins with one of our folders; `<name>` and `*` stand for something else."""
    folders = ("cti/", "tests/", "docs/", "config/", "dialplan/", "asterisk/", "ivr_prompts/", ".ci/")
    named = {code for code in CODE.findall(document.read_text()) if code.startswith(folders) and " " not in code}
    plain = {name for name in named if not re.search(r"[<*{]|\.\.\.", name)}
    made = {name for name in plain if name.startswith(("cti/web/static", "ivr_prompts/zh/8k"))}
    assert sorted(name for name in plain - made if not (ROOT / name).exists()) == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z]+)", document.read_text()))
        assert named <= targets, document


def test_every_setting_is_explained() -> None:
    named = set(CODE.findall(OPERATIONS))
    assert [key for key in _keys(SettingsFile) if key not in named] == []
    assert [key for key in _keys(QueueSettings) if key not in named] == []


def test_every_command_is_explained() -> None:
    assert [command for command in _commands(main) if f"`{command}" not in OPERATIONS] == []
