"""Steps that speak and go on."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from cti.ivr.actions import ChooseLanguage
from cti.ivr.steps.base import Caller, Language, Name, Prompts, StepBase, Talk, Way, Where


class Say(StepBase):
    """`interrupt: false` for what the caller has to hear to its end; keys pressed meanwhile are lost."""

    type: Literal["say"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    interrupt: bool = True
    next: Name = Field(description="the step that follows")

    def ways(self) -> Iterator[Way]:
        yield Way(("next",), self.next)

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts, interrupt=self.interrupt)
        caller.note("", self.label)
        return self.next


class SetLanguage(StepBase):
    """From here on in `language`; `prompts` are said in it already."""

    type: Literal["set_language"]
    language: Language
    next: Name = Field(description="the step that follows")

    def ways(self) -> Iterator[Way]:
        yield Way(("next",), self.next)

    def walk(self, caller: Caller) -> Talk[Where]:
        caller.language = self.language
        yield ChooseLanguage(self.language)
        yield from caller.hear(self.prompts)
        caller.note("", self.label)
        return self.next
