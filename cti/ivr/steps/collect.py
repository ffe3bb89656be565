"""Several digits into a variable: an order number, a PIN."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cti.config.file import ConfigModel
from cti.ivr.actions import ReadDigits
from cti.ivr.steps.base import Caller, Digit, Name, Prompts, Retries, Seconds, StepBase, Talk, Way, Where


class Confirm(ConfigModel):
    """`prompts` should say what was entered: `{digits: <variable>}`. `no`, and any other key, asks for it again."""

    prompts: Annotated[Prompts, Field(min_length=1)]
    yes: Digit = "1"


class Collect(StepBase):
    """`cancel` clears what was typed and asks again; `terminator` alone says "I have none" and leads to `otherwise`.

    Too few digits, silence and "no" count as one retry each.

    `secret`: a PIN or a card number. How many digits there were is told, and which to nobody but the lookups that are
    given the variable; no prompt may say it.
    """

    type: Literal["collect"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    variable: Name = Field(description="where the digits are kept")
    min: Annotated[int, Field(ge=1, le=40)] = 1
    max: Annotated[int, Field(ge=1, le=40)] = 20
    terminator: Digit | None = "#"
    cancel: Digit | None = "*"
    first_timeout_s: Seconds = 8
    between_timeout_s: Seconds = 4
    retries: Retries = 2
    invalid: Prompts = ()
    no_input: Prompts = ()
    confirm: Confirm | None = None
    secret: bool = False
    next: Name = Field(description="the step that follows")
    otherwise: Name = Field(description="the step for a caller who has entered nothing usable after all retries")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"expected min not above max, found min {self.min} and max {self.max}")
        if self.terminator == self.cancel and self.cancel is not None:
            raise ValueError(f"the key '{self.cancel}' cannot both end and cancel the entry")
        return self

    def ways(self) -> Iterator[Way]:
        yield Way(("next",), self.next, pressed=True)
        yield Way(("otherwise",), self.otherwise)

    def spoken(self) -> Iterator[tuple[tuple[str, ...], Prompts]]:
        yield from super().spoken()
        yield ("invalid",), self.invalid
        yield ("no_input",), self.no_input
        if self.confirm is not None:
            yield ("confirm", "prompts"), self.confirm.prompts

    def walk(self, caller: Caller) -> Talk[Where]:
        said = self.prompts
        left = self.retries
        while True:
            digits = yield from caller.ask(self._question(caller.words(said)))
            if digits and digits == self.cancel:
                said = self.prompts
                continue
            none = digits != "" and digits == self.terminator
            if not none and len(digits) >= self.min and (yield from self._confirmed(caller, digits)):
                caller.note("*" * len(digits) if self.secret else digits, self.label)
                return self.next
            if none or not left:
                caller.note("", self.label)
                return self.otherwise
            left -= 1
            # what was typed ahead of a mistake was meant for another question
            caller.typed = ""
            # after a "no" there is nothing to blame the caller for: just ask again
            blame = () if len(digits) >= self.min else self.invalid if digits else self.no_input
            said = blame + self.prompts

    def _confirmed(self, caller: Caller, digits: str) -> Talk[bool]:
        caller.variables[self.variable] = digits
        if self.confirm is None:
            return True
        question = ReadDigits(
            prompts=caller.words(self.confirm.prompts),
            max_digits=1,
            first_timeout_s=self.first_timeout_s,
            between_timeout_s=self.first_timeout_s,
        )
        return (yield from caller.ask(question)) == self.confirm.yes

    def _question(self, ids: tuple[str, ...]) -> ReadDigits:
        return ReadDigits(
            prompts=ids,
            max_digits=self.max,
            first_timeout_s=self.first_timeout_s,
            between_timeout_s=self.between_timeout_s,
            terminator=self.terminator or "",
            cancel=self.cancel or "",
        )
