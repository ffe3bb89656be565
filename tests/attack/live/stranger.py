"""Somebody on the trunk's address who writes SIP by hand, and answers just enough that a call comes about."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterable

from tests.harness.phones import TRUNK_HOST

SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


class Stranger(asyncio.DatagramProtocol):
    """`final`: Call-ID -> the status that its INVITE came to."""

    def __init__(self, server: str) -> None:
        host, _, port = server.partition(":")
        self._server = (host, int(port))
        self._transport: asyncio.DatagramTransport | None = None
        self._calls: dict[str, tuple[str, str]] = {}
        self._count = itertools.count(1)
        self.final: dict[str, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a datagram transport, by contract of the protocol

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, self._server)

    def invite(self, caller: str, dialled: str = "4000", more: Iterable[str] = ()) -> str:
        """`caller`: what stands in From, before its tag. Returns the Call-ID."""
        call_id = f"stranger-{next(self._count)}"
        address = f"sip:{dialled}@{self._server[0]}:{self._server[1]}"
        self._calls[call_id] = (caller, address)
        body = SDP.format(host=TRUNK_HOST)
        self._request("INVITE", call_id, 1, "", [*more, "Content-Type: application/sdp"], body)
        return call_id

    def _request(  # noqa: PLR0917 - the parts of a SIP request
        self, method: str, call_id: str, number: int, to_tag: str, more: Iterable[str] = (), body: str = ""
    ) -> None:
        caller, address = self._calls[call_id]
        lines = [
            f"{method} {address} SIP/2.0",
            f"Via: SIP/2.0/UDP {TRUNK_HOST}:{self.port};branch=z9hG4bK{call_id}{method}",
            f"From: {caller};tag=t{call_id}",
            f"To: <{address}>{to_tag}",
            f"Call-ID: {call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:x@{TRUNK_HOST}:{self.port}>",
            "Max-Forwards: 70",
            *more,
            f"Content-Length: {len(body.encode())}",
        ]
        self.send("\r\n".join([*lines, "", body]).encode())

    def datagram_received(self, data: bytes, _addr: object) -> None:
        text = data.decode("utf-8", "replace")
        lines = text.split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        call_id, to_tag = headers.get("call-id", ""), headers.get("to", "").partition(">")[2]
        if not lines[0].startswith("SIP/2.0"):
            self._answer(lines)
        elif headers.get("cseq", "").endswith("INVITE") and int(lines[0].split()[1]) >= 200:
            self.final.setdefault(call_id, int(lines[0].split()[1]))
            self._request("ACK", call_id, 1, to_tag)

    def _answer(self, lines: list[str]) -> None:
        """A BYE or whatever else comes is fine with us."""
        keep = ("via:", "from:", "to:", "call-id:", "cseq:")
        echoed = [line for line in lines[1:] if line.lower().startswith(keep)]
        self.send("\r\n".join(["SIP/2.0 200 OK", *echoed, "Content-Length: 0", "", ""]).encode())


@contextlib.asynccontextmanager
async def stranger(server: str) -> AsyncIterator[Stranger]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: Stranger(server), local_addr=(TRUNK_HOST, 0))
    try:
        yield protocol
    finally:
        transport.close()
