"""What processes have open, and which addresses they can be reached at. Source: proc(5)."""

import contextlib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple

LISTENS: Final = "0A"
UNCONNECTED: Final = "07"


class Bound(NamedTuple):
    """`protocol`: tcp, tcp6, udp or udp6."""

    protocol: str
    address: str
    port: int


def targets(pid: int) -> list[str]:
    """Where its open descriptors lead, but for those that it closes meanwhile; a process that ends has none."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                found.append(str(link.readlink()))
    return found


def bound(pids: Iterable[int]) -> set[Bound]:
    """Listening TCP sockets and unconnected UDP ones of these processes, in this process's network namespace."""
    own = {target for pid in pids for target in targets(pid)}
    found = set()
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/self/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            waits = fields[3] == (LISTENS if protocol.startswith("tcp") else UNCONNECTED)
            if waits and f"socket:[{fields[9]}]" in own:
                found.add(Bound(protocol, *_address(fields[1])))
    return found


def _address(text: str) -> tuple[str, int]:
    """For example `0100007F:1F90`, which is 127.0.0.1:8080: words of 32 bits in the order of this machine."""
    words, port = text.split(":")
    packed = b"".join(bytes.fromhex(words[at : at + 8])[::-1] for at in range(0, len(words), 8))
    return str(ip_address(packed)), int(port, 16)
