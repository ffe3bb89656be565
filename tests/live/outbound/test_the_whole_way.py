"""An agent calls a customer with a hard phone: the card, the two phones, the talk, the recording, the wrap-up."""

import time

from cti.desk import commands as ask
from cti.events import (
    AgentStateChanged,
    CallPlaced,
    CustomerIdentified,
    InteractionConnected,
    InteractionEnded,
    InteractionHeld,
    InteractionStarted,
    RecordingPublished,
    SegmentEnded,
)
from cti.simulated.phone import Phone
from tests.harness.desk import Desk, log_in
from tests.harness.house import House
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT = 440, 1000
NUMBER = "+8613900000001"


async def called_with_the_card_on_the_desk(house: House, desk: Desk, home: Phone, customer_id: int) -> str:
    """The interaction, when the customer's phone rings."""
    result = await desk.ask(ask.DialOut, kind="number", target="139 0000 0001")
    assert result is not None
    interaction: str = result["interaction_id"]
    await desk.wait("call", interaction_id=interaction, phase="dialling", direction="out", number=NUMBER)
    await desk.wait("me", state="busy")
    ringing = await home.wait_call()
    shown = desk.see("call") or {}
    assert shown["customer"]["customer_id"] == customer_id
    (placed,), (identified,) = house.of(CallPlaced), house.of(CustomerIdentified)
    assert placed.at <= identified.at <= ringing.invite_at
    return interaction


async def held_and_resumed(house: House, desk: Desk, interaction: str, agent: Phone, home: Phone) -> None:
    await desk.ask(ask.Hold, interaction_id=interaction)
    await house.wait(InteractionHeld)
    await agent.wait_hears(())
    await home.wait_sound(0.5)  # music
    await desk.ask(ask.Resume, interaction_id=interaction)
    await agent.wait_hears({CUSTOMER}, steady_s=1.0)


async def test_a_customer_is_called_and_talked_with(house: House) -> None:
    known = await house.daemon.store.customers.find_or_create(NUMBER, caller_name="王小明", at=time.time())
    async with house.agent("1001") as agent, house.outside() as home, log_in(house.daemon.url, "1001") as desk:
        await agent.play(AGENT)
        await home.play(CUSTOMER)
        await agent.answer_all(after=0.2)
        await house.ready("1001")
        await desk.ask(ask.NotReady, reason="lunch")
        interaction = await called_with_the_card_on_the_desk(house, desk, home, known.customer_id)
        await agent.wait_sound(0.5)  # ringing
        await home.answer()
        talk = await house.wait(InteractionConnected)
        await desk.wait("call", phase="connected")
        await agent.wait_hears({CUSTOMER})
        await home.wait_hears({AGENT}, steady_s=1.0)
        await held_and_resumed(house, desk, interaction, agent, home)
        await home.hang_up()
        ended = await house.wait(InteractionEnded)
        await desk.wait("me", state="wrap_up")
        await desk.ask(ask.SaveWrapUp, interaction_id=interaction, disposition="solved", note="rang back")
        recording = await house.wait(RecordingPublished)
        await desk.wait("me", state="not_ready", reason="lunch")
        await desk.wait_gone("call")
        detail = await desk.get(f"/api/v1/interactions/{interaction}")
    (started,) = house.of(InteractionStarted)
    assert (started.direction, started.medium, started.dialled) == ("out", "voice", "4000")
    assert (talk.agent_id, talk.how, talk.queue, talk.waited_s) == ("1001", "dialled", "", 0)
    assert (ended.outcome, ended.ended_by) == ("handled", "customer")
    assert [(s.segment, s.ended_by) for s in house.of(SegmentEnded)] == [(1, "customer")]
    assert len(home.calls) == len(agent.calls) == 1
    assert (detail["interaction"]["direction"], detail["interaction"]["disposition"]) == ("out", "")
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER, AGENT)), CUSTOMER) > 1.5
    assert heard_s(windows(right, (CUSTOMER, AGENT)), AGENT) > 1.5
    card = await house.daemon.store.customers.card(known.customer_id)
    assert [(one.interaction_id, one.direction) for one in card.contacts] == [(interaction, "out")]
    assert not house.of(AgentStateChanged, agent_id="1001", state="offered")
