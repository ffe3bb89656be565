"""One caller's FastAGI connection: commands as coroutines, each with a deadline; a hang-up is an exception."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import structlog

from cti.agi.codec import Environment, Refusal, Result, encode_command
from cti.agi.deadline import Deadline
from cti.errors import ActionFailed, CtiError, DeadlineExceeded, HungUp

log = structlog.get_logger(__name__)

COMMAND_S = 10.0
PLAY_S = 180.0
HANGUP_GRACE_S = 0.5
Outcome = TypeVar("Outcome")
LINE_BYTES = 2000  # res_agi.c reads a command into 2048 bytes and would take the rest for another command


class Played(NamedTuple):
    """How a prompt ended: by which key ("" when it was played to its end), and after how many samples."""

    digit: str
    endpos: int


_LEAVES_MUSIC = frozenset({"SET MUSIC", "WAIT FOR DIGIT", "SET VARIABLE", "GET VARIABLE", "NOOP", "VERBOSE"})
"""All other commands may play something, which ends the music."""


class Typed(NamedTuple):
    """What a caller typed, and whether the time ran out before it was complete."""

    digits: str
    timed_out: bool


class AgiSession:
    """What a route is given: the call's `env` and the commands.

    Every command raises HungUp once the channel is gone or was pulled away, ActionFailed when Asterisk refuses it, and
    DeadlineExceeded - which ends the session - when no answer comes in `deadline_s`. One command at a time: a command
    whose task was cancelled is still being carried out by Asterisk, and the next waits for its end.
    """

    def __init__(
        self,
        env: Environment,
        write: Callable[[bytes], None],
        abort: Callable[[str], None],
        deadline: Deadline | None = None,
    ) -> None:
        """`deadline` is the session's from now on, until the channel is gone."""
        self.env = env
        self._write = write
        self._abort = abort
        self._lock = asyncio.Lock()
        self._owed = ""
        """The command that Asterisk has not answered yet, also when nobody waits for its answer any more."""
        self._owed_s = 0.0
        self._answer: asyncio.Future[Result | Refusal] | None = None
        self._deadline = deadline or Deadline()
        self._gone = asyncio.Event()
        self._gone_reason = ""
        self._music: str | None = None
        """The class that plays, "" for none; None: who knows."""

    @property
    def hung_up(self) -> bool:
        return self._gone.is_set()

    # Commands

    async def answer(self) -> None:
        await self.command("ANSWER")

    async def hangup(self) -> None:
        """Hang the caller up; a channel that is already gone is no error."""
        try:
            await self.command("HANGUP")
        except HungUp:
            return

    async def stream_file(
        self, path: str, escape_digits: str = "", *, offset: int = 0, deadline_s: float = PLAY_S
    ) -> Played:
        """Play a prompt (path without suffix); a key of `escape_digits` cuts it short.

        A missing or unreadable file is ActionFailed.
        """
        result = await self.command("STREAM FILE", path, escape_digits, offset, deadline_s=deadline_s)
        return Played(_digit(result), result.endpos)

    async def get_data(self, path: str, *, timeout_ms: int, max_digits: int, deadline_s: float = PLAY_S) -> Typed:
        """Play a prompt and collect digits until `#`, `max_digits`, or `timeout_ms` after the last."""
        result = await self.command("GET DATA", path, timeout_ms, max_digits, deadline_s=deadline_s)
        return Typed(result.value, result.data == "timeout")

    async def wait_for_digit(self, timeout_ms: int) -> str | None:
        """The key that was pressed within `timeout_ms`, or None."""
        deadline_s = timeout_ms / 1000 + COMMAND_S
        return _digit(await self.command("WAIT FOR DIGIT", timeout_ms, deadline_s=deadline_s)) or None

    async def say_digits(self, digits: str, escape_digits: str = "", *, deadline_s: float = PLAY_S) -> str | None:
        """Say digit by digit in the channel's language; returns the key that cut it short, or None."""
        return _digit(await self.command("SAY DIGITS", digits, escape_digits, deadline_s=deadline_s)) or None

    async def say_number(self, number: int, escape_digits: str = "", *, deadline_s: float = PLAY_S) -> str | None:
        """Say a number in the channel's language; returns the key that cut it short, or None."""
        return _digit(await self.command("SAY NUMBER", number, escape_digits, deadline_s=deadline_s)) or None

    async def record_file(
        self,
        path: str,
        *,
        format_: str = "wav",
        escape_digits: str = "#",
        most_ms: int = 120_000,
        silence_s: int = 0,
        beep: bool = True,
    ) -> Played:
        """Record the caller until a key, `most_ms`, or `silence_s` of silence; `beep` needs Asterisk's sound of that
        name.
        """
        words: list[str | int] = [path, format_, escape_digits, most_ms]
        if beep:
            words.append("BEEP")
        if silence_s:
            words.append(f"s={silence_s}")
        result = await self.command("RECORD FILE", *words, deadline_s=most_ms / 1000 + COMMAND_S)
        return Played("" if result.data == "timeout" else _digit(result), result.endpos)

    async def set_music(self, *, on: bool, class_: str = "default") -> None:
        """Start or stop music on hold; it plays while other commands wait. Nothing is asked for twice."""
        wanted = class_ if on else ""
        if self._music != wanted or self.hung_up:
            await self.command("SET MUSIC", "ON" if on else "OFF", class_)
            self._music = wanted

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable or a writable function such as `CHANNEL(language)`."""
        await self.command("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str | None:
        """A channel variable or function, None when it is not set."""
        result = await self.command("GET VARIABLE", name)
        return result.data if result.value == "1" else None

    async def exec(self, application: str, *args: str, deadline_s: float = COMMAND_S) -> str:
        """Run a dialplan application; returns its result. An application that is not there is ActionFailed."""
        result = await self.command("EXEC", application, ",".join(args), deadline_s=deadline_s)
        if result.value == "-2":
            raise ActionFailed(f"EXEC {application}", "there is no such application")
        return result.value

    async def noop(self, text: str = "") -> None:
        await self.command("NOOP", text)

    async def verbose(self, text: str, level: int = 1) -> None:
        await self.command("VERBOSE", text, level)

    async def command(self, name: str, *args: str | int, deadline_s: float = COMMAND_S) -> Result:
        """Any AGI command; `-1` is HungUp or, when the channel is still there, ActionFailed."""
        if name not in _LEAVES_MUSIC:
            self._music = None
        line = encode_command(name, *args)
        if len(line) > LINE_BYTES:
            raise ActionFailed(name, f"the command is longer than {LINE_BYTES} bytes")
        async with self._lock:
            reply = await self._exchange(name, line, deadline_s)
        if isinstance(reply, Result):
            if reply.value == "-1":
                await self._tell_failure_from_hangup(name)
            return reply
        if reply.code == 511:  # noqa: PLR2004  # "Command Not Permitted on a dead channel"
            raise HungUp(f"{name}: the channel is gone")
        raise ActionFailed(name, reply.text)

    async def unless_hung_up(self, waiting: "asyncio.Future[Outcome]") -> Outcome:
        """Wait for a future or task of somebody else's; HungUp, and it is cancelled, when the channel goes first."""
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            either: set[asyncio.Future[Any]] = {waiting, gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            raise HungUp(self._gone_reason)
        finally:
            gone.cancel()
            waiting.cancel()

    # What the connection reports

    def receive(self, reply: Result | Refusal) -> bool:
        """Take an answer from the wire; False when no command waits for one."""
        if not self._owed:
            return False
        self._owed = ""
        self._deadline.kept()
        if self._answer is not None and not self._answer.done():  # else its command was cancelled
            self._answer.set_result(reply)
        return True

    def set_gone(self, reason: str) -> None:
        """The channel or the connection is gone: whoever waits is told by HungUp."""
        if not self._gone.is_set():
            self._gone_reason = reason
            self._gone.set()
        self._fail(HungUp(reason))
        self._deadline.kept()

    def _too_late(self) -> None:
        error = DeadlineExceeded(f"{self._owed}: Asterisk did not answer within {self._owed_s:.3g} s")
        self._fail(error)
        self._abort(str(error))

    def _fail(self, error: CtiError) -> None:
        self._owed = ""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
            self._answer.exception()  # read here: its command may be cancelled before it reads it

    async def _exchange(self, name: str, line: bytes, deadline_s: float) -> Result | Refusal:
        if self._owed:
            # A cancelled command's answer is still to come. Another command would cut a STREAM FILE short *without* an
            # answer of its own (res_agi.c), and from then on every answer would go to the wrong command.
            await self._awaited()
        if self._gone.is_set():
            raise HungUp(f"{name}: {self._gone_reason}")
        self._owed, self._owed_s = name, deadline_s
        self._deadline.begin(deadline_s, self._too_late)
        answer = self._awaited()
        self._write(line)
        return await answer

    def _awaited(self) -> "asyncio.Future[Result | Refusal]":
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    async def _tell_failure_from_hangup(self, name: str) -> None:
        """Asterisk says -1 for both, and HANGUP right behind it when the channel is gone."""
        if self._gone.is_set():
            raise HungUp(f"{name}: {self._gone_reason}")
        try:
            async with asyncio.timeout(HANGUP_GRACE_S):
                await self._gone.wait()
        except TimeoutError:
            raise ActionFailed(name, "Asterisk reports a failure (-1)") from None
        raise HungUp(f"{name}: {self._gone_reason}")


def _digit(result: Result) -> str:
    """The key whose character code is the result; "" for 0."""
    try:
        code = int(result.value)
    except ValueError:
        return ""
    return chr(code) if 0 < code <= sys.maxunicode else ""
