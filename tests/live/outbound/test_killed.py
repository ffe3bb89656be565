"""`kill -9` while an agent calls a customer, and while they talk: nobody is dialled twice, and who talks talks on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.events import CallPlaced, InteractionConnected, InteractionEnded, RecordingPublished
from tests.harness.apart import Apart, open_apart
from tests.harness.desk import Desk
from tests.live.outbound.conftest import OUTBOUND

CUSTOMER, AGENT = 440, 1000
NUMBER = "+8613900000001"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path, outbound={**OUTBOUND, "ring_s": 30}) as opened:
        yield opened


async def dial(desk: Desk) -> str:
    result = await desk.ask(ask.DialOut, kind="number", target=NUMBER)
    assert result is not None
    interaction: str = result["interaction_id"]
    return interaction


@pytest.mark.parametrize("answers", ["meanwhile", "afterwards"])
async def test_while_the_customers_phone_rings(house: Apart, answers: str) -> None:
    async with house.agent("1001") as agent, house.outside() as home:
        await home.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        async with house.desk("1001") as desk:
            interaction = await dial(desk)
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
        async with house.desk("1001") as desk:
            call = await desk.wait("call", phase="connected", direction="out")
            assert (call["interaction_id"], call["number"]) == (interaction, NUMBER)
            await desk.wait("me", state="busy")
            await house.daemon.kill()  # while they talk
            await house.start()
        await agent.wait_hears({CUSTOMER}, steady_s=1.0)
        async with house.desk("1001") as desk:
            await desk.wait("call", phase="connected", direction="out")
            await home.hang_up()
            await desk.wait("me", state="wrap_up")
            await desk.wait("me", state="ready")
        ended = await house.books.wait(InteractionEnded, interaction_id=interaction)
        await house.books.wait(RecordingPublished, interaction_id=interaction)
        assert len(home.calls) == 1
    assert (ended.outcome, ended.ended_by) == ("handled", "customer")
    (connected,) = house.books.of(InteractionConnected)
    assert (connected.agent_id, connected.how) == ("1001", "dialled")
    row = house.books.interaction(interaction)
    assert (row["direction"], row["medium"], row["channel"]) == ("out", "voice", f"ldo-{interaction}-1")


async def test_before_anybody_was_dialled(house: Apart) -> None:
    async with house.agent("1001") as agent, house.outside() as home:
        await house.ready("1001")
        async with house.desk("1001") as desk:
            interaction = await dial(desk)
        await agent.wait_call()
        await house.books.wait(CallPlaced)
        await house.daemon.kill()
        await agent.answer()
        await house.start()
        ended = await house.books.wait(InteractionEnded, interaction_id=interaction)
        await agent.wait_closed()
        await asyncio.sleep(3)
        assert not home.calls
    assert (ended.outcome, ended.certain) == ("failed", False)
