"""What callers may hear: `ivr_prompts/<language>/prompts.yaml`, read and checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field, model_validator

from cti.config.file import ConfigModel, Located, load_located
from cti.errors import ConfigError, Problem
from cti.ivr import spoken

PromptId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Hibari(ConfigModel):
    """English, in the package hibari-tts, nothing to download for the voice `heart`."""

    engine: Literal["hibari"]
    voice: str = "heart"
    speed: Annotated[float, Field(gt=0.3, lt=3)] = 1.0


class Espeak(ConfigModel):
    """The program espeak-ng: robotic, a hundred languages, Mandarin as `cmn-latn-pinyin`."""

    engine: Literal["espeak"]
    voice: str
    words_per_minute: Annotated[int, Field(ge=80, le=450)] = 165
    pitch: Annotated[int, Field(ge=0, le=99)] = 50


class Tone(ConfigModel):
    """No voice but a beep; `text` is only its description."""

    engine: Literal["tone"]
    hz: Annotated[float, Field(ge=100, le=3400)] = 1000
    seconds: Annotated[float, Field(gt=0, le=5)] = 0.4


class Command(ConfigModel):
    """Any program that writes a WAV: `{text}`, `{file}` and `{language}` are put into its arguments; no shell."""

    engine: Literal["command"]
    command: Annotated[tuple[str, ...], Field(min_length=1)]


VoiceChoice = Annotated[Hibari | Espeak | Tone | Command, Field(discriminator="engine")]


class PromptEntry(ConfigModel):
    """`file`: a recording, relative to the language's folder; it wins. `say`: for the synthesiser instead of `text`."""

    text: Annotated[str, Field(min_length=1, description="what is said")]
    say: str | None = None
    file: Path | None = None
    voice: VoiceChoice | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class PromptsFile(ConfigModel):
    voice: VoiceChoice = Field(description="who speaks: {engine: hibari | espeak | command, ...}")
    prompts: Annotated[dict[PromptId, PromptEntry], Field(description="id -> text")]


class Catalog(msgspec.Struct, frozen=True):
    """One language. `folder` is `ivr_prompts/<language>`; sounds are `<folder>/8k/<id>.wav` and `16k/`."""

    language: str
    folder: Path
    voice: Hibari | Espeak | Tone | Command
    prompts: Mapping[str, PromptEntry]


def read(root: Path) -> dict[str, Catalog]:
    """Every language below `root`. Raises `ConfigError`: bad files, missing recordings, missing words for numbers."""
    catalogs: dict[str, Catalog] = {}
    problems: list[Problem] = []
    for path in sorted(root.glob("*/prompts.yaml")):
        try:
            located = load_located(path, PromptsFile)
        except ConfigError as error:
            problems += error.problems
            continue
        problems += _problems(located, path.parent)
        file = located.value
        catalogs[path.parent.name] = Catalog(path.parent.name, path.parent, file.voice, file.prompts)
    if not catalogs and not problems:
        problems.append(Problem(str(root), 0, "expected at least one <language>/prompts.yaml"))
    if problems:
        raise ConfigError(*problems)
    return catalogs


def _problems(located: Located[PromptsFile], folder: Path) -> list[Problem]:
    prompts = located.value.prompts
    problems = [
        located.problem(f"there is no recording {entry.file} in {folder}", "prompts", name, "file")
        for name, entry in prompts.items()
        if entry.file is not None and not (folder / entry.file).is_file()
    ]
    if folder.name in spoken.LANGUAGES and (missing := sorted(spoken.all_ids(folder.name) - prompts.keys())):
        problems.append(located.problem(f"missing prompts for numbers and the queue: {', '.join(missing)}", "prompts"))
    return problems
