"""The real voices speak: judged by length and level, since nobody listens here."""

import sys
from pathlib import Path

import numpy as np
import pytest

from cti.errors import Unusable
from cti.prompts.audio import Sound, trimmed
from cti.prompts.catalog import Command, Espeak, Hibari, read
from cti.prompts.voices import voice_of

PROMPTS = Path(__file__).parents[3] / "ivr_prompts"


def seconds_of_speech(sound: Sound) -> float:
    assert 0.02 < float(np.sqrt(np.mean(sound.samples**2))) < 0.5
    assert float(np.mean(np.abs(sound.samples) > 0.999)) < 0.001, "clipped"
    return len(trimmed(sound).samples) / sound.rate


def test_mandarin_is_read_as_mandarin() -> None:
    """The voice `cmn` of espeak-ng 1.51 spells characters out in English letters, three times as long."""
    voice = voice_of(Espeak(engine="espeak", voice="cmn-latn-pinyin"), "zh")
    assert 2 < seconds_of_speech(voice.speak("您好，欢迎致电售后服务热线。")) < 5
    assert 0.2 < seconds_of_speech(voice.speak("一")) < 0.6


def test_english() -> None:
    voice = voice_of(Hibari(engine="hibari"), "en")
    once = voice.speak("Welcome to the after-sales hotline.")
    assert 1.5 < seconds_of_speech(once) < 4
    assert np.array_equal(once.samples, voice.speak("Welcome to the after-sales hotline.").samples), "always the same"


def test_a_text_that_looks_like_an_option_is_spoken() -> None:
    assert seconds_of_speech(voice_of(Espeak(engine="espeak", voice="en"), "en").speak("--version two")) > 0.4


PROGRAM = """
import sys, wave
with wave.open(sys.argv[1], "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", ""))
    file.writeframes(bytes([0, 32] * 80 * len(sys.argv[2] + sys.argv[3])))
"""


def test_a_command_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "speak.py").write_text(PROGRAM)
    command = (sys.executable, str(tmp_path / "speak.py"), "{file}", "{text}", "{language}")
    sound = voice_of(Command(engine="command", command=command), "zh").speak("a; rm -rf / 'b'")
    assert len(sound.samples) == 80 * len("a; rm -rf / 'b'zh")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("no-such-tts", "{text}"), r"the voice command 'no-such-tts' is not there"),
        ((sys.executable, "-c", "pass"), r"wrote no \{file\}"),
        ((sys.executable, "-c", "raise SystemExit('no licence')"), r"failed with exit code 1: no licence"),
    ],
)
def test_a_command_that_fails(command: tuple[str, ...], text: str) -> None:
    with pytest.raises(Unusable, match=text):
        voice_of(Command(engine="command", command=command), "zh").speak("hello")


def test_a_voice_that_espeak_does_not_have() -> None:
    with pytest.raises(Unusable, match=r"espeak-ng as 'klingonese' failed with exit code 1: "):
        voice_of(Espeak(engine="espeak", voice="klingonese"), "xx").speak("hello")


def test_the_prompts_of_the_project_are_complete_in_both_languages() -> None:
    chinese, english = (
        {name for name in read(PROMPTS)[key].prompts if not name.startswith("number_")} for key in ("zh", "en")
    )
    assert chinese == english
