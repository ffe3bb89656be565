"""`kill -9` around a callback: the customer's phone counts how often it was rung."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.events import (
    CallbackDialled,
    CallbackEnded,
    CallbackRequested,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
)
from cti.simulated.phone import Phone
from tests.harness.apart import Apart, open_apart
from tests.live.callback.conftest import RETRY_S, RING_S, calling_back

CUSTOMER, AGENT = 440, 1000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path, queues=calling_back(ring_s=15)) as opened:
        yield opened


async def asks(house: Apart, caller: Phone) -> CallbackRequested:
    await house.enter_queue(caller)
    await caller.wait_sound(0.5)
    await caller.send_digits("1")
    await asyncio.sleep(1.5)
    await caller.send_digits("1")
    request = await house.books.wait(CallbackRequested, within=30)
    await caller.wait_closed(within=30)
    return request


async def test_pain_20_a_callback_that_waits_outlives_the_daemon_and_is_dialled_once(house: Apart) -> None:
    async with (
        house.agent("1001") as agent,
        house.outside() as home,
        house.caller("13900000001") as caller,
        house.caller("13900000002") as later,
    ):
        await home.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        await home.answer_all(after=0.5)
        request = await asks(house, caller)
        await house.daemon.kill()
        await house.start()
        await house.enter_queue(later)
        back = await house.books.wait(InteractionQueued, interaction_id=request.interaction_id, count=3)
        assert back.queued_at == request.queued_at
        await house.ready("1001")
        talk = await house.books.wait(InteractionConnected)
        await agent.wait_hears({CUSTOMER})
        await home.wait_hears({AGENT})
        await house.daemon.kill()  # a talk that we dialled goes on like any other
        await house.start()
        await agent.wait_hears({CUSTOMER}, steady_s=1.0)
        await home.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=request.interaction_id)
        await later.hang_up()
        assert len(home.calls) == 1
    assert talk.interaction_id == request.interaction_id
    assert ended.outcome == "handled"
    assert [end.end for end in house.books.of(CallbackEnded)] == ["connected"]
    row = house.books.interaction(request.interaction_id)
    assert (row["medium"], row["channel"]) == ("callback", f"ldc-{request.interaction_id}-1")


@pytest.mark.parametrize("answers", ["meanwhile", "afterwards"])
async def test_pain_20_the_daemon_dies_while_the_customers_phone_rings(house: Apart, answers: str) -> None:
    async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
        await home.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        request = await asks(house, caller)
        await house.ready("1001")
        await home.wait_call()
        await house.daemon.kill()
        if answers == "meanwhile":
            await home.answer()
            await agent.wait_hears({CUSTOMER})
        await house.start()
        if answers == "afterwards":
            await home.answer()
        await agent.wait_hears({CUSTOMER}, steady_s=1.0)
        await home.wait_hears({AGENT})
        await home.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=request.interaction_id)
        await agent.wait_closed()
        await asyncio.sleep(RETRY_S + 2)
        assert len(home.calls) == 1
    assert ended.outcome == "handled"
    assert [end.end for end in house.books.of(CallbackEnded)] == ["connected"]
    assert [dialled.attempts for dialled in house.books.of(CallbackDialled)] == [1]


async def test_pain_20_an_attempt_that_was_made_counts_after_the_daemon_died(house: Apart) -> None:
    """Two attempts at most: the first in a daemon that is killed while the phone rings, one in the next daemon."""
    async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
        await agent.answer_all(after=0.1)
        request = await asks(house, caller)
        await house.ready("1001")
        first = await home.wait_call()
        await house.daemon.kill()
        await home.decline()
        await agent.hang_up()
        await house.start()
        await house.ready("1001")
        second = await home.wait_call(within=15 + RETRY_S + 20, number=2)
        await home.decline()
        ended = await house.books.wait(CallbackEnded)
        await asyncio.sleep(RETRY_S + 2)
        assert len(home.calls) == 2
    assert second.invite_at - first.invite_at > RETRY_S + RING_S
    assert (ended.interaction_id, ended.end, ended.attempts) == (request.interaction_id, "gave_up", 2)
    dialled = house.books.of(CallbackDialled)
    assert [one.channel for one in dialled] == [f"ldc-{request.interaction_id}-{n}" for n in (1, 2)]


async def test_pain_20_a_second_daemon_dials_nobody(house: Apart) -> None:
    async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
        await home.play(CUSTOMER)
        await agent.answer_all(after=0.1)
        request = await asks(house, caller)
        with pytest.raises(AssertionError, match="exit code 2"):
            await house.start()
        await house.ready("1001")
        await home.wait_call()
        await home.answer()
        await agent.wait_hears({CUSTOMER})
        await home.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=request.interaction_id)
        assert len(home.calls) == 1
    assert ended.outcome == "handled"
