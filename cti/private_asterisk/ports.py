"""Free ports on one address, and a clear sentence when a wanted one is taken."""

import random
import socket

from cti.errors import Unusable

UDP, TCP = socket.SOCK_DGRAM, socket.SOCK_STREAM
FIRST_OF_RTP, LAST_OF_RTP = 12000, 31000  # below the ephemeral range, so that other programs rarely sit there


def claim_port(what: str, host: str, port: int, kind: socket.SocketKind) -> int:
    """The port itself when it is free, any free one for 0. Raises Unusable, naming the setting, when it is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if kind is TCP:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unusable(f"{what} {host}:{port} cannot be used: {(error.strerror or str(error)).lower()}") from error
        return int(probe.getsockname()[1])


def pick_rtp_range(count: int) -> int:
    """The first, even port of a range of `count`. Asterisk skips ports that are taken, so a collision is harmless."""
    return random.randrange(FIRST_OF_RTP, LAST_OF_RTP - count, 2)  # noqa: S311 - no secret
