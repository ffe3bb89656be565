"""Asterisk dies with callers in the menu, waiting, ringing and talking, and is started again."""

import pytest

from cti.desk import commands as ask
from cti.errors import CtiError
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    LinkLost,
    LinkRestored,
    OfferEnded,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
)
from tests.harness.asterisk import kill, started_again
from tests.harness.desk import log_in
from tests.harness.house import House, until

CUSTOMER, AGENT = 440, 1000
NOTICED_S = 3.0


async def test_its_calls_are_closed_with_the_reason_and_it_takes_calls_again(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.agent("1002") as colleague,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as rung,
        house.caller("13900000003") as waiter,
        house.caller("13900000004") as chooser,
        log_in(house.daemon.url, "2001") as supervisor,
    ):
        await agent.play(AGENT)
        talk = await house.talk(talker, agent)
        await talker.wait_hears({AGENT})
        await house.ready("1002")
        await house.enter_queue(rung, "3", count=2)
        offer = await house.wait(OfferMade, agent_id="1002")
        await colleague.wait_call()
        waiting = await house.enter_queue(waiter, count=3)
        await chooser.dial("4000")
        chosen = await house.wait(InteractionStarted, count=4)

        killed = kill(house.asterisk)
        lost = await house.wait(LinkLost)
        assert lost.at - killed < NOTICED_S
        await supervisor.wait("system", "daemon", link=False)
        assert house.daemon.status().link is False
        with pytest.raises(CtiError, match="telephone system cannot be reached"):
            await house.ask("2001", ask.DialOut, kind="agent", target="1001")
        async with log_in(house.daemon.url, "1003") as late:  # log-in stays possible
            await late.ask(ask.SignIn, phone="web")
            await late.wait("me", state="not_ready")
        assert not house.of(InteractionEnded)  # in doubt: perhaps only the link is down
        await agent.hang_up()  # the phones notice by themselves; here, so that the next call finds them free
        await colleague.hang_up()

        async with started_again(house.asterisk):
            await house.wait(LinkRestored, within=40)
            await supervisor.wait("system", "daemon", link=True)
            ends = {end.interaction_id: end for end in house.of(InteractionEnded)}
            assert {i: (end.outcome, end.ended_by, end.certain) for i, end in ends.items()} == {
                talk.interaction_id: ("handled", "outage", False),
                offer.interaction_id: ("failed", "outage", False),
                waiting.interaction_id: ("failed", "outage", False),
                chosen.interaction_id: ("failed", "outage", False),
            }
            (segment,) = house.of(SegmentEnded)
            assert (segment.ended_by, segment.interaction_id) == ("outage", talk.interaction_id)
            assert abs(segment.at - lost.at) < 0.1
            (ended,) = house.of(OfferEnded, offer_id=offer.offer_id)
            assert ended.reason == "caller_gone"
            await house.wait(RecordingPublished, interaction_id=talk.interaction_id)
            assert house.daemon.engine.agent("1001").state == "wrap_up"
            assert house.daemon.engine.agent("1002").state == "ready"
            assert not house.daemon.floor.conversations.by_id
            assert not house.daemon.tracker.channels()
            abandoned = [queue["abandoned_today"] for queue in supervisor.topics["queues"].values()]
            assert not any(abandoned)
            await house_takes_calls(house)


async def house_takes_calls(house: House) -> None:
    """Also from the agent who was talking, whose phone has registered anew."""
    async with house.caller("13900000009") as newcomer, house.agent("1001") as phone:
        await phone.play(AGENT)
        await newcomer.play(CUSTOMER)
        await phone.answer_all(after=0.1)
        await until(lambda: "d1001" in house.daemon.roster.reachable, "the phone of 1001 is registered")
        await house.ask("1001", ask.Ready)
        queued = await house.enter_queue(newcomer, count=len(house.of(InteractionQueued)) + 1)
        await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
        await newcomer.wait_hears({AGENT})
        await phone.wait_hears({CUSTOMER})
        await newcomer.hang_up()
        await house.wait(InteractionEnded, interaction_id=queued.interaction_id, ended_by="customer")
