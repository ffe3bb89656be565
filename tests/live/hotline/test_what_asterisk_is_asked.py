"""What the daemon asks of Asterisk while people call, and whose word counts for what an agent does."""

from typing import Any

import pytest

from cti.ami.link import Link
from cti.desk import commands as ask
from cti.events import (
    AgentStateChanged,
    ChannelAnswered,
    ChannelHungUp,
    InteractionConnected,
    InteractionEnded,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
    WaitExplained,
)
from tests.harness.books import wait_cdr
from tests.harness.house import House, until

ORDERS = {"Ping", "Originate", "Hangup", "Setvar", "Getvar", "Bridge", "Redirect", "MixMonitor", "StopMixMonitor"}
"""What changes something, or asks about one channel in particular; all else looks at everything there is."""
SOFT_S = 0.5
"""By how much two clocks may differ on a busy machine: ours, by events, and that of Asterisk's records."""


async def test_pain_07_nothing_is_polled(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole call, and as long afterwards as it takes to see the link looked after: orders, and no lists."""
    sent: list[str] = []
    send = Link.send

    def heard(link: Link, name: str, *rest: Any, **named: Any) -> Any:
        sent.append(name)
        return send(link, name, *rest, **named)

    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.play(1000)
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        monkeypatch.setattr(Link, "send", heard)
        await house.enter_queue(caller)
        await house.wait(InteractionConnected)
        await caller.wait_sound(1.0)
        await caller.hang_up()
        await house.wait(RecordingPublished)
        await until(lambda: sent.count("Ping") >= 2, "the link is looked after")
    assert "Originate" in sent
    assert set(sent) <= ORDERS, sorted(set(sent) - ORDERS)


async def test_pain_13_a_second_channel_of_the_phone_changes_nothing_about_the_conversation(house: House) -> None:
    """The phone is called by somebody else, too: before the conversation is over, and beyond its end."""
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.play(1000)
        await house.talk(caller, agent)
        await house.wait(AgentStateChanged, agent_id="1001", state="busy")
        seen = len(house.of(AgentStateChanged))
        first = await another_call(house)
        await house.wait(ChannelHungUp, channel=first)
        assert len(house.of(AgentStateChanged)) == seen
        assert agent_state(house) == "busy"

        second = await another_call(house, seconds=60)
        await caller.hang_up()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.ask("1001", ask.Ready)
        async with house.caller("13900000002") as next_caller:
            await house.enter_queue(next_caller, count=2)
            await house.wait(WaitExplained)  # a second later, nobody has been found
            assert len(house.of(OfferMade)) == 1, "nobody is offered a call while on the phone"
            await house.daemon.floor.switch.hang_up(second)
            await house.wait(ChannelHungUp, channel=second)
            await house.wait(InteractionConnected, count=2)
            await next_caller.hang_up()
            await house.wait(InteractionEnded, count=2)


async def another_call(house: House, seconds: int = 1) -> str:
    """Its unique id, once it is answered."""
    answered = len(house.of(ChannelAnswered))
    call = {"Channel": "PJSIP/d1001", "Application": "Wait", "Data": str(seconds), "Async": "true"}
    await house.daemon.nodes.nodes[0].ami.action("Originate", call)
    return (await house.wait(ChannelAnswered, count=answered + 1)).channel


def agent_state(house: House) -> str:
    return house.daemon.engine.agent("1001").state.value


@pytest.mark.parametrize("first", ["customer", "agent"])
async def test_pain_17_who_hung_up_and_how_long_they_talked_is_as_asterisk_has_it(house: House, first: str) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.play(1000)
        connected = await house.talk(caller, agent)
        await caller.wait_sound(1.5)
        await (caller if first == "customer" else agent).hang_up()
        ended = await house.wait(InteractionEnded)
        segment = await house.wait(SegmentEnded)
        await caller.wait_closed()
        await agent.wait_closed()
    assert (ended.outcome, ended.ended_by, segment.ended_by) == ("handled", first, first)
    linkedid = next(fact.linkedid for fact in house.facts if hasattr(fact, "linkedid"))
    record = await wait_cdr(house.asterisk.cdr_file, linkedid)
    (leg,) = (line for line in record if line.uniqueid == f"ld-{connected.interaction_id}-1" and line.dstchannel)
    assert abs(segment.talk_s - leg.billed_s) < SOFT_S
    assert abs(connected.at - (leg.answer or 0)) < SOFT_S
    assert abs(ended.at - max(line.end for line in record)) < SOFT_S
