"""Steps that end the flow: the caller goes to a queue, a number, the mailbox, or home."""

from typing import Annotated, Literal

from pydantic import Field

from cti.ivr.actions import EnterQueue, HangUp, Return, Transfer, Voicemail
from cti.ivr.steps.base import Caller, Language, Name, StepBase, Talk, Where


class Enqueue(StepBase):
    """`by_language`: other queues for callers who chose another language. `priority`: instead of the queue's own.

    `skills`: name -> least level that the agent must have.
    """

    type: Literal["queue"]
    queue: Name = Field(description="a queue of config/queues.yaml")
    by_language: dict[Language, Name] = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=0, le=10)] | None = None
    skills: dict[Name, Annotated[int, Field(ge=1, le=10)]] = Field(default_factory=dict)

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts)
        caller.note("", self.label)
        return EnterQueue(
            queue=self.by_language.get(caller.language, self.queue), priority=self.priority, skills=self.skills
        )


class TransferOut(StepBase):
    type: Literal["transfer"]
    number: Annotated[str, Field(pattern=r"^\+?[0-9*#]{2,20}$")]

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts)
        caller.note("", self.label)
        return Transfer(self.number)


class LeaveMessage(StepBase):
    """`prompts` come before the invitation to speak, which need not be among them."""

    type: Literal["voicemail"]

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts, interrupt=False)
        caller.note("", self.label)
        return Voicemail()


class GoBack(StepBase):
    """Back to the agent who sent the caller through this flow, with a result; what was typed is in it nowhere."""

    type: Literal["return"]
    result: Name

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts, interrupt=False)
        caller.note("", self.label)
        return Return(self.result, dict(self.label))


class EndCall(StepBase):
    type: Literal["hang_up"]

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts, interrupt=False)
        caller.note("", self.label)
        return HangUp()
