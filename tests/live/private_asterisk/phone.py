"""A scripted SIP phone in one process with the test: UDP, G.711 u-law, plays one tone, keeps what it hears.

It is a test instrument, not a softphone: no registration, no retransmissions, loopback only. It answers re-INVITEs with
its own address again, so Asterisk may move its leg wherever it likes.
"""

import asyncio
import itertools
import math
import re
import struct
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Self
from uuid import uuid4

RATE, FRAME = 8000, 160
NUMBERS = itertools.count(1)


def ulaw_byte(sample: int) -> int:
    """ITU-T G.711, u-law, one 16-bit sample."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 0x84
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF


def linear_sample(byte: int) -> int:
    byte = ~byte & 0xFF
    value = (((byte & 0x0F) << 3) + 0x84 << (byte >> 4 & 7)) - 0x84
    return -value if byte & 0x80 else value


def tone(hertz: int) -> bytes:
    """One second of u-law; every whole frequency ends where it began."""
    return bytes(ulaw_byte(int(8000 * math.sin(2 * math.pi * hertz * i / RATE))) for i in range(RATE))


LINEAR = [linear_sample(byte) for byte in range(256)]


def power_at(samples: list[int], hertz: int) -> float:
    """Goertzel: the amplitude of one frequency in 16-bit samples at 8 kHz (a pure tone of 8000 gives 8000)."""
    if not samples:
        return 0.0
    k = 2 * math.cos(2 * math.pi * hertz / RATE)
    a = b = 0.0
    for value in samples:
        a, b = value + k * a - b, a
    return 2 * math.sqrt(max(a * a + b * b - k * a * b, 0.0)) / len(samples)


@dataclass
class Phone(asyncio.DatagramProtocol):
    """`answer_after` None rings for ever; `refuse` is a final answer such as 603. `hertz` 0 sends no RTP at all.

    `sequence` is where the RTP sequence numbers begin; real phones begin anywhere. `heard` is every packet of audio
    with the time it came.
    """

    host: str = "127.0.0.1"
    hertz: int = 0
    answer_after: float | None = 0.02
    refuse: int = 0
    name: str = "phone"
    sequence: int = 0
    rtp_peer: tuple[str, int] | None = None
    muted: bool = False
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)
    talking: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    rang: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> Self:
        loop = asyncio.get_running_loop()
        self.sip, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        self.rtp, self._ear = await loop.create_datagram_endpoint(lambda: _Ear(self.heard), local_addr=(self.host, 0))
        self.port = self.sip.get_extra_info("sockname")[1]
        self.rtp_port = self.rtp.get_extra_info("sockname")[1]
        self.ssrc = next(NUMBERS) + 0x1000
        self.tasks: set[asyncio.Task[None]] = set()
        self.dialog: dict[str, str] = {}
        self.invite = ""
        if self.hertz:
            self._spawn(self._speak())
        return self

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        self.sip.close()
        self.rtp.close()

    # ---- what a person does -------------------------------------------------------------------------------------
    def dial(self, number: str, port: int, host: str = "127.0.0.1") -> None:
        self.peer = (host, port)
        me = f"sip:{self.name}@{self.host}:{self.port}"
        self.dialog = {
            "target": f"sip:{number}@{host}:{port}",
            "from": f'"{self.name}" <{me}>;tag={uuid4().hex[:8]}',
            "to": f"<sip:{number}@{host}:{port}>",
            "call": uuid4().hex,
        }
        self._request("INVITE", 1, self._sdp())

    def hang_up(self) -> None:
        self._request("BYE", 2)

    def cancel(self) -> None:
        self._request("CANCEL", 1)

    def refer(self, target: str) -> None:
        """Ask Asterisk to send whoever we talk with to `target`, a SIP URI."""
        self._request("REFER", 3, headers=(f"Refer-To: <{target}>", f"Referred-By: {self.dialog['from']}"))

    def press(self, digit: str) -> None:
        """RFC 4733: three frames of the event and three that end it."""
        event, stamp = "0123456789*#ABCD".index(digit), int(time.time() * RATE) & 0xFFFFFFFF
        for number, (end, length) in enumerate([(0, 160), (0, 320), (0, 480), (0x80, 640), (0x80, 640), (0x80, 640)]):
            head = struct.pack("!BBHII", 0x80, 101 | (0x80 if number == 0 else 0), self._next(), stamp, self.ssrc)
            if self.rtp_peer:
                self.rtp.sendto(head + struct.pack("!BBH", event, end | 10, length), self.rtp_peer)

    def hears(self, hertz: int, since: float, until: float, least: float = 1000) -> bool:
        return self.level(hertz, since, until) > least

    def level(self, hertz: int, since: float, until: float) -> float:
        heard = b"".join(payload for at, payload in self.heard if since <= at < until)
        return power_at([LINEAR[byte] for byte in heard], hertz)

    # ---- SIP ----------------------------------------------------------------------------------------------------
    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        text = data.decode(errors="replace")
        first = text.split("\r\n", 1)[0]
        self.log.append((time.time(), first))
        if first.startswith("SIP/2.0"):
            self._response(int(first.split()[1]), text)
            return
        self.peer = (str(addr[0]), addr[1])
        match first.split()[0]:
            case "INVITE":
                self._invited(text)
            case "CANCEL":
                self._reply(text, 200)
                self._reply(self.invite, 487)
                self.over.set()
            case "BYE":
                self._reply(text, 200)
                self.over.set()
            case "ACK":
                pass
            case _:
                self._reply(text, 200)

    def _invited(self, text: str) -> None:
        self._learn_rtp(text)
        if self.talking.is_set():
            self._reply(text, 200, self._sdp())
            return
        self.invite = text
        self.dialog = {
            "target": _header(text, "Contact").strip("<>").split(">")[0],
            "from": f"{_header(text, 'To')};tag={self.ssrc}",
            "to": _header(text, "From"),
            "call": _header(text, "Call-ID"),
        }
        if self.refuse:
            self._reply(text, self.refuse)
            return
        self._reply(text, 180)
        self.rang.set()
        if self.answer_after is not None:
            self._spawn(self._answer_later())

    async def _answer_later(self) -> None:
        await asyncio.sleep(self.answer_after or 0)
        self.answer()

    def answer(self) -> None:
        self.talking.set()
        self._reply(self.invite, 200, self._sdp())

    def _response(self, code: int, text: str) -> None:
        method = _header(text, "CSeq").split()[1]
        if method == "INVITE" and code >= 200:
            self.dialog["to"] = _header(text, "To")
            if code < 300:
                self._learn_rtp(text)
                self.dialog["target"] = _header(text, "Contact").strip("<>").split(">")[0]
            self._request("ACK", 1)
            (self.talking if code < 300 else self.over).set()
        elif method == "BYE":
            self.over.set()

    def _request(self, method: str, number: int, body: str = "", headers: tuple[str, ...] = ()) -> None:
        lines = [
            f"{method} {self.dialog['target']} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{self.dialog['call'][:10]}{number}",
            f"From: {self.dialog['from']}",
            f"To: {self.dialog['to']}",
            f"Call-ID: {self.dialog['call']}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self.name}@{self.host}:{self.port}>",
            "Max-Forwards: 70",
            *headers,
        ]
        self._send(lines, body)

    def _reply(self, request: str, code: int, body: str = "") -> None:
        to = _header(request, "To")
        lines = [f"SIP/2.0 {code} {'OK' if code == 200 else 'Answer'}"]
        lines += re.findall(r"(?m)^Via:.*?$", request.replace("\r", ""))
        lines += [
            f"From: {_header(request, 'From')}",
            f"To: {to}" + ("" if ";tag=" in to else f";tag={self.ssrc}"),
            f"Call-ID: {_header(request, 'Call-ID')}",
            f"CSeq: {_header(request, 'CSeq')}",
            f"Contact: <sip:{self.name}@{self.host}:{self.port}>",
        ]
        self._send(lines, body)

    def _send(self, lines: list[str], body: str) -> None:
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        self.log.append((time.time(), "> " + lines[0]))
        self.sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self.peer)

    def _sdp(self) -> str:
        lines = ["v=0", f"o=- 1 1 IN IP4 {self.host}", "s=-", f"c=IN IP4 {self.host}", "t=0 0"]
        lines += [f"m=audio {self.rtp_port} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000"]
        return "\r\n".join(lines) + "\r\n"

    def _learn_rtp(self, text: str) -> None:
        host, port = re.search(r"c=IN IP4 (\S+)", text), re.search(r"m=audio (\d+)", text)
        if host and port:
            self.rtp_peer = (host[1], int(port[1]))

    # ---- RTP ----------------------------------------------------------------------------------------------------
    async def _speak(self) -> None:
        sound, started = tone(self.hertz), time.monotonic()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, started + number * 0.02 - time.monotonic()))
            if self.rtp_peer and not self.muted and self.talking.is_set() and not self.over.is_set():
                at = number * FRAME % RATE
                head = struct.pack("!BBHII", 0x80, 0, self._next(), number * FRAME & 0xFFFFFFFF, self.ssrc)
                self.rtp.sendto(head + sound[at : at + FRAME], self.rtp_peer)

    def _next(self) -> int:
        self.sequence = self.sequence + 1 & 0xFFFF
        return self.sequence

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name=self.name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: list[tuple[float, bytes]]) -> None:
        self.heard = heard

    def datagram_received(self, data: bytes, _addr: object) -> None:
        if len(data) > 12 and data[1] & 0x7F == 0:
            self.heard.append((time.time(), data[12:]))


def _header(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}:\s*(.*?)\r?$", text)
    return found[1] if found else ""
