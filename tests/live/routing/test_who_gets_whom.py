"""Skills that are asked less of as time passes, VIPs, and the customer's own agent: real calls, with a clock beside."""

from pathlib import Path

from cti.events import InteractionConnected, InteractionQueued, OfferMade
from tests.live.routing.straight import customer, enter, straight_house

EVERYBODY = {agent: {"queues": ("after_sales",)} for agent in ("1001", "1002", "1003")}


async def test_a_skill_is_asked_less_of_as_time_passes(tmp_path: Path) -> None:
    rules = {"skills": {"zh": 5}, "relax": [{"after_s": 4, "skills": {"zh": 2}}]}
    people = {"1001": {"queues": ("after_sales",), "skills": {"zh": 2}}}
    async with (
        straight_house(tmp_path, people, after_sales=rules) as house,
        house.agent("1001") as agent,
        house.caller() as caller,
    ):
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        queued = await enter(house, caller)
        offer = await house.wait(OfferMade)
        await house.wait(InteractionConnected, agent_id="1001")
    assert 3.9 < offer.at - queued.at < 7


async def test_a_vip_goes_first_and_the_others_keep_their_order(tmp_path: Path) -> None:
    async with (
        straight_house(tmp_path, EVERYBODY, after_sales={"vip_points": 5}) as house,
        house.agent("1001") as agent,
        house.caller("13900000001") as one,
        house.caller("13900000002") as two,
        house.caller("13900000003") as vip,
    ):
        await customer(house, "13900000003", vip=2)
        for caller in (one, two, vip):
            await enter(house, caller)
        await agent.play(1000)
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        for count, caller in enumerate((vip, one, two), 1):
            await house.wait(InteractionConnected, count=count)
            await caller.wait_hears({1000})
            await caller.hang_up()
        order = [talk.interaction_id for talk in house.of(InteractionConnected)]
    came = [queued.interaction_id for queued in house.of(InteractionQueued)]
    assert order == [came[2], came[0], came[1]]


async def test_the_customers_own_agent_is_waited_for_and_then_anybody_serves(tmp_path: Path) -> None:
    async with (
        straight_house(tmp_path, EVERYBODY, after_sales={"preferred_wait_s": 4}) as house,
        house.agent("1001") as named,
        house.agent("1002") as other,
        house.caller("13900000001") as first,
        house.caller("13900000002") as regular,
    ):
        await customer(house, "13900000002", agent_id="1001")
        await named.answer_all(after=0.1)
        await house.ready("1001")
        await enter(house, first)
        await house.wait(InteractionConnected, agent_id="1001")  # the named agent is busy
        await other.answer_all(after=0.1)
        await house.ready("1002")
        queued = await enter(house, regular)
        offer = await house.wait(OfferMade, count=2)
        assert (offer.interaction_id, offer.agent_id) == (queued.interaction_id, "1002")
    assert 3.9 < offer.at - queued.at < 7
