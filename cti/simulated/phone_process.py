"""One softphone in a process of its own: `python -m cti.simulated.phone_process`, driven by `phone.py` over stdio."""

import asyncio
import contextlib
import logging
import sys
import time
from array import array
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
from baresip.call import Call, CallState
from baresip.config import Account, Config
from baresip.errors import AudioNotActive, AudioRestarted, BaresipError
from baresip.events import Event, StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from cti.simulated.phone import free_udp_port
from cti.simulated.relay import open_relay
from cti.simulated.tones import RATE, WINDOW, listen, sine
from cti.simulated.wire import CallNews, Command, Done, FromPhone, Heard, Said, Setup

LOOPBACK = "127.0.0.1"
TICK_S = 0.04
AHEAD = round(RATE * 0.1) * 2
"""Bytes of our tone that wait in the stack: a tenth of a second, so that a late tick is not heard."""
_encode = msgspec.json.Encoder().encode
_NEWS = {
    Event.CALL_RINGING: "ringing",
    Event.CALL_PROGRESS: "ringing",
    Event.CALL_ESTABLISHED: "established",
    Event.CALL_CLOSED: "closed",
}


def tell(message: FromPhone) -> None:
    sys.stdout.buffer.write(_encode(message) + b"\n")
    sys.stdout.buffer.flush()


class Softphone:
    """The calls of one user agent, the tone that it plays, and what it does by itself when it is called."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.proxy = setup.server if setup.host == LOOPBACK else f"{setup.host}:{setup.port}"
        """Where an INVITE for a number goes; see relay.py."""
        self.calls: dict[int, Call] = {}
        self.tone = b""
        self.answer_after: float | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.ua: UserAgent

    async def start(self, runtime: Runtime) -> None:
        setup = self.setup
        account = Account(
            setup.user,
            setup.server,
            setup.secret,
            reg_interval=120 if setup.secret else 0,
            audio_codecs=("pcma", "pcmu"),
            # A trunk is called by any number.
            extra_params=("catchall=yes", *(("mediaenc=srtp-mand",) if setup.srtp else ())),
        )
        name = setup.display.replace("\\", "").replace('"', "")
        self.ua = await UserAgent.create(runtime, f'"{name}" {account.aor()}' if name else account.aor())
        self.ua._registration_disabled = not setup.secret  # noqa: SLF001 (it is read from an Account only)
        self.ua.on_incoming(self.on_incoming)
        if setup.secret:
            await self.ua.register()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def follow(self, call: Call, what: str) -> None:
        at = time.time()
        self.calls[call.handle] = call
        tell(CallNews(call=call.handle, what=what, at=at, text=call.peer or ""))
        call.on(lambda event: self.on_event(call, event))
        call.on_dtmf(lambda digit: tell(CallNews(call=call.handle, what="digit", at=time.time(), text=digit.digit)))

    def on_incoming(self, call: Call) -> None:
        self.follow(call, "incoming")
        if self.answer_after is not None:
            self.spawn(self.answer_later(call, self.answer_after), f"answer-{call.handle}")

    async def answer_later(self, call: Call, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with contextlib.suppress(BaresipError):  # the caller may have given up meanwhile
            await call.answer()

    def on_event(self, call: Call, event: StackEvent) -> None:
        what = _NEWS.get(event.event)
        if what is None:
            return
        tell(CallNews(call=call.handle, what=what, at=time.time(), text=event.text or ""))
        if what == "established":
            self.spawn(self.talk(call), f"talk-{call.handle}")
        elif what == "closed":
            self.calls.pop(call.handle, None)

    async def talk(self, call: Call) -> None:
        """Play and listen until the call is closed, over every restart of its audio."""
        buffer: array[int] = array("h")
        position = 0
        while call.state is not CallState.CLOSED:
            try:
                position = self.play(call, position)
                heard = call.audio.read(1 << 16)
                self.keep(heard)
                buffer.frombytes(heard)
                while len(buffer) >= WINDOW:
                    window = listen(buffer[:WINDOW], self.setup.listen_for, time.time())
                    tell(Heard(call=call.handle, window=window))
                    del buffer[:WINDOW]
            except (AudioRestarted, AudioNotActive):
                pass  # Asterisk re-invited or moved the leg: the next tick binds the new streams
            await asyncio.sleep(TICK_S)

    def keep(self, heard: bytes) -> None:
        if self.setup.keep and heard:
            with Path(self.setup.keep).open("ab") as file:
                file.write(heard)

    def play(self, call: Call, position: int) -> int:
        """Top up what the stack has to send; returns where in the tone to go on."""
        tone = self.tone
        if not tone:
            return 0
        missing = AHEAD - call.audio.info().tx_buffered
        if missing <= 0:
            return position
        position %= len(tone)
        chunk = (
            (tone[position:] + tone)[:missing]
            if position + missing > len(tone)
            else tone[position : position + missing]
        )
        return (position + call.audio.write(chunk)) % len(tone)

    # --- commands ----------------------------------------------------------------------------------------------

    async def obey(self, command: Command) -> None:
        deeds: dict[str, Callable[[Command], Awaitable[int]]] = {
            "dial": self.dial,
            "answer": self.answer,
            "answer_all": self.answer_all,
            "decline": self.decline,
            "hang_up": self.hang_up,
            "digits": self.digits,
            "play": self.change_tone,
        }
        try:
            call = await deeds[command.do](command)
        except (BaresipError, ValueError, KeyError) as error:
            tell(Done(id=command.id, error=f"{type(error).__name__}: {error}"))
        else:
            tell(Done(id=command.id, call=call))

    async def dial(self, command: Command) -> int:
        target = command.text if ":" in command.text else f"sip:{command.text}@{self.proxy}"
        call = await self.ua.dial(target)
        self.follow(call, "dialling")
        return call.handle

    async def answer(self, command: Command) -> int:
        await self.calls[command.call].answer()
        return command.call

    async def answer_all(self, command: Command) -> int:
        self.answer_after = command.number if command.number >= 0 else None
        return 0

    async def decline(self, command: Command) -> int:
        await self.calls[command.call].reject()
        return command.call

    async def hang_up(self, command: Command) -> int:
        call = self.calls.get(command.call)
        if call is not None:
            await call.hangup()
        return command.call

    async def digits(self, command: Command) -> int:
        await self.calls[command.call].send_dtmf(command.text)
        return command.call

    async def change_tone(self, command: Command) -> int:
        self.tone = sine(round(command.number)) if command.number else b""
        return 0


class _Teller(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        tell(Said(text=record.getMessage()))


async def run() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    setup = msgspec.json.decode(await reader.readline(), type=Setup)
    logging.getLogger("baresip").addHandler(_Teller())
    port = await relayed_port(setup)
    runtime = Runtime()
    await runtime.start(
        Config(
            net_interface=LOOPBACK,
            max_concurrent_calls=None,
            # Without the second line it also wants TCP at this port and TLS at the next, which nobody has reserved.
            extra_config_text=f"sip_listen {LOOPBACK}:{port}\nsip_transports udp\n",
        )
    )
    phone = Softphone(setup)
    try:
        try:
            await phone.start(runtime)
        except (BaresipError, ValueError) as error:
            tell(Done(id=0, error=str(error)))
            return
        tell(Done(id=0))
        decoder = msgspec.json.Decoder(Command)
        while line := await reader.readline():  # the end of input: our owner has gone
            phone.spawn(phone.obey(decoder.decode(line)), "command")
        await leave(phone)
    finally:
        await runtime.close()


async def relayed_port(setup: Setup) -> int:
    """The port that the stack itself listens on, with a relay before it where the phone has an address of its own."""
    if setup.host == LOOPBACK:
        return setup.port
    port = free_udp_port(LOOPBACK)
    host, _, server_port = setup.server.rpartition(":")
    await open_relay((setup.host, setup.port), (LOOPBACK, port), (host, int(server_port)))
    return port


async def leave(phone: Softphone) -> None:
    """Hang up and unregister, briefly: a phone that just vanishes leaves calls and contacts behind in Asterisk."""
    with contextlib.suppress(BaresipError, TimeoutError):
        async with asyncio.timeout(2):
            for call in list(phone.calls.values()):
                with contextlib.suppress(BaresipError):
                    await call.hangup()
            if phone.setup.secret:
                await phone.ua.unregister()


if __name__ == "__main__":
    asyncio.run(run())
