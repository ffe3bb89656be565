"""One key, one way on."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cti.config.file import ConfigModel
from cti.ivr.actions import ReadDigits
from cti.ivr.steps.base import Caller, Digit, Label, Name, Prompts, Retries, Seconds, StepBase, Talk, Way, Where


class Choice(ConfigModel):
    next: Name = Field(description="the step that follows")
    label: Label = Field(default_factory=dict)


class Menu(StepBase):
    """`retries`: how often the menu is said again after a wrong key or silence, both counted together.

    `repeat` says it again and counts nothing. `otherwise` is for who has still not chosen.
    """

    type: Literal["menu"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    choices: Annotated[dict[Digit, Choice], Field(min_length=1, description="key -> {next, label}")]
    otherwise: Name = Field(description="the step for a caller who has not chosen after all retries")
    timeout_s: Seconds = 6
    retries: Retries = 2
    repeat: Digit | None = "*"
    invalid: Prompts = ()
    no_input: Prompts = ()

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        if self.repeat in self.choices and "repeat" in self.model_fields_set:
            raise ValueError(f"the key '{self.repeat}' cannot both repeat the menu and be a choice")
        return self

    def ways(self) -> Iterator[Way]:
        for digit, choice in self.choices.items():
            yield Way(("choices", digit, "next"), choice.next, pressed=True)
        yield Way(("otherwise",), self.otherwise)

    def spoken(self) -> Iterator[tuple[tuple[str, ...], Prompts]]:
        yield from super().spoken()
        yield ("invalid",), self.invalid
        yield ("no_input",), self.no_input

    def walk(self, caller: Caller) -> Talk[Where]:
        said = self.prompts
        left = self.retries
        while True:
            digit = yield from caller.ask(self._question(caller.words(said)))
            if choice := self.choices.get(digit):
                caller.note(digit, choice.label)
                return choice.next
            if digit and digit == self.repeat:
                said = self.prompts
                continue
            # what was typed ahead of a mistake was meant for another menu
            caller.typed = ""
            if not left:
                caller.note(digit)
                return self.otherwise
            left -= 1
            said = (self.invalid if digit else self.no_input) + self.prompts

    def _question(self, ids: tuple[str, ...]) -> ReadDigits:
        return ReadDigits(prompts=ids, max_digits=1, first_timeout_s=self.timeout_s, between_timeout_s=self.timeout_s)
