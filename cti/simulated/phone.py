"""A softphone for tests and for `make call`: it dials, answers, presses keys, plays one tone and knows what it hears.

async with Phone("d1001", server="127.0.0.1:5060", secret="...") as agent:
    await agent.answer_all(after=0.2)
    await agent.play(1000)
    call = await agent.wait_call(within=10)
    await agent.wait_hears({440}, within=3)
"""

import asyncio
import contextlib
import importlib.util
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from cti.errors import ActionFailed, DeadlineExceeded, NotConnected, Unusable
from cti.simulated.phone_call import STEADY_S, PhoneCall
from cti.simulated.tones import TONES, WINDOW_S
from cti.simulated.wire import CallNews, Command, Done, FromPhone, Heard, Said, Setup

START_S = 60.0
COMMAND_S = 10.0
_encode = msgspec.json.Encoder().encode


class Phone:
    """One SIP user, for the time of an `async with`.

    With a `secret` it registers at `server` ("host:port"); without, the server knows it by its address, as it knows a
    trunk by `host` 127.0.0.2. A `port` of 0 is any free one. Raises Unusable when it cannot start or register,
    ActionFailed when a command fails, DeadlineExceeded when a wait is over. All that is heard is appended to `keep`.
    """

    def __init__(
        self,
        user: str,
        *,
        server: str,
        secret: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        display: str = "",
        listen_for: Iterable[int] = TONES,
        keep: Path | None = None,
        srtp: bool = False,
    ) -> None:
        self.setup = Setup(
            user=user,
            server=server,
            secret=secret,
            host=host,
            port=port or free_udp_port(host),
            display=display,
            listen_for=tuple(listen_for),
            keep=str(keep or ""),
            srtp=srtp,
        )
        self.calls: list[PhoneCall] = []
        """All calls, oldest first, also those that are over."""
        self.log: deque[str] = deque(maxlen=100)
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._pending: dict[int, asyncio.Future[int]] = {}
        self._last_id = 0
        self._changed = asyncio.Event()

    @property
    def contact(self) -> str:
        """Where it can be rung without a registration."""
        return f"sip:{self.setup.user}@{self.setup.host}:{self.setup.port}"

    async def __aenter__(self) -> Self:
        if importlib.util.find_spec("baresip") is None:
            raise Unusable("the simulated phone needs the package baresip-python: pip install 'laidian[dev]'")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cti.simulated.phone_process", stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        started = self._pending[0] = asyncio.get_running_loop().create_future()
        assert self._process.stdout is not None  # noqa: S101 (it is a pipe)
        self._reading = asyncio.create_task(self._read(self._process.stdout), name=f"phone-{self.setup.user}")
        self._write(self.setup)
        try:
            async with asyncio.timeout(START_S):
                await started
        except (ActionFailed, NotConnected, TimeoutError) as error:
            await self._stop()
            said = "; ".join(list(self.log)[-3:])
            raise Unusable(f"the phone {self.setup.user} did not start: {error} {said}") from error
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self._stop())

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(6):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    # --- the line to the process -------------------------------------------------------------------------------

    def _write(self, message: Setup | Command) -> None:
        if self._process is None or self._process.stdin is None:
            raise NotConnected(f"the phone {self.setup.user} is switched off")
        self._process.stdin.write(_encode(message) + b"\n")

    async def _read(self, lines: asyncio.StreamReader) -> None:
        decoder: msgspec.json.Decoder[FromPhone] = msgspec.json.Decoder(FromPhone)
        while line := await lines.readline():
            self._take(decoder.decode(line))
        for future in self._pending.values():
            if not future.done():
                future.set_exception(NotConnected(f"the process of the phone {self.setup.user} has ended"))
        self._changed.set()

    def _take(self, message: FromPhone) -> None:
        match message:
            case Done():
                future = self._pending.pop(message.id, None)
                if future is not None and not future.done():
                    if message.error:
                        future.set_exception(ActionFailed(self.setup.user, message.error))
                    else:
                        future.set_result(message.call)
            case CallNews():
                self._take_news(message)
            case Heard():
                call = self._call(message.call)
                if call is not None:
                    call.heard.append(message.window)
            case Said():
                self.log.append(message.text)
        self._changed.set()

    def _call(self, key: int) -> PhoneCall | None:
        return next((call for call in reversed(self.calls) if call.key == key), None)

    def _take_news(self, news: CallNews) -> None:
        if news.what in {"incoming", "dialling"}:
            incoming = news.what == "incoming"
            self.calls.append(PhoneCall(key=news.call, incoming=incoming, peer=news.text, invite_at=news.at))
            return
        call = self._call(news.call)
        if call is None:
            return
        match news.what:
            case "ringing":
                call.ringing_at = call.ringing_at or news.at
            case "established":
                call.established_at = call.established_at or news.at
            case "digit":
                call.digits += news.text
            case "closed":
                call.closed_at, call.reason = news.at, news.text

    async def _do(self, do: str, *, call: int = 0, text: str = "", number: float = 0.0) -> int:
        self._last_id = this = self._last_id + 1
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pending[this] = future
        self._write(Command(id=this, do=do, call=call, text=text, number=number))
        try:
            async with asyncio.timeout(COMMAND_S + len(text)):
                return await future
        except TimeoutError as error:
            raise DeadlineExceeded(f"the phone {self.setup.user} did not {do} in {COMMAND_S:.0f} s") from error
        finally:
            self._pending.pop(this, None)

    # --- what it does ------------------------------------------------------------------------------------------

    @property
    def call(self) -> PhoneCall:
        """The newest call that is not over. Raises NotConnected when there is none."""
        for call in reversed(self.calls):
            if call.closed_at is None:
                return call
        raise NotConnected(f"the phone {self.setup.user} has no call")

    async def play(self, hz: int) -> None:
        """Play this tone in every call from now on; 0 is silence."""
        await self._do("play", number=hz)

    async def dial(self, number: str) -> PhoneCall:
        """Send an INVITE for a number at the server, or for a whole SIP URI; returns at once."""
        key = await self._do("dial", text=number)
        call = self._call(key)
        if call is None:
            raise ActionFailed("dial", number)
        return call

    async def answer(self) -> None:
        await self._do("answer", call=self.call.key)

    async def answer_all(self, after: float = 0.0) -> None:
        """Answer every call that comes from now on, after so many seconds of ringing."""
        await self._do("answer_all", number=after)

    async def answer_none(self) -> None:
        """Let it ring (which is what a new phone does)."""
        await self._do("answer_all", number=-1.0)

    async def decline(self) -> None:
        """486 Busy Here."""
        await self._do("decline", call=self.call.key)

    async def hang_up(self) -> None:
        """End the newest call; CANCEL while it is ringing."""
        await self._do("hang_up", call=self.call.key)

    async def send_digits(self, digits: str) -> None:
        """Press keys as RFC 4733 events, 0.1 s each."""
        await self._do("digits", call=self.call.key, text=digits)

    # --- what it waits for -------------------------------------------------------------------------------------

    async def wait_until(self, true: Callable[[], bool], within: float, what: str) -> None:
        """Raises DeadlineExceeded, saying `what` did not happen, with the last lines of the SIP stack's log.

        NotConnected when the phone's process has ended.
        """
        try:
            async with asyncio.timeout(within):
                while not true():
                    if self._reading is None or self._reading.done():
                        raise NotConnected(f"{self.setup.user}: the phone is off, {what} cannot happen")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            said = "; ".join(list(self.log)[-3:])
            raise DeadlineExceeded(f"{self.setup.user}: {what} did not happen in {within:g} s. {said}") from error

    async def wait_call(self, within: float = 15.0, *, number: int = 1) -> PhoneCall:
        """The `number`th incoming call there ever was, as soon as its INVITE is there."""
        await self.wait_until(lambda: len(self._incoming()) >= number, within, f"incoming call {number}")
        return self._incoming()[number - 1]

    def _incoming(self) -> list[PhoneCall]:
        return [call for call in self.calls if call.incoming]

    async def wait_established(self, within: float = 15.0) -> PhoneCall:
        await self.wait_until(lambda: any(call.up for call in self.calls), within, "an answered call")
        return next(call for call in reversed(self.calls) if call.up)

    async def wait_closed(self, within: float = 15.0) -> None:
        """Until it has no call any more."""
        await self.wait_until(lambda: all(call.closed_at for call in self.calls), within, "the end of all calls")

    def hears(self, last_s: float = STEADY_S) -> frozenset[int]:
        """The tones that it hears now, over all its calls."""
        return frozenset().union(*(call.tones(last_s) for call in self.calls if call.up))

    async def wait_hears(self, tones: Iterable[int], within: float = 15.0, *, steady_s: float = STEADY_S) -> None:
        """Until it hears just these tones, no more and no fewer, for `steady_s`; the empty set is no tone at all."""
        wanted = frozenset(tones)
        deadline = f"hearing just {sorted(wanted)}"
        try:
            await self.wait_until(lambda: self._steady(wanted, steady_s), within, deadline)
        except DeadlineExceeded as error:
            raise DeadlineExceeded(f"{error} It hears {sorted(self.hears())}") from error

    def _steady(self, wanted: frozenset[int], steady_s: float) -> bool:
        count = round(steady_s / WINDOW_S)
        live = [call for call in self.calls if call.up]
        recent = [list(call.heard)[-count:] for call in live]
        return bool(live) and all(
            len(windows) == count and all(frozenset(window.tones) == wanted for window in windows) for windows in recent
        )

    async def wait_sound(self, seconds: float = 1.0, within: float = 20.0) -> None:
        """Until it has heard so many seconds of anything (a prompt, music, a voice) in its call."""
        call = self.call
        since = time.time()
        await self.wait_until(lambda: call.sound_s(since) >= seconds, within, f"{seconds:g} s of sound")


def free_udp_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port
