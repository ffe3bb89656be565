"""The daemon does not come back in time: Asterisk's own queue finds an agent."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.events import InteractionEnded
from tests.harness.apart import Apart, open_apart
from tests.harness.listening import sound_share

CUSTOMER, AGENT = 440, 1000
PATIENCE_S = 3


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path, patience_s=PATIENCE_S) as opened:
        yield opened


async def test_a_waiting_caller_ends_up_with_an_agent(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        await house.enter_queue(caller)  # nobody is signed in
        call = caller.call
        await house.daemon.kill()
        killed = time.time()
        rung = await agent.wait_call(within=PATIENCE_S + 5)
        assert PATIENCE_S - 1 < rung.invite_at - killed < PATIENCE_S + 2
        await caller.wait_sound(0.5)
        assert sound_share(call, killed + 0.5, time.time()) > 0.9
        await agent.answer()
        await caller.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        await caller.wait_hears({AGENT}, steady_s=1.0)
        await agent.hang_up()
        await caller.wait_closed()


async def test_a_caller_who_calls_meanwhile_ends_up_with_an_agent_too(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        await house.daemon.kill()
        await caller.dial("4000")
        await caller.wait_established()
        await caller.wait_sound(1.0)
        await caller.wait_hears({AGENT}, within=PATIENCE_S + 6)
        await caller.hang_up()
        await agent.wait_closed()


async def test_the_daemon_comes_back_while_the_fallback_talks(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        place = await house.enter_queue(caller)
        await house.daemon.kill()
        await caller.wait_hears({AGENT}, within=PATIENCE_S + 6)
        await house.start()
        await caller.wait_hears({AGENT}, steady_s=1.0)
        await agent.wait_hears({CUSTOMER})
        await caller.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=place.interaction_id)
        await agent.wait_closed()
    assert ended.outcome == "handled"
