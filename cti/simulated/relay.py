"""Makes a phone's SIP come from an address of its own.

Asterisk knows a trunk by its address; baresip sends to loopback from 127.0.0.1 only, whatever it is bound to. So the
phone's INVITE goes through this relay, and so does what Asterisk sends to the trunk. It passes datagrams on as they
are: answers find their way by `rport` (RFC 3581), and what belongs to a dialog goes by its Contact, past the relay.
"""

import asyncio
from typing import Any, cast

Address = tuple[str, int]


class Relay(asyncio.DatagramProtocol):
    """What comes from the phone goes to the server, anything else to the phone."""

    def __init__(self, phone: Address, server: Address) -> None:
        self._phone = phone
        self._server = server
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._transport.sendto(data, self._server if addr[:2] == self._phone else self._phone)


async def open_relay(at: Address, phone: Address, server: Address) -> asyncio.DatagramTransport:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Relay(phone, server), local_addr=at
    )
    return transport
