"""Relaxation with real calls: the experts of all branches help out at their second, and not before."""

import asyncio
from pathlib import Path

from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionEnded, OfferMade
from tests.harness.house import until
from tests.live.routing.straight import enter, straight_house

LATE_S = 2.5
"""How late an offer may be on a busy machine."""


async def test_the_experts_of_all_branches_get_at_their_second_whom_nobody_of_the_branch_is_free_for(
    tmp_path: Path,
) -> None:
    people = {
        "1001": {"queues": ("after_sales",), "branch": "beijing"},
        "1003": {"queues": ("after_sales_en",), "branch": "shanghai", "groups": ("experts",)},
    }
    relax = [{"after_s": 3, "groups": ["experts"]}]
    async with (
        straight_house(tmp_path, people, after_sales={"relax": relax}) as house,
        house.agent("1001") as own,
        house.agent("1003") as expert,
        house.caller("13900000001") as one,
        house.caller("13900000002") as two,
    ):
        for phone, tone in ((own, 1000), (expert, 1600)):
            await phone.play(tone)
            await phone.answer_all()
        await house.ready("1003")

        absent = await enter(house, one)  # nobody of the branch is signed in
        after = await house.wait(OfferMade, interaction_id=absent.interaction_id)
        await one.wait_hears({1600})
        assert (after.agent_id, after.queue) == ("1003", "after_sales")
        assert 3 <= after.at - absent.queued_at < 3 + LATE_S
        await one.hang_up()
        await house.wait(InteractionEnded, interaction_id=absent.interaction_id)

        await house.ready("1001")
        at_once = await enter(house, one)  # who is of the branch is ready, though for a shorter time than the expert
        offer = await house.wait(OfferMade, interaction_id=at_once.interaction_id)
        await one.wait_hears({1000})
        assert offer.agent_id == "1001"
        assert offer.at - at_once.queued_at < LATE_S

        busy = await enter(house, two)  # and now talks
        after = await house.wait(OfferMade, interaction_id=busy.interaction_id)
        await two.wait_hears({1600})
        assert after.agent_id == "1003"
        assert 3 <= after.at - busy.queued_at < 3 + LATE_S
    assert len(house.of(OfferMade)) == 3


async def test_a_fitting_agent_who_gets_ready_before_the_relaxation_gets_the_caller_and_the_other_never_does(
    tmp_path: Path,
) -> None:
    people = {
        "1001": {"queues": ("after_sales",), "skills": {"zh": 2}},
        "1002": {"queues": ("after_sales",), "skills": {"zh": 6}},
    }
    rules = {"skills": {"zh": 5}, "relax": [{"after_s": 4, "skills": {"zh": 2}}]}
    async with (
        straight_house(tmp_path, people, after_sales=rules) as house,
        house.agent("1001") as low,
        house.agent("1002") as fitting,
        house.caller() as caller,
    ):
        for phone, tone in ((low, 1000), (fitting, 1600)):
            await phone.play(tone)
            await phone.answer_all()
        await house.ready("1001")
        await until(lambda: "d1002" in house.daemon.roster.reachable, "the other's phone is registered")
        await house.ask("1002", ask.SignIn, phone="desk")
        queued = await enter(house, caller)
        await asyncio.sleep(1.5)
        assert not house.of(OfferMade)
        await house.ask("1002", ask.Ready)
        offer = await house.wait(OfferMade)
        assert 1.5 <= offer.at - queued.queued_at < 4
        await house.wait(InteractionConnected, agent_id="1002")
        await asyncio.sleep(max(0.0, queued.queued_at + 4.5 - house.daemon.floor.clock()))  # beyond the relaxation
        await caller.wait_hears({1600})
    assert [offer.agent_id for offer in house.of(OfferMade)] == ["1002"]
