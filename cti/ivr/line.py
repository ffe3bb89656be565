"""A caller's line over FastAGI."""

from typing import Protocol

import structlog

from cti.errors import ActionFailed
from cti.ivr.actions import ALL_DIGITS

log = structlog.get_logger(__name__)


class Streams(Protocol):
    """What is needed of `cti.agi.session.AgiSession`. Both raise `HungUp` when the caller is gone."""

    async def stream_file(self, path: str, escape_digits: str = "", *, offset: int = 0) -> tuple[str, int]:
        """STREAM FILE from the sample `offset` on: the key that stopped it or "", and the sample where it ended.

        Raises ActionFailed when there is no such file.
        """

    async def wait_for_digit(self, timeout_ms: int) -> str | None:
        """WAIT FOR DIGIT: the key, None for none."""


class AgiLine:
    """`sounds`: the folder `ivr_prompts` as Asterisk sees it, which need not be where the daemon sees it.

    Typing ahead loses nothing. A key that is pressed between two files stays in the channel's queue and stops the next
    file at once. While a file plays, Asterisk throws away keys that do not stop it: so every key stops every file, and
    what must be heard to its end goes on from there. A prompt that Asterisk cannot play is logged and passed over: what
    the caller wants to do does not depend on it.
    """

    def __init__(self, session: Streams, sounds: str, language: str) -> None:
        self._session = session
        self._sounds = sounds.rstrip("/")
        self.language = language

    def sound(self, prompt: str) -> str:
        """The path for Asterisk, without suffix; Asterisk chooses among the formats it finds."""
        return f"{self._sounds}/{self.language}/8k/{prompt}"

    async def play(self, prompts: tuple[str, ...], interrupt_digits: str) -> str:
        pressed = ""
        for prompt in prompts:
            pressed += await self._play_one(self.sound(prompt), interrupt_digits)
            if pressed and pressed[-1] in interrupt_digits:
                break
        return pressed

    async def _play_one(self, sound: str, interrupt_digits: str) -> str:
        pressed = ""
        digit, at = await self._stream(sound, 0)
        while digit:
            pressed += digit
            if digit in interrupt_digits:
                break
            digit, at = await self._stream(sound, at)
        return pressed

    async def _stream(self, sound: str, offset: int) -> tuple[str, int]:
        try:
            return await self._session.stream_file(sound, ALL_DIGITS, offset=offset)
        except ActionFailed as error:
            log.warning("a prompt could not be played", sound=sound, reason=str(error))
            return "", offset

    async def wait_for_digit(self, timeout_s: float) -> str:
        return await self._session.wait_for_digit(round(timeout_s * 1000)) or ""

    async def choose_language(self, language: str) -> None:
        self.language = language
