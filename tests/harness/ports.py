"""Ports that nobody takes between their choice and their use.

The kernel gives any free port to whoever asks for one, so that one of several tests side by side may get what another
has chosen a moment ago. Each worker of pytest-xdist has ports of its own here, below those that the kernel gives out;
those for UDP lie above the private Asterisk's RTP too (`cti/private_asterisk/ports.py`). No browser connects to 10080,
which its makers hold to be unsafe (Fetch standard, "port blocking"): the last of these ports, so TCP begins after it.
"""

import itertools
import os
import random
import socket
from collections.abc import Iterator
from typing import Final

WORKERS: Final = 12
FIRST_TCP, TCP_SHARE = 10_100, 1_800
FIRST_UDP, UDP_SHARE = 31_000, 140

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS


def _around(first: int, share: int) -> Iterator[int]:
    begin = random.randrange(share)  # another run of pytest on this machine begins elsewhere
    return (first + _worker * share + (begin + count) % share for count in itertools.count())


_tcp, _udp = _around(FIRST_TCP, TCP_SHARE), _around(FIRST_UDP, UDP_SHARE)


def tcp_port(host: str = "127.0.0.1") -> int:
    """Free now, and not chosen again by this worker for a long time."""
    return next(port for port in _tcp if _is_free(socket.SOCK_STREAM, host, port))


def udp_port(host: str = "127.0.0.1") -> int:
    """As `tcp_port`."""
    return next(port for port in _udp if _is_free(socket.SOCK_DGRAM, host, port))


def _is_free(kind: socket.SocketKind, host: str, port: int) -> bool:
    with socket.socket(type=kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
