"""Makes what is missing or changed, and nothing else.

A sound's key is the hash of everything that goes into it. A manifest beside the sounds holds the key of each; sounds
are also kept by key in a cache outside the checkout, so that a second clone has them at once.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from cti.errors import CtiError
from cti.prompts.audio import Sound, levelled, read_recording, resampled, to_wav, trimmed
from cti.prompts.catalog import Catalog, Command, Espeak, Hibari, PromptEntry, Tone
from cti.prompts.voices import Voice, voice_of

RATES: Mapping[str, int] = {"8k": 8000, "16k": 16000}
MANIFEST = "manifest.json"
_PIPELINE = 1
"""Counts up when the same text and voice are to give another sound."""

VoiceOf = Callable[[Hibari | Espeak | Tone | Command, str], Voice]


class Job(msgspec.Struct, frozen=True):
    """One prompt to be made: `<folder>/8k/<id>.wav` and `16k/`."""

    catalog: Catalog
    prompt: str
    key: str

    @property
    def entry(self) -> PromptEntry:
        return self.catalog.prompts[self.prompt]


def default_cache() -> Path:
    """`LAIDIAN_CACHE`, else `laidian` in the user's cache folder; prompts are in `prompts/` below it."""
    if named := os.environ.get("LAIDIAN_CACHE"):
        return Path(named) / "laidian" / "prompts"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "laidian" / "prompts"


def outdated(catalogs: Iterable[Catalog]) -> Iterator[Job]:
    """What is missing, or was made from another text, voice or recording."""
    for catalog in catalogs:
        made = _manifest(catalog)
        for prompt, entry in catalog.prompts.items():
            key = _key(catalog, entry)
            if made.get(prompt) != key or not all(_file(catalog, rate, prompt).is_file() for rate in RATES):
                yield Job(catalog, prompt, key)


class Builder:
    """Keeps the voices, which are slow to load, over the jobs of one run."""

    def __init__(self, cache: Path, voice_of: VoiceOf = voice_of) -> None:
        self._cache = cache
        self._voice_of = voice_of
        self._voices: dict[str, Voice] = {}
        self.spoken = 0

    def make(self, job: Job) -> None:
        """From the cache if it can be. Raises `Unusable` when a voice is not there, `CtiError` for bad audio."""
        cached = {rate: self._cache / f"{job.key}-{rate}.wav" for rate in RATES}
        if not all(path.is_file() for path in cached.values()):
            sound = self._sound(job)
            for rate, path in cached.items():
                _write(path, to_wav(levelled_unless_recorded(resampled(sound, RATES[rate]), job.entry)))
        for rate, path in cached.items():
            _write(_file(job.catalog, rate, job.prompt), path.read_bytes())
        made = _manifest(job.catalog) | {job.prompt: job.key}
        _write_manifest(job.catalog, made)

    def _sound(self, job: Job) -> Sound:
        entry, catalog = job.entry, job.catalog
        if entry.file is not None:
            return read_recording(catalog.folder / entry.file)
        choice = entry.voice or catalog.voice
        name = choice.model_dump_json() + catalog.language
        voice = self._voices.setdefault(name, self._voice_of(choice, catalog.language))
        self.spoken += 1
        sound = trimmed(voice.speak(entry.say or entry.text))
        if not len(sound.samples) or not sound.samples.any():
            raise CtiError(f"the voice '{choice.engine}' said nothing for '{job.prompt}' ({catalog.language})")
        return sound


def levelled_unless_recorded(sound: Sound, entry: PromptEntry) -> Sound:
    """A recording keeps the level that its makers gave it."""
    return sound if entry.file is not None else levelled(sound)


def remove_unknown(catalog: Catalog) -> list[str]:
    """Deletes sounds whose prompt is no longer in the file; returns their ids."""
    gone = sorted(
        {path.stem for rate in RATES for path in (catalog.folder / rate).glob("*.wav")} - catalog.prompts.keys()
    )
    for prompt in gone:
        for rate in RATES:
            _file(catalog, rate, prompt).unlink(missing_ok=True)
    if gone:
        _write_manifest(catalog, {name: key for name, key in _manifest(catalog).items() if name not in gone})
    return gone


def _key(catalog: Catalog, entry: PromptEntry) -> str:
    if entry.file is not None:
        parts = ["recording", hashlib.sha256((catalog.folder / entry.file).read_bytes()).hexdigest()]
    else:
        voice = entry.voice or catalog.voice
        parts = [catalog.language, voice.model_dump_json(), entry.say or entry.text]
    return hashlib.sha256(json.dumps([_PIPELINE, *parts]).encode()).hexdigest()[:32]


def _file(catalog: Catalog, rate: str, prompt: str) -> Path:
    return catalog.folder / rate / f"{prompt}.wav"


def _manifest(catalog: Catalog) -> dict[str, str]:
    """An unreadable manifest is none: everything is made again."""
    try:
        return msgspec.json.decode((catalog.folder / "8k" / MANIFEST).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _write_manifest(catalog: Catalog, made: Mapping[str, str]) -> None:
    _write(catalog.folder / "8k" / MANIFEST, json.dumps(dict(sorted(made.items())), indent=1).encode())


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the process is killed meanwhile or two run at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)  # Asterisk may run as another user
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
