"""Whose phone in the browser was not heard, or whose page is gone, is never offered a call, and is told why."""

import pytest

from cti.desk import commands as ask
from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    OfferMade,
    WaitExplained,
)
from tests.harness.desk import Desk, Refused, log_in
from tests.harness.house import House

TAB = "0123456789abcdef"


async def test_an_agent_whose_check_failed_is_never_offered_a_call(house: House) -> None:
    async with (
        log_in(house.daemon.url, "1001", TAB) as page,
        log_in(house.daemon.url, "2001") as board,
        house.agent("1002") as agent,
        house.caller() as caller,
    ):
        await page.ask(ask.SignIn, phone="web")
        await page.ask(ask.ClaimPhone, tab=TAB)
        await refused(page, ask.Ready, "unchecked")
        await refused(page, ask.CheckPhone, "registration", tab=TAB)
        await page.wait("me", station={"tab": TAB, "present": True, "gate": "failed", "step": "registration"})
        await refused(page, ask.Ready, "registration")
        await refused(page, ask.PhoneChecked, "failed", tab=TAB)  # nobody called it, so it has heard nothing
        await board.wait("agents", "1001", trouble="phone", state="not_ready")
        await refused(board, ask.ForceState, "registration", agent_id="1001", state="ready")

        await agent.answer_all(after=0.1)
        await house.ready("1002")
        await house.enter_queue(caller)
        assert (await house.wait(InteractionConnected)).agent_id == "1002"
    assert {offer.agent_id for offer in house.of(OfferMade)} == {"1002"}


async def test_nothing_is_offered_while_the_page_is_gone(house: House) -> None:
    """A page that falls asleep is noticed within five seconds; it wakes up and is as it was; it is closed for good."""
    async with log_in(house.daemon.url, "2001") as board, house.caller() as caller:
        async with log_in(house.daemon.url, "1001", TAB) as page:
            await heard(house, page)
            await caller.dial("4000")
            await caller.wait_established()
            page.asleep = True
            await board.wait("agents", "1001", within=6, trouble="page", state="ready")
            await caller.send_digits("2")
            await house.wait(InteractionQueued)
            await house.wait(WaitExplained)  # a second later, and still nobody is rung
            assert house.of(OfferMade) == []
            async with log_in(house.daemon.url, "1001", TAB) as again:
                assert (await house.wait(OfferMade)).agent_id == "1001"
                await board.wait("agents", "1001", trouble="")
                await caller.hang_up()
                await house.wait(InteractionEnded)
                house.daemon.roster.heard("w1001", reachable=True)  # there is no phone that could have rung
                await again.ask(ask.Ready)
        gone = await house.wait(AgentStateChanged, agent_id="1001", reason="tab_lost")
        assert gone.state == "not_ready"


async def heard(house: House, page: Desk) -> None:
    """Ready, with a phone that registered and passed: what only a browser can do for real (`tests/browser`)."""
    await page.ask(ask.SignIn, phone="web")
    await page.ask(ask.ClaimPhone, tab=TAB)
    house.daemon.roster.heard("w1001", reachable=True)
    house.daemon.floor.stations.enter("1001", "passed")
    await page.ask(ask.Ready)
    await page.wait("me", state="ready")


async def refused(desk: Desk, command: type[ask.Command], state: str, /, **arguments: object) -> None:
    with pytest.raises(Refused) as problem:
        await desk.ask(command, **arguments)
    assert problem.value.code == "conflict"
    assert problem.value.state == state
