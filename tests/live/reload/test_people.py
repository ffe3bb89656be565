"""People of the database who come, change and go while the daemon runs."""

import asyncio
import time

import msgspec
import pytest

from cti.desk import commands as ask
from cti.errors import NotFound
from cti.events import AgentStateChanged, InteractionConnected, InteractionEnded, OfferMade, SegmentEnded
from cti.store.users import User
from tests.harness.desk import cheap_hash, log_in
from tests.harness.house import House, until
from tests.harness.listening import CUT_S, longest_without
from tests.live.reload.reloading import change_queue, reloaded

CUSTOMER, AGENT = 440, 1000


async def change_person(house: House, login: str, **values: object) -> None:
    users = house.daemon.store.users
    await users.update(msgspec.structs.replace(await users.get(login), **values))


async def test_somebody_new_gets_calls_without_a_restart(house: House) -> None:
    new = User(login="1007", name="周敏", role="agent", password_hash=cheap_hash("1007"), extension="1007")
    await house.daemon.store.users.add(new, at=time.time())
    await change_person(house, "1007", queues=("after_sales",))
    assert await reloaded(house) == ["1 person added: 1007"]
    async with house.agent("1007") as agent, house.caller() as caller:
        await agent.answer_all(after=0.1)
        await house.ready("1007")
        await house.enter_queue(caller)
        await house.wait(InteractionConnected, agent_id="1007")
        async with log_in(house.daemon.url, "1007") as desk:
            await desk.wait("me", name="周敏", state="busy")


async def test_an_idle_agent_who_learns_what_is_needed_is_offered_at_once(house: House) -> None:
    change_queue(house, "after_sales", skills={"german": 5})
    await reloaded(house)
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        queued = await house.enter_queue(caller)
        assert not house.of(OfferMade)
        await change_person(house, "1001", skills={"german": 5}, branch="north")
        assert await reloaded(house) == ["1 person changed: 1001 (skills, branch none -> north)"]
        assert house.of(OfferMade, interaction_id=queued.interaction_id, agent_id="1001")
        await house.wait(InteractionConnected)


async def test_who_is_disabled_finishes_the_conversation_and_is_gone_then(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(caller, agent)
        await caller.wait_hears({AGENT})
        since = time.time()
        async with log_in(house.daemon.url, "1001") as desk:
            await change_person(house, "1001", disabled=True)
            assert (await reloaded(house))[0] == "1 person removed: 1001"
            await desk.wait("me", state="busy", pending="logged_out")
            await asyncio.sleep(0.5)
            assert longest_without(caller.call, AGENT, since, time.time()) < CUT_S
            await caller.hang_up()
            segment = await house.wait(SegmentEnded, interaction_id=talk.interaction_id)
            ended = await house.wait(InteractionEnded)
            with pytest.raises((AssertionError, ConnectionError)):  # the page is closed
                await desk.wait("me", state="never")
        await until(lambda: "1001" not in house.daemon.roster.members, "1001 is gone")
        await until(lambda: "1001" not in house.daemon.hub.entities("agents"), "the tile is gone")
    assert (segment.ended_by, ended.outcome) == ("customer", "handled")
    (last,) = house.of(AgentStateChanged, agent_id="1001", state="logged_out")
    assert last.previous in {"busy", "wrap_up"}
    with pytest.raises(NotFound):
        house.actor("1001")
    with pytest.raises(AssertionError, match="log-in of 1001: 401"):
        async with log_in(house.daemon.url, "1001"):
            pass


async def test_who_is_disabled_and_enabled_again_during_the_conversation_stays(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await house.talk(caller, agent)
        await change_person(house, "1001", disabled=True)
        await house.daemon.reload()
        await change_person(house, "1001", disabled=False)
        await house.daemon.reload()
        await caller.hang_up()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.ask("1001", ask.Ready)
        await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="wrap_up")
    assert not house.of(AgentStateChanged, agent_id="1001", state="logged_out")


async def test_a_person_of_whom_nothing_can_be_made_stops_the_reload(house: House) -> None:
    await change_person(house, "1002", weight=-1.0)
    change_queue(house, "operator", priority=9)
    before = house.daemon.engine.queues()
    with pytest.raises(AssertionError, match="agent 1002: the weight must be above 0"):
        await reloaded(house)
    assert house.daemon.engine.queues() == before
