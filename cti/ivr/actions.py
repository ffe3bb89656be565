"""What a flow asks of the telephone line, and what comes back. Prompts are ids; the line knows the language.

The answer to `Play` are the keys pressed meanwhile ("" for none), to `ReadDigits` what `Entry` collected, to
`Lookup` a `LookupAnswer`, to `ChooseLanguage` None. An `Ending` has no answer: the flow is over.
"""

from collections.abc import Mapping

import msgspec

ALL_DIGITS = "0123456789*#"


class Play(msgspec.Struct, frozen=True):
    """`interrupt_digits`: the keys that stop the playing; "" for what must be heard to its end, whatever is pressed."""

    prompts: tuple[str, ...]
    interrupt_digits: str = ALL_DIGITS


class ReadDigits(msgspec.Struct, frozen=True, kw_only=True):
    """Play `prompts`, which any key interrupts, then read. `typed` was pressed earlier and counts as the beginning.

    Reading ends with `max_digits` digits, with `terminator` (which is no part of the answer, unless nothing else was
    pressed), with `cancel` (which alone is the answer), or when `first_timeout_s` or `between_timeout_s` has passed
    without a key.
    """

    prompts: tuple[str, ...]
    max_digits: int
    first_timeout_s: float
    between_timeout_s: float
    terminator: str = ""
    cancel: str = ""
    typed: str = ""


class ChooseLanguage(msgspec.Struct, frozen=True):
    language: str


class Lookup(msgspec.Struct, frozen=True):
    """Ask the connector `name`; `arguments` are texts that the caller typed or that the call brought."""

    name: str
    arguments: Mapping[str, str]


class Ending(msgspec.Struct, frozen=True):
    """The flow is over and the call goes on like this."""


class EnterQueue(Ending, frozen=True, kw_only=True):
    """`priority` None: the queue's own. `skills`: name -> least level, beyond those of the queue."""

    queue: str
    priority: int | None = None
    skills: Mapping[str, int] = {}


class Transfer(Ending, frozen=True):
    number: str


class Voicemail(Ending, frozen=True):
    """The caller wants to leave a message: the floor invites, records, and ends the call."""


class Return(Ending, frozen=True):
    """Back to the agent who sent the caller here. `result` is a word for programs, `label` for people, by language."""

    result: str
    label: Mapping[str, str] = {}


class HangUp(Ending, frozen=True):
    """`reason` is "" where the flow says so, "limit" when a caller pressed keys without an end."""

    reason: str = ""


class LookupAnswer(msgspec.Struct, frozen=True):
    """`outcome` selects the branch of the lookup step, "failed" when the connector could not answer."""

    outcome: str
    variables: Mapping[str, str] = {}


class Passed(msgspec.Struct, frozen=True):
    """A step that the caller has left. `label` says it in words, in the language of the flow's author."""

    step: str
    digits: str = ""
    label: str = ""


Action = Play | ReadDigits | ChooseLanguage | Lookup | Ending
Answer = str | LookupAnswer | None


class Entry:
    """Collects the keys of one `ReadDigits`."""

    def __init__(self, want: ReadDigits) -> None:
        self._want = want
        self.digits = ""
        self.done = False
        for digit in want.typed:
            self.press(digit)

    def press(self, digit: str) -> None:
        """Keys after the end are ignored."""
        if self.done:
            return
        if digit == self._want.cancel:
            self.digits, self.done = digit, True
        elif digit == self._want.terminator:
            self.digits, self.done = self.digits or digit, True
        else:
            self.digits += digit
            self.done = len(self.digits) >= self._want.max_digits

    @property
    def timeout_s(self) -> float:
        return self._want.between_timeout_s if self.digits else self._want.first_timeout_s
