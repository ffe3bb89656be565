"""Who speaks the prompts. A voice turns a text into samples; what it lacks is said in one sentence."""

import importlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cti.errors import Unusable
from cti.prompts.audio import Sound, read_wav
from cti.prompts.catalog import Command, Espeak, Hibari, Tone

SPEAK_DEADLINE_S = 60
_HIBARI_RATE = 24_000
_TONE_RATE = 16_000


class Voice(Protocol):
    def speak(self, text: str) -> Sound:
        """Raises `Unusable` when the voice is not there or fails."""


def voice_of(choice: Hibari | Espeak | Tone | Command, language: str) -> Voice:
    """Cheap: programs and models are looked for when something is to be said."""
    match choice:
        case Hibari():
            return HibariVoice(choice)
        case Espeak():
            return EspeakVoice(choice)
        case Tone():
            return ToneVoice(choice)
        case Command():
            return CommandVoice(choice, language)


class HibariVoice:
    def __init__(self, choice: Hibari) -> None:
        self._choice = choice
        self._engine: Any = None

    def speak(self, text: str) -> Sound:
        if self._engine is None:
            try:
                hibari = importlib.import_module("hibari")
            except ImportError as error:
                raise Unusable(f"the voice 'hibari' is not there ({error}): pip install 'laidian[prompts]'") from error
            self._engine = hibari.Hibari(voice=self._choice.voice)
        samples = self._engine(text, speed=self._choice.speed, seed=0)
        return Sound(np.asarray(samples, dtype=np.float32), _HIBARI_RATE)


class ToneVoice:
    def __init__(self, choice: Tone) -> None:
        self._choice = choice

    def speak(self, text: str) -> Sound:
        del text
        at = np.arange(round(self._choice.seconds * _TONE_RATE)) / _TONE_RATE
        return Sound(np.sin(2 * np.pi * self._choice.hz * at).astype(np.float32), _TONE_RATE)


class EspeakVoice:
    def __init__(self, choice: Espeak) -> None:
        self._choice = choice

    def speak(self, text: str) -> Sound:
        program = shutil.which("espeak-ng")
        if program is None:
            raise Unusable("the voice 'espeak' is not there: apt install espeak-ng, or record the prompts (file: ...)")
        choice = self._choice
        options = ["-v", choice.voice, "-s", str(choice.words_per_minute), "-p", str(choice.pitch), "--stdout"]
        # the text goes in by stdin: one that begins with "-" is no option
        return read_wav(
            _output([program, *options, "--stdin"], text, f"espeak-ng as {choice.voice!r}"), "what espeak-ng made"
        )


class CommandVoice:
    def __init__(self, choice: Command, language: str) -> None:
        self._choice = choice
        self._language = language

    def speak(self, text: str) -> Sound:
        with tempfile.TemporaryDirectory(prefix="laidian-voice-") as folder:
            file = Path(folder) / "spoken.wav"
            words = {"{text}": text, "{file}": str(file), "{language}": self._language}
            arguments = [_filled(argument, words) for argument in self._choice.command]
            program = shutil.which(arguments[0])
            if program is None:
                raise Unusable(f"the voice command {arguments[0]!r} is not there")
            _output([program, *arguments[1:]], text, arguments[0])
            if not file.is_file():
                raise Unusable(f"the voice command {arguments[0]!r} wrote no {{file}}")
            return read_wav(file.read_bytes(), f"what {arguments[0]!r} wrote")


def _filled(argument: str, words: dict[str, str]) -> str:
    for place, word in words.items():
        argument = argument.replace(place, word)
    return argument


def _output(command: list[str], text: str, name: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; the command is the site's own configuration
            command, input=text.encode(), capture_output=True, timeout=SPEAK_DEADLINE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unusable(f"{name} did not speak within {SPEAK_DEADLINE_S} s") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise Unusable(f"{name} failed with exit code {done.returncode}: {reason}")
    return done.stdout
