import json
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cti.errors import ConfigError, CtiError
from cti.prompts import __main__ as command
from cti.prompts.audio import PEAK, Sound, to_wav
from cti.prompts.build import RATES, Builder, default_cache, outdated, remove_unknown
from cti.prompts.catalog import Command, Espeak, Hibari, Tone, read
from cti.prompts.voices import Voice

YAML = """\
voice: {engine: espeak, voice: eo}
prompts:
  welcome: Bonvenon
  bye: {text: Ĝis, say: Jhis}
"""


class Hum:
    """Hums for as long as the text has letters, with silence around; remembers what it was given."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, text: str) -> Sound:
        self.said.append(text)
        hum = 0.2 * np.sin(2 * np.pi * 440 * np.arange(2205 * len(text)) / 22_050)
        return Sound(np.concatenate([np.zeros(4000), hum, np.zeros(4000)]).astype(np.float32), 22_050)

    def of(self, _choice: Hibari | Espeak | Tone | Command, _language: str) -> Voice:
        return self


class Mute:
    def speak(self, _text: str) -> Sound:
        return Sound(np.zeros(100, dtype=np.float32), 8000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return clone(tmp_path / "ivr_prompts")


def clone(root: Path, text: str = YAML) -> Path:
    """Esperanto, since only languages whose numbers are spoken must have all the numbers' words."""
    (root / "eo").mkdir(parents=True, exist_ok=True)
    (root / "eo" / "prompts.yaml").write_text(text, "utf-8")
    return root


def make(root: Path, cache: Path, voice: Hum | None = None) -> list[str]:
    """Builds what is outdated; returns what the voice was given to say."""
    hum = voice or Hum()
    builder = Builder(cache, hum.of)
    for job in outdated(read(root).values()):
        builder.make(job)
    return hum.said


def stale(root: Path) -> list[str]:
    return [job.prompt for job in outdated(read(root).values())]


def measure(file: Path) -> tuple[int, int, int, float, float]:
    """Rate, channels, sample width, seconds, peak."""
    with wave.open(str(file)) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2") / 32768
        seconds = wav.getnframes() / wav.getframerate()
        return wav.getframerate(), wav.getnchannels(), wav.getsampwidth(), seconds, float(np.abs(samples).max())


def test_every_prompt_becomes_two_files_trimmed_and_levelled(root: Path, tmp_path: Path) -> None:
    assert make(root, tmp_path / "cache") == ["Bonvenon", "Jhis"]
    for name, rate in RATES.items():
        measured = measure(root / "eo" / name / "welcome.wav")
        assert measured[:3] == (rate, 1, 2)
        assert measured[3] == pytest.approx(0.8, abs=0.1)
        assert measured[4] == pytest.approx(PEAK, abs=0.01)


def test_only_what_is_missing_or_changed_is_made(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    make(root, cache)
    assert stale(root) == []
    clone(root, YAML.replace("Bonvenon", "Bonvenon al ni").replace("text: Ĝis", "text: Ĝis la revido"))
    assert stale(root) == ["welcome"], "what is said for `bye` has not changed"
    assert make(root, cache) == ["Bonvenon al ni"]
    (root / "eo" / "16k" / "bye.wav").unlink()
    assert stale(root) == ["bye"]
    assert make(root, cache) == [], "it is in the cache"
    clone(root, YAML.replace("voice: eo", "voice: eo, pitch: 60"))
    assert stale(root) == ["welcome", "bye"]


def test_a_second_clone_needs_no_voice(root: Path, tmp_path: Path) -> None:
    make(root, tmp_path / "cache")
    second = clone(tmp_path / "second")
    assert make(second, tmp_path / "cache") == []
    first, copy = root / "eo" / "8k" / "bye.wav", second / "eo" / "8k" / "bye.wav"
    assert first.read_bytes() == copy.read_bytes()


def test_a_recording_wins_and_keeps_its_level(root: Path, tmp_path: Path) -> None:
    quiet = (0.1 * np.sin(np.arange(44_100) / 10)).astype(np.float32)
    (root / "eo" / "recorded").mkdir()
    (root / "eo" / "recorded" / "w.wav").write_bytes(to_wav(Sound(quiet, 44_100)))
    clone(root, YAML.replace("welcome: Bonvenon", "welcome: {text: Bonvenon, file: recorded/w.wav}"))
    assert make(root, tmp_path / "cache") == ["Jhis"]
    rate, _, _, seconds, peak = measure(root / "eo" / "8k" / "welcome.wav")
    assert rate == 8000
    assert seconds == pytest.approx(1.0, abs=0.01)
    assert peak == pytest.approx(0.1, abs=0.01)
    (root / "eo" / "recorded" / "w.wav").write_bytes(to_wav(Sound(quiet[:22_050], 44_100)))
    assert stale(root) == ["welcome"], "the recording has changed under the same name"


def test_sounds_of_prompts_that_are_gone_are_removed(root: Path, tmp_path: Path) -> None:
    make(root, tmp_path / "cache")
    clone(root, YAML.replace("  bye: {text: Ĝis, say: Jhis}\n", ""))
    assert remove_unknown(read(root)["eo"]) == ["bye"]
    assert sorted(path.name for path in (root / "eo" / "8k").iterdir()) == ["manifest.json", "welcome.wav"]
    assert list(json.loads((root / "eo" / "8k" / "manifest.json").read_text())) == ["welcome"]
    assert stale(root) == []


def test_a_spoilt_manifest_is_made_anew(root: Path, tmp_path: Path) -> None:
    make(root, tmp_path / "cache")
    (root / "eo" / "8k" / "manifest.json").write_text('{"welcome": ')
    assert stale(root) == ["welcome", "bye"]
    assert make(root, tmp_path / "cache") == []
    assert stale(root) == []


def test_a_file_is_there_whole_or_not_at_all(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_self: Path, _target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        make(root, tmp_path / "cache")
    assert [path for path in tmp_path.rglob("*") if path.suffix in {".wav", ".new"}] == []


def test_a_voice_that_says_nothing_is_a_defect_and_leaves_no_file(root: Path, tmp_path: Path) -> None:
    builder = Builder(tmp_path / "cache", lambda _choice, _language: Mute())
    with pytest.raises(CtiError, match=r"the voice 'espeak' said nothing for 'welcome' \(eo\)"):
        builder.make(next(iter(outdated(read(root).values()))))
    assert not (root / "eo" / "8k").exists()


def test_defects_of_the_catalogs_come_together_with_their_lines(root: Path) -> None:
    clone(root, YAML.replace("say: Jhis", "file: lost.wav"))
    (root / "zh").mkdir()
    (root / "zh" / "prompts.yaml").write_text("voice: {engine: flite}\nprompts: {Welcome: x}\n")
    (root / "en").mkdir()
    (root / "en" / "prompts.yaml").write_text("voice: {engine: hibari}\nprompts: {}\n")
    with pytest.raises(ConfigError) as caught:
        read(root)
    lines = [str(problem).removeprefix(f"{root}/") for problem in caught.value.problems]
    assert lines[0].startswith(
        "en/prompts.yaml:2: missing prompts for numbers and the queue: all_agents_busy, another_team, beep, "
    )
    assert lines[1:] == [
        f"eo/prompts.yaml:4: there is no recording lost.wav in {root}/eo",
        "zh/prompts.yaml:1: unknown engine 'flite', expected one of 'hibari', 'espeak', 'tone', 'command'",
        "zh/prompts.yaml:2: expected text of the form ^[a-z][a-z0-9_]*$, found 'Welcome'",
    ]


def test_a_folder_without_prompts_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected at least one <language>/prompts\.yaml"):
        read(tmp_path)


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAIDIAN_CACHE", str(tmp_path))
    assert default_cache() == tmp_path / "laidian" / "prompts"
    monkeypatch.delenv("LAIDIAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert default_cache() == tmp_path / "x" / "laidian" / "prompts"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "laidian" / "prompts"


def test_the_command_checks_makes_and_says_what_it_did(root: Path, tmp_path: Path) -> None:
    arguments = ["--root", str(root), "--cache", str(tmp_path / "cache")]
    run = CliRunner().invoke
    checked = run(command.main, [*arguments, "--check"])
    assert checked.exit_code == 1
    assert checked.output.splitlines()[0] == "eo/welcome: missing or changed, run `make prompts`"
    made = run(command.main, arguments)
    assert (made.exit_code, made.output) == (
        0,
        "2 prompts: 2 new or changed, 2 of them synthesised, the rest at hand\n",
    )
    checked = run(command.main, [*arguments, "--check"])
    assert (checked.exit_code, checked.output) == (0, "2 prompts are up to date\n")


def test_the_command_ends_with_2_and_one_sentence_when_a_voice_is_missing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(command.main, ["--root", str(root), "--cache", str(tmp_path / "cache")])
    assert done.exit_code == 2
    assert done.stderr == "the voice 'espeak' is not there: apt install espeak-ng, or record the prompts (file: ...)\n"
