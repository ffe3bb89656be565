"""Asterisk stands still for a while, without closing a connection: it is noticed, and afterwards all goes on."""

import asyncio
import time

from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    LinkLost,
    LinkRestored,
    OfferMade,
    SegmentEnded,
)
from tests.harness.asterisk import frozen
from tests.harness.desk import log_in
from tests.harness.house import House

CUSTOMER, AGENT = 440, 1000
FROZEN_S = 10.0
NOTICED_S = 3.0


async def test_a_pause_of_ten_seconds_costs_nobody_a_call(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.agent("1002") as colleague,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as waiter,
        log_in(house.daemon.url, "2001") as supervisor,
    ):
        await agent.play(AGENT)
        await talker.play(CUSTOMER)
        await colleague.answer_all(after=0.1)
        talk = await house.talk(talker, agent)
        waiting = await house.enter_queue(waiter, "3", count=2)
        await talker.wait_hears({AGENT})
        before = len(house.facts)

        async with frozen(house.asterisk) as since:
            lost = await house.wait(LinkLost)
            assert lost.at - since < NOTICED_S
            await supervisor.wait("system", "daemon", link=False)
            await house.ready("1002")  # whose queue has somebody waiting: signed in, and offered nothing yet
            await asyncio.sleep(max(0.0, since + FROZEN_S - time.time()))
            assert not house.of(OfferMade, agent_id="1002")

        await house.wait(LinkRestored)
        await supervisor.wait("system", "daemon", link=True)
        connected = await house.wait(InteractionConnected, interaction_id=waiting.interaction_id)
        assert connected.agent_id == "1002"
        await talker.wait_hears({AGENT}, steady_s=1.0)
        await agent.wait_hears({CUSTOMER}, steady_s=1.0)
        told = house.facts[before:]
        assert not [fact for fact in told if isinstance(fact, InteractionEnded | SegmentEnded | InteractionOverflowed)]
        assert not [fact for fact in told if isinstance(fact, AgentStateChanged) and fact.agent_id == "1001"]
        for caller in (talker, waiter):
            await caller.hang_up()
        for interaction in (talk.interaction_id, waiting.interaction_id):
            ended = await house.wait(InteractionEnded, interaction_id=interaction)
            assert (ended.outcome, ended.ended_by, ended.certain) == ("handled", "customer", True)
