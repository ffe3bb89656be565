"""Looks at Asterisk over its manager, with the daemon's own account."""

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from cti.ami.age import EventAge
from cti.ami.client import Account, Timing, dial, version_of
from cti.ami.link import Link
from cti.ami.messages import Event, Response
from cti.doctor.dialplan import loaded
from cti.doctor.observed import AsteriskSeen, Step
from cti.errors import ActionFailed, CtiError

NEEDED: Final = (
    "CoreShowChannels", "CoreStatus", "Getvar", "Hangup", "MixMonitor", "MixMonitorMute", "ModuleCheck", "ModuleLoad",
    "MuteAudio", "Originate", "PJSIPShowEndpoints", "PlayDTMF", "Redirect", "Setvar", "StopMixMonitor",
)  # fmt: skip
"""Actions of the daemon (`cti/switch/asterisk.py`, `cti/nodes/node.py`)."""
MODULES: Final = (
    "chan_pjsip", "app_chanspy", "app_mixmonitor", "app_bridgewait", "app_confbridge", "app_queue", "res_agi",
    "res_musiconhold", "res_rtp_asterisk", "res_http_websocket", "codec_alaw", "codec_ulaw",
)  # fmt: skip
DIAL_MS: Final = 5000
CHANNEL: Final = "Newchannel"


async def look_at_asterisk(account: Account, contexts: Iterable[str], timing: Timing | None = None) -> AsteriskSeen:
    """`contexts`: the names of those that we ship. It makes one call, to nobody, which is over in a moment."""
    timing, events = timing or Timing(), list[Event]()
    try:
        link = await dial(account, frozenset({CHANNEL}), events.append, EventAge(), timing)
    except CtiError as error:
        return AsteriskSeen(trouble=str(error))
    look = _Look(link, timing)
    try:
        refused = await look.refused()
        agi = await look.reaches_the_daemon() if "Originate" not in refused else None
        return AsteriskSeen(
            version=await version_of(link, timing.action_s),
            refused=refused,
            events=bool(events) if agi is not None else None,
            unloaded=await look.unloaded() if "ModuleCheck" not in refused else (),
            skew_s=await look.skew_s(),
            agi=agi,
            endpoints=await look.endpoints() if "PJSIPShowEndpoints" not in refused else frozenset(),
            contexts=await look.contexts(contexts),
        )
    except CtiError as error:
        return AsteriskSeen(trouble=str(error))
    finally:
        link.abort("the doctor has seen enough")


class _Look:
    def __init__(self, link: Link, timing: Timing) -> None:
        self._link, self._timing = link, timing

    async def _ask(self, action: str, /, **fields: str) -> Response:
        response: Response = await self._link.send(action, fields, deadline_s=self._timing.action_s)
        return response

    async def _list(self, action: str, /, **fields: str) -> list[Event]:
        items: list[Event] = await self._link.send(action, fields, deadline_s=self._timing.list_s, wants_list=True)
        return items

    async def refused(self) -> tuple[str, ...]:
        allowed = await self._ask("ListCommands")
        return tuple(action for action in NEEDED if action not in allowed)

    async def unloaded(self) -> tuple[str, ...]:
        return tuple([module for module in MODULES if not await self._done("ModuleCheck", Module=module)])

    async def _done(self, action: str, /, **fields: str) -> bool:
        try:
            await self._ask(action, **fields)
        except ActionFailed:
            return False
        return True

    async def skew_s(self) -> float | None:
        sent = time.time()
        stamp = (await self._ask("Ping")).get("Timestamp", "")
        try:
            return float(stamp) - (sent + time.time()) / 2
        except ValueError:
            return None

    async def reaches_the_daemon(self) -> bool:
        """Asterisk's own dialplan connects to the daemon, and is answered."""
        fields = {"Channel": "Local/agi@ld-doctor/n", "Application": "Wait", "Data": "0.1", "Timeout": str(DIAL_MS)}
        try:
            await self._link.send("Originate", fields, deadline_s=DIAL_MS / 1000 + 5)
        except ActionFailed:
            return False
        finally:
            await asyncio.sleep(0.2)  # for the events of that call
        return True

    async def endpoints(self) -> frozenset[str]:
        return frozenset(item.get("ObjectName", "") for item in await self._list("PJSIPShowEndpoints"))

    async def contexts(self, names: Iterable[str]) -> dict[str, frozenset[Step]] | None:
        """None when we may not look."""
        found: dict[str, frozenset[Step]] = {}
        for name in names:
            try:
                items = await self._list("ShowDialPlan", Context=name)
            except ActionFailed as failure:
                if "permission" in failure.message.lower():
                    return None
                continue  # there is no such context
            found[name] = loaded(items).get(name, frozenset())
        return found
