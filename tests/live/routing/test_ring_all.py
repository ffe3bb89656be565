"""A queue that rings all, with real phones that all answer at once: one agent has the caller, every time."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from cti.desk import commands as ask
from cti.events import AgentStateChanged, InteractionConnected, InteractionEnded, OfferEnded, OfferMade, SegmentEnded
from cti.simulated.phone import Phone
from tests.harness.house import House, until
from tests.live.routing.straight import enter, straight_house

ROUNDS = 12
AGENTS = ("1001", "1002", "1003")
TONES = {"1001": 1000, "1002": 1600, "1003": 2600}
CUSTOMER = 440
PEOPLE = {agent: {"queues": ("after_sales",)} for agent in AGENTS}
RING_ALL = {"choice": "ring_all"}


async def everybody(house: House, stack: AsyncExitStack) -> dict[str, Phone]:
    """Their phones, each with a tone of its own; all of them work for after-sales and are ready."""
    phones = {}
    for agent in AGENTS:
        phone = phones[agent] = await stack.enter_async_context(house.agent(agent))
        await phone.play(TONES[agent])
        await house.ready(agent)
    return phones


async def has_the_caller(house: House, phones: dict[str, Phone], caller: Phone, number: int) -> str:
    """The agent who is connected in the `number`-th conversation, after a look at who hears whom."""
    talk = await house.wait(InteractionConnected, count=number)
    winner = talk.agent_id
    await caller.wait_hears({TONES[winner]})
    await phones[winner].wait_hears({CUSTOMER})
    for agent in set(AGENTS) - {winner}:
        await phones[agent].wait_closed()
        await until(lambda agent=agent: house.daemon.engine.agent(agent).state == "ready", f"{agent} is ready")  # type: ignore[misc]
        assert house.daemon.floor.call_of(agent) is None
    assert house.of(InteractionConnected)[number - 1 :] == [talk]
    assert sorted(e.reason for e in house.of(OfferEnded, interaction_id=talk.interaction_id)) == [
        "answered",
        "revoked",
        "revoked",
    ]
    return winner


async def test_pain_08_agents_who_all_answer_at_once_never_share_or_lose_the_caller(tmp_path: Path) -> None:
    async with (
        straight_house(tmp_path, PEOPLE, after_sales=RING_ALL) as house,
        AsyncExitStack() as stack,
        house.caller() as caller,
    ):
        phones = await everybody(house, stack)
        await caller.play(CUSTOMER)
        for phone in phones.values():
            await phone.answer_all()
        for number in range(1, ROUNDS + 1):
            await enter(house, caller)
            await has_the_caller(house, phones, caller, number)
            await caller.hang_up()
            await house.wait(InteractionEnded, count=number)
            await until(lambda: not house.daemon.tracker.channels(), "all channels are gone")
        segments = house.of(SegmentEnded)
    assert [s.ended_by for s in segments] == ["customer"] * ROUNDS
    assert len(house.of(OfferMade)) == ROUNDS * len(AGENTS)


async def test_all_ring_one_declines_one_leaves_and_the_third_answers(tmp_path: Path) -> None:
    async with (
        straight_house(tmp_path, PEOPLE, after_sales=RING_ALL) as house,
        AsyncExitStack() as stack,
        house.caller() as caller,
    ):
        phones = await everybody(house, stack)
        await caller.play(CUSTOMER)
        await enter(house, caller)
        for phone in phones.values():
            await phone.wait_call()
        assert all(house.daemon.floor.call_of(agent) for agent in AGENTS)
        await phones["1001"].decline()
        await house.wait(OfferEnded, agent_id="1001", reason="declined")
        await house.ask("1002", ask.SignOut)
        await house.wait(AgentStateChanged, agent_id="1002", state="logged_out")
        await phones["1002"].wait_closed()
        assert house.daemon.floor.call_of("1002") is None
        await phones["1003"].answer()
        await house.wait(InteractionConnected, agent_id="1003")
        await caller.wait_hears({TONES["1003"]})
    assert [e.reason for e in house.of(OfferEnded)] == ["declined", "revoked", "answered"]


async def test_nobody_answers_and_then_the_caller_goes(tmp_path: Path) -> None:
    async with (
        straight_house(tmp_path, PEOPLE, after_sales=RING_ALL) as house,
        AsyncExitStack() as stack,
        house.caller() as caller,
    ):
        phones = await everybody(house, stack)
        queued = await enter(house, caller)
        await house.wait(OfferEnded, reason="rona", count=3)
        for phone in phones.values():
            await phone.wait_closed()
        assert house.daemon.engine.position(queued.interaction_id) == 1
        await asyncio.gather(*(house.ask(agent, ask.Ready) for agent in AGENTS))
        await house.wait(OfferMade, count=4)
        await caller.hang_up()
        await house.wait(InteractionEnded, outcome="abandoned")
        for phone in phones.values():
            await phone.wait_closed()
        await until(lambda: not house.daemon.tracker.channels(), "all channels are gone")
