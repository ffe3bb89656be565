"""SIGTERM: an orderly stop leaves talkers alone, keeps places, and nothing lies about."""

import time
from pathlib import Path

from cti.events import InteractionConnected, InteractionEnded, InteractionQueued, RecordingPublished
from tests.harness.apart import Apart
from tests.harness.listening import CUT_S, longest_without
from tests.harness.process import all_processes, run_laidian

CUSTOMER, AGENT = 440, 1000


def mounts(root: Path) -> list[str]:
    return [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(root) in line]


async def test_an_orderly_stop_disturbs_nobody(house: Apart) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as waiter,
    ):
        await talker.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(talker, agent)
        await talker.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        talkers = ((talker.call, AGENT), (agent.call, CUSTOMER))
        place = await house.enter_queue(waiter)
        mounted, children = mounts(house.root), house.daemon.children()

        stopping = time.time()
        assert await house.daemon.stop() == 0
        assert time.time() - stopping < 5
        assert not set(children) & set(all_processes())
        assert mounts(house.root) == mounted
        assert not house.books.of(InteractionEnded)
        assert "Traceback" not in house.daemon.log
        await waiter.wait_sound(1.0)
        await house.start()

        (waits,) = (await run_laidian("status", "--root", str(house.root))).out.splitlines()[-1:]
        assert "1 waiting, 1 talking" in waits
        for call, tone in talkers:
            assert longest_without(call, tone, stopping - 0.5, time.time()) < CUT_S
        async with house.desk("1001") as desk:
            assert (await desk.wait("call", phase="connected"))["interaction_id"] == talk.interaction_id
            await agent.hang_up()
            await desk.wait("me", state="wrap_up")
        ended = await house.books.wait(InteractionEnded, interaction_id=talk.interaction_id)
        await house.books.wait(RecordingPublished, interaction_id=talk.interaction_id)
        await waiter.hang_up()
        await house.books.wait(InteractionEnded, interaction_id=place.interaction_id, outcome="abandoned")
    assert (ended.outcome, ended.ended_by, ended.certain) == ("handled", "agent", True)
    assert len(house.books.of(InteractionQueued, interaction_id=place.interaction_id)) == 1
    assert len(house.books.of(InteractionConnected)) == 1  # the books know it from the daemon before
