"""Two Asterisks: each has its own callers and agents, and one of them dies and comes back."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    LinkLost,
    LinkRestored,
    OfferMade,
    SegmentEnded,
)
from tests.harness.asterisk import kill, started_again
from tests.harness.desk import log_in
from tests.harness.house import QUEUES, until
from tests.harness.listening import CUT_S, longest_without, sound_share
from tests.harness.two_nodes import TwoNodes, open_two

NORTHERNER, SOUTHERNER, NORTH_AGENT, SOUTH_AGENT = 440, 600, 1000, 1300


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TwoNodes]:
    both = {name: {**queue, "ring_s": 60, "wrap_up_s": 1} for name, queue in QUEUES.items()}
    async with open_two(tmp_path, queues=both) as opened:
        yield opened


async def test_one_goes_down_and_takes_its_own_calls_only(house: TwoNodes) -> None:
    async with (
        house.agent_at("north", "1001") as north,
        house.agent_at("south", "1002") as south,
        house.caller_at("north", "13900000001") as northerner,
        house.caller_at("south", "13900000002") as southerner,
        house.caller_at("north", "13900000003") as north_waiter,
        house.caller_at("south", "13900000004") as south_waiter,
        log_in(house.daemon.url, "2001") as supervisor,
    ):
        for phone, tone in (
            (north, NORTH_AGENT),
            (south, SOUTH_AGENT),
            (northerner, NORTHERNER),
            (southerner, SOUTHERNER),
        ):
            await phone.play(tone)
        await house.ask("2001", ask.Assign, agent_id="1002", queues=("after_sales", "complaints"))
        for phone, agent_id in ((south, "1002"), (north, "1001")):
            await phone.answer_all(after=0.1)
            await house.ready(agent_id)

        # 1002 has been idle for longer, and is passed over: the caller is in the north, that phone in the south.
        first = await house.enter_queue(northerner)
        talk = await house.wait(InteractionConnected, interaction_id=first.interaction_id)
        assert talk.agent_id == "1001"
        assert house.daemon.floor.conversations.by_id[first.interaction_id].channel.startswith("north-")
        second = await house.enter_queue(southerner, count=2)
        other = await house.wait(InteractionConnected, interaction_id=second.interaction_id)
        assert other.agent_id == "1002"
        await northerner.wait_hears({NORTH_AGENT})
        await southerner.wait_hears({SOUTH_AGENT})
        await south.wait_hears({SOUTHERNER})
        in_north = await house.enter_queue(north_waiter, count=3)
        in_south = await house.enter_queue(south_waiter, count=4)
        calls = ((southerner.call, SOUTH_AGENT), (south.call, SOUTHERNER))

        killed = kill(house.nodes["north"])
        lost = await house.wait(LinkLost)
        assert lost.at - killed < 3
        assert (lost.node, lost.partial) == ("north", True)
        await supervisor.wait("system", "daemon", link=True, away=["north"])
        assert house.daemon.status().link
        await north.hang_up()
        # The south goes on taking calls: the talk ends, and whoever waits there is next.
        await south_waiter.wait_sound(1.0)
        now = time.time()
        for call, tone in calls:
            assert longest_without(call, tone, killed - 0.5, now) < CUT_S
        assert sound_share(south_waiter.call, killed, now) > 0.9
        await southerner.hang_up()
        next_one = await house.wait(InteractionConnected, interaction_id=in_south.interaction_id)
        assert next_one.agent_id == "1002"
        await south_waiter.wait_hears({SOUTH_AGENT})
        assert not house.of(InteractionEnded, interaction_id=first.interaction_id)  # in doubt

        async with started_again(house.nodes["north"]):
            await house.wait(LinkRestored, within=40, node="north")
            await supervisor.wait("system", "daemon", link=True, away=[])
            for interaction, outcome in ((first, "handled"), (in_north, "failed")):
                ended = await house.wait(InteractionEnded, interaction_id=interaction.interaction_id)
                assert (ended.outcome, ended.ended_by) == (outcome, "outage")
            ended = await house.wait(InteractionEnded, interaction_id=second.interaction_id)
            assert (ended.outcome, ended.ended_by) == ("handled", "customer")
            assert [one.agent_id for one in house.of(SegmentEnded, ended_by="outage")] == ["1001"]
            await the_north_takes_calls(house)
        assert not house.of(InteractionEnded, interaction_id=in_south.interaction_id)
        assert {(one.interaction_id, one.agent_id) for one in house.of(OfferMade)} >= {
            (first.interaction_id, "1001"),
            (second.interaction_id, "1002"),
        }
        assert not house.of(OfferMade, interaction_id=in_north.interaction_id)


async def the_north_takes_calls(house: TwoNodes) -> None:
    async with house.agent_at("north", "1001") as phone, house.caller_at("north", "13900000009") as newcomer:
        await phone.play(NORTH_AGENT)
        await phone.answer_all(after=0.1)
        await until(lambda: "d1001" in house.daemon.roster.reachable, "the phone of 1001 is registered")
        await until(lambda: house.daemon.engine.agent("1001").state == "ready", "1001 has wrapped up")
        queued = await house.enter_queue(newcomer, count=len(house.of(InteractionQueued)) + 1)
        connected = await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
        assert connected.agent_id == "1001"
        await newcomer.wait_hears({NORTH_AGENT})
