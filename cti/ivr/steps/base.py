"""What all steps share: prompts, labels, the ways out of a step, and the caller as the steps see it."""

from collections.abc import Generator, Iterable, Iterator
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cti.config.file import ConfigModel
from cti.ivr import spoken
from cti.ivr.actions import ALL_DIGITS, Action, Answer, Ending, Entry, Passed, Play, ReadDigits

T = TypeVar("T")
Talk = Generator[Action, Answer, T]
"""Part of a conversation: yields actions, receives their answers, returns what came of it."""
Where = str | Ending
"""Where the caller goes on: the name of a step, or out of the flow."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Seconds = Annotated[float, Field(gt=0, le=120)]
Retries = Annotated[int, Field(ge=0, le=10)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


def _one_key(text: str) -> str:
    if len(text) != 1 or text not in ALL_DIGITS:
        raise ValueError(f"bad digit '{text}': expected one key of a telephone, 0 to 9, '*' or '#'")
    return text


Digit = Annotated[str, AfterValidator(_one_key)]


def _any_language(label: Any) -> Any:
    return {"": label} if isinstance(label, str) else label


Label = Annotated[dict[str, str], BeforeValidator(_any_language)]
"""Words for the screen-pop: one text, or one for each language."""


class Prompt(ConfigModel):
    """A prompt id, `{digits: variable}` (read out one by one) or `{number: variable}` (read as a number)."""

    id: Name | None = None
    digits: Name | None = None
    number: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"id": value}
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError("expected a prompt id, {digits: variable} or {number: variable}")
        return value

    @property
    def variable(self) -> str | None:
        return self.digits or self.number


Prompts = tuple[Prompt, ...]


class Way(NamedTuple):
    """A way out of a step: `path` are the keys below the step where it is written.

    `pressed`: the caller must press something to take it; a silent caller never does.
    """

    path: tuple[str, ...]
    to: str
    pressed: bool = False


class StepBase(ConfigModel):
    label: Label = Field(default_factory=dict, description="words for the screen-pop")
    prompts: Prompts = ()

    def ways(self) -> Iterator[Way]:
        yield from ()

    def spoken(self) -> Iterator[tuple[tuple[str, ...], Prompts]]:
        """Every list of prompts that may be played here, with the keys where it is written."""
        yield ("prompts",), self.prompts

    def walk(self, caller: "Caller") -> Talk[Where]:
        raise NotImplementedError


class Caller:
    """One caller's way through a flow: what is known, what was pressed ahead, which steps were passed."""

    def __init__(self, language: str, variables: dict[str, str]) -> None:
        self.language = language
        self.label_language = language
        self.variables = variables
        self.now = 0.0
        self.step = ""
        self.typed = ""
        self.path: list[Passed] = []

    def words(self, prompts: Iterable[Prompt]) -> tuple[str, ...]:
        """Prompt ids, with variables turned into words of the caller's language."""
        ids: list[str] = []
        for prompt in prompts:
            if prompt.id is not None:
                ids.append(prompt.id)
            elif prompt.digits is not None:
                ids += spoken.digits(self.variables.get(prompt.digits, ""))
            elif prompt.number is not None:
                ids += spoken.number_in_text(self.variables.get(prompt.number, ""), self.language)
        return tuple(ids)

    def hear(self, prompts: Prompts, *, interrupt: bool = True) -> Talk[None]:
        """Say it. A key pressed meanwhile is kept for the next question; who has typed ahead does not wait."""
        ids = self.words(prompts)
        if not ids or (interrupt and self.typed):
            return
        heard = yield Play(ids, ALL_DIGITS if interrupt else "")
        if isinstance(heard, str):
            self.typed += heard

    def ask(self, want: ReadDigits) -> Talk[str]:
        """Ask, beginning with what was typed ahead; keys typed beyond this question stay for the next."""
        entry, used = Entry(want), 0
        while used < len(self.typed) and not entry.done:
            entry.press(self.typed[used])
            used += 1
        typed, self.typed = self.typed[:used], self.typed[used:]
        if entry.done:
            return entry.digits
        heard = yield ReadDigits(
            prompts=want.prompts,
            max_digits=want.max_digits,
            first_timeout_s=want.first_timeout_s,
            between_timeout_s=want.between_timeout_s,
            terminator=want.terminator,
            cancel=want.cancel,
            typed=typed,
        )
        return heard if isinstance(heard, str) else ""

    def note(self, digits: str = "", label: dict[str, str] | None = None) -> None:
        """The current step is passed."""
        words = label or {}
        text = words.get(self.label_language) or words.get("") or next(iter(words.values()), "")
        self.path.append(Passed(self.step, digits, text))
