"""`laidian restart`: one caller in the menu, one who waits, two who talk, and one who calls meanwhile."""

import asyncio
import time

from cti.events import InteractionEnded, InteractionQueued, InteractionStarted, IvrStepped
from tests.harness.apart import Apart
from tests.harness.house import until
from tests.harness.listening import CUT_S, longest_without, sound_share
from tests.harness.process import run_laidian

CUSTOMER, AGENT = 440, 1000


async def test_callers_hear_nothing_of_a_planned_restart(house: Apart) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as waiter,
        house.caller("13900000003") as chooser,
        house.caller("13900000004") as newcomer,
    ):
        await talker.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(talker, agent)
        await talker.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        place = await house.enter_queue(waiter)
        await house.enter_menu(chooser)
        chosen = await house.interaction_of(chooser)
        began, pid = time.time(), house.daemon.process.pid
        restart = asyncio.create_task(run_laidian("restart", "--root", str(house.root), within=180))
        await until(lambda: "event='going'" in house.daemon.log or restart.done(), "the door is shut", within=60)
        await newcomer.dial("4000")
        await newcomer.wait_established()
        await newcomer.wait_sound(0.5)
        heard_music = time.time()
        assert not house.books.of(InteractionStarted, customer_number="+8613900000004")  # it hears music, no menu
        await house.books.wait(IvrStepped, interaction_id=chosen, step="opening_hours", within=30)
        await chooser.send_digits("2")
        queued = await house.books.wait(InteractionQueued, interaction_id=chosen)
        said = await restart
        back = time.time()
        assert (said.code, said.err) == (0, ""), said
        assert "1 callers in menus may finish" in said.out
        assert "2 waiting, 1 talking" in said.out
        assert house.daemon.process.pid == pid  # whoever supervises it sees the same process
        assert house.daemon.process.returncode is None
        served = await house.books.wait(InteractionStarted, customer_number="+8613900000004")
        for phone, tone in ((talker, AGENT), (agent, CUSTOMER)):
            assert longest_without(phone.call, tone, began, back) < CUT_S
        for phone, since, until_then in (
            (waiter, began, back),
            (chooser, queued.at + 1, back),
            (newcomer, heard_music, served.at),
        ):
            assert sound_share(phone.call, since, until_then) > 0.9  # music, whoever is there or not
        for phone in (waiter, chooser, newcomer, talker):
            await phone.hang_up()
        await house.books.wait(InteractionEnded, count=4)
    assert place.queued_at < queued.queued_at
    ends = {end.interaction_id: end for end in house.books.of(InteractionEnded)}
    assert all(end.certain and end.ended_by == "customer" for end in ends.values())
    assert ends[talk.interaction_id].outcome == "handled"
    for interaction in (chosen, place.interaction_id):  # what goes on has not begun again
        assert len(house.books.of(InteractionStarted, interaction_id=interaction)) == 1
        assert len(house.books.of(InteractionQueued, interaction_id=interaction)) == 1
    assert len(house.books.of(IvrStepped, interaction_id=chosen, step="welcome")) == 1
