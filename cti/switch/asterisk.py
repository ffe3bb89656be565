"""`Switch` over AMI. The recipes, and what Asterisk does with them, stand in DESIGN section 4 and `dialplan/`."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from cti.ami.codec import variable
from cti.errors import ActionFailed
from cti.events import SpyMode
from cti.switch.permit import Permit
from cti.switch.port import MUTED, NOTE, CallerId, Dial, Ring

SPY_DIGITS: dict[SpyMode, str] = {"listen": "4", "whisper": "5", "barge": "6"}
"""The digits with which ChanSpy's `d` option changes its mode."""

GRACE_S = 5.0
"""The daemon ends an unanswered ring itself; Asterisk's own time-out is only there for when the daemon is gone."""

DIGIT_MS = 120
NO_CHANNEL = "No such channel"
NOT_MONITORED = "Could not stop monitoring channel"
RENAMED_TRIES, RENAMED_S = 5, 0.02
"""A channel that `Bridge()` pulls out of AGI is masqueraded, and for a moment nobody is found under its name."""

Fields = Mapping[str, str | Sequence[str]]


class Ami(Protocol):
    """What the switch needs of `cti.ami.client.AmiClient`."""

    async def action(self, name: str, fields: Fields) -> Mapping[str, str]: ...


class AsteriskSwitch:
    def __init__(self, ami: Ami) -> None:
        self._ami = ami

    async def ring(self, leg: Ring) -> None:
        variables = [variable(name, value) for name, value in leg.variables.items()]
        if leg.auto_answer:
            variables.append("PJSIP_HEADER(add,X-Laidian-Auto)=1")
        if leg.purpose:
            variables.append(f"PJSIP_HEADER(add,X-Laidian-Purpose)={leg.purpose}")
        timeout_s = leg.ring_s + GRACE_S
        await self._originate(leg.channel, f"PJSIP/{leg.endpoint}", leg.context, leg.caller, timeout_s, variables)

    async def dial(self, call: Dial) -> None:
        variables = [variable(name, value) for name, value in call.variables.items()]
        await self._originate(
            call.channel, f"PJSIP/{call.number}@trunk", call.context, call.caller, call.ring_s, variables
        )

    async def _originate(  # noqa: PLR0917  # the fields of one action
        self, channel: str, to: str, context: str, caller: CallerId, timeout_s: float, variables: Sequence[str]
    ) -> None:
        await self._ami.action(
            "Originate",
            {
                "Channel": to,
                "ChannelId": channel,
                "Context": context,
                "Exten": "s",
                "Priority": "1",
                "Timeout": str(int(timeout_s * 1000)),
                "CallerID": _caller_id(caller),
                "Variable": variables,
                "Async": "true",
            },
        )

    async def hang_up(self, channel: str, cause: int = 16) -> None:
        try:
            await self._ami.action("Hangup", {"Channel": channel, "Cause": str(cause)})
        except ActionFailed as error:
            if NO_CHANNEL not in error.message:  # gone already: what was wanted
                raise

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        await self._ami.action("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    async def hold(self, customer: str, agent_leg: str) -> None:
        await self.set_variable(agent_leg, "LD_HOLD", "1")
        await self.on_hold(customer, agent_leg)

    async def on_hold(self, customer: str, holder: str) -> None:
        await self.set_variable(customer, "LD_HOLDER", holder)  # when this leg dies, the customer is not forgotten
        await self._redirect(customer, "ld-hold")

    async def to_flow(self, customer: str, agent_leg: str) -> None:
        await self.set_variable(agent_leg, "LD_HOLD", "1")
        await self.set_variable(customer, "LD_HOLDER", agent_leg)
        await self._redirect(customer, "ld-flow")

    async def resume(self, agent_leg: str) -> None:
        await self._redirect(agent_leg, "ld-agent")

    async def record(self, channel: str, file: str) -> None:
        await self._once_it_is_found("MixMonitor", {"Channel": channel, "File": file, "Options": "D"})

    async def stop_recording(self, channel: str) -> None:
        try:
            await self._ami.action("StopMixMonitor", {"Channel": channel})
        except ActionFailed as error:  # the channel is gone or going, and its recording has ended with it
            if not error.message.startswith((NO_CHANNEL, NOT_MONITORED)):
                raise

    async def silence(self, channel: str, note: str) -> None:
        await self.set_variable(channel, NOTE, note)  # first: a daemon that dies in between must find it
        await self._mute_recordings(channel, on=True)

    async def unsilence(self, channel: str) -> None:
        await self._mute_recordings(channel, on=False)
        await self.set_variable(channel, NOTE, "")

    async def _mute_recordings(self, channel: str, *, on: bool) -> None:
        muted = {"Channel": channel, "Direction": "both", "State": str(int(on))}
        await self._once_it_is_found("MixMonitorMute", muted)

    async def _once_it_is_found(self, action: str, fields: Fields) -> None:
        """For what comes in the moment in which the customer is fetched."""
        for attempt in range(RENAMED_TRIES):
            try:
                await self._ami.action(action, fields)
            except ActionFailed as error:
                if NO_CHANNEL not in error.message or attempt == RENAMED_TRIES - 1:
                    raise
                await asyncio.sleep(RENAMED_S)
            else:
                return

    async def mute(self, leg: str, *, on: bool) -> None:
        if on:
            await self.set_variable(leg, MUTED, "1")
        await self._ami.action("MuteAudio", {"Channel": leg, "Direction": "in", "State": "on" if on else "off"})
        if not on:
            await self.set_variable(leg, MUTED, "")

    async def send_keys(self, leg: str, digits: str) -> None:
        """Each is queued on the leg; sent out on the other's channel instead, each would hold up AMI while it lasts."""
        for digit in digits:
            await self._ami.action(
                "PlayDTMF", {"Channel": leg, "Digit": digit, "Duration": str(DIGIT_MS), "Receive": "true"}
            )

    async def lift(self, leg: str) -> None:
        await self._ami.action("PJSIPNotify", {"Channel": leg, "Variable": "Event=talk"})

    async def variable(self, channel: str, name: str) -> str:
        return (await self._ami.action("Getvar", {"Channel": channel, "Variable": name})).get("Value", "")

    async def to_daemon(self, customer: str) -> None:
        await self._redirect(customer, "ld-transfer")

    async def to_number(self, customer: str, permit: Permit) -> None:
        await self.set_variable(customer, "LD_NUMBER", permit.number)
        await self._redirect(customer, "ld-number")

    async def take_over(self, leg: str, customer: str) -> None:
        await self.set_variable(leg, "LD_CUSTOMER", customer)
        await self._redirect(leg, "ld-takeover")

    async def consult(self, agent_leg: str, customer: str) -> None:
        await self._leave_on_hold(agent_leg, customer, "ld-consult")

    async def not_reached(self, agent_leg: str) -> None:
        await self._redirect(agent_leg, "ld-not-reached")

    async def to_party(self, agent_leg: str, customer: str) -> None:
        await self._leave_on_hold(agent_leg, customer, "ld-room")

    async def _leave_on_hold(self, agent_leg: str, customer: str, context: str) -> None:
        if not customer:
            await self._redirect(agent_leg, context)
            return
        await self.set_variable(agent_leg, "LD_HOLD", "1")  # should Asterisk find the customer gone in between
        await self.set_variable(customer, "LD_HOLDER", agent_leg)
        await self._redirect_both(customer, "ld-hold", agent_leg, context)

    async def to_conference(self, customer: str, agent_leg: str) -> None:
        if agent_leg:
            await self._redirect_both(customer, "ld-conf", agent_leg, "ld-room")
        else:
            await self._redirect(customer, "ld-conf")

    async def spy_on(self, leg: str, target: str) -> None:
        await self.set_variable(leg, "LD_SPY", target)
        await self._redirect(leg, "ld-spy")

    async def spy_mode(self, leg: str, mode: SpyMode) -> None:
        await self._ami.action("PlayDTMF", {"Channel": leg, "Digit": SPY_DIGITS[mode], "Receive": "true"})

    async def _redirect(self, channel: str, context: str) -> None:
        await self._ami.action("Redirect", {"Channel": channel, "Context": context, "Exten": "s", "Priority": "1"})

    async def _redirect_both(self, channel: str, context: str, other: str, other_context: str) -> None:
        """Two who are together part in one step: neither goes on in the dialplan where the other left them."""
        await self._ami.action(
            "Redirect",
            {
                "Channel": channel,
                "Context": context,
                "Exten": "s",
                "Priority": "1",
                "ExtraChannel": other,
                "ExtraContext": other_context,
                "ExtraExten": "s",
                "ExtraPriority": "1",
            },
        )


def _caller_id(caller: CallerId) -> str:
    """`"name" <number>`; what would end the quoting early is left out (a name is text that a stranger chose)."""
    name = "".join(c for c in caller.name if c.isprintable() and c not in '"<>\\')[:80]
    number = "".join(c for c in caller.number if c.isalnum() or c in "+*#")[:40]
    return f'"{name}" <{number}>' if name else f"<{number}>"
