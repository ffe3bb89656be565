"""The way of changes to one browser: frames straight into the system's buffers, beside aiohttp's own writer."""

import os
import struct
from asyncio import Transport
from typing import Final

_FINAL_TEXT: Final = 0x81
_SHORT: Final = 126
"""Lengths from here on stand in two further bytes, or in eight."""


class Way:
    """A `cti.desk.hub.Outlet`, as long as the system takes everything at once.

    aiohttp's writer puts every frame into the transport in one piece, so that between two of them the way is free, or
    it is not. The transport itself would send at the end of the loop's turn only, behind whatever else there is to do.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        plain = transport.get_extra_info("sslcontext") is None
        self._socket: int | None = transport.get_extra_info("socket").fileno() if plain else None

    def free(self) -> bool:
        return not self._transport.is_closing() and self._transport.get_write_buffer_size() == 0

    def write(self, message: bytes) -> None:
        """As one text frame, unmasked (RFC 6455, 5.2)."""
        frame = _head(len(message)) + message
        sent = self._send(frame)
        if sent < len(frame):
            self._transport.write(frame[sent:])

    def _send(self, frame: bytes) -> int:
        """How much has gone; what is wrong with a connection the transport finds, too, and tells."""
        if self._socket is None:
            return 0
        try:
            return os.write(self._socket, frame)
        except OSError:
            return 0


def _head(size: int) -> bytes:
    if size < _SHORT:
        return struct.pack("!BB", _FINAL_TEXT, size)
    if size < 1 << 16:
        return struct.pack("!BBH", _FINAL_TEXT, _SHORT, size)
    return struct.pack("!BBQ", _FINAL_TEXT, _SHORT + 1, size)
