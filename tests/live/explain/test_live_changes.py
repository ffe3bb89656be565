"""What is changed while somebody waits counts at once, with real callers and phones."""

import asyncio

from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionPrioritised, InteractionQueued, OfferMade
from tests.harness.house import House


async def test_an_idle_agent_who_joins_a_queue_gets_the_caller_who_waits_there(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        await house.ask("1001", ask.LeaveQueue, queue="after_sales")
        queued = await house.enter_queue(caller)
        await asyncio.sleep(1.5)
        assert not house.of(OfferMade)
        joined_at = house.daemon.floor.clock()
        await house.ask("1001", ask.JoinQueue, queue="after_sales")
        offer = await house.wait(OfferMade, interaction_id=queued.interaction_id)
        assert offer.at - joined_at < 3
        await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
    assert (await house.daemon.store.users.get("1001")).absent_from == ()


async def test_a_skill_that_is_raised_brings_the_caller_at_once(house: House) -> None:
    """The caller's menu asks for nothing; the queue asks for what the agent learns."""
    rules = house.daemon.engine.queues()
    assert rules
    async with house.agent("1002") as agent, house.caller() as caller:
        await agent.answer_all(after=0.1)
        await house.ready("1002")
        queued = await house.enter_queue(caller)
        await asyncio.sleep(1.5)
        assert not house.of(OfferMade)
        changed_at = house.daemon.floor.clock()
        await house.ask("2001", ask.Assign, agent_id="1002", queues=("complaints", "after_sales"), skills={"zh": 7})
        offer = await house.wait(OfferMade, interaction_id=queued.interaction_id)
        assert (offer.agent_id, offer.at - changed_at < 3) == ("1002", True)
        await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
    kept = await house.daemon.store.users.get("1002")
    assert (kept.queues, kept.skills) == (("complaints", "after_sales"), {"zh": 7})


async def test_a_caller_who_is_brought_to_the_front_overtakes(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as first,
        house.caller("13900000002") as second,
    ):
        await agent.answer_all(after=0.1)
        before = await house.enter_queue(first)
        after = await house.enter_queue(second, count=2)
        await house.ask("2001", ask.Prioritise, interaction_id=after.interaction_id)
        await house.ready("1001")
        connected = await house.wait(InteractionConnected)
        assert connected.interaction_id == after.interaction_id
        assert house.daemon.engine.position(before.interaction_id) == 1
    (changed,) = house.of(InteractionPrioritised)
    assert changed.priority == before.priority + 1


async def test_a_caller_who_is_moved_is_served_there_with_the_old_waiting_time(house: House) -> None:
    async with house.agent("1002") as agent, house.caller() as caller:
        await agent.play(1000)
        await caller.play(440)
        await agent.answer_all(after=0.1)
        await house.ready("1002")
        queued = await house.enter_queue(caller)
        await asyncio.sleep(3)
        await house.ask("2001", ask.MoveToQueue, interaction_id=queued.interaction_id, queue="complaints")
        connected = await house.wait(InteractionConnected)
        await caller.wait_hears({1000})
        await agent.wait_hears({440})
    assert (connected.agent_id, connected.queue) == ("1002", "complaints")
    assert 3 <= connected.waited_s < 20
    assert house.of(InteractionQueued)[-1].queued_at == queued.queued_at
