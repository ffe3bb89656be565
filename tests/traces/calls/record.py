"""Records the traces in this folder again, from real phones on a real Asterisk: `python -m tests.traces.calls.record`.

For each scenario `<name>.ami` is every byte that the daemon's manager account received, and `<name>.facts.json` what
the mirror made of it, one fact a line. Review both before committing: together they are the specification.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from cti.ami.codec import Decoder
from cti.ami.messages import Event
from cti.calls.tracker import WANTED, Tracker
from cti.simulated.phone import Phone
from tests.harness.ami_tap import AmiTap
from tests.harness.lab import Lab, open_lab

HERE = Path(__file__).parent
CUSTOMER = "13800138000"
LEG = "ld-0000000000001-1"
SPY = "lds-0000000000001-1"

Scenario = Callable[[Lab, AmiTap], Awaitable[None]]


async def waiting(tap: AmiTap, caller: Phone) -> str:
    """Dial the hotline; returns the customer's unique id once they hear music."""
    await caller.play(440)
    await caller.dial("4000")
    await caller.wait_established()
    await caller.wait_sound(0.2)
    return (await tap.wait_event("Newchannel"))["Uniqueid"]


async def ring(tap: AmiTap, endpoint: str, customer: str, leg: str = LEG, exten: str = "ld-agent") -> None:
    variables = [f"LD_CUSTOMER={customer}", f"LD_SPY={LEG}"]
    where = {"Context": exten, "Exten": "s", "Priority": "1", "Timeout": "20000", "Async": "true"}
    caller_id = f'"王小明" <{CUSTOMER}>'
    fields = {"Channel": f"PJSIP/{endpoint}", "ChannelId": leg, "CallerID": caller_id, **where}
    await tap.act("Originate", {**fields, "Variable": variables})


async def talking(lab: Lab, tap: AmiTap, caller: Phone, agent: Phone) -> str:
    customer = await waiting(tap, caller)
    await agent.play(1000)
    await agent.answer_all(after=0.05)
    await ring(tap, agent.setup.user, customer)
    await agent.wait_hears({440})
    await caller.wait_hears({1000})
    assert lab.waiting.keys == []
    return customer


async def answered_and_the_caller_hangs_up(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.caller(CUSTOMER, "王小明") as caller:
        await talking(lab, tap, caller, agent)
        await tap.list_action("PJSIPShowEndpoints")
        await tap.list_action("CoreShowChannels")
        await caller.hang_up()
        await agent.wait_closed()


async def answered_and_the_agent_hangs_up(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.caller(CUSTOMER, "王小明") as caller:
        await talking(lab, tap, caller, agent)
        await agent.hang_up()
        await caller.wait_closed()


async def the_caller_hangs_up_in_the_menu(lab: Lab, tap: AmiTap) -> None:
    async with lab.caller(CUSTOMER) as caller:
        await waiting(tap, caller)
        await caller.hang_up()


async def the_caller_hangs_up_while_the_agent_rings(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.caller(CUSTOMER) as caller:
        customer = await waiting(tap, caller)
        await ring(tap, "d1001", customer)
        await agent.wait_call()
        await caller.hang_up()
        await tap.wait_event("Hangup", Uniqueid=customer)
        await tap.action("Hangup", Channel=LEG)
        await agent.wait_closed()


async def the_agent_declines_and_the_next_answers(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.agent("1002") as other, lab.caller(CUSTOMER) as caller:
        customer = await waiting(tap, caller)
        await ring(tap, "d1001", customer)
        await agent.wait_call()
        await agent.decline()
        await tap.wait_event("Hangup", Uniqueid=LEG)
        await other.answer_all()
        await ring(tap, "d1002", customer, "ld-0000000000001-2")
        await other.wait_hears({440})
        await other.hang_up()
        await caller.wait_closed()


async def the_agent_does_not_answer(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.caller(CUSTOMER) as caller:
        customer = await waiting(tap, caller)
        await ring(tap, "d1001", customer)
        await agent.wait_call()
        await asyncio.sleep(0.5)
        await tap.action("Hangup", Channel=LEG)
        await agent.wait_closed()
        await caller.hang_up()


async def the_agent_is_offline(lab: Lab, tap: AmiTap) -> None:
    async with lab.caller(CUSTOMER) as caller:
        customer = await waiting(tap, caller)
        await ring(tap, "d1001", customer)
        await tap.wait_event("OriginateResponse", Uniqueid=LEG)
        await caller.hang_up()


async def held_and_resumed(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.caller(CUSTOMER) as caller:
        customer = await talking(lab, tap, caller, agent)
        name = (await tap.wait_event("Newchannel"))["Channel"]
        await tap.action("Setvar", Channel=LEG, Variable="LD_HOLD", Value="1")
        await tap.action("Setvar", Channel=name, Variable="LD_HOLDER", Value=LEG)
        await tap.action("Redirect", Channel=name, Context="ld-hold", Exten="s", Priority="1")
        await agent.wait_hears(())
        await tap.list_action("CoreShowChannels")
        leg = (await tap.wait_event("Newchannel", Uniqueid=LEG))["Channel"]
        await tap.action("Redirect", Channel=leg, Context="ld-agent", Exten="s", Priority="1")
        await agent.wait_hears({440})
        await caller.hang_up()
        await agent.wait_closed()
        assert customer


async def taken_over_by_a_supervisor(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.agent("1002") as boss, lab.caller(CUSTOMER) as caller:
        customer = await talking(lab, tap, caller, agent)
        await boss.play(2000)
        await boss.answer_all()
        await ring(tap, "d1002", customer, SPY)
        await caller.wait_hears({2000})
        await agent.wait_closed()
        await caller.hang_up()
        await boss.wait_closed()


async def barged_in_by_a_supervisor(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.agent("1002") as boss, lab.caller(CUSTOMER) as caller:
        await talking(lab, tap, caller, agent)
        await boss.play(2000)
        await boss.answer_all()
        await ring(tap, "d1002", "", SPY, "ld-spy")
        await boss.wait_hears({440, 1000}, 5)
        spy = (await tap.wait_event("Newchannel", Uniqueid=SPY))["Channel"]
        for digit, heard_by_agent, heard_by_caller in (("5", {440, 2000}, {1000}), ("6", {440, 2000}, {1000, 2000})):
            await tap.action("PlayDTMF", Channel=spy, Digit=digit, Receive="true")
            await agent.wait_hears(heard_by_agent, 5)
            await caller.wait_hears(heard_by_caller, 5)
        await caller.hang_up()
        await agent.wait_closed()
        await boss.wait_closed()


async def a_conference_of_three(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.agent("1002") as other, lab.caller(CUSTOMER) as caller:
        await talking(lab, tap, caller, agent)
        await other.play(2000)
        await other.answer_all()
        name = (await tap.wait_event("Newchannel"))["Channel"]
        leg = (await tap.wait_event("Newchannel", Uniqueid=LEG))["Channel"]
        for channel in (name, leg):
            await tap.action("Setvar", Channel=channel, Variable="LD_CONF", Value="c1")
        where = {"Context": "ld-conf", "Exten": "s", "Priority": "1"}
        extra = {"ExtraChannel": leg, "ExtraContext": "ld-conf", "ExtraExten": "s", "ExtraPriority": "1"}
        await tap.act("Redirect", {"Channel": name, **where, **extra})
        fields = {
            "Channel": "PJSIP/d1002",
            "ChannelId": "ld-0000000000001-2",
            "Async": "true",
            "Variable": "LD_CONF=c1",
        }
        await tap.act("Originate", {**fields, **where})
        await caller.wait_hears({1000, 2000}, 5)
        await other.wait_hears({440, 1000}, 5)
        await caller.hang_up()
        await agent.hang_up()
        await other.hang_up()


async def transferred_to_a_number(lab: Lab, tap: AmiTap) -> None:
    async with lab.agent("1001") as agent, lab.outside() as outside, lab.caller(CUSTOMER) as caller:
        await talking(lab, tap, caller, agent)
        await outside.play(800)
        await outside.answer_all(after=0.1)
        name = (await tap.wait_event("Newchannel"))["Channel"]
        await tap.action("Setvar", Channel=name, Variable="LD_NUMBER", Value="02166668888")
        await tap.action("Redirect", Channel=name, Context="ld-number", Exten="s", Priority="1")
        await agent.wait_closed()
        await outside.wait_hears({440})
        await caller.wait_hears({800})
        await outside.hang_up()
        await caller.wait_closed()


SCENARIOS: tuple[Scenario, ...] = (
    answered_and_the_caller_hangs_up,
    answered_and_the_agent_hangs_up,
    the_caller_hangs_up_in_the_menu,
    the_caller_hangs_up_while_the_agent_rings,
    the_agent_declines_and_the_next_answers,
    the_agent_does_not_answer,
    the_agent_is_offline,
    held_and_resumed,
    taken_over_by_a_supervisor,
    barged_in_by_a_supervisor,
    a_conference_of_three,
    transferred_to_a_number,
)


def facts_of(raw: bytes) -> list[bytes]:
    tracker = Tracker()
    events = [message for message in Decoder(WANTED).feed(raw) if isinstance(message, Event)]
    return [msgspec.json.encode(fact) for event in events for fact in tracker.feed(event, 0.0)]


async def record(scenario: Scenario) -> None:
    name = str(getattr(scenario, "__name__", ""))
    with tempfile.TemporaryDirectory() as folder:
        async with open_lab(Path(folder)) as lab, lab.tap() as tap:
            await scenario(lab, tap)
            await tap.wait_until(lambda: all_gone(tap), 10, "the end of all channels")
            await asyncio.sleep(0.2)
            raw = bytes(tap.raw)
    (HERE / f"{name}.ami").write_bytes(raw)
    (HERE / f"{name}.facts.json").write_bytes(b"\n".join(facts_of(raw)) + b"\n")
    print(f"{name}: {len(raw)} bytes")


def all_gone(tap: AmiTap) -> bool:
    made = {event["Uniqueid"] for event in tap.events if event.name == "Newchannel"}
    gone = {event["Uniqueid"] for event in tap.events if event.name == "Hangup"}
    return bool(made) and made <= gone


async def main() -> None:
    for scenario in SCENARIOS:
        if not sys.argv[1:] or getattr(scenario, "__name__", "") in sys.argv[1:]:
            await record(scenario)


if __name__ == "__main__":
    asyncio.run(main())
