"""Names that want to be paths: what a flow plays, what a prompt is called, where a recording lies."""

from pathlib import Path

import pytest

from cti.config.file import parse
from cti.errors import ConfigError, LocalProtocolError
from cti.ivr.check import Known, check
from cti.ivr.flow import Flow
from cti.ivr.spoken import digits, number_in_text
from cti.prompts.catalog import read
from cti.recording.spool import left_behind, parse_name, raw_name
from cti.web.audio import below

PATHS = (
    "../../../../etc/passwd",
    "/etc/passwd",
    "..",
    "hello/../../x",
    "hello.wav",
    "hello\n",
    "hello,../x",
    "hello&/etc/passwd",
    "hello%2f..%2fx",
    "hello\\..\\x",
    "${SHELL(id)}",
    "ｈello",
)
ID = "0mabc123def456"


@pytest.mark.parametrize("path", PATHS)
def test_a_flow_plays_no_path(path: str) -> None:
    """Not even one that the catalogue would know."""
    known = Known(prompts={"zh": {"hello", path}})
    text = f"entry: a\nsteps:\n  a:\n    type: say\n    prompts: [{path!r}]\n    next: hangup\n".replace("\\n", "\\\\n")
    with pytest.raises(ConfigError) as caught:
        check(parse(text, Flow, "f.yaml"), known)
    assert str(caught.value.problems[0]).startswith("f.yaml:5")


@pytest.mark.parametrize("path", PATHS)
def test_no_prompt_is_called_like_a_path(tmp_path: Path, path: str) -> None:
    (tmp_path / "xx").mkdir()
    quoted = path.replace("\n", "\\n").replace("\\.", "\\\\.").replace("\\x", "\\\\x")
    (tmp_path / "xx" / "prompts.yaml").write_text(
        f'voice: {{engine: tone}}\nprompts:\n  "{quoted}": hello\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        read(tmp_path)
    assert "prompts.yaml:" in str(caught.value.problems[0])


@pytest.mark.parametrize("typed", [*PATHS, "1/../2", "٣", "²"])
def test_what_a_caller_typed_is_spoken_from_ten_files_at_most(typed: str) -> None:
    for prompts in (digits(typed), number_in_text(typed, "zh"), number_in_text(typed, "en")):
        assert all(prompt.replace("_", "").isalnum() and prompt.isascii() for prompt in prompts)


@pytest.mark.parametrize("path", [*PATHS, f"../{ID}", f"{ID}/../../x", f"{ID}\0", f"{ID}.raw"])
def test_no_recording_is_named_like_a_path(path: str) -> None:
    with pytest.raises(LocalProtocolError):
        raw_name(path)
    assert parse_name(f"{path}.raw") is None or path == ID


def test_the_spools_own_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x" * 100)
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / raw_name(ID)).symlink_to(secret)
    assert left_behind(spool) == {}


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/passwd", "2026/../../secret.wav", "linked.wav", "."])
def test_nothing_beside_the_recordings_is_sent(tmp_path: Path, path: str) -> None:
    """Whatever stands in the database as a recording's path."""
    folder = tmp_path / "recordings"
    (folder / "2026").mkdir(parents=True)
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (folder / "linked.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "2026" / "mine.wav").write_bytes(b"RIFF")
    assert below(folder, path) is None
    assert below(folder, "2026/mine.wav") == folder / "2026" / "mine.wav"
