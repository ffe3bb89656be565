"""How the daemon goes: nobody new into the menus, those inside are let finish, and, if asked to, it comes again.

Whoever calls meanwhile hears music in the dialplan, which knocks every second, and so does whoever waits once the
daemon is gone; the next one finds them there. Nobody who talks notices anything. `laidian restart` asks over the
control socket, systemd by SIGTERM. A second signal is a demand to go at once.
"""

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Iterator

import msgspec
import structlog

from cti.acd.interaction import InteractionState
from cti.daemon.precedence import stand_back
from cti.daemon.service_notify import notify
from cti.errors import Conflict
from cti.floor.conversation import Conversation
from cti.floor.floor import Floor
from cti.floor.hotline import Hotline

log = structlog.get_logger(__name__)

LOOK_S = 0.1
AGAIN = 75
"""What the daemon's main function returns when it is to be started again in the same process."""


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `laidian restart`: how many callers are in menus, and how long they are waited for at most."""

    menus: int
    drain_s: float


class Leaving:
    """`may_restart` is set by who can start this daemon again."""

    def __init__(self, floor: Floor, hotline: Hotline, *, drain_s: float) -> None:
        self.may_restart = False
        self.again = False
        self._floor = floor
        self._hotline = hotline
        self._drain_s = drain_s
        self._asked = asyncio.Event()

    def restart(self) -> Going:
        """Raises Conflict for a daemon that nobody can start again alone."""
        if not self.may_restart:
            raise Conflict("this daemon runs in one process with its Asterisk (laidian up): stop it and start it", "up")
        self.again = True
        self._asked.set()
        return Going(menus=len(list(self._inside())), drain_s=self._drain_s)

    async def until_drained(self, stop: asyncio.Event) -> None:
        """`stop` is set by each signal: the first lets those inside finish, the second does not wait for anybody."""
        await _either(stop.wait(), self._asked.wait())
        stop.clear()
        notify("STOPPING=1" if not self.again else "RELOADING=1")
        self._hotline.shut()
        log.info("going", menus=len(list(self._inside())), again=self.again, drain_s=self._drain_s)
        await _either(stop.wait(), self._drained())

    async def _drained(self) -> None:
        deadline = time.monotonic() + self._drain_s
        while inside := list(self._inside()):
            if time.monotonic() > deadline:
                log.warning("callers are cut off in the menu, and will hear it from its start", callers=len(inside))
                return
            await asyncio.sleep(LOOK_S)

    def _inside(self) -> Iterator[Conversation]:
        """Who hears a menu, or speaks to the voicemail; neither who waits nor who talks, to whomever."""
        for one in self._floor.conversations.by_id.values():
            served = one.state is InteractionState.SELF_SERVICE and not one.outside and one.outcome is None
            if one.channel and (served or one.detour is not None):
                yield one


async def _either(*waiting: Coroutine[None, None, object]) -> None:
    tasks = [asyncio.create_task(one, name="leaving") for one in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def start_again() -> None:
    """The same command in the same process, so that whoever supervises it sees nothing. Does not return."""
    sys.stdout.flush()
    stand_back()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # ourselves, with our own arguments
