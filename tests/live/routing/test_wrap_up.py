"""Wrap-up by the rules of each queue, its extension up to the limit, its early end: who waits comes at that moment."""

from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.events import AgentStateChanged, InteractionConnected, OfferMade
from cti.simulated.phone import Phone
from tests.harness.house import House
from tests.live.routing.straight import enter, straight_house

RULES = {
    "after_sales": {"wrap_up_s": 2, "wrap_up_limit_s": 4},
    "complaints": {"wrap_up_s": 60, "wrap_up_limit_s": 120},
}
TONE = 1000


async def wraps_up(house: House, caller: Phone, turn: int) -> AgentStateChanged:
    """The agent's `turn`-th wrap-up, after this caller was heard and has hung up."""
    await caller.wait_hears({TONE})
    await caller.hang_up()
    return await house.wait(AgentStateChanged, state="wrap_up", previous="busy", count=turn)


async def comes_at_that_moment(house: House, turn: int) -> float:
    """When the agent's `turn`-th wrap-up ended: the next caller is offered just then, and nobody before."""
    ready = await house.wait(AgentStateChanged, state="ready", previous="wrap_up", count=turn)
    offer = await house.wait(OfferMade, count=turn + 1)
    assert 0 <= offer.at - ready.at < 1
    return ready.at


async def test_a_wrap_up_is_as_long_as_its_queue_says_or_as_the_agent_needs(tmp_path: Path) -> None:
    people = {"1001": {"queues": ("after_sales", "complaints")}}
    async with (
        straight_house(tmp_path, people, **RULES) as house,
        house.agent("1001") as agent,
        house.caller("13900000001") as one,
        house.caller("13900000002") as two,
    ):
        await agent.play(TONE)
        await agent.answer_all()
        await house.ready("1001")

        await enter(house, one)
        await house.wait(InteractionConnected)
        await enter(house, two)
        ended = await wraps_up(house, one, 1)
        assert ended.until == pytest.approx(ended.at + 2, abs=0.2)
        assert await comes_at_that_moment(house, 1) == pytest.approx(ended.at + 2, abs=1)

        await enter(house, one, "complaints")
        ended = await wraps_up(house, two, 2)
        await house.ask("1001", ask.ExtendWrapUp, seconds=60)  # as far as the limit goes
        longer = await house.wait(AgentStateChanged, state="wrap_up", previous="wrap_up")
        assert longer.until == pytest.approx(ended.at + 4, abs=0.2)
        assert await comes_at_that_moment(house, 2) == pytest.approx(ended.at + 4, abs=1)

        await enter(house, two)
        ended = await wraps_up(house, one, 3)
        assert ended.until == pytest.approx(ended.at + 60, abs=0.2)  # the other queue's wrap-up
        await house.ask(
            "1001", ask.SaveWrapUp, interaction_id=ended.interaction_id, disposition="solved", note="", final=True
        )
        assert await comes_at_that_moment(house, 3) < ended.at + 10
        await two.wait_hears({TONE})
