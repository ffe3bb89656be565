"""The way of changes to one browser: frames straight into its transport, beside aiohttp's own writer."""

import struct
from asyncio import Transport
from typing import Final

_FINAL_TEXT: Final = 0x81
_SHORT: Final = 126
"""Lengths from here on stand in two further bytes, or in eight."""


class Way:
    """A `cti.desk.hub.Outlet`, as long as the system takes everything at once.

    aiohttp's writer puts every frame into the transport in one piece, so that between two of them the way is free, or
    it is not. uvloop (from 0.23 on) sends at once what is written while nothing waits, and without letting go of the
    interpreter: after an `os.write` it may be a thread of the store or of the recordings that goes on, and with twenty
    boards that costs a millisecond (docs/decisions/0028).
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def free(self) -> bool:
        return not self._transport.is_closing() and self._transport.get_write_buffer_size() == 0

    def write(self, message: bytes) -> None:
        """As one text frame, unmasked (RFC 6455, 5.2)."""
        self._transport.write(_head(len(message)) + message)


def _head(size: int) -> bytes:
    if size < _SHORT:
        return struct.pack("!BB", _FINAL_TEXT, size)
    if size < 1 << 16:
        return struct.pack("!BBH", _FINAL_TEXT, _SHORT, size)
    return struct.pack("!BBQ", _FINAL_TEXT, _SHORT + 1, size)
