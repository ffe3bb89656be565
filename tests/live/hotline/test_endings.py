"""Callers who hang up where they please, and agents who do not take the call."""

from cti.desk import commands as ask
from cti.events import (
    AgentStateChanged,
    EndpointReachable,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    IvrStepped,
    OfferEnded,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
)
from tests.harness.house import House, until


def nothing_is_left(house: House) -> bool:
    return not house.daemon.floor.conversations.by_id and not house.daemon.tracker.channels()


async def test_caller_hangs_up_in_the_menu(house: House) -> None:
    async with house.caller() as caller:
        await caller.dial("4000")
        await caller.wait_established()
        await caller.wait_sound(0.5)
        await caller.hang_up()
        ended = await house.wait(InteractionEnded)
        await until(lambda: nothing_is_left(house), "nothing is left")
    assert (ended.outcome, ended.ended_by) == ("abandoned", "customer")
    assert not house.of(InteractionQueued)


async def test_caller_hangs_up_in_the_queue(house: House) -> None:
    async with house.caller() as caller:
        queued = await house.enter_queue(caller)
        await caller.wait_sound(1.0)  # music
        await caller.hang_up()
        ended = await house.wait(InteractionEnded)
        await until(lambda: nothing_is_left(house), "nothing is left")
    assert queued.queue == "after_sales"
    assert ended.outcome == "abandoned"
    assert house.daemon.engine.waiting("after_sales") == ()


async def test_pain_09_caller_hangs_up_while_the_agent_rings(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await house.ready("1001")
        await house.enter_queue(caller)
        offer = await house.wait(OfferMade)
        await agent.wait_call()
        await caller.hang_up()
        await house.wait(InteractionEnded, outcome="abandoned")
        await agent.wait_closed()
        back = await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="offered")
    ended = house.of(OfferEnded)
    assert [(e.offer_id, e.reason) for e in ended] == [(offer.offer_id, "caller_gone")]
    assert back.reason == ""
    assert not house.of(InteractionConnected)


async def test_agent_hangs_up_first_and_wraps_up(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.play(1000)
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        await house.enter_queue(caller)
        connected = await house.wait(InteractionConnected)
        await caller.wait_sound(0.5)
        await agent.hang_up()
        segment = await house.wait(SegmentEnded)
        ended = await house.wait(InteractionEnded)
        await caller.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.ask(
            "1001", ask.SaveWrapUp, interaction_id=connected.interaction_id, disposition="solved", note="好", final=True
        )
        await house.wait(AgentStateChanged, agent_id="1001", state="ready", previous="wrap_up")
        await house.wait(RecordingPublished)
    assert segment.ended_by == "agent"
    assert (ended.outcome, ended.ended_by) == ("handled", "agent")


async def test_agent_does_not_answer_and_the_next_one_gets_the_caller(house: House) -> None:
    async with house.agent("1001") as silent, house.caller() as caller:
        await house.ready("1001")
        await house.enter_queue(caller)
        await silent.wait_call()
        gone = await house.wait(AgentStateChanged, agent_id="1001", state="not_ready", reason="rona")
        await silent.wait_closed()
        assert house.of(OfferEnded)[0].reason == "rona"
        assert house.daemon.engine.position(house.of(OfferMade)[0].interaction_id) == 1
        await silent.answer_all(after=0.1)
        await house.ask("1001", ask.Ready)
        await house.wait(InteractionConnected, agent_id="1001")
    assert gone.since - house.of(OfferMade)[0].at > 4.9  # the ring time is 5 s


async def test_agent_declines(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await house.ready("1001")
        await house.enter_queue(caller)
        await agent.wait_call()
        await agent.decline()
        await house.wait(OfferEnded, reason="declined")
        await house.wait(AgentStateChanged, agent_id="1001", state="not_ready", reason="declined")
        await caller.wait_sound(0.5)  # still on music


async def test_agent_declines_on_the_page(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await house.ready("1001")
        queued = await house.enter_queue(caller)
        await agent.wait_call()
        await house.ask("1001", ask.Decline, interaction_id=queued.interaction_id)
        await house.wait(OfferEnded, reason="declined")
        await agent.wait_closed()


async def test_pain_14_an_agent_whose_phone_is_gone_is_offered_nothing_until_it_is_back(house: House) -> None:
    async with house.caller() as caller:
        async with house.agent("1001"):
            await house.ready("1001")
        await until(lambda: "d1001" not in house.daemon.roster.reachable, "the phone has gone")
        assert house.daemon.engine.agent("1001").blocked == "unreachable"
        await house.enter_queue(caller)
        assert not house.of(OfferMade)
        async with house.agent("1001") as agent:
            await agent.answer_all(after=0.1)
            await house.wait(InteractionConnected, agent_id="1001")


async def test_two_callers_one_agent_are_served_in_the_order_of_their_coming(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as first,
        house.caller("13900000002") as second,
    ):
        one = await house.enter_queue(first)
        two = await house.enter_queue(second, count=2)
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        connected = await house.wait(InteractionConnected)
        assert connected.interaction_id == one.interaction_id
        await first.hang_up()
        await house.wait(AgentStateChanged, state="wrap_up")
        await house.ask("1001", ask.Ready)
        again = await house.wait(InteractionConnected, count=2)
        assert again.interaction_id == two.interaction_id
        await second.hang_up()
        await house.wait(InteractionEnded, count=2)
    offers = house.of(OfferMade)
    assert [offer.interaction_id for offer in offers] == [one.interaction_id, two.interaction_id]


async def test_wrong_digit_then_the_right_one(house: House) -> None:
    async with house.caller() as caller:
        await caller.dial("4000")
        await caller.wait_established()
        await house.wait(IvrStepped, step="opening_hours")  # the menu begins to speak
        await caller.send_digits("7")
        await caller.wait_sound(2.0)
        assert not house.of(InteractionQueued)
        await caller.send_digits("3")
        queued = await house.wait(InteractionQueued)
    assert queued.queue == "complaints"
    assert [step.digits for step in house.of(IvrStepped) if step.digits] == ["3"]


async def test_no_digit_ends_up_with_a_person(house: House) -> None:
    async with house.caller() as caller:
        await caller.dial("4000")
        await caller.wait_established()
        await house.wait(InteractionQueued, within=90)


async def test_a_phone_that_cannot_be_rung_is_noticed_at_once(house: House) -> None:
    """We take it for registered, and it is not: Asterisk says so by `OriginateResponse` alone, without any channel."""
    async with house.caller() as caller:
        house.daemon.floor.on_mirror(EndpointReachable(at=0, endpoint="d1001", reachable=True))
        await house.ask("1001", ask.SignIn, phone="desk")
        await house.ask("1001", ask.Ready)
        await house.enter_queue(caller)
        offer = await house.wait(OfferMade)
        ended = await house.wait(OfferEnded, reason="unreachable")
        await house.wait(AgentStateChanged, agent_id="1001", state="not_ready", reason="unreachable")
        await caller.wait_sound(0.5)
    assert ended.at - offer.at < 4  # the ring time is 5 s
