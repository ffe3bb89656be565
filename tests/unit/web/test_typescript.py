import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import msgspec.structs
import pytest

from cti.desk import commands, views
from cti.desk.topics import TOPICS
from cti.web import messages
from cti.web.typescript import interface, main, render, structs_of, ts_type


def test_every_struct_that_crosses_the_wire_has_an_interface() -> None:
    text = render()
    for struct in [*structs_of(views), *structs_of(messages)]:
        assert re.search(rf"export (interface|type) {struct.__name__} ", text), struct


def test_every_command_is_discriminated_by_its_name() -> None:
    text = render()
    for command in get_args(messages.AnyCommand):
        tag = command.__struct_config__.tag
        assert f'readonly cmd: "{tag}";' in text
        assert f'  "{tag}": [' in text


def test_a_command_may_leave_out_what_has_a_default_and_an_answer_never_does() -> None:
    assert "readonly reason?: string;" in interface(commands.ForceState)
    assert "readonly field: string;" in interface(messages.Problem)


def test_topics_map_to_their_views() -> None:
    text = render()
    for topic, view in TOPICS.items():
        assert f"readonly {topic}: Readonly<Record<string, {view.__name__}>>;" in text


def test_spellings() -> None:
    assert ts_type(float | None) == "number | null"
    assert ts_type(tuple[str | None, ...]) == "readonly (string | null)[]"
    assert ts_type(int | float) == "number"
    with pytest.raises(TypeError):
        ts_type(set[str])


def test_the_command_line_writes_the_file(tmp_path: Path) -> None:
    assert main([str(tmp_path / "gen")]) == 0
    assert (tmp_path / "gen" / "messages.ts").read_text(encoding="utf-8") == render()
    assert main([]) == 2


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "cti.web.typescript", str(tmp_path)], check=True)
    assert (tmp_path / "messages.ts").stat().st_size > 1000
    assert msgspec.structs.fields(views.Put)
