"""Why a real call waits and why it went where it went: asked of the running daemon, and read from its books later."""

import json
from pathlib import Path
from typing import Any

from cti.desk import commands as ask
from cti.events import InteractionConnected, OfferEnded, WaitExplained
from cti.reports.kept import wait_of
from tests.harness.desk import log_in
from tests.harness.house import House
from tests.harness.process import run_laidian


def codes(told: Any) -> dict[str, str]:
    return {one["agent_id"]: one["code"] for one in told["candidates"]}


async def test_a_wait_and_its_offers_are_explained_while_and_after(house: House, tmp_path: Path) -> None:
    """Nobody ready, then an agent who does not answer, then one who does."""
    async with house.agent("1001") as agent, house.caller() as caller, log_in(house.daemon.url, "2001") as board:
        await house.ready("1001")
        await house.ask("1001", ask.NotReady, reason="lunch")
        queued = await house.enter_queue(caller)
        explained = await house.wait(WaitExplained, interaction_id=queued.interaction_id)
        kept = wait_of(explained.why)
        assert kept is not None
        assert (kept.verdict, [one.agent_id for one in kept.candidates]) == ("occupied", ["1001"])
        path = f"/api/v1/interactions/{queued.interaction_id}/explain"
        now = await board.get(path)
        assert (now["position"], codes(now["wait"])) == (1, {"1001": "state"})
        assert now["wait"]["verdict"]["zh"] == "唯一符合要求的坐席现在不空闲"
        printed = await run_laidian("explain", "--root", str(tmp_path), queued.interaction_id, "--lang", "zh")
        assert (printed.code, "排在第 1 位" in printed.out) == (0, True), printed
        await house.ask("1001", ask.Ready)
        await house.wait(OfferEnded, interaction_id=queued.interaction_id, reason="rona")
        await agent.answer_all(after=0.1)
        await house.ask("1001", ask.Ready)
        await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
        assert await house.daemon.store.writer.drain(10)
        later = await board.get(path)
    assert [(offer["agent_id"], offer["end"], offer["idle"]) for offer in later["offers"]] == [
        ("1001", "rona", 1),
        ("1001", "answered", 1),
    ]
    assert later["offers"][0]["candidates"][0]["chosen"] is True
    assert [visit["wait"] is not None for visit in later["visits"]] == [True]
    assert json.dumps(later)
    unknown = await run_laidian("explain", "--root", str(tmp_path), "nosuch")
    assert (unknown.code, unknown.err.strip()) == (1, "there is no interaction nosuch")
