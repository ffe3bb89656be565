"""Several queues of one agent, and tiers and branches among several agents: whose turn it is, with real calls."""

from contextlib import AsyncExitStack
from pathlib import Path

from cti.events import AgentStateChanged, InteractionConnected, OfferMade
from tests.live.routing.straight import customer, enter, straight_house


async def test_the_queue_of_higher_priority_goes_first_and_then_who_came_first(tmp_path: Path) -> None:
    """Of QUEUES, complaints has 8 points, after-sales and its English queue 5, the operator 3."""
    queues = ("operator", "after_sales_en", "after_sales", "complaints", "after_sales_en")
    order = (3, 1, 2, 4, 0)
    async with (
        straight_house(tmp_path, {"1001": {"queues": tuple(set(queues))}}) as house,
        house.agent("1001") as agent,
        AsyncExitStack() as stack,
    ):
        callers = [await stack.enter_async_context(house.caller(f"1390000000{n}")) for n in range(len(queues))]
        came = [await enter(house, caller, queue) for caller, queue in zip(callers, queues, strict=True)]
        await agent.play(1000)
        await agent.answer_all()
        await house.ready("1001")
        for turn, place in enumerate(order, 1):
            talk = await house.wait(InteractionConnected, count=turn)
            assert (talk.interaction_id, talk.queue) == (came[place].interaction_id, queues[place])
            await callers[place].wait_hears({1000})
            await callers[place].hang_up()
    assert len(house.of(OfferMade)) == len(queues)


async def test_the_lower_tier_comes_before_who_is_longer_idle(tmp_path: Path) -> None:
    people = {
        "1001": {"queues": ("after_sales",), "tiers": {"after_sales": 2}},
        "1002": {"queues": ("after_sales",), "tiers": {"after_sales": 1}},
    }
    async with (
        straight_house(tmp_path, people, after_sales={"choice": "linear"}) as house,
        house.agent("1001") as second,
        house.agent("1002") as first,
        house.caller("13900000001") as one,
        house.caller("13900000002") as two,
    ):
        for phone, tone in ((second, 1000), (first, 1600)):
            await phone.play(tone)
            await phone.answer_all()
        await house.ready("1001")  # the longest idle of the two
        await house.ready("1002")
        await enter(house, one)
        await one.wait_hears({1600})
        await enter(house, two)  # the first tier is busy
        await two.wait_hears({1000})
        await one.hang_up()
        await house.wait(AgentStateChanged, agent_id="1002", state="ready", previous="busy")
        await two.hang_up()
        await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="busy")
        await enter(house, one)
        await one.wait_hears({1600})
    assert [offer.agent_id for offer in house.of(OfferMade)] == ["1002", "1001", "1002"]


async def test_the_callers_own_branch_comes_before_who_is_longer_idle_and_is_waited_for(tmp_path: Path) -> None:
    people = {
        "1001": {"queues": ("after_sales",), "branch": "beijing"},
        "1002": {"queues": ("after_sales",), "branch": "shanghai"},
    }
    async with (
        straight_house(tmp_path, people, after_sales={"prefer_branch": True, "branch_wait_s": 3}) as house,
        house.agent("1001") as own,
        house.agent("1002") as away,
        house.caller("13900000001") as one,
        house.caller("13900000002") as two,
    ):
        for number in ("13900000001", "13900000002"):
            await customer(house, number, branch="beijing")
        for phone, tone in ((own, 1000), (away, 1600)):
            await phone.play(tone)
            await phone.answer_all()
        await house.ready("1002")  # the longest idle of the two
        await house.ready("1001")
        at_once = await enter(house, one)
        await one.wait_hears({1000})
        waits = await enter(house, two)  # everybody of the branch is busy
        await two.wait_hears({1600})
    near, far = house.of(OfferMade)
    assert (near.agent_id, near.at - at_once.queued_at < 2.5) == ("1001", True)
    assert far.agent_id == "1002"
    assert 3 <= far.at - waits.queued_at < 6
