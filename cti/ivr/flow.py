"""A flow as an ops person wrote it, and the state machine that walks one caller through it.

Pure: no clock, no line. `begin` and `proceed` give the next `Action`; the shell does it and hands the answer back.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from cti.config.file import ConfigModel
from cti.ivr.actions import Action, Answer, Ending, HangUp, Passed
from cti.ivr.steps import Step
from cti.ivr.steps.base import Caller, Language, Name, Talk

ACTION_LIMIT = 200
"""A caller who goes round in menus for so many actions is let go: a line must not be held for ever."""


class Flow(ConfigModel):
    """`config/flows/<name>.yaml`. Only a flow that `cti.ivr.check` has passed may be run."""

    entry: Name = Field(description="the first step")
    language: Language = "zh"
    steps: Annotated[dict[Name, Step], Field(min_length=1, description="name -> step")]


class FlowRun:
    """One caller in one flow.

    `variables`: what is known of the call, for lookups and prompts: `caller_number`, `dialled`.
    """

    def __init__(self, flow: Flow, *, language: str | None = None, variables: Mapping[str, str] | None = None) -> None:
        self._flow = flow
        self._caller = Caller(language or flow.language, dict(variables or {}))
        self._caller.label_language = flow.language
        self._talk = self._walk()
        self._actions = 0
        self.ending: Ending | None = None

    @property
    def language(self) -> str:
        return self._caller.language

    @property
    def step(self) -> str:
        """The step that the caller is in, "" before the beginning."""
        return self._caller.step

    @property
    def path(self) -> tuple[Passed, ...]:
        """The steps that the caller has left, in order."""
        return tuple(self._caller.path)

    @property
    def variables(self) -> dict[str, str]:
        return dict(self._caller.variables)

    def begin(self, now: float) -> Action:
        """The first action. `now`: unix seconds."""
        return self.proceed(None, now)

    def proceed(self, answer: Answer, now: float) -> Action:
        """The next action, given the answer to the one before. After an `Ending` there is none: ValueError."""
        if self.ending is not None:
            raise ValueError("the flow is over")
        self._caller.now = now
        self._actions += 1
        action: Action
        try:
            action = self._talk.send(answer)
        except StopIteration as stop:
            action = stop.value
        else:
            if self._actions > ACTION_LIMIT:
                action = HangUp("limit")
        if isinstance(action, Ending):
            self.ending = action
            self._talk.close()
        return action

    def _walk(self) -> Talk[Ending]:
        name = self._flow.entry
        while True:
            self._caller.step = name
            where = yield from self._flow.steps[name].walk(self._caller)
            if isinstance(where, Ending):
                return where
            name = where
