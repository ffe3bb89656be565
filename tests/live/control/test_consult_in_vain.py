"""What else becomes of a consultation: busy, given away while it rings, given to nobody, cut short."""

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict
from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionTransferred,
    PartyChanged,
    PartyLeft,
    SegmentEnded,
    SupervisionStarted,
)
from tests.harness.house import House, until

CUSTOMER, FIRST, SECOND, BOSS = 440, 1000, 1600, 2000


async def test_busy_and_then_a_colleague_who_gets_the_customer_while_still_being_rung(house: House) -> None:
    async with (
        house.outside() as outside,
        house.agent("1001") as first,
        house.agent("1002") as second,
        house.caller() as caller,
    ):
        for phone, tone in ((caller, CUSTOMER), (first, FIRST), (second, SECOND)):
            await phone.play(tone)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        call = {"interaction_id": talk.interaction_id}
        await caller.wait_hears({FIRST})
        with pytest.raises(Conflict, match="not signed in"):
            await house.ask("1001", ask.Consult, **call, kind="agent", target="1003")

        await house.ask("1001", ask.Consult, **call, kind="number", target="13811112222")
        await outside.wait_call()
        with pytest.raises(Conflict, match="one at a time"):
            await house.ask("1001", ask.Consult, **call, kind="agent", target="1002")
        await outside.decline()
        await house.wait(PartyLeft, reason="busy")
        view = house.daemon.floor.call_of("1001")
        assert view is not None
        assert view.party_gone is not None
        assert (view.phase, view.parties, view.party_gone.reason) == ("held", (), "busy")
        await caller.wait_sound(0.5)  # music still
        await house.ask("1001", ask.Resume, **call)
        await caller.wait_hears({FIRST})
        await first.wait_hears({CUSTOMER})

        await house.ask("1001", ask.Consult, **call, kind="agent", target="1002")
        await second.wait_call()
        await house.ask("1001", ask.CompleteTransfer, **call)
        await first.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await caller.wait_sound(0.5)
        assert not caller.hears() & {FIRST, SECOND}
        await second.answer()
        again = await house.wait(InteractionConnected, agent_id="1002")
        await caller.wait_hears({SECOND}, steady_s=1.0)
        await second.wait_hears({CUSTOMER})
    assert (again.segment, again.how) == (2, "transfer")
    assert len(house.of(InteractionTransferred)) == 1


async def test_given_to_nobody_the_customer_comes_back_to_who_gave_them_away(house: House) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        await first.play(FIRST)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        call = {"interaction_id": talk.interaction_id}
        await house.ask("1001", ask.Consult, **call, kind="agent", target="1002")
        await second.wait_call()
        await house.ask("1001", ask.CompleteTransfer, **call)
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.ask("1001", ask.Ready)
        await second.decline()
        await house.wait(PartyLeft, reason="declined")
        await house.wait(InteractionQueued, count=2)
        await house.wait(InteractionConnected, agent_id="1001", count=2)
        await caller.wait_hears({FIRST})
        await house.wait(AgentStateChanged, agent_id="1002", state="ready", previous="busy")
    assert next(segment.ended_by for segment in house.of(SegmentEnded)) == "transfer"


async def test_a_supervisor_listens_on_and_the_customer_hangs_up_meanwhile(house: House) -> None:
    async with (
        house.agent("1001") as first,
        house.agent("1002") as second,
        house.agent("2001") as boss,
        house.caller() as caller,
    ):
        for phone, tone in ((caller, CUSTOMER), (first, FIRST), (second, SECOND), (boss, BOSS)):
            await phone.play(tone)
        for phone in (second, boss):
            await phone.answer_all(after=0.1)
        await house.ready("1002")
        await until(lambda: "d2001" in house.daemon.roster.reachable, "the supervisor's phone is registered")
        await house.ask("2001", ask.SignIn, phone="desk")
        talk = await house.talk(caller, first)
        call = {"interaction_id": talk.interaction_id}
        await house.ask("2001", ask.Supervise, agent_id="1001", mode="listen")
        await house.wait(SupervisionStarted)
        await boss.wait_hears({CUSTOMER, FIRST})
        await house.ask("1001", ask.Consult, **call, kind="agent", target="1002")
        await house.wait(PartyChanged, state="consulting")
        await boss.wait_hears({FIRST, SECOND})
        with pytest.raises(Conflict, match="brought"):
            await house.ask("2001", ask.Supervise, agent_id="1001", mode="take_over")
        with pytest.raises(Conflict, match="only brought into"):
            await house.ask("2001", ask.Supervise, agent_id="1002", mode="listen")
        await house.ask("1001", ask.Conference, **call)
        await boss.wait_hears({CUSTOMER, FIRST, SECOND})
        await caller.hang_up()
        ended = await house.wait(InteractionEnded)
        for phone in (first, second, boss):
            await phone.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.wait(AgentStateChanged, agent_id="1002", state="ready", previous="busy")
    assert (ended.outcome, ended.ended_by) == ("handled", "customer")
