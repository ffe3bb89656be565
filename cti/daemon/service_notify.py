"""Tells systemd how the daemon is (sd_notify(3)): one datagram to the socket that it names; nothing without it."""

import os
import socket


def notify(state: str) -> None:
    """`state` such as "READY=1". Never raises: whoever supervises us must not bring us down."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.sendto(state.encode(), name)
    except OSError:
        return
