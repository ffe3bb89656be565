"""Ask a connector (the shop's order book) and say its answer."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cti.config.file import ConfigModel
from cti.ivr.actions import Lookup, LookupAnswer
from cti.ivr.steps.base import Caller, Label, Name, Prompts, StepBase, Talk, Way, Where

FAILED = "failed"


class Outcome(ConfigModel):
    prompts: Prompts = ()
    next: Name = Field(description="the step that follows")
    label: Label = Field(default_factory=dict)


class LookUp(StepBase):
    """`arguments`: name -> variable. `outcomes` must hold "failed", which also stands for any that is not listed."""

    type: Literal["lookup"]
    lookup: Name
    arguments: dict[Name, Name] = Field(default_factory=dict)
    outcomes: Annotated[dict[Name, Outcome], Field(min_length=1, description="outcome -> {prompts, next, label}")]

    @model_validator(mode="after")
    def _can_fail(self) -> Self:
        if FAILED not in self.outcomes:
            raise ValueError(f"missing outcome '{FAILED}': where the caller goes when the lookup cannot answer")
        return self

    def ways(self) -> Iterator[Way]:
        for name, outcome in self.outcomes.items():
            yield Way(("outcomes", name, "next"), outcome.next)

    def spoken(self) -> Iterator[tuple[tuple[str, ...], Prompts]]:
        yield from super().spoken()
        for name, outcome in self.outcomes.items():
            yield ("outcomes", name, "prompts"), outcome.prompts

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts)
        arguments = {name: caller.variables.get(variable, "") for name, variable in self.arguments.items()}
        answer = yield Lookup(self.lookup, arguments)
        found = answer if isinstance(answer, LookupAnswer) else LookupAnswer(FAILED)
        outcome = self.outcomes.get(found.outcome) or self.outcomes[FAILED]
        caller.variables.update(found.variables)
        yield from caller.hear(outcome.prompts)
        caller.note("", outcome.label or self.label)
        return outcome.next
