"""A wire between Asterisk and the daemon that can be cut without either end being told.

The daemon lives in a network namespace of its own; a pair of virtual cards joins the two. Cut means that each end sends
to a card that there is not: frames leave and nobody takes them, connections stay half-open, and no error comes back,
as when a switch between two machines loses power. Needs root (or CAP_NET_ADMIN), as containers of a CI usually have.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.stand import Between

HERE, THERE = "02:00:00:00:00:01", "02:00:00:00:00:02"
NOWHERE = "02:00:00:00:00:99"


@dataclass(frozen=True, slots=True)
class Wire:
    """`name` is that of the namespace and of our card; addresses are those of Asterisk's end and of the daemon's."""

    name: str
    asterisk: str
    daemon: str

    @property
    def between(self) -> Between:
        return Between(self.asterisk, self.daemon, ("ip", "netns", "exec", self.name))

    def cut(self) -> None:
        self._send_to(NOWHERE, NOWHERE)

    def mend(self) -> None:
        self._send_to(HERE, THERE)

    def _send_to(self, here: str, there: str) -> None:
        neighbour = ("neigh", "replace")
        _ip(*neighbour, self.daemon, "lladdr", there, "dev", self.name, "nud", "permanent")
        _ip("-n", self.name, *neighbour, self.asterisk, "lladdr", here, "dev", "wire", "nud", "permanent")


@contextlib.contextmanager
def wire() -> Iterator[Wire]:
    """Whole when the body starts; nothing of it is left afterwards."""
    number = os.getpid() % 16384
    net = f"10.213.{number // 64}.{number % 64 * 4}"
    begin, _, last = net.rpartition(".")
    made = Wire(f"chaos{number}", f"{begin}.{int(last) + 1}", f"{begin}.{int(last) + 2}")
    _ip("netns", "add", made.name)
    try:
        _ip("link", "add", made.name, "address", HERE, "type", "veth",
            "peer", "name", "wire", "address", THERE, "netns", made.name)  # fmt: skip
        _ip("addr", "add", f"{made.asterisk}/30", "dev", made.name)
        _ip("link", "set", made.name, "up")
        _ip("-n", made.name, "addr", "add", f"{made.daemon}/30", "dev", "wire")
        _ip("-n", made.name, "link", "set", "wire", "up")
        _ip("-n", made.name, "link", "set", "lo", "up")
        made.mend()
        yield made
    finally:
        _ip("netns", "delete", made.name)


def _ip(*arguments: str) -> None:
    """AssertionError with what `ip` said."""
    done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr.strip()}"
