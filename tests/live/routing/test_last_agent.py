"""Who talked with a customer last is preferred, and waited for while still at work: real calls."""

import asyncio
from pathlib import Path

from cti.desk import commands as ask
from cti.events import AgentStateChanged, InteractionConnected, InteractionEnded, OfferMade
from tests.live.routing.straight import enter, straight_house

RULES = {"preferred": ["last"], "preferred_wait_s": 15}
EVERYBODY = {agent: {"queues": ("after_sales",)} for agent in ("1001", "1002")}


async def test_who_calls_again_gets_the_last_agent_though_another_is_longer_idle_or_wraps_up(tmp_path: Path) -> None:
    async with (
        straight_house(tmp_path, EVERYBODY, after_sales={**RULES, "wrap_up_s": 5}) as house,
        house.agent("1001") as last,
        house.agent("1002") as other,
        house.caller("13900000001") as regular,
    ):
        for phone, tone in ((last, 1000), (other, 1600)):
            await phone.play(tone)
            await phone.answer_all()
        await house.ready("1001")
        await enter(house, regular)
        await regular.wait_hears({1000})
        await house.ready("1002")  # idle from now on, and longer than the last agent ever will be
        await regular.hang_up()
        await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="wrap_up")

        again = await enter(house, regular)
        offer = await house.wait(OfferMade, interaction_id=again.interaction_id)
        await regular.wait_hears({1000})
        assert (offer.agent_id, offer.at - again.queued_at < 3) == ("1001", True)
        await regular.hang_up()
        await house.wait(InteractionEnded, count=2)
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up", count=2)
        assert await house.daemon.store.writer.drain(10)
        await house.ask("1001", ask.ExtendWrapUp, seconds=4)

        once_more = await enter(house, regular)
        free = await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="wrap_up", count=2)
        offer = await house.wait(OfferMade, interaction_id=once_more.interaction_id)
        await regular.wait_hears({1000})
        assert offer.agent_id == "1001"
        assert once_more.queued_at < free.at <= offer.at < min(free.at + 2, once_more.queued_at + 15)
    assert [talk.agent_id for talk in house.of(InteractionConnected)] == ["1001"] * 3


async def test_a_last_agent_who_stays_in_wrap_up_is_waited_for_so_long_and_no_longer(tmp_path: Path) -> None:
    rules = {**RULES, "preferred_wait_s": 3, "wrap_up_s": 60}
    async with (
        straight_house(tmp_path, EVERYBODY, after_sales=rules) as house,
        house.agent("1001") as last,
        house.agent("1002") as other,
        house.caller("13900000001") as regular,
    ):
        for phone, tone in ((last, 1000), (other, 1600)):
            await phone.play(tone)
            await phone.answer_all()
        await house.ready("1001")
        await enter(house, regular)
        await regular.wait_hears({1000})
        await house.ready("1002")
        await regular.hang_up()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        assert await house.daemon.store.writer.drain(10)  # nobody dials again as fast as that
        again = await enter(house, regular)
        await asyncio.sleep(2)
        assert len(house.of(OfferMade)) == 1
        offer = await house.wait(OfferMade, interaction_id=again.interaction_id)
        await regular.wait_hears({1600})
        assert offer.agent_id == "1002"
        assert 3 <= offer.at - again.queued_at < 6
